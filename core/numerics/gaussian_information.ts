/**
 * Information between Gaussian variables.
 *
 * @module
 */
import { log2 } from "./elementary.ts";

/**
 * Mutual information in bits of two normal variables of correlation ρ: −½ log₂(1 − ρ²) (Gel'fand and Yaglom 1957).
 *
 * @param rho In (−1, 1).
 * @throws {RangeError} If ρ is not: at ±1 the information is infinite.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(binormalBits(0), 0);
 * assert.equal(binormalBits(0.75).toFixed(6), "0.596323");
 * ```
 */
export function binormalBits(rho: number): number {
  if (!(rho > -1 && rho < 1)) throw new RangeError(`Cannot compute I(X;Y) as ρ must lie in (−1, 1): it is ${rho}`);
  return 0 - 0.5 * log2(1 - rho * rho);
}

/**
 * Mutual information in bits of the first `dimX` and the other variables of a joint normal distribution:
 * ½ log₂ (det Σ_X det Σ_Y / det Σ), determinants by Cholesky's decomposition.
 *
 * @param covariance Σ, row-major, shape [d, d]; symmetric, its lower triangle is read.
 * @param d Number of variables.
 * @param dimX How many of them are X, in [1, d).
 * @throws {TypeError} If the covariance is not [d, d] or `dimX` leaves one side empty.
 * @throws {RangeError} If the covariance is not positive definite.
 *
 * @example Two normal variables of correlation ½
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(gaussianInformationBits([1, 0.5, 0.5, 1], 2, 1), binormalBits(0.5));
 * ```
 */
export function gaussianInformationBits(covariance: ArrayLike<number>, d: number, dimX: number): number {
  if (covariance.length !== d * d) {
    throw new TypeError(`Cannot compute I(X;Y) as Σ must hold ${d} × ${d} values: it holds ${covariance.length}`);
  }
  if (!(dimX >= 1 && dimX < d)) {
    throw new TypeError(`Cannot compute I(X;Y) as X must be 1 to ${d - 1} of ${d} variables: it is ${dimX}`);
  }
  const part = (from: number, to: number) => {
    const size = to - from;
    return Float64Array.from(
      { length: size * size },
      (_, i) => covariance[(from + Math.floor(i / size)) * d + from + i % size],
    );
  };
  const [x, y, both] = [part(0, dimX), part(dimX, d), part(0, d)].map(log2Determinant);
  return 0.5 * (x + y - both);
}

function log2Determinant(matrix: Float64Array): number {
  const size = Math.sqrt(matrix.length);
  const lower = new Float64Array(matrix.length);
  let sum = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let value = matrix[i * size + j];
      for (let k = 0; k < j; k++) value -= lower[i * size + k] * lower[j * size + k];
      if (i !== j) lower[i * size + j] = value / lower[j * size + j];
      else if (!(value > 0)) {
        throw new RangeError(`Cannot compute I(X;Y) as Σ must be positive definite: pivot ${i} is ${value}`);
      } else {
        lower[i * size + i] = Math.sqrt(value);
        sum += log2(value);
      }
    }
  }
  return sum;
}
