/**
 * Rényi's entropy of a spectrum.
 *
 * @module
 */
import { expm1, log, log1p } from "./elementary.ts";

/**
 * Rényi's entropy of order α in bits: log₂ Σ λ^α / (1 − α), and Shannon's −Σ λ log₂ λ where α is 1.
 *
 * Of the eigenvalues of a matrix of trace 1 it is the matrix-based entropy of Sánchez Giraldo, Rao and Príncipe (IEEE Transactions on
 * Information Theory 61, 2015). Eigenvalues below 0, which rounding makes of zeros, count as 0, and what is left is divided by its sum.
 * With μ the largest, ln(1/μ) + ln(1 + Σ λ ((λ/μ)^(α−1) − 1)) / (1 − α), so that nothing cancels as α approaches 1 and equal
 * eigenvalues give log₂ K to the last bit.
 *
 * @param spectrum Eigenvalues or probabilities λ_k, shape [K].
 * @param alpha The order α > 0.
 * @returns Between 0 and log₂ K.
 * @throws {RangeError} If α is not positive, or no eigenvalue is.
 *
 * @example Four equal eigenvalues are two bits, whatever the order
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(renyiEntropyBits([0.25, 0.25, 0.25, 0.25], 1.01).toFixed(12), "2.000000000000");
 * ```
 */
export function renyiEntropyBits(spectrum: ArrayLike<number>, alpha: number): number {
  if (!(alpha > 0 && alpha < Infinity)) {
    throw new RangeError(`Cannot compute an entropy as the order must be > 0: it is ${alpha}`);
  }
  let total = 0;
  let most = 0;
  for (let k = 0; k < spectrum.length; k++) {
    if (spectrum[k] > 0) total += spectrum[k];
    if (spectrum[k] > most) most = spectrum[k];
  }
  if (!(total > 0 && total < Infinity)) {
    throw new RangeError(`Cannot compute an entropy as eigenvalues must have a sum > 0: it is ${total}`);
  }
  let excess = 0;
  for (let k = 0; k < spectrum.length; k++) {
    if (!(spectrum[k] > 0)) continue;
    const below = log(spectrum[k] / most);
    excess += spectrum[k] / total * (alpha === 1 ? -below : expm1((alpha - 1) * below));
  }
  return (log(total / most) + (alpha === 1 ? excess : log1p(excess) / (1 - alpha))) / Math.LN2;
}
