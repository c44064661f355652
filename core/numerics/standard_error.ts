/**
 * What chance alone moves a mean by.
 *
 * @module
 */

/**
 * Mean of independent values, and its standard error s / √n, s² the unbiased variance.
 *
 * @param values At least 2.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(meanAndError(Float64Array.of(1, 3)), { mean: 2, standardError: 1 });
 * ```
 */
export function meanAndError(values: Float64Array): { readonly mean: number; readonly standardError: number } {
  const n = values.length;
  let mean = 0;
  for (const value of values) mean += value;
  mean /= n;
  let square = 0;
  for (const value of values) square += (value - mean) * (value - mean);
  return { mean, standardError: Math.sqrt(square / (n - 1) / n) };
}
