import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { loadKernels, symmetricEigenvalues } from "../../../core/kernels/mod.ts";
import { root } from "../../../core/random/mod.ts";

const kernels = await loadKernels();

// Made by tests/fixtures/renyi/matrices.py.
const { eigenvalues: PEER }: { eigenvalues: Record<string, number[]> } = JSON.parse(
  readFileSync(new URL("../../fixtures/renyi/matrices.json", import.meta.url), "utf8"),
);

function symmetric(n: number, entry: (i: number, j: number) => number): Float64Array {
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = entry(i, j);
  return matrix;
}

function assertClose(found: ArrayLike<number>, truth: ArrayLike<number>, within = 1e-13): void {
  assert.equal(found.length, truth.length);
  const scale = Math.max(...Array.from(truth, Math.abs), 1e-300);
  for (let i = 0; i < truth.length; i++) {
    assert.ok(Math.abs(found[i] - truth[i]) <= within * scale, `eigenvalue ${i} is ${found[i]}, not ${truth[i]}`);
  }
}

Deno.test("eigenvalues of matrices of 1 to 70 rows are NumPy's", async () => {
  for (const [name, truth] of Object.entries(PEER)) {
    const n = Number(name);
    const matrix = symmetric(n, (i, j) => (i * 37 + j * 101 + i * j * 13) % 97 - 48);
    assertClose(await symmetricEigenvalues(kernels, matrix, n), truth);
  }
});

Deno.test("the second difference has eigenvalues 4 sin²(kπ / 2(n + 1))", async () => {
  for (const n of [5, 64, 129]) {
    const matrix = symmetric(n, (i, j) => i === j ? 2 : i - j === 1 ? -1 : 0);
    const truth = Array.from({ length: n }, (_, k) => 4 * Math.sin((k + 1) * Math.PI / 2 / (n + 1)) ** 2);
    assertClose(await symmetricEigenvalues(kernels, matrix, n), truth);
  }
});

Deno.test("a diagonal matrix has its diagonal, the zero matrix zeros, and one of ones n and zeros", async () => {
  const diagonal = [3, -1, 4, 1, -5, 9, 2, 6, 5, 3, 5];
  const matrix = symmetric(11, (i, j) => i === j ? diagonal[i] : 0);
  assert.deepEqual([...await symmetricEigenvalues(kernels, matrix, 11)], diagonal.sort((a, b) => a - b));
  assert.deepEqual([...await symmetricEigenvalues(kernels, new Float64Array(36 * 36), 36)], new Array(36).fill(0));
  for (const n of [2, 40, 100]) {
    assertClose(await symmetricEigenvalues(kernels, new Float64Array(n * n).fill(1), n), [
      ...new Array(n - 1).fill(0),
      n,
    ]);
  }
});

Deno.test("trace, sum of squares, a shift and a rotation of rows and columns behave as they must", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 90 }), fc.nat(), async (n, seed) => {
      const stream = root(seed);
      const matrix = symmetric(n, () => stream.normal());
      const values = await symmetricEigenvalues(kernels, matrix, n);
      const sum = (of: Float64Array, f: (x: number) => number) => of.reduce((total, x) => total + f(x), 0);
      const scale = sum(matrix, (x) => x * x);
      assert.ok(Math.abs(sum(values, (x) => x * x) - scale) <= 1e-13 * n * scale);
      const trace = matrix.reduce((total, x, at) => total + (at % (n + 1) === 0 ? x : 0), 0);
      assert.ok(Math.abs(sum(values, (x) => x) - trace) <= 1e-13 * n * Math.sqrt(scale));
      const shifted = await symmetricEigenvalues(
        kernels,
        symmetric(n, (i, j) => matrix[i * n + j] + (i === j ? 3 : 0)),
        n,
      );
      assertClose(shifted, values.map((x) => x + 3), 1e-12);
      // A reflection I − 2uuᵀ on both sides.
      const raw = Array.from({ length: n }, () => stream.normal());
      const norm = Math.hypot(...raw);
      const u = raw.map((x) => x / norm);
      const mu = u.map((_, i) => u.reduce((total, x, j) => total + matrix[i * n + j] * x, 0));
      const umu = mu.reduce((total, x, i) => total + u[i] * x, 0);
      const turned = symmetric(
        n,
        (i, j) => matrix[i * n + j] - 2 * (u[i] * mu[j] + mu[i] * u[j]) + 4 * umu * u[i] * u[j],
      );
      assertClose(await symmetricEigenvalues(kernels, turned, n), values, 1e-12);
    }),
    { numRuns: 60 },
  );
});

Deno.test("entries so small that their squares vanish do no harm", async () => {
  for (const tiny of [1e-150, 1e-160, 1e-200, 5e-324]) {
    const matrix = symmetric(40, (i, j) => i === j ? (i < 20 ? 1 : 0) : tiny * ((i + j) % 3));
    const values = await symmetricEigenvalues(kernels, matrix, 40);
    assertClose(values, [...new Array(20).fill(0), ...new Array(20).fill(1)]);
  }
});

Deno.test("the upper triangle is not read, and equal input gives equal bytes", async () => {
  const stream = root(8);
  const matrix = symmetric(50, () => stream.normal());
  const lower = matrix.map((x, at) => at % 50 > Math.floor(at / 50) ? 1e9 : x);
  assert.deepEqual(await symmetricEigenvalues(kernels, lower, 50), await symmetricEigenvalues(kernels, matrix, 50));
});

Deno.test("progress ends at 1 and matrices that make no sense are refused", async () => {
  const told: number[] = [];
  await symmetricEigenvalues(
    kernels,
    new Float64Array(100 * 100),
    100,
    (done) => Promise.resolve(void told.push(done)),
  );
  assert.deepEqual([told.length, told.at(-1)], [4, 1]);
  assert.deepEqual([...told].sort((a, b) => a - b), told);
  await assert.rejects(symmetricEigenvalues(kernels, new Float64Array(5), 2), /TypeError: .*2 × 2 numbers: it holds 5/);
  await assert.rejects(symmetricEigenvalues(kernels, new Float64Array(0), 0), /TypeError/);
  const odd = Float64Array.of(1, 2, NaN, 1);
  await assert.rejects(symmetricEigenvalues(kernels, odd, 2), /RangeError: .*finite: row 1, column 0 is NaN/);
});
