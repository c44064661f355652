/**
 * The digamma function, by which estimators from neighbours turn counts into logarithms.
 *
 * @module
 */
import { log } from "./elementary.ts";

/** From here on the asymptotic series is exact to f64. */
const FAR = 10;

/**
 * The digamma function ψ(x) = d ln Γ(x) / dx for x ≥ 0, in nats; at most 1e-15 · max(1, |ψ(x)|) off.
 *
 * ψ(x) = ψ(x + 1) − 1/x until x ≥ 10, then ln x − 1/(2x) − Σ_k B_2k / (2k x^2k) up to x^−14 (Abramowitz and Stegun 6.3.5 and
 * 6.3.18).
 *
 * @param x Any number; −Infinity at 0, NaN below.
 * @returns ψ(x).
 *
 * @example ψ(n + 1) = ψ(n) + 1/n
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(digamma(1).toFixed(12), "-0.577215664902");
 * assert.equal((digamma(4) - digamma(3)).toFixed(12), "0.333333333333");
 * ```
 */
export function digamma(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  let far = x;
  let steps = 0;
  while (far < FAR) {
    steps += 1 / far;
    far += 1;
  }
  const z = 1 / far / far;
  const series = z *
    (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (1 / 132 - z * (691 / 32760 - z / 12))))));
  return log(far) - (0.5 / far + series) - steps;
}
