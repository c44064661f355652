import assert from "node:assert/strict";
import fc from "fast-check";
import { entropyOfProbabilities } from "../../../core/numerics/entropy.ts";
import { gaussianKernel, medianDistance, squaredDistances } from "../../../core/numerics/gaussian_kernel.ts";
import { renyiEntropyBits } from "../../../core/numerics/renyi.ts";

const spectrum = fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 });
const order = fc.double({ min: 0.05, max: 20, noNaN: true }).filter((alpha) => Math.abs(alpha - 1) > 1e-3);

function normalised(values: number[]): number[] {
  const total = values.reduce((a, b) => a + b);
  return values.map((value) => value / total);
}

Deno.test("n equal eigenvalues have log₂ n bits at every order, and one has none", () => {
  for (const alpha of [0.2, 0.999, 1, 1.01, 1.000001, 2, 30]) {
    for (const n of [1, 2, 7, 4096]) {
      assert.ok(Math.abs(renyiEntropyBits(new Float64Array(n).fill(1 / n), alpha) - Math.log2(n)) < 1e-12);
    }
    assert.equal(renyiEntropyBits([0, 1, 0, -1e-18], alpha), 0);
  }
});

Deno.test("the entropy is log₂ Σ λ^α / (1 − α), Shannon's at α = 1, and falls with α", () => {
  fc.assert(fc.property(spectrum, order, (raw, alpha) => {
    const p = normalised(raw);
    const bits = renyiEntropyBits(p, alpha);
    const plain = Math.log2(p.reduce((sum, x) => sum + x ** alpha, 0)) / (1 - alpha);
    assert.ok(Math.abs(bits - plain) < 1e-9, `${bits}, plainly ${plain}`);
    assert.ok(renyiEntropyBits(p, alpha + 0.1) <= bits + 1e-12);
    assert.ok(bits >= -1e-12 && bits <= Math.log2(p.length) + 1e-12);
  }));
  const p = [0.5, 0.25, 0.25];
  assert.equal(renyiEntropyBits(p, 1), entropyOfProbabilities(p));
  assert.ok(Math.abs(renyiEntropyBits(p, 1 + 1e-9) - 1.5) < 1e-8);
});

Deno.test("the scale of a spectrum does not count, and one without a positive number is refused", () => {
  assert.equal(renyiEntropyBits([2, 2, 4], 2), renyiEntropyBits([0.25, 0.25, 0.5], 2));
  assert.throws(() => renyiEntropyBits([0, -1], 2), /RangeError: .*sum > 0: it is 0/);
  assert.throws(() => renyiEntropyBits([], 2), /RangeError/);
  for (const alpha of [0, -1, NaN, Infinity]) assert.throws(() => renyiEntropyBits([1], alpha), /RangeError: .*order/);
});

Deno.test("the median distance is the lower of the two in the middle", () => {
  const line = (...values: number[]) =>
    medianDistance(squaredDistances({ values: Float64Array.from(values), n: values.length, columns: 1 }));
  assert.equal(line(0, 5), 5);
  assert.equal(line(0, 1, 3), 2);
  assert.equal(line(0, 1, 3, 7), 3); // of 1, 2, 3, 4, 6, 7
  assert.equal(line(2, 2, 2, 9), 0);
});

Deno.test("a Gaussian kernel matrix is symmetric, of trace 1, and that of equality at width 0", () => {
  const squares = squaredDistances({ values: Float64Array.of(0, 0, 3, 4, 0, 0), n: 3, columns: 2 });
  assert.deepEqual([...squares], [25, 0, 25]);
  const near = Math.exp(-25 / 8) / 3;
  const kernel = gaussianKernel(squares, 3, 2);
  const truth = [1 / 3, near, 1 / 3, near, 1 / 3, near, 1 / 3, near, 1 / 3];
  kernel.forEach((value, i) => assert.ok(Math.abs(value - truth[i]) < 1e-16));
  const third = 1 / 3;
  assert.deepEqual([...gaussianKernel(squares, 3, 0)], [third, 0, third, 0, third, 0, third, 0, third]);
});
