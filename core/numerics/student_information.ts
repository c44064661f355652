/**
 * Information between the parts of a multivariate Student distribution.
 *
 * @module
 */
import { log, log2 } from "./elementary.ts";

const EULER = 0.5772156649015329;
const LN_PI = 1.1447298858494002;
const LN2 = 0.6931471805599453;

/**
 * Mutual information in bits of the first `dimX` and the last `dimY` variables of a multivariate Student distribution whose scale is the
 * identity: they are uncorrelated and share one length, which is what they tell each other.
 *
 * f(ν) + f(ν + m + n) − f(ν + m) − f(ν + n), f(ν) = ln Γ(ν/2) − (ν/2) ψ(ν/2), in nats (Arellano-Valle, Contreras-Reyes and Genton,
 * Scandinavian Journal of Statistics 40, 2013; as in Czyż, Grabowski, Vogt, Beerenwinkel and Marx, arXiv:2306.11078). As all arguments are
 * halves of integers, Γ and ψ follow by recurrence from 1 and ½.
 *
 * @param dimX m, an integer ≥ 1.
 * @param dimY n, an integer ≥ 1.
 * @param df Degrees of freedom ν, an integer ≥ 1.
 * @throws {RangeError} If one of them is not.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal((studentInformationBits(2, 2, 1) * Math.LN2).toFixed(6), "0.431946");
 * ```
 */
export function studentInformationBits(dimX: number, dimY: number, df: number): number {
  for (const [name, value] of Object.entries({ dimX, dimY, df })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`Cannot compute I(X;Y) as ${name} must be an integer >= 1: it is ${value}`);
    }
  }
  return (termNats(df) + termNats(df + dimX + dimY) - termNats(df + dimX) - termNats(df + dimY)) * log2(Math.E);
}

/** ln Γ(ν/2) − (ν/2) ψ(ν/2). */
function termNats(nu: number): number {
  let [at, lnGamma, psi] = nu % 2 === 0 ? [1, 0, -EULER] : [0.5, LN_PI / 2, -EULER - 2 * LN2];
  for (; at < nu / 2; at++) {
    lnGamma += log(at);
    psi += 1 / at;
  }
  return lnGamma - nu / 2 * psi;
}
