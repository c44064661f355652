/**
 * Covariance matrices and their factors.
 *
 * @module
 */
import type { RealRows } from "./real_rows.ts";

/** Of the variance of a column: what the columns before it leave unexplained below this is rounding of f32. */
const DEPENDENT = 1e-10;

/**
 * The mean of each column over rows, each with its weight, and the sum of the weights.
 *
 * @param weights Shape [n], >= 0; all 1 unless told.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { realRows } from "./real_rows.ts";
 * const rows = realRows({ data: Float64Array.of(0, 0, 2, 4), shape: [2, 2] }, "t");
 * assert.deepEqual(columnMeans(rows, [1, 3]), { mean: Float64Array.of(1.5, 3), total: 4 });
 * ```
 */
export function columnMeans(
  { values, n, columns }: RealRows,
  weights?: ArrayLike<number>,
): { readonly mean: Float64Array; readonly total: number } {
  const mean = new Float64Array(columns);
  let total = 0;
  for (let i = 0; i < n; i++) {
    const w = weights ? weights[i] : 1;
    total += w;
    for (let c = 0; c < columns; c++) mean[c] += w * values[i * columns + c];
  }
  for (let c = 0; c < columns; c++) mean[c] /= total;
  return { mean, total };
}

/**
 * The covariance matrix of rows, each with its weight: Σ_i w_i (t_i − m)(t_i − m)ᵀ / Σ_i w_i.
 *
 * @param weights Shape [n], >= 0; all alike unless told.
 * @returns Row-major, shape [columns, columns], symmetric to the bit.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { realRows } from "./real_rows.ts";
 * const rows = realRows({ data: Float64Array.of(0, 0, 2, 4), shape: [2, 2] }, "t");
 * assert.deepEqual(covariance(rows), Float64Array.of(1, 2, 2, 4));
 * ```
 */
export function covariance(rows: RealRows, weights?: ArrayLike<number>): Float64Array {
  const { values, n, columns } = rows;
  const { mean, total } = columnMeans(rows, weights);
  const sums = new Float64Array(columns * columns);
  const apart = new Float64Array(columns);
  for (let i = 0; i < n; i++) {
    const w = (weights ? weights[i] : 1) / total;
    if (w === 0) continue;
    for (let c = 0; c < columns; c++) apart[c] = values[i * columns + c] - mean[c];
    for (let a = 0; a < columns; a++) {
      const scaled = w * apart[a];
      for (let b = 0; b <= a; b++) sums[a * columns + b] += scaled * apart[b];
    }
  }
  for (let a = 0; a < columns; a++) for (let b = 0; b < a; b++) sums[b * columns + a] = sums[a * columns + b];
  return sums;
}

/**
 * The Cholesky factor of a covariance matrix over the columns that no column before them explains: L with L Lᵀ = Σ on these.
 *
 * @param matrix Row-major, shape [size, size], symmetric and positive semidefinite.
 * @param least A column is left out if what remains of its variance is at most this fraction of it.
 * @returns Numbers of the columns kept, ascending, and L, row-major, lower triangular, shape [kept, kept].
 *
 * @example The third column is the sum of the first two
 * ```ts
 * import assert from "node:assert/strict";
 * const { kept, factor } = cholesky(Float64Array.of(4, 0, 4, 0, 9, 9, 4, 9, 13), 3);
 * assert.deepEqual(kept, [0, 1]);
 * assert.deepEqual(factor, Float64Array.of(2, 0, 0, 3));
 * ```
 */
export function cholesky(
  matrix: Float64Array,
  size: number,
  least: number = DEPENDENT,
): { readonly kept: readonly number[]; readonly factor: Float64Array } {
  const kept: number[] = [];
  const rows: Float64Array[] = [];
  for (let column = 0; column < size; column++) {
    const row = new Float64Array(kept.length + 1);
    const variance = matrix[column * size + column];
    let rest = variance;
    for (let k = 0; k < kept.length; k++) {
      let sum = matrix[column * size + kept[k]];
      for (let l = 0; l < k; l++) sum -= row[l] * rows[k][l];
      row[k] = sum / rows[k][k];
      rest -= row[k] * row[k];
    }
    if (!(rest > least * variance)) continue;
    row[kept.length] = Math.sqrt(rest);
    kept.push(column);
    rows.push(row);
  }
  const factor = new Float64Array(kept.length * kept.length);
  rows.forEach((row, i) => factor.set(row, i * kept.length));
  return { kept, factor };
}
