import { cholesky, covariance } from "./cholesky.ts";
import { log2 } from "./elementary.ts";
import type { RealRows } from "./real_rows.ts";

/**
 * What a Gaussian of the layer's covariance would carry through Gaussian noise, in bits: C(σ) = ½ Σ log₂(1 + λ_i/σ²), λ_i the
 * eigenvalues of Cov T. As no law of this covariance has a greater entropy, I(X; T + σZ) ≤ C(σ) for every T that is a function of X
 * (Cover and Thomas 2006, theorem 8.6.5).
 *
 * @param t Shape [n, d], finite.
 * @param variance σ² > 0, in squared units of the activations.
 * @param weights p(x) up to a factor, shape [n]; uniform unless told.
 *
 * @example One unit at ±1 under noise of variance 1: ½ log₂ 2
 * ```ts
 * import assert from "node:assert/strict";
 * import { realRows } from "./real_rows.ts";
 * const t = realRows({ data: Float64Array.of(-1, 1), shape: [2, 1] }, "t");
 * assert.ok(Math.abs(gaussianChannelBits(t, 1) - 0.5) < 1e-15);
 * ```
 */
export function gaussianChannelBits(t: RealRows, variance: number, weights?: ArrayLike<number>): number {
  if (!(variance > 0)) {
    throw new RangeError(
      `Cannot compute the capacity of a layer as its noise must have a variance > 0: it is ${variance}`,
    );
  }
  const { columns } = t;
  const matrix = covariance(t, weights);
  for (let i = 0; i < matrix.length; i++) matrix[i] /= variance;
  for (let c = 0; c < columns; c++) matrix[c * columns + c] += 1;
  const { factor } = cholesky(matrix, columns, 0);
  let bits = 0;
  for (let c = 0; c < columns; c++) bits += log2(factor[c * columns + c]);
  return bits;
}
