/**
 * Linear centred kernel alignment of two representations of the same examples: how far they agree up to rotation and scale.
 *
 * ‖YᵀX‖²_F / (‖XᵀX‖_F ‖YᵀY‖_F) of activations whose columns have mean 0, in the form that needs no n × n kernel (Kornblith, Norouzi,
 * Lee and Hinton, ICML 2019). 1 for representations that differ by an orthogonal map, a shift and a scale, 0 for uncorrelated units.
 *
 * @param x Activations, row-major [n, units].
 * @param y The same examples in the same order.
 * @param n Number of examples, each weighing the same.
 * @returns In [0, 1]; NaN if all examples are alike in x or in y.
 * @throws {TypeError} If the activations are not n rows.
 *
 * @example Orthogonal units: X explains one of the two equal directions of Y, so 1/√2
 * ```ts
 * import assert from "node:assert/strict";
 * const x = [1, -1, 1, -1];
 * const y = [1, 1, -1, 1, 1, -1, -1, -1];
 * assert.ok(Math.abs(linearCka(x, y, 4) - Math.SQRT1_2) < 1e-12);
 * assert.ok(Math.abs(linearCka(x, [5, 1, 5, 1], 4) - 1) < 1e-12);
 * ```
 */
export function linearCka(x: ArrayLike<number>, y: ArrayLike<number>, n: number): number {
  const [X, Y] = [centred(x, n), centred(y, n)];
  const own = squaredNormOfProduct(X, X, n) * squaredNormOfProduct(Y, Y, n);
  return own > 0 ? Math.min(1, squaredNormOfProduct(Y, X, n) / Math.sqrt(own)) : NaN;
}

/** The matrix less the mean of each column. */
function centred(values: ArrayLike<number>, n: number): Float64Array {
  const units = values.length / n;
  if (!Number.isInteger(units) || units < 1) {
    throw new TypeError(
      `Cannot compare representations as activations must be ${n} rows: they are ${values.length} numbers`,
    );
  }
  const mean = new Float64Array(units);
  for (let i = 0, at = 0; i < n; i++) for (let j = 0; j < units; j++) mean[j] += values[at++];
  for (let j = 0; j < units; j++) mean[j] /= n;
  const out = new Float64Array(values.length);
  for (let i = 0, at = 0; i < n; i++) for (let j = 0; j < units; j++, at++) out[at] = values[at] - mean[j];
  return out;
}

/** ‖AᵀB‖²_F. */
function squaredNormOfProduct(A: Float64Array, B: Float64Array, n: number): number {
  const [a, b] = [A.length / n, B.length / n];
  const product = new Float64Array(a * b);
  for (let i = 0; i < n; i++) {
    for (let j = 0, at = 0; j < a; j++) {
      const value = A[i * a + j];
      for (let k = 0; k < b; k++) product[at++] += value * B[i * b + k];
    }
  }
  let sum = 0;
  for (const value of product) sum += value * value;
  return sum;
}
