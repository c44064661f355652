/**
 * Nearest rows and rows within a radius in the maximum norm: the host side of `core/kernels/assembly/neighbours.ts`.
 *
 * @module
 */
import { firstOdd } from "../numerics/real_rows.ts";
import type { Kernels } from "./mod.ts";

/** Rows a leaf of the tree may hold, as in the kernel. */
const LEAF = 8;

/** Rows that know their neighbours. Distances are max_j |a_j − b_j|, in f64. */
export interface Neighbours {
  /**
   * Reaches from each row to its k nearest others: the largest difference to any of them within the first `split` columns and
   * within the rest, 0 where there are none, shape [n] each. The greater of the two is the distance of the k-th nearest. Of rows
   * equally far the one with the lower number is nearer.
   *
   * @throws {RangeError} If k is no integer in 1…n − 1.
   */
  reach(k: number, split: number): { readonly first: Float64Array; readonly rest: Float64Array };
  /** How many other rows lie nearer to each row than its radius, or `upTo` it, shape [n]. Radii are ≥ 0, shape [n]. */
  count(radii: Float64Array, rule: "below" | "upTo"): Uint32Array;
}

/**
 * Sorts rows into a k-d tree. Memory: 20 bytes a value and 20 a row, about.
 *
 * @param kernels From `loadKernels`.
 * @param values Row-major, shape [n, columns], finite.
 * @param columns Numbers in a row.
 * @throws {TypeError} If the values do not fill rows of `columns`.
 * @throws {RangeError} If a value is not finite, or the memory of the kernels does not suffice.
 *
 * @example Four points on a line
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadKernels } from "./mod.ts";
 * const line = createNeighbours(await loadKernels(), Float64Array.of(0, 1, 3, 7), 1);
 * assert.deepEqual([...line.reach(1, 1).first], [1, 1, 2, 4]);
 * assert.deepEqual([...line.count(Float64Array.of(3, 3, 3, 3), "upTo")], [2, 2, 2, 0]);
 * ```
 */
export function createNeighbours(kernels: Kernels, values: Float64Array, columns: number): Neighbours {
  const n = values.length / columns;
  if (!Number.isInteger(n) || n < 1) {
    throw new TypeError(`Cannot find neighbours as values must fill rows of ${columns}: there are ${values.length}`);
  }
  const odd = firstOdd(values, columns);
  if (odd) {
    throw new RangeError(
      `Cannot find neighbours as values must be finite: row ${odd.row}, column ${odd.column} is ${odd.value}`,
    );
  }
  let nodes = 2;
  for (let held = n; held > LEAF; held = Math.ceil(held / 2)) nodes *= 2;

  const { exports, reserve, mark, release } = kernels.instantiate();
  const tree = reserve(24);
  const valuesAt = reserve(values.byteLength);
  const rowsAt = reserve(4 * n);
  const rowBytes = 16 * Math.ceil(columns / 2);
  const placesAt = reserve(rowBytes * n);
  const boxesAt = reserve(2 * rowBytes * nodes);
  const firstAt = reserve(8 * n);
  const restAt = reserve(8 * n);
  const countsAt = reserve(4 * n);
  const free = mark();
  const memory = () => exports.memory.buffer as ArrayBuffer;
  new Uint32Array(memory(), tree, 6).set([n, columns, valuesAt, rowsAt, placesAt, boxesAt]);
  new Float64Array(memory(), valuesAt, values.length).set(values);
  exports.neighboursBuild(tree);

  return {
    reach(k, split) {
      if (!(Number.isInteger(k) && k >= 1 && k < n)) {
        throw new RangeError(`Cannot find the k nearest rows as k must be an integer in 1…${n - 1}: it is ${k}`);
      }
      release(free);
      exports.neighboursNearest(tree, k, split, reserve(12 * k), firstAt, restAt);
      return {
        first: new Float64Array(memory(), firstAt, n).slice(),
        rest: new Float64Array(memory(), restAt, n).slice(),
      };
    },

    count(radii, rule) {
      new Float64Array(memory(), firstAt, n).set(radii);
      exports.neighboursCount(tree, firstAt, rule === "below", countsAt);
      return new Uint32Array(memory(), countsAt, n).slice();
    },
  };
}
