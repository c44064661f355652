import fc from "fast-check";
import assert from "node:assert/strict";
import {
  medianInterval,
  medianRank,
  medianTheta,
  PROTOCOL,
  type Theta,
  UNKNOWN,
  verdictOf,
} from "../../../core/claims/mod.ts";

const at = (...values: number[]): Theta[] => values.map((value) => ({ low: value, high: value }));

/** P(Bin(n, ½) ≤ k), with exact integers. */
function binomialBelow(n: number, k: number): number {
  let term = 1n;
  let sum = 0n;
  for (let i = 0; i <= k; i++) {
    sum += term;
    term = term * BigInt(n - i) / BigInt(i + 1);
  }
  return Number(sum * (1n << 60n) / (1n << BigInt(n))) / 2 ** 60;
}

Deno.test("protocol 1: fifty claims share an error of .05", () => {
  assert.equal(PROTOCOL.version, 1);
  assert.equal(PROTOCOL.alpha, 0.001);
});

Deno.test("medianRank() at the protocol's level: none below 11 nets, 3 of 20, as CLAIMS states", () => {
  const ranks = [5, 10, 11, 20, 50, 100].map((n) => medianRank(n, PROTOCOL.alpha));
  assert.deepEqual(ranks, [0, 0, 1, 3, 14, 34]);
});

Deno.test("medianRank() is the greatest with 2·BinCDF(r − 1; n, ½) ≤ α, by exact integers", () => {
  for (let n = 1; n <= 300; n++) {
    for (const alpha of [0.001, 0.05]) {
      let r = 0;
      while (2 * binomialBelow(n, r) <= alpha) r++;
      assert.equal(medianRank(n, alpha), r, `n = ${n}, α = ${alpha}`);
    }
  }
  assert.throws(() => medianRank(1001, 0.05), /1001/);
  assert.throws(() => medianRank(2.5, 0.05), /2.5/);
});

Deno.test("the exact interval covers the median as often as it says", () => {
  // Coverage is 1 − 2·BinCDF(r − 1) whatever the distribution; 20,000 draws of n = 11 uniform numbers at 95 %.
  const r = medianRank(11, 0.05);
  const expected = 1 - 2 * binomialBelow(11, r - 1);
  let state = 7;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  let covered = 0;
  for (let draw = 0; draw < 20_000; draw++) {
    const { low, high } = medianInterval(at(...Array.from({ length: 11 }, next)), 0.05);
    if (low <= 0.5 && 0.5 <= high) covered++;
  }
  const sd = Math.sqrt(expected * (1 - expected) / 20_000);
  assert.ok(Math.abs(covered / 20_000 - expected) < 4 * sd, `${covered / 20_000}, expected ${expected}`);
});

Deno.test("between 5 and 10 nets the interval is Student's, and says that it assumes normality", () => {
  const { low, high, kind } = medianInterval(at(1, 2, 3, 4, 5), 0.05);
  // R: t.test(1:5)$conf.int
  assert.ok(Math.abs(low - 1.036757) < 1e-6 && Math.abs(high - 4.963243) < 1e-6);
  assert.equal(kind, "Student t, normality assumed");
  const wide = medianInterval(at(1, 2, 3, 4, 5), PROTOCOL.alpha);
  assert.ok(wide.low < low && wide.high > high);
  assert.equal(medianInterval(at(1, 2, 3, 4), PROTOCOL.alpha).kind, "none");
  assert.throws(() => medianInterval(at(1, 2), 0.01), RangeError);
});

Deno.test("nets that diverged open the interval on both sides, a censored one on its own side", () => {
  const values = Array.from({ length: 11 }, (_, i) => i);
  assert.deepEqual(medianInterval(at(...values), PROTOCOL.alpha), { low: 0, high: 10, kind: "order statistics" });
  const one = [...at(...values.slice(1)), UNKNOWN];
  assert.deepEqual(medianInterval(one, PROTOCOL.alpha), { low: -Infinity, high: Infinity, kind: "order statistics" });
  const above = [...at(...values.slice(1)), { low: 3.5, high: Infinity }];
  assert.deepEqual(medianInterval(above, PROTOCOL.alpha), { low: 1, high: Infinity, kind: "order statistics" });
  const few = [...at(1, 2, 3, 4), { low: 2, high: Infinity }];
  assert.equal(medianInterval(few, PROTOCOL.alpha).high, Infinity);
  assert.ok(Number.isFinite(medianInterval(few, PROTOCOL.alpha).low));
  assert.equal(medianTheta([UNKNOWN, UNKNOWN, UNKNOWN]), null);
});

Deno.test("an interval moves with θ, turns with its sign, and does not know the order of nets", () => {
  const thetas = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 5, maxLength: 60 });
  fc.assert(fc.property(thetas, fc.double({ min: -8, max: 8, noNaN: true }), (values, shift) => {
    const { low, high } = medianInterval(at(...values), PROTOCOL.alpha);
    assert.ok(low <= high);
    const turned = medianInterval(at(...values.map((value) => -value)).reverse(), PROTOCOL.alpha);
    assert.ok(Math.abs(turned.low + high) < 1e-9 && Math.abs(turned.high + low) < 1e-9);
    const moved = medianInterval(at(...values.map((value) => value + shift)), PROTOCOL.alpha);
    assert.ok(Math.abs(moved.low - low - shift) < 1e-9 && Math.abs(moved.high - high - shift) < 1e-9);
  }));
});

Deno.test("verdictOf(): both sides of each rule, and the edges", () => {
  const above = { side: "above", delta: 0.25 } as const;
  assert.equal(verdictOf({ low: 0.26, high: 1 }, above), "supported");
  assert.equal(verdictOf({ low: 0.25, high: 1 }, above), "undecided");
  assert.equal(verdictOf({ low: 0, high: 0.25 }, above), "undecided");
  assert.equal(verdictOf({ low: 0, high: 0.24 }, above), "contradicted");
  const gap = { side: "above", delta: 0.1, against: -0.1 } as const;
  assert.equal(verdictOf({ low: 0.11, high: 1 }, gap), "supported");
  assert.equal(verdictOf({ low: -0.5, high: -0.1 }, gap), "undecided");
  assert.equal(verdictOf({ low: -0.5, high: -0.11 }, gap), "contradicted");
  const atMost = { side: "at most", delta: 0.01 } as const;
  assert.equal(verdictOf({ low: 0, high: 0.01 }, atMost), "supported");
  assert.equal(verdictOf({ low: 0.01, high: 0.2 }, atMost), "undecided");
  assert.equal(verdictOf({ low: 0.011, high: 0.2 }, atMost), "contradicted");
  const below = { side: "below", delta: 1 } as const;
  assert.equal(verdictOf({ low: 0, high: 0.9 }, below), "supported");
  assert.equal(verdictOf({ low: 0, high: 1 }, below), "undecided");
  assert.equal(verdictOf({ low: 1.1, high: 2 }, below), "contradicted");
  for (const rule of [above, gap, atMost, below]) {
    assert.equal(verdictOf({ low: -Infinity, high: Infinity }, rule), "undecided");
  }
});
