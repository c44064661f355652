/**
 * Gaussian kernels over rows of real numbers.
 *
 * @module
 */
import { exp } from "./elementary.ts";
import type { RealRows } from "./real_rows.ts";

/**
 * Squared Euclidean distances of all pairs of rows.
 *
 * @returns |x_i − x_j|² at i (i − 1) / 2 + j for j < i, shape [n (n − 1) / 2].
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual([...squaredDistances({ values: Float64Array.of(0, 1, 3), n: 3, columns: 1 })], [1, 9, 4]);
 * ```
 */
export function squaredDistances({ values, n, columns }: RealRows): Float64Array {
  const squares = new Float64Array(n * (n - 1) / 2);
  let at = 0;
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let a = i * columns, b = j * columns, end = a + columns; a < end; a++, b++) {
        const apart = values[a] - values[b];
        sum += apart * apart;
      }
      squares[at++] = sum;
    }
  }
  return squares;
}

/**
 * The median distance of two rows: of all pairs i > j, the lower of the middle two where their number is even.
 *
 * @param squares From {@link squaredDistances}, at least one.
 */
export function medianDistance(squares: Float64Array): number {
  return Math.sqrt(squares.slice().sort()[(squares.length - 1) >> 1]);
}

/**
 * Kernel matrix exp(−|x_i − x_j|² / 2σ²) / n, of trace 1.
 *
 * @param squares From {@link squaredDistances}.
 * @param n Rows.
 * @param width σ; 0 stands for its limit, 1 / n where rows are equal and 0 elsewhere.
 * @returns Row-major, shape [n, n], symmetric.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual([...gaussianKernel(Float64Array.of(4), 2, 0)], [0.5, 0, 0, 0.5]);
 * ```
 */
export function gaussianKernel(squares: Float64Array, n: number, width: number): Float64Array {
  const kernel = new Float64Array(n * n);
  let at = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const square = squares[at++];
      const similar = width === 0 ? Number(square === 0) : exp(-square / (2 * width * width));
      kernel[i * n + j] = kernel[j * n + i] = similar / n;
    }
    kernel[i * n + i] = 1 / n;
  }
  return kernel;
}
