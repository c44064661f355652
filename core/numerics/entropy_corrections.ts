/**
 * Entropies of samples that are less biased than the plug-in estimate, in bits.
 *
 * Each takes the counts of a sample of n independent draws. Equal counts are summed together, smallest first, so that the order of
 * symbols cannot show. None is unbiased, and each can exceed log₂ of the number of symbols: values are returned as they are.
 *
 * @module
 */
import { expm1, log1p, log2 } from "./elementary.ts";
import { entropyBits } from "./entropy.ts";

const LN2 = 0.6931471805599453;
const EULER_GAMMA = 0.5772156649015329;

/**
 * Entropy H(T) in bits with the first-order correction: plug-in + (K − 1) / (2n ln 2) for K occupied symbols.
 *
 * Too low still where symbols remain unseen (Miller 1955, in Quastler, Information Theory in Psychology).
 *
 * @param counts `counts[k]` is how many samples fell on symbol k, whole numbers, shape [K].
 * @throws {RangeError} If a count is no whole number >= 0, or none was counted.
 *
 * @example A coin thrown ten times: one bit, and 1 / (20 ln 2) more
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(millerMadowBits([5, 5]).toFixed(6), (1 + 1 / (20 * Math.LN2)).toFixed(6));
 * ```
 */
export function millerMadowBits(counts: ArrayLike<number>): number {
  const { n, tallies } = tallied(counts);
  const symbols = tallies.reduce((sum, { times }) => sum + times, 0);
  return entropyBits(counts) + (symbols - 1) / (2 * n * LN2);
}

/**
 * Entropy H(T) in bits by Grassberger's estimate of 2003: [ln n − (1/n) Σ_k n_k G(n_k)] / ln 2, with
 * G(m) = ψ(m) + (−1)^m [ψ((m + 1) / 2) − ψ(m / 2)] / 2 and ψ the digamma function.
 *
 * That is G(1) = −γ − ln 2, G(2) = 2 − γ − ln 2, G(2m + 1) = G(2m), G(2m + 2) = G(2m) + 2 / (2m + 1), by which it is computed.
 * Made for many rare symbols; where none is rare it is too high by about 1 / (2n ln 2), as ln n stands for ψ(n)
 * (P. Grassberger, Entropy Estimates from Insufficient Samplings, arXiv:physics/0307138, 2003, revised 2008; not the form of 1988,
 * which has ψ(m) + (−1)^m / (m (m + 1))).
 *
 * @param counts `counts[k]` is how many samples fell on symbol k, whole numbers, shape [K].
 * @throws {RangeError} If a count is no whole number >= 0, or none was counted.
 *
 * @example Two draws that agree: ln 2 − G(2) = 2 ln 2 + γ − 2 nats, below zero
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal((grassbergerBits([2]) * Math.LN2).toFixed(6), (2 * Math.LN2 + 0.5772156649 - 2).toFixed(6));
 * ```
 */
export function grassbergerBits(counts: ArrayLike<number>): number {
  const { n, tallies } = tallied(counts);
  let even = 0;
  let g = -EULER_GAMMA - LN2;
  let sum = 0;
  for (const { count, times } of tallies) {
    for (; even + 2 <= count; even += 2) g += 2 / (even + 1);
    sum += times * count * g;
  }
  return log2(n) - sum / n / LN2;
}

/**
 * Entropy H(T) in bits with a guess at what was not seen: −Σ_k p_k log₂ p_k / (1 − (1 − p_k)^n), p_k = C n_k / n, where
 * C = 1 − f₁ / n is the coverage and f₁ the number of symbols seen once.
 *
 * Samples without a repetition, f₁ = n, are taken to have f₁ = n − 1, as C would be 0 (A. Chao and T.-J. Shen, Environmental and
 * Ecological Statistics 10, 2003).
 *
 * @param counts `counts[k]` is how many samples fell on symbol k, whole numbers, shape [K].
 * @throws {RangeError} If a count is no whole number >= 0, or none was counted.
 *
 * @example Two draws that differ, C = 1/2: −2 · ¼ log₂ ¼ / (1 − (¾)²)
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(chaoShenBits([1, 1]).toFixed(12), (16 / 7).toFixed(12));
 * ```
 */
export function chaoShenBits(counts: ArrayLike<number>): number {
  const { n, tallies } = tallied(counts);
  const once = tallies[0].count === 1 ? tallies[0].times : 0;
  const coverage = 1 - (once === n ? n - 1 : once) / n;
  let entropy = 0;
  for (const { count, times } of tallies) {
    const p = coverage * count / n;
    entropy += times * p * log2(1 / p) / -expm1(n * log1p(-p));
  }
  return entropy;
}

/**
 * Entropy H(T) in bits by the jackknife: n H − (n − 1) times the mean of the plug-in entropies of the n samples that lack one draw.
 *
 * That is D(n) − (1/n) Σ_k n_k D(n_k) with D(m) = m log₂ m − (m − 1) log₂ (m − 1), by which it is computed. Removes the part of the
 * bias that falls like 1/n (S. Zahl, Ecology 58, 1977). One draw gives 0.
 *
 * @param counts `counts[k]` is how many samples fell on symbol k, whole numbers, shape [K].
 * @throws {RangeError} If a count is no whole number >= 0, or none was counted.
 *
 * @example Two draws that differ: 2 · 1 bit, and nothing left in either without the other
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(jackknifeBits([1, 1]), 2);
 * ```
 */
export function jackknifeBits(counts: ArrayLike<number>): number {
  const { n, tallies } = tallied(counts);
  // D(m), whose two terms do not cancel.
  const d = (m: number) => m === 1 ? 0 : log2(m) + (m - 1) * log1p(1 / (m - 1)) / LN2;
  return d(n) - tallies.reduce((sum, { count, times }) => sum + times * count * d(count), 0) / n;
}

/** The positive counts, ascending, each with how often it occurs. */
function tallied(counts: ArrayLike<number>): { n: number; tallies: readonly { count: number; times: number }[] } {
  const refused = Array.prototype.findIndex.call(counts, (count: number) => !(Number.isInteger(count) && count >= 0));
  if (refused >= 0) {
    throw new RangeError(
      `Cannot compute H(T) as every count must be a whole number >= 0: counts[${refused}] is ${counts[refused]}`,
    );
  }
  const tallies: { count: number; times: number }[] = [];
  let n = 0;
  for (const count of Float64Array.from(counts).sort()) {
    n += count;
    const last = tallies[tallies.length - 1];
    if (last?.count === count) last.times++;
    else if (count > 0) tallies.push({ count, times: 1 });
  }
  if (n === 0) throw new RangeError("Cannot compute H(T) as a count must be > 0: none is");
  return { n, tallies };
}
