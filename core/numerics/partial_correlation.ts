/**
 * Correlation of ranks, given other lists: what is left of two lists when the part that others explain in a straight line is taken away.
 *
 * @module
 */
import { pearson, ranks } from "./rank_correlation.ts";

/** Of a list's squares, what is less than this share is rounding. */
const ROUNDING = 1e-20;

/**
 * An orthonormal basis of the constant list and others, by Gram–Schmidt in two passes; lists that others explain add nothing.
 *
 * @param lists All of length n.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(orthonormalBasis(4, []).map((list) => [...list]), [[0.5, 0.5, 0.5, 0.5]]);
 * assert.equal(orthonormalBasis(4, [[1, 2, 3, 4], [2, 4, 6, 8]]).length, 2);
 * ```
 */
export function orthonormalBasis(n: number, lists: readonly ArrayLike<number>[]): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const list of [new Float64Array(n).fill(1), ...lists]) {
    const rest = Float64Array.from(list);
    const before = dot(rest, rest);
    removeFrom(rest, basis);
    removeFrom(rest, basis);
    const squares = dot(rest, rest);
    if (!(squares > ROUNDING * before)) continue;
    const norm = Math.sqrt(squares);
    basis.push(rest.map((value) => value / norm));
  }
  return basis;
}

/**
 * Ranks without what a constant and the ranks of other lists explain.
 *
 * @returns Residuals; exactly 0 where nothing is left.
 * @throws {RangeError} If the lists differ in length.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const [least, , most] = residualRanks([10, 20, 40], []);
 * assert.equal((most - least).toFixed(9), "2.000000000");
 * assert.deepEqual([...residualRanks([10, 20, 40], [[5, 6, 7]])], [0, 0, 0]);
 * ```
 */
export function residualRanks(values: ArrayLike<number>, given: readonly ArrayLike<number>[]): Float64Array {
  const other = given.find(({ length }) => length !== values.length);
  if (other) {
    throw new RangeError(
      `Cannot take away what a list explains as lists must be equally long: they have ${values.length} and ${other.length}`,
    );
  }
  const rest = ranks(values);
  const before = dot(rest, rest);
  const basis = orthonormalBasis(rest.length, given.map(ranks));
  removeFrom(rest, basis);
  removeFrom(rest, basis);
  return dot(rest, rest) > ROUNDING * before ? rest : rest.fill(0);
}

/**
 * The partial Spearman correlation: Pearson's correlation of the ranks of two lists without what the ranks of others explain.
 *
 * @returns In [−1, 1]; NaN if nothing is left of one.
 * @throws {RangeError} If the lists differ in length.
 *
 * @example What goes together only as both go with a third is not associated given it
 * ```ts
 * import assert from "node:assert/strict";
 * const z = [1, 2, 3, 4, 5, 6, 7, 8];
 * const x = [2, 1, 3, 4, 5, 6, 8, 7];
 * const y = [1, 2, 4, 3, 6, 5, 7, 8];
 * assert.equal(partialSpearman(x, y, []).toFixed(2), "0.90");
 * assert.equal(partialSpearman(x, y, [z]).toFixed(2), "-0.02");
 * ```
 */
export function partialSpearman(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  given: readonly ArrayLike<number>[],
): number {
  return pearson(residualRanks(x, given), residualRanks(y, given));
}

/** Takes the parts along orthonormal lists away, in place. */
function removeFrom(list: Float64Array, basis: readonly Float64Array[]): void {
  for (const along of basis) {
    const part = dot(list, along);
    for (let i = 0; i < list.length; i++) list[i] -= part * along[i];
  }
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
