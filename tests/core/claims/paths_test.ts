import fc from "fast-check";
import assert from "node:assert/strict";
import { endOf, leaveOneOutCompression, median, phasesOf, runningMedian } from "../../../core/claims/mod.ts";

const path = fc.array(fc.double({ min: 0, max: 12, noNaN: true }), { minLength: 1, maxLength: 60 });

function slowMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

Deno.test("median() and runningMedian() agree with slow ones", () => {
  fc.assert(fc.property(path, fc.constantFrom(1, 3, 5, 9), (values, window) => {
    assert.equal(median(values), slowMedian(values));
    const reach = (window - 1) / 2;
    const slow = values.map((_, i) => slowMedian(values.slice(Math.max(0, i - reach), i + reach + 1)));
    assert.deepEqual([...runningMedian(values, window)], slow);
  }));
  assert.throws(() => median([]), RangeError);
});

Deno.test("a path that rises by 2, falls by 1.5 and stays is read as that", () => {
  const values = [1, 1, 1, 1, 1, 2, 2.5, 3, 3, 3, 3, 3, 2, 1.55, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5];
  const { fit, own, end, peak, settle } = phasesOf(values);
  assert.deepEqual([fit, own, end], [2, 1.5, 1.5]);
  assert.equal(peak, 7);
  assert.equal(settle, 13);
});

Deno.test("a path that only rises has no compression, one that only falls no fit", () => {
  const rising = Array.from({ length: 40 }, (_, i) => Math.min(i, 30));
  assert.equal(phasesOf(rising).own, 0);
  const falling = rising.map((bits) => -bits);
  assert.equal(phasesOf(falling).fit, 0);
  assert.ok(phasesOf(falling).own > 25);
});

Deno.test("one odd snapshot changes neither peak nor end", () => {
  const flat = new Array(30).fill(2);
  for (const i of [0, 7, 29]) {
    const { own, fit, end } = phasesOf(flat.with(i, 9));
    assert.deepEqual([own, fit, end], [0, 0, 2]);
  }
});

Deno.test("a path that still moves at its end settles at its last snapshot", () => {
  const values = Array.from({ length: 30 }, (_, i) => 30 - i);
  const { settle } = phasesOf(values);
  assert.ok(settle >= 25);
});

Deno.test("c^own ≥ c^loo: the net's own peak is its highest", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.double({ min: 0, max: 12, noNaN: true }), { minLength: 12, maxLength: 12 }), {
        minLength: 2,
        maxLength: 12,
      }),
      (paths) => {
        const loo = leaveOneOutCompression(paths);
        paths.forEach((values, i) => assert.ok(phasesOf(values).own >= loo[i]));
      },
    ),
  );
});

Deno.test("leaveOneOutCompression() agrees with a slow one that builds the others' median path", () => {
  const nets = fc.integer({ min: 2, max: 9 }).chain((n) =>
    fc.integer({ min: 1, max: 20 }).chain((length) =>
      fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: length, maxLength: length }), {
        minLength: n,
        maxLength: n,
      })
    )
  );
  fc.assert(fc.property(nets, (paths) => {
    const smooth = paths.map((values) => [...runningMedian(values)]);
    const slow = paths.map((values, i) => {
      const others = smooth[0].map((_, e) => slowMedian(smooth.filter((_, j) => j !== i).map((one) => one[e])));
      return smooth[i][others.indexOf(Math.max(...others))] - slowMedian(values.slice(-5));
    });
    assert.deepEqual([...leaveOneOutCompression(paths)], slow);
  }));
  assert.deepEqual([...leaveOneOutCompression([[1, 2]])], [NaN]);
});

Deno.test("on nets that do not compress c^own is above 0 and c^loo about 0", () => {
  let state = 11;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32 - 0.5;
  const paths = Array.from({ length: 200 }, () => Array.from({ length: 100 }, next));
  const own = paths.map((values) => phasesOf(values).own);
  const loo = leaveOneOutCompression(paths);
  assert.ok(own.every((bits) => bits >= 0) && own.reduce((a, b) => a + b) / 200 > 0.2);
  assert.ok(Math.abs(loo.reduce((a, b) => a + b) / 200) < 0.1);
  assert.equal(endOf(paths[0]), slowMedian(paths[0].slice(-5)));
});
