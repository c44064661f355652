import assert from "node:assert/strict";
import fc from "fast-check";
import { binormalBits, gaussianInformationBits } from "../../../core/numerics/mod.ts";

function near(actual: number, expected: number, tolerance = 1e-10) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);
}

/** Unit variances, every covariance c. */
const equal = (d: number, c: number) =>
  Float64Array.from({ length: d * d }, (_, i) => Math.floor(i / d) === i % d ? 1 : c);

Deno.test("binormalBits() of ρ = 0.75 is 0.413339 nats, of 0 exactly 0, and ±ρ tell alike", () => {
  near(binormalBits(0.75) * Math.LN2, 0.413339, 5e-7);
  assert.ok(Object.is(binormalBits(0), 0));
  assert.equal(binormalBits(-0.3), binormalBits(0.3));
  for (const rho of [1, -1, NaN]) assert.throws(() => binormalBits(rho), /ρ must lie in \(−1, 1\)/);
});

Deno.test("dense Gaussians of 2, 3, 5, 25 and 50 dimensions have the published information", () => {
  const nats = { 2: 0.293893, 3: 0.413339, 5: 0.592812, 25: 1.292184, 50: 1.624265 };
  for (const [d, expected] of Object.entries(nats)) {
    near(gaussianInformationBits(equal(2 * Number(d), 0.5), 2 * Number(d), Number(d)) * Math.LN2, expected, 6e-7);
  }
});

Deno.test("equal covariances: det = (1 − c)^(d−1) (1 + (d − 1)c), on either side and together", () => {
  const log2det = (d: number, c: number) => (d - 1) * Math.log2(1 - c) + Math.log2(1 + (d - 1) * c);
  const sizes = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }));
  fc.assert(fc.property(sizes, fc.double({ min: 0, max: 0.95, noNaN: true }), ([m, n], c) => {
    const expected = (log2det(m, c) + log2det(n, c) - log2det(m + n, c)) / 2;
    near(gaussianInformationBits(equal(m + n, c), m + n, m), expected);
  }));
});

Deno.test("gaussianInformationBits() does not change when a variable is scaled", () => {
  const S = [2, 0.6, 0.3, 0.6, 1, 0.2, 0.3, 0.2, 3];
  const scale = [3, 0.1, 7];
  const scaled = S.map((value, i) => value * scale[Math.floor(i / 3)] * scale[i % 3]);
  near(gaussianInformationBits(scaled, 3, 1), gaussianInformationBits(S, 3, 1));
});

Deno.test("gaussianInformationBits() refuses what is no covariance, and an empty side", () => {
  assert.throws(() => gaussianInformationBits([1, 2, 2, 1], 2, 1), /must be positive definite: pivot 1 is -3/);
  assert.throws(() => gaussianInformationBits([1, 0, 0], 2, 1), /must hold 2 × 2 values: it holds 3/);
  assert.throws(() => gaussianInformationBits([1, 0, 0, 1], 2, 2), /X must be 1 to 1 of 2 variables: it is 2/);
});
