import fc from "fast-check";
import assert from "node:assert/strict";
import { medianWithin, octaves, spearmanWithin, type Theta } from "../../../core/claims/mod.ts";
import { root } from "../../../core/testing.ts";
import { spearman } from "../../../core/numerics/mod.ts";

const at = (value: number): Theta => ({ low: value, high: value });
const between = (low: number, high: number): Theta => ({ low, high });

Deno.test("octaves() holds |log₂| of every pair within the ends, and reaches both", () => {
  const end = fc.double({ min: 0.01, max: 100, noNaN: true });
  fc.assert(fc.property(end, end, end, end, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, c, d, share) => {
    const [x, y] = [between(Math.min(a, b), Math.max(a, b)), between(Math.min(c, d), Math.max(c, d))];
    const { low, high } = octaves(x, y);
    const inside = Math.abs(Math.log2((x.low + share * (x.high - x.low)) / (y.low + (1 - share) * (y.high - y.low))));
    assert.ok(inside >= low - 1e-9 && inside <= high + 1e-9);
    const corners = [x.low, x.high].flatMap((p) => [y.low, y.high].map((q) => Math.abs(Math.log2(p / q))));
    assert.ok(Math.abs(high - Math.max(...corners)) < 1e-9);
    const overlap = x.low <= y.high && y.low <= x.high;
    assert.ok(Math.abs(low - (overlap ? 0 : Math.min(...corners))) < 1e-9);
  }));
  assert.deepEqual(octaves(at(8), at(2)), between(2, 2));
  assert.deepEqual(octaves(between(8, Infinity), at(2)), between(2, Infinity));
  assert.deepEqual(octaves(between(0, 1), at(4)), between(2, Infinity));
  assert.deepEqual(octaves(at(4), between(0, 1)), between(2, Infinity));
});

Deno.test("medianWithin() takes the median of each end, open ones beyond all", () => {
  assert.deepEqual(medianWithin([between(5, Infinity), at(1), at(3)]), between(3, 3));
  assert.deepEqual(medianWithin([between(5, Infinity), at(1)]), between(3, Infinity));
});

Deno.test("spearmanWithin() of known numbers is Spearman's, with ties", () => {
  const list = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 5, maxLength: 5 });
  fc.assert(fc.property(list, list, (x, y) => {
    const { low, high } = spearmanWithin(x.map(at), y.map(at));
    assert.equal(low, high);
    assert.ok(Object.is(low, spearman(x, y)) || Math.abs(low - spearman(x, y)) < 1e-12);
  }));
});

Deno.test("spearmanWithin() holds ρ of every completion and reaches its ends", () => {
  const number = fc.integer({ min: 1, max: 50 });
  const ends = fc.array(fc.tuple(number, fc.constantFrom(0, 0, 0, 8, Infinity)), { minLength: 5, maxLength: 5 });
  let reached = 0;
  fc.assert(
    fc.property(ends, ends, fc.integer({ min: 0, max: 2 ** 31 }), (a, b, seed) => {
      const stream = root(seed);
      const [x, y] = [a, b].map((list) => list.map(([low, width]) => between(low, low + width)));
      const { low, high } = spearmanWithin(x, y);
      if (Number.isNaN(low)) return;
      const complete = (list: Theta[]) =>
        list.map(({ low, high }) =>
          low === high ? low : low + (high === Infinity ? 80 : high - low) * stream.uniform()
        );
      let [least, most] = [1, -1];
      for (let draw = 0; draw < 300; draw++) {
        const rho = spearman(complete(x), complete(y));
        if (Number.isNaN(rho)) continue;
        [least, most] = [Math.min(least, rho), Math.max(most, rho)];
        assert.ok(rho >= low - 1e-9 && rho <= high + 1e-9, `${rho} outside ${low} to ${high}`);
      }
      if (least - low < 1e-9 && high - most < 1e-9) reached++;
    }),
    { numRuns: 60, seed: 1 },
  );
  assert.ok(reached > 30, String(reached));
  // The third may come anywhere after the first.
  const open = [at(1), at(3), between(2, Infinity), at(5)];
  assert.deepEqual(spearmanWithin(open, [1, 2, 3, 4].map(at)), between(0.8, 1));
  assert.deepEqual(spearmanWithin(Array(6).fill(between(0, Infinity)), [1, 2, 3, 4, 5, 6].map(at)), between(-1, 1));
});
