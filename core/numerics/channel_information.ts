/**
 * Information through simple channels: closed forms, and quadrature where there is none.
 *
 * @module
 */
import { log2, logistic } from "./elementary.ts";
import { normalDensity, normalProbability } from "./normal_distribution.ts";

/** Quadrature points within the width of the narrower of two functions: the trapezoidal rule then errs by rounding alone. */
const POINTS = 16;
/** Widths beyond which nothing is left of a function that falls like exp(−|x| / width). */
const REACH = 40;

/**
 * Entropy in bits of a coin that shows heads with probability p.
 *
 * @param p In [0, 1].
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual([0, 0.5, 1].map(binaryEntropyBits), [0, 1, 0]);
 * ```
 */
export function binaryEntropyBits(p: number): number {
  if (p <= 0 || p >= 1) return 0;
  return 0 - p * log2(p) - (1 - p) * log2(1 - p);
}

/**
 * Information in bits that Y = X + U has of X, X uniform on [0, 1] and U on [−ε, ε]: ε − ln 2ε nats up to ε = ½, then 1/(4ε)
 * (Czyż et al., arXiv:2306.11078).
 *
 * @param epsilon > 0.
 * @throws {RangeError} If it is not.
 *
 * @example Noise as wide as the signal
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(additiveUniformBits(0.5) * Math.LN2, 0.5);
 * ```
 */
export function additiveUniformBits(epsilon: number): number {
  if (!(epsilon > 0)) throw new RangeError(`Cannot compute I(X;Y) as ε must be > 0: it is ${epsilon}`);
  if (epsilon > 0.5) return log2(Math.E) / (4 * epsilon);
  return epsilon * log2(Math.E) - log2(2 * epsilon);
}

/**
 * Information in bits that a number uniform on [k, k + 2] has of k, one of m equally likely labels 0…m−1: ln m − (m − 1)/m · ln 2 nats
 * (Gao, Kannan, Oh and Viswanath, arXiv:1709.06212).
 *
 * @param classes m, an integer ≥ 1.
 *
 * @example Two labels are told apart half of the time
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(overlappingUniformsBits(2), 0.5);
 * ```
 */
export function overlappingUniformsBits(classes: number): number {
  return log2(classes) - (classes - 1) / classes;
}

/**
 * Information in bits of a symbol, all `classes` equally likely, about what comes out of a symmetric channel that turns it into each of the
 * others with the same probability, in all with probability `error`.
 *
 * @param classes K, an integer ≥ 2.
 * @param error e, in [0, 1].
 * @returns log₂ K − h(e) − e log₂(K − 1).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(symmetricChannelBits(4, 0), 2);
 * assert.equal(symmetricChannelBits(4, 0.75), 0);
 * assert.equal(symmetricChannelBits(2, 0.1).toFixed(6), "0.531004");
 * ```
 */
export function symmetricChannelBits(classes: number, error: number): number {
  return log2(classes) - binaryEntropyBits(error) - error * log2(classes - 1);
}

/**
 * Information in bits that a point has of which of two normal distributions, equally likely and of unit covariance, it came from. Only the
 * axis through their means matters; by quadrature of H(Y) − H(Y|X), at most 1e-13 off.
 *
 * @param distance δ ≥ 0 of the two means in units of the standard deviation.
 * @returns From 0 at δ = 0 to 1.
 *
 * @example Two distant ones are told apart
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(gaussianMixtureBits(0), 0);
 * assert.equal(gaussianMixtureBits(20), 1);
 * ```
 */
export function gaussianMixtureBits(distance: number): number {
  if (distance === 0) return 0;
  const width = distance > 1 ? 1 / distance : 1;
  const left = integral(width, (x) => normalDensity(x - distance / 2) * binaryEntropyBits(logistic(distance * x)));
  return 1 - left;
}

/**
 * Information in bits that a standard normal X has of the sign of another of correlation ρ: p(Y > 0|x) = Φ(ρx / √(1 − ρ²)). By quadrature
 * of H(Y) − H(Y|X), at most 1e-13 off.
 *
 * @param rho ρ in (−1, 1).
 * @throws {RangeError} If it is not.
 * @returns From 0 at ρ = 0 to 1; less than the information of the two themselves.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(normalSignBits(0), 0);
 * assert.equal(normalSignBits(0.8).toFixed(6), "0.384596");
 * ```
 */
export function normalSignBits(rho: number): number {
  if (!(rho > -1 && rho < 1)) throw new RangeError(`Cannot compute I(X;Y) as ρ must lie in (−1, 1): it is ${rho}`);
  if (rho === 0) return 0;
  const slope = rho / Math.sqrt(1 - rho * rho);
  const width = slope > 1 || slope < -1 ? 1 / Math.abs(slope) : 1;
  return 1 - integral(width, (x) => normalDensity(x) * binaryEntropyBits(normalProbability(slope * x)));
}

/** The trapezoidal rule over as much of the line as matters. */
function integral(width: number, f: (x: number) => number): number {
  const step = width / POINTS;
  const last = REACH * POINTS;
  let sum = 0;
  for (let i = -last; i <= last; i++) sum += f(i * step);
  return sum * step;
}
