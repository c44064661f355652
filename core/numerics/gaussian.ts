/**
 * Mutual information of Gaussian fits: closed forms of covariance matrices.
 *
 * @module
 */
import { cholesky, covariance } from "./cholesky.ts";
import { log2 } from "./elementary.ts";
import type { RealRows } from "./real_rows.ts";

/**
 * I(X;T) in bits of the Gaussian with the covariance of the pairs, ½ log₂ [det Σ_X det Σ_T / det Σ_XT] = −½ log₂ det of the
 * canonical correlations' 1 − ρ² (Gelfand and Yaglom 1959).
 *
 * Unchanged by invertible linear maps of either side, so columns that depend linearly on others of their side are left out. Too
 * high by about dim X dim T / (2n ln 2) bits. Of other pairs it is a lower bound where X or T alone is Gaussian, and has no side
 * where neither is.
 *
 * @param x Shape [n, dim X].
 * @param t Shape [n, dim T].
 * @param ridge Independent noise of this fraction of each column's variance is added to it.
 * @returns Infinity where a column of T is a linear function of X and the other columns: always if n <= dim X + dim T.
 *
 * @example Four corners of a square: no correlation
 * ```ts
 * import assert from "node:assert/strict";
 * import { realRows } from "./real_rows.ts";
 * const x = realRows({ data: Float64Array.of(0, 0, 1, 1), shape: [4, 1] }, "x");
 * const t = realRows({ data: Float64Array.of(0, 1, 0, 1), shape: [4, 1] }, "t");
 * assert.equal(gaussianBits(x, t), 0);
 * assert.equal(gaussianBits(x, x), Infinity);
 * ```
 */
export function gaussianBits(x: RealRows, t: RealRows, ridge = 0): number {
  const columns = x.columns + t.columns;
  const both = new Float64Array(x.n * columns);
  for (let i = 0; i < x.n; i++) {
    both.set(x.values.subarray(i * x.columns, (i + 1) * x.columns), i * columns);
    both.set(t.values.subarray(i * t.columns, (i + 1) * t.columns), i * columns + x.columns);
  }
  const sigma = covariance({ values: both, n: x.n, columns });
  for (let c = 0; c < columns; c++) sigma[c * columns + c] *= 1 + ridge;
  const all = Array.from({ length: columns }, (_, c) => c);
  const sides = [all.slice(0, x.columns), all.slice(x.columns)].map((side) => {
    const { kept, factor } = cholesky(part(sigma, columns, side), side.length);
    return { kept: kept.map((c) => side[c]), halfLog2: halfLog2Determinant(factor, kept.length) };
  });
  const pair = sides.flatMap(({ kept }) => kept);
  const { kept, factor } = cholesky(part(sigma, columns, pair), pair.length);
  if (kept.length < pair.length) return Infinity;
  return sides[0].halfLog2 + sides[1].halfLog2 - halfLog2Determinant(factor, pair.length);
}

/**
 * I(T;Y) in bits of a Gaussian for each label and one for all: ½ log₂ det Σ − Σ_y p(y) ½ log₂ det Σ_y.
 *
 * An upper bound where T given Y is Gaussian, as the Gaussian has the largest entropy of its covariance; it exceeds H(Y) where
 * the labels lie far apart. Of other shapes it has no side. Too high by about (K − 1) d (d + 3) / (4n ln 2) bits for K labels in d
 * dimensions.
 *
 * @param t Shape [n, d]; columns that depend linearly on others are left out.
 * @param weights `weights[y][i]` is the weight of row i under label y, p(x_i) p(y|x_i) up to a factor; shape [K, n].
 * @param ridge Independent noise of this fraction of each column's variance is added to it.
 * @returns Infinity where the rows of a label have a singular covariance and all rows have not.
 *
 * @example A label that changes nothing
 * ```ts
 * import assert from "node:assert/strict";
 * import { realRows } from "./real_rows.ts";
 * const t = realRows({ data: Float64Array.of(0, 1, 0, 1), shape: [4, 1] }, "t");
 * assert.equal(gaussianLabelsBits(t, [[1, 1, 0, 0], [0, 0, 1, 1]]), 0);
 * assert.equal(gaussianLabelsBits(t, [[1, 0, 1, 0], [0, 1, 0, 1]]), Infinity);
 * ```
 */
export function gaussianLabelsBits(t: RealRows, weights: readonly ArrayLike<number>[], ridge = 0): number {
  const { n, columns } = t;
  const all = Float64Array.from({ length: n }, (_, i) => weights.reduce((sum, w) => sum + w[i], 0));
  const total = all.reduce((sum, w) => sum + w, 0);
  const sigma = covariance(t, all);
  const noise = Float64Array.from({ length: columns }, (_, c) => ridge * sigma[c * columns + c]);
  const noisy = (matrix: Float64Array) => {
    for (let c = 0; c < columns; c++) matrix[c * columns + c] += noise[c];
    return matrix;
  };
  const { kept, factor } = cholesky(noisy(sigma), columns);
  let bits = halfLog2Determinant(factor, kept.length);
  for (const own of weights) {
    let mass = 0;
    for (let i = 0; i < n; i++) mass += own[i];
    if (mass === 0) continue;
    const matrix = part(noisy(covariance(t, own)), columns, kept);
    const inner = cholesky(matrix, kept.length);
    if (inner.kept.length < kept.length) return Infinity;
    bits -= mass / total * halfLog2Determinant(inner.factor, kept.length);
  }
  return bits;
}

function part(matrix: Float64Array, size: number, at: readonly number[]): Float64Array {
  const taken = new Float64Array(at.length * at.length);
  at.forEach((row, i) => at.forEach((column, j) => taken[i * at.length + j] = matrix[row * size + column]));
  return taken;
}

/** ½ log₂ det L Lᵀ. */
function halfLog2Determinant(factor: Float64Array, size: number): number {
  let sum = 0;
  for (let k = 0; k < size; k++) sum += log2(factor[k * size + k]);
  return sum;
}
