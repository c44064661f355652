/**
 * Principal components of rows.
 *
 * @module
 */
import { columnMeans, covariance } from "./cholesky.ts";
import { symmetricEigenvectors } from "./eigenvectors.ts";
import type { RealRows } from "./real_rows.ts";

/** Directions of largest variance, and how much of it each holds. */
export interface PrincipalComponents {
  /** Mean of each column, shape [columns]. */
  readonly mean: Float64Array;
  /** Directions of length 1, orthogonal, by variance descending: row-major, shape [count, columns]. */
  readonly directions: Float64Array;
  /** Variance along each direction, >= 0, in squares of the columns' unit, shape [count]. */
  readonly variances: Float64Array;
  /** Variance along all directions: the trace of the covariance. */
  readonly total: number;
}

/**
 * The first principal components of rows, each with its weight: eigenvectors of their covariance (Pearson 1901; Hotelling 1933).
 *
 * The sign is fixed: of a direction's entries that are largest in absolute value the first is positive.
 *
 * @param count Components asked for; as many as there are columns at most are given. Cubic in the columns, see
 * {@link symmetricEigenvectors}.
 * @param weights Shape [n], >= 0; all alike unless told.
 *
 * @example Rows on a line
 * ```ts
 * import assert from "node:assert/strict";
 * import { realRows } from "./real_rows.ts";
 * const rows = realRows({ data: Float64Array.of(1, 0, 1, 3, 1, 6), shape: [3, 2] }, "t");
 * const { mean, directions, variances, total } = principalComponents(rows, 1);
 * assert.deepEqual([mean, directions], [Float64Array.of(1, 3), Float64Array.of(0, 1)]);
 * assert.deepEqual([variances[0], total], [6, 6]);
 * ```
 */
export function principalComponents(
  rows: RealRows,
  count: number,
  weights?: ArrayLike<number>,
): PrincipalComponents {
  const { columns } = rows;
  const matrix = covariance(rows, weights);
  const { values, vectors } = symmetricEigenvectors(matrix, columns);
  let total = 0;
  for (let c = 0; c < columns; c++) total += matrix[c * columns + c];
  const given = Math.min(count, columns);
  return {
    mean: columnMeans(rows, weights).mean,
    directions: vectors.slice(0, given * columns),
    // Rounding may leave a variance of 0 just below it.
    variances: values.slice(0, given).map((value) => Math.max(0, value)),
    total,
  };
}

/**
 * Where rows lie along each direction, seen from the mean, in the columns' unit.
 *
 * @returns Row-major, shape [n, count].
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { realRows } from "./real_rows.ts";
 * const rows = realRows({ data: Float64Array.of(1, 0, 1, 3, 1, 6), shape: [3, 2] }, "t");
 * assert.deepEqual(componentScores(rows, principalComponents(rows, 1)), Float64Array.of(-3, 0, 3));
 * ```
 */
export function componentScores(
  { values, n, columns }: RealRows,
  { mean, directions, variances: { length: count } }: PrincipalComponents,
): Float64Array {
  const scores = new Float64Array(n * count);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < count; k++) {
      let score = 0;
      for (let c = 0; c < columns; c++) score += (values[i * columns + c] - mean[c]) * directions[k * columns + c];
      scores[i * count + k] = score;
    }
  }
  return scores;
}
