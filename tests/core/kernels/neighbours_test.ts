import assert from "node:assert/strict";
import fc from "fast-check";
import { createNeighbours, loadKernels } from "../../../core/kernels/mod.ts";
import { root } from "../../../core/random/mod.ts";
import { countTwin, reachTwin } from "../../oracles/neighbours_twin.ts";

const kernels = await loadKernels();

/** Rows with ties: values on a coarse grid, on a fine one, or without one. */
const shape = fc.record({
  n: fc.integer({ min: 2, max: 90 }),
  columns: fc.integer({ min: 1, max: 5 }),
  levels: fc.constantFrom(1, 2, 5, 1000, Infinity),
  seed: fc.nat(),
});

function rows(
  { n, columns, levels, seed }: { n: number; columns: number; levels: number; seed: number },
): Float64Array {
  const stream = root(seed);
  return Float64Array.from(
    { length: n * columns },
    () => levels === Infinity ? stream.normal() : Math.floor(stream.uniform() * levels) / 8,
  );
}

Deno.test("the tree finds exactly the neighbours that a loop over all rows finds, ties included", () => {
  fc.assert(
    fc.property(shape, fc.nat(), fc.nat(), (of, kDraw, splitDraw) => {
      const values = rows(of);
      const k = 1 + kDraw % (of.n - 1);
      const split = splitDraw % (of.columns + 1);
      const { first, rest } = createNeighbours(kernels, values, of.columns).reach(k, split);
      const twin = reachTwin(values, of.columns, k, split);
      assert.deepEqual([[...first], [...rest]], [
        twin.first.map((d) => split > 0 ? d : 0),
        twin.rest.map((d) => split < of.columns ? d : 0),
      ]);
    }),
    { numRuns: 400 },
  );
});

Deno.test("the tree counts exactly the rows that a loop over all rows counts, at the radius and below", () => {
  fc.assert(
    fc.property(shape, fc.constantFrom("below" as const, "upTo" as const), (of, rule) => {
      const values = rows(of);
      const tree = createNeighbours(kernels, values, of.columns);
      // Radii that are distances, so that ties at the radius happen, and 0.
      const { first } = tree.reach(1 + of.seed % (of.n - 1), of.columns);
      first[0] = 0;
      assert.deepEqual([...tree.count(first, rule)], countTwin(values, of.columns, first, rule));
    }),
    { numRuns: 400 },
  );
});

Deno.test("a few thousand rows in one column and in thirty agree with the loop", () => {
  for (const [n, columns] of [[2000, 1], [700, 30]]) {
    const values = rows({ n, columns, levels: Infinity, seed: columns });
    const tree = createNeighbours(kernels, values, columns);
    const { first } = tree.reach(3, columns);
    assert.deepEqual([...first], reachTwin(values, columns, 3, columns).first);
    assert.deepEqual([...tree.count(first, "upTo")], new Array(n).fill(3));
    assert.deepEqual([...tree.count(first, "below")], new Array(n).fill(2));
  }
});

Deno.test("rows that make no sense are refused, saying what must hold", () => {
  const make = (values: number[], columns = 1) => createNeighbours(kernels, Float64Array.from(values), columns);
  assert.throws(() => make([1, 2, 3], 2), /TypeError: .*must fill rows of 2: there are 3/);
  assert.throws(() => make([]), /TypeError: .*there are 0/);
  assert.throws(() => make([0, 1, NaN, 2], 2), /RangeError: .*must be finite: row 1, column 0 is NaN/);
  for (const k of [0, 3, 1.5, NaN]) {
    assert.throws(() => make([1, 2, 3]).reach(k, 1), new RegExp(`RangeError: .*integer in 1…2: it is ${k}`));
  }
  assert.throws(() => make([1]).reach(1, 1), /it is 1/);
  assert.deepEqual([...make([1]).count(Float64Array.of(5), "upTo")], [0]);
});
