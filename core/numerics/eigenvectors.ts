/**
 * Eigenvectors of small symmetric matrices.
 *
 * @module
 */

/** Sweeps after which it has failed: from the sixth on convergence is quadratic. */
const MOST_SWEEPS = 60;
/** Entries that differ by less than this fraction are equally large for the sign. */
const ALIKE = 1e-9;

/** Eigenvalues, and their eigenvectors of length 1. */
export interface Eigenvectors {
  /** Descending, shape [n]. */
  readonly values: Float64Array;
  /** Row k belongs to value k; row-major, shape [n, n]. Of the entries that are largest in absolute value the first is positive. */
  readonly vectors: Float64Array;
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix.
 *
 * Jacobi's rotations, each pair of columns in turn (Golub and Van Loan, Matrix Computations, §8.5): about 6 n³ multiplications and
 * additions a sweep and fewer than ten sweeps, so for some hundred columns at most. Values are exact to a few times 2^−53 of the
 * largest; vectors of equal values are any orthonormal basis. The order of sums is fixed, so equal input gives equal bytes.
 *
 * @param matrix Row-major, shape [n, n], symmetric.
 * @throws {TypeError} If it does not hold n × n numbers.
 * @throws {RangeError} If one of them is not finite.
 *
 * @example The axes of an ellipse along (1, 1)
 * ```ts
 * import assert from "node:assert/strict";
 * const { values, vectors } = symmetricEigenvectors(Float64Array.of(2, 1, 1, 2), 2);
 * assert.deepEqual([...values].map(Math.round), [3, 1]);
 * assert.ok(Math.abs(vectors[0] - Math.SQRT1_2) < 1e-15 && Math.abs(vectors[1] - Math.SQRT1_2) < 1e-15);
 * ```
 */
export function symmetricEigenvectors(matrix: Float64Array, n: number): Eigenvectors {
  if (!(Number.isInteger(n) && n >= 1 && matrix.length === n * n)) {
    throw new TypeError(
      `Cannot find eigenvectors as the matrix must hold ${n} × ${n} numbers: it holds ${matrix.length}`,
    );
  }
  const odd = matrix.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) {
    throw new RangeError(
      `Cannot find eigenvectors as the matrix must be finite: row ${Math.floor(odd / n)}, column ${odd % n} is ` +
        `${matrix[odd]}`,
    );
  }
  const a = matrix.slice();
  const turned = new Float64Array(n * n);
  for (let k = 0; k < n; k++) turned[k * n + k] = 1;
  for (let sweep = 0; !isDiagonal(a, n); sweep++) {
    if (sweep === MOST_SWEEPS) throw new RangeError("Cannot find eigenvectors as rotations must settle: they did not");
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(a, turned, n, p, q);
  }
  return sorted(a, turned, n);
}

/** True if what stands beside the diagonal is rounding. */
function isDiagonal(a: Float64Array, n: number): boolean {
  let [on, beside] = [0, 0];
  for (let i = 0; i < n; i++) {
    on = Math.max(on, Math.abs(a[i * n + i]));
    for (let j = 0; j < i; j++) beside = Math.max(beside, Math.abs(a[i * n + j]));
  }
  return beside <= on * 2.220446049250313e-16 / n;
}

/** Turns the axes p and q until the matrix couples them no more. */
function rotate(a: Float64Array, turned: Float64Array, n: number, p: number, q: number): void {
  const coupling = a[p * n + q];
  if (coupling === 0) return;
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * coupling);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(tangent * tangent + 1);
  const s = tangent * c;
  a[p * n + p] -= tangent * coupling;
  a[q * n + q] += tangent * coupling;
  a[p * n + q] = a[q * n + p] = 0;
  for (let k = 0; k < n; k++) {
    if (k !== p && k !== q) {
      const [x, y] = [a[p * n + k], a[q * n + k]];
      a[p * n + k] = a[k * n + p] = c * x - s * y;
      a[q * n + k] = a[k * n + q] = s * x + c * y;
    }
    const [x, y] = [turned[p * n + k], turned[q * n + k]];
    turned[p * n + k] = c * x - s * y;
    turned[q * n + k] = s * x + c * y;
  }
}

function sorted(a: Float64Array, turned: Float64Array, n: number): Eigenvectors {
  const order = Array.from({ length: n }, (_, k) => k).sort((j, k) => a[k * n + k] - a[j * n + j] || j - k);
  const vectors = new Float64Array(n * n);
  order.forEach((k, at) => {
    const vector = turned.subarray(k * n, k * n + n);
    let most = 0;
    for (const entry of vector) most = Math.max(most, Math.abs(entry));
    const sign = vector.find((entry) => Math.abs(entry) >= (1 - ALIKE) * most)! < 0 ? -1 : 1;
    for (let i = 0; i < n; i++) vectors[at * n + i] = sign * vector[i];
  });
  return { values: Float64Array.from(order, (k) => a[k * n + k]), vectors };
}
