import assert from "node:assert/strict";
import fc from "fast-check";
import {
  additiveUniformBits,
  binaryEntropyBits,
  binormalBits,
  gaussianMixtureBits,
  jointFacts,
  normalSignBits,
  overlappingUniformsBits,
  symmetricChannelBits,
} from "../../../core/numerics/mod.ts";

function near(actual: number, expected: number, tolerance = 1e-12) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);
}

/** Σ f over a fine grid of midpoints: slow and plain. */
function midpoints(from: number, to: number, steps: number, f: (x: number) => number): number {
  const step = (to - from) / steps;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += f(from + (i + 0.5) * step);
  return sum * step;
}

const h = (p: number) => p <= 0 || p >= 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p);
const phi = (x: number) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);

Deno.test("binaryEntropyBits() is that of a coin, and 0 for one that always falls alike", () => {
  near(binaryEntropyBits(0.25), 2 - 0.75 * Math.log2(3));
  assert.deepEqual([binaryEntropyBits(0), binaryEntropyBits(1)], [0, 0]);
});

Deno.test("additive uniform noise: 1.709438 and 0.333333 nats, and both branches meet at ½", () => {
  near(additiveUniformBits(0.1) * Math.LN2, 1.709438, 5e-7);
  near(additiveUniformBits(0.75) * Math.LN2, 1 / 3);
  near(additiveUniformBits(0.5), additiveUniformBits(0.5 + 1e-12), 1e-10);
  assert.throws(() => additiveUniformBits(0), /ε must be > 0: it is 0/);
});

Deno.test("additive uniform noise: H(Y) − H(Y|X) by a plain integral over y", () => {
  for (const epsilon of [0.05, 0.3, 0.6, 2]) {
    const density = (y: number) => Math.max(0, Math.min(1, y + epsilon) - Math.max(0, y - epsilon)) / (2 * epsilon);
    const entropy = midpoints(-epsilon, 1 + epsilon, 200_000, (y) => {
      const p = density(y);
      return p > 0 ? -p * Math.log2(p) : 0;
    });
    near(additiveUniformBits(epsilon), entropy - Math.log2(2 * epsilon), 1e-6);
  }
});

Deno.test("overlapping uniforms: (1/m) Σ over labels of ∫ ½ log₂ (p(x|k)/p(x))", () => {
  for (const m of [1, 2, 5, 9]) {
    // On [j, j + 1] there are two labels inside, one at either end.
    const shares = Array.from({ length: m + 1 }, (_, j) => j === 0 || j === m ? 1 : 2);
    const bits = shares.reduce((sum, k) => sum + k / m * 0.5 * Math.log2(m / k), 0);
    near(overlappingUniformsBits(m), bits);
  }
});

Deno.test("a symmetric channel tells what its joint distribution tells", () => {
  fc.assert(fc.property(fc.integer({ min: 2, max: 8 }), fc.double({ min: 0, max: 1, noNaN: true }), (K, error) => {
    const pyx = Float64Array.from(
      { length: K * K },
      (_, i) => Math.floor(i / K) === i % K ? 1 - error : error / (K - 1),
    );
    near(symmetricChannelBits(K, error), jointFacts({ px: new Float64Array(K).fill(1 / K), pyx }).ixyBits, 1e-10);
  }));
});

Deno.test("two Gaussians: 0 bits together, 1 apart, and H(Y) − H(Y|X) by a plain integral between", () => {
  assert.equal(gaussianMixtureBits(0), 0);
  assert.equal(gaussianMixtureBits(20), 1);
  for (const distance of [0.3, 1, 2, 4, 8]) {
    const left = midpoints(-30, 30, 400_000, (x) => {
      const [a, b] = [phi(x - distance / 2), phi(x + distance / 2)];
      return a + b > 0 ? (a + b) / 2 * h(a / (a + b)) : 0;
    });
    near(gaussianMixtureBits(distance), 1 - left, 1e-10);
  }
});

Deno.test("the sign of a correlated normal number: less than the number, more as |ρ| grows, 1 bit at the end", () => {
  let before = 0;
  for (const rho of [0.1, 0.5, 0.8, 0.95, 0.9999]) {
    const bits = normalSignBits(rho);
    assert.ok(bits > before && bits < binormalBits(rho) && bits < 1);
    near(normalSignBits(-rho), bits);
    before = bits;
  }
  near(normalSignBits(1 - 1e-12), 1, 1e-5);
  assert.throws(() => normalSignBits(1), /ρ must lie in \(−1, 1\): it is 1/);
});

Deno.test("the sign of a correlated normal number: by Sheppard's theorem, and by a plain integral", () => {
  const cdf = (x: number) => 0.5 + Math.sign(x) * midpoints(0, Math.abs(x), 2000, phi);
  for (const rho of [0.3, 0.8]) {
    const left = midpoints(-9, 9, 4000, (x) => phi(x) * h(cdf(rho * x / Math.sqrt(1 - rho * rho))));
    near(normalSignBits(rho), 1 - left, 1e-6);
    // The sign of X alone tells less: P(signs agree) = 1 − acos(ρ)/π.
    assert.ok(normalSignBits(rho) > 1 - h(Math.acos(rho) / Math.PI));
  }
});
