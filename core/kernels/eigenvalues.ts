/**
 * Eigenvalues of symmetric matrices: the host side of `core/kernels/assembly/eigenvalues.ts`.
 *
 * @module
 */
import { firstOdd } from "../numerics/real_rows.ts";
import type { Kernels } from "./mod.ts";

/** Rows that are reduced in one call, as in the kernel. */
const PANEL = 32;

/**
 * Eigenvalues of a symmetric matrix, ascending; absolute errors a few times 2^−53 of the largest.
 *
 * Householder's tridiagonalisation in panels, then implicit QL: 4/3 n³ multiplications and additions. The order of sums is fixed, so
 * equal input gives equal bytes. Memory: 8 n² bytes beside the matrix.
 *
 * @param kernels From `loadKernels`.
 * @param matrix Row-major, shape [n, n]; only the lower triangle is read, the diagonal included.
 * @param n Rows.
 * @param progress Told after every 32 rows how much is done, from 0 to 1; the work goes on when it resolves.
 * @throws {TypeError} If the matrix does not hold n × n numbers.
 * @throws {RangeError} If one of them is not finite, or the memory of the kernels does not suffice.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadKernels } from "./mod.ts";
 * const [low, high] = await symmetricEigenvalues(await loadKernels(), Float64Array.of(2, 1, 1, 2), 2);
 * assert.deepEqual([low.toFixed(12), high.toFixed(12)], ["1.000000000000", "3.000000000000"]);
 * ```
 */
export async function symmetricEigenvalues(
  kernels: Kernels,
  matrix: Float64Array,
  n: number,
  progress: (done: number) => Promise<void> = () => Promise.resolve(),
): Promise<Float64Array> {
  if (!(Number.isInteger(n) && n >= 1 && matrix.length === n * n)) {
    throw new TypeError(
      `Cannot find eigenvalues as the matrix must hold ${n} × ${n} numbers: it holds ${matrix.length}`,
    );
  }
  const odd = firstOdd(matrix, n);
  if (odd) {
    throw new RangeError(
      `Cannot find eigenvalues as the matrix must be finite: row ${odd.row}, column ${odd.column} is ${odd.value}`,
    );
  }
  const { exports, reserve } = kernels.instantiate();
  const stride = 4 * Math.ceil(n / 4);
  const plan = reserve(28);
  const matrixAt = reserve(8 * stride * stride);
  const diagonalAt = reserve(8 * stride);
  const couplingsAt = reserve(8 * stride);
  const vectorsAt = reserve(8 * PANEL * stride);
  const productsAt = reserve(8 * PANEL * stride);
  const packedAt = reserve(16 * PANEL * stride);
  const memory = () => exports.memory.buffer as ArrayBuffer;
  new Uint32Array(memory(), plan, 7)
    .set([stride, matrixAt, diagonalAt, couplingsAt, vectorsAt, productsAt, packedAt]);
  const rows = new Float64Array(memory(), matrixAt, stride * stride);
  for (let row = 0; row < n; row++) rows.set(matrix.subarray(row * n, row * n + row + 1), row * stride);
  for (let left = n; left > 0;) {
    left = exports.eigenvaluesReduce(plan, left);
    await progress(1 - left / n * left / n * left / n);
  }
  const settled = exports.eigenvaluesTridiagonal(n, diagonalAt, couplingsAt);
  if (settled < n) throw new RangeError(`Cannot find eigenvalues as QL must settle: row ${settled} did not`);
  return new Float64Array(memory(), diagonalAt, n).slice().sort();
}
