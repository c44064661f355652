import assert from "node:assert/strict";
import fc from "fast-check";
import { symmetricEigenvectors } from "../../../core/numerics/mod.ts";
import { root } from "../../../core/random/mod.ts";

/** A symmetric matrix of normal numbers. */
function symmetric(n: number, seed: number, scale = 1): Float64Array {
  const stream = root(seed);
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = scale * stream.normal();
  }
  return matrix;
}

/** The largest entry, in absolute value, of A v − λ v over all pairs, and of V Vᵀ − 1. */
function residuals(matrix: Float64Array, n: number) {
  const { values, vectors } = symmetricEigenvectors(matrix, n);
  let [equation, orthogonality] = [0, 0];
  for (let k = 0; k < n; k++) {
    const vector = vectors.subarray(k * n, k * n + n);
    for (let i = 0; i < n; i++) {
      const row = matrix.subarray(i * n, i * n + n);
      const image = row.reduce((sum, a, j) => sum + a * vector[j], 0);
      equation = Math.max(equation, Math.abs(image - values[k] * vector[i]));
      const other = vectors.subarray(i * n, i * n + n);
      const product = other.reduce((sum, a, j) => sum + a * vector[j], 0);
      orthogonality = Math.max(orthogonality, Math.abs(product - (i === k ? 1 : 0)));
    }
  }
  return { equation, orthogonality, values, vectors };
}

Deno.test("ones with d on the diagonal: d + n − 1 once, along (1, …, 1), and d − 1 else", () => {
  for (const n of [2, 3, 7]) {
    const matrix = Float64Array.from({ length: n * n }, (_, i) => i % (n + 1) === 0 ? 4 : 1);
    const { values, vectors } = symmetricEigenvectors(matrix, n);
    assert.ok(Math.abs(values[0] - (n + 3)) < 1e-14);
    assert.ok(values.subarray(1).every((value) => Math.abs(value - 3) < 1e-14));
    assert.ok(vectors.subarray(0, n).every((entry) => Math.abs(entry - 1 / Math.sqrt(n)) < 1e-14));
  }
});

Deno.test("a diagonal matrix has its axes, by value descending, and 0 has those of the coordinates", () => {
  const { values, vectors } = symmetricEigenvectors(Float64Array.of(1, 0, 0, 0, 5, 0, 0, 0, -3), 3);
  assert.deepEqual([...values], [5, 1, -3]);
  assert.deepEqual([...vectors], [0, 1, 0, 1, 0, 0, 0, 0, 1]);
  assert.deepEqual([...symmetricEigenvectors(new Float64Array(4), 2).vectors], [1, 0, 0, 1]);
  assert.deepEqual(symmetricEigenvectors(Float64Array.of(-2), 1).values, Float64Array.of(-2));
});

Deno.test("A v = λ v, V is orthogonal and the trace is kept, at any size and scale", () => {
  const cases = fc.record({
    n: fc.integer({ min: 1, max: 12 }),
    seed: fc.integer({ min: 0, max: 1e6 }),
    exponent: fc.integer({ min: -100, max: 100 }),
  });
  fc.assert(fc.property(cases, ({ n, seed, exponent }) => {
    const scale = 10 ** exponent;
    const matrix = symmetric(n, seed, scale);
    const { equation, orthogonality, values } = residuals(matrix, n);
    assert.ok(equation <= 1e-13 * scale * n && orthogonality <= 1e-13, `${equation / scale}, ${orthogonality}`);
    const trace = matrix.reduce((sum, value, i) => i % (n + 1) === 0 ? sum + value : sum, 0);
    assert.ok(Math.abs(values.reduce((a, b) => a + b) - trace) <= 1e-13 * scale * n);
    assert.ok(values.every((value, k) => k === 0 || values[k - 1] >= value));
  }));
});

Deno.test("100 columns settle as 10 do", () => {
  const { equation, orthogonality } = residuals(symmetric(100, 1), 100);
  assert.ok(equation < 1e-12 && orthogonality < 1e-12, `${equation}, ${orthogonality}`);
});

Deno.test("of the largest entries of a vector the first is positive", () => {
  for (const coupling of [1, -1]) {
    const { vectors } = symmetricEigenvectors(Float64Array.of(3, coupling, coupling, 3), 2);
    assert.ok(vectors[0] > 0 && vectors[2] > 0, String(vectors));
  }
  const { vectors } = residuals(symmetric(9, 3), 9);
  for (let k = 0; k < 9; k++) {
    const vector = [...vectors.subarray(9 * k, 9 * k + 9)];
    assert.equal(Math.max(...vector), Math.max(...vector.map(Math.abs)));
  }
});

Deno.test("a matrix of another size or with a number that is none is refused", () => {
  assert.throws(() => symmetricEigenvectors(new Float64Array(3), 2), /must hold 2 × 2 numbers: it holds 3/);
  assert.throws(() => symmetricEigenvectors(Float64Array.of(1, 2, NaN, 1), 2), /finite: row 1, column 0 is NaN/);
});
