/**
 * Bounds on I(X;T) by a critic: a function of x and t that scores pairs high that were drawn together.
 *
 * Scores are in nats and stand in a square, `scores[i * rows + j]` for row i of X with row j of T: the diagonal was drawn together,
 * from p(x,t), the rest stands for p(x)p(t). Every function gives its value; its slopes, the derivatives of the value by the
 * scores; and its influence, by which each row moves the value to first order, so that the standard deviation of influence over √rows is
 * the standard error (von Mises; Hoeffding 1948).
 *
 * `alike` is the chance that two draws from p(x)p(t) are the same row: 0 for rows of a continuous X, 1 / n where n rows are the whole
 * population. The product distribution is then alike · diagonal + (1 − alike) · rest.
 *
 * @module
 */
import { exp, log, log1p, logistic, softplus } from "./elementary.ts";

/** What a bound says of a square of scores. */
export interface CriticReading {
  /** The bound in nats. */
  readonly nats: number;
  /** Derivative of `nats` by each score, shape [rows, rows]. */
  readonly slopes: Float64Array;
  /** To first order what each row adds, up to a constant, in nats, shape [rows]. */
  readonly influence: Float64Array;
}

/** A bound as a function of scores, shape [rows, rows], of at least 2 rows. */
export type CriticBound = (scores: Float64Array, rows: number, alike: number) => CriticReading;

/**
 * InfoNCE: mean of s_ii − ln [(1/rows) Σ_j exp s_ij] (van den Oord, Li and Vinyals, arXiv:1807.03748; Poole et al. 2019, equation 10).
 *
 * A lower bound on I(X;T) in expectation, and never above ln rows: where the truth is larger it says ln rows. `alike` has no part in it.
 *
 * @example A perfect critic of four rows knows ln 4
 * ```ts
 * import assert from "node:assert/strict";
 * const scores = Float64Array.from({ length: 16 }, (_, i) => i % 5 === 0 ? 1000 : 0);
 * assert.equal(infoNceBound(scores, 4).nats, Math.log(4));
 * ```
 */
export function infoNceBound(scores: Float64Array, rows: number): CriticReading {
  const slopes = new Float64Array(rows * rows);
  const influence = new Float64Array(rows);
  let nats = 0;
  for (let i = 0; i < rows; i++) {
    const own = scores.subarray(i * rows, (i + 1) * rows);
    let most = -Infinity;
    for (let j = 0; j < rows; j++) if (own[j] > most) most = own[j];
    let sum = 0;
    for (let j = 0; j < rows; j++) {
      const share = exp(own[j] - most);
      slopes[i * rows + j] = share;
      sum += share;
    }
    const term = own[i] - most - log(sum / rows);
    nats += term / rows;
    influence[i] += term;
    for (let j = 0; j < rows; j++) {
      const share = slopes[i * rows + j] / sum;
      influence[j] -= share;
      slopes[i * rows + j] = ((i === j ? 1 : 0) - share) / rows;
    }
  }
  return { nats, slopes, influence };
}

/**
 * NWJ: mean of s_ii + 1 − E exp s under the product (Nguyen, Wainwright and Jordan 2010; Poole et al. 2019, equation 6, with
 * s = f − 1).
 *
 * A lower bound on I(X;T) in expectation, tight at s = ln p(x,t) / p(x)p(t); its variance grows like e^I.
 *
 * @example A critic that tells nothing
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(nwjBound(new Float64Array(9), 3, 0).nats, 0);
 * ```
 */
export function nwjBound(scores: Float64Array, rows: number, alike: number): CriticReading {
  const { mean, slopes, influence } = productMean(scores, rows, alike, (score, into) => {
    into.density = into.slope = exp(score);
  });
  return reading(scores, rows, 1 - mean, slopes, influence, 1);
}

/**
 * Donsker–Varadhan, as MINE has it: mean of s_ii − ln E exp s under the product (Belghazi et al. 2018).
 *
 * A lower bound for a critic and the distributions themselves; over finitely many rows the logarithm of a mean is too low, so that the
 * value is too high, and its variance grows like e^I (McAllester and Stratos 2020; Song and Ermon 2020).
 *
 * @example Adding a constant to a critic changes nothing
 * ```ts
 * import assert from "node:assert/strict";
 * assert.ok(Math.abs(donskerVaradhanBound(new Float64Array(9).fill(5), 3, 0).nats) < 1e-15);
 * ```
 */
export function donskerVaradhanBound(scores: Float64Array, rows: number, alike: number): CriticReading {
  let most = -Infinity;
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] > most && (alike > 0 || i % (rows + 1) !== 0)) most = scores[i];
  }
  const { mean, slopes, influence } = productMean(scores, rows, alike, (score, into) => {
    into.density = into.slope = exp(score - most);
  });
  return reading(scores, rows, -log(mean) - most, slopes, influence, 1 / mean);
}

/**
 * SMILE: Donsker–Varadhan with exp s clipped to [e^−τ, e^τ] under the product (Song and Ermon, ICLR 2020, equation 14).
 *
 * No bound: τ trades variance for a bias of either sign. Its critic is best trained by {@link jensenShannonBound}.
 *
 * @param clip τ > 0 in nats.
 */
export function smileBound(clip: number): CriticBound {
  const [low, high] = [exp(-clip), exp(clip)];
  return (scores, rows, alike) => {
    const { mean, slopes, influence } = productMean(scores, rows, alike, (score, into) => {
      const clipped = score > clip || score < -clip;
      into.density = score > clip ? high : score < -clip ? low : exp(score);
      into.slope = clipped ? 0 : into.density;
    });
    return reading(scores, rows, -log(mean), slopes, influence, 1 / mean);
  };
}

/**
 * The bound of Nowozin, Cseke and Tomioka (2016) on the Jensen–Shannon divergence of p(x,t) from p(x)p(t), up to constants: mean of
 * −ln(1 + exp −s_ii) − E ln(1 + exp s) under the product. Its best critic is ln p(x,t) / p(x)p(t); its value is no information.
 *
 * @example A critic that tells nothing is wrong by ln 2 on both sides
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(jensenShannonBound(new Float64Array(9), 3, 0).nats, -2 * Math.LN2);
 * ```
 */
export function jensenShannonBound(scores: Float64Array, rows: number, alike: number): CriticReading {
  const { mean, slopes, influence } = productMean(scores, rows, alike, (score, into) => {
    const e = exp(score < 0 ? score : -score);
    into.density = (score > 0 ? score : 0) + log1p(e);
    into.slope = (score < 0 ? e : 1) / (1 + e);
  });
  let nats = -mean;
  for (let i = 0; i < rows; i++) {
    const at = i * (rows + 1);
    nats -= softplus(-scores[at]) / rows;
    slopes[at] = logistic(-scores[at]) / rows - slopes[at];
    influence[i] = -softplus(-scores[at]) - influence[i];
    for (let j = 0; j < rows; j++) if (j !== i) slopes[i * rows + j] = -slopes[i * rows + j];
  }
  return { nats, slopes, influence };
}

/** φ(s) and its derivative; one object is written to for all pairs. */
interface Term {
  density: number;
  slope: number;
}

/** E φ(s) under the product, its derivative by each score, and how each row moves it. */
function productMean(
  scores: Float64Array,
  rows: number,
  alike: number,
  term: (score: number, into: Term) => void,
): { mean: number; slopes: Float64Array; influence: Float64Array } {
  const slopes = new Float64Array(rows * rows);
  const influence = new Float64Array(rows);
  const own = alike / rows;
  const other = (1 - alike) / (rows * (rows - 1));
  const into: Term = { density: 0, slope: 0 };
  let mean = 0;
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < rows; j++) {
      const weight = i === j ? own : other;
      if (weight === 0) continue;
      term(scores[i * rows + j], into);
      const part = weight * into.density;
      slopes[i * rows + j] = weight * into.slope;
      sum += part;
      influence[i] += part * rows;
      if (i !== j) influence[j] += part * rows;
    }
    mean += sum;
  }
  return { mean, slopes, influence };
}

/** The mean of the diagonal and what a product's mean, `per` times it to first order, takes away. */
function reading(
  scores: Float64Array,
  rows: number,
  constant: number,
  slopes: Float64Array,
  influence: Float64Array,
  per: number,
): CriticReading {
  let nats = 0;
  for (let i = 0; i < rows; i++) nats += scores[i * (rows + 1)];
  for (let i = 0; i < slopes.length; i++) slopes[i] *= -per;
  for (let i = 0; i < rows; i++) {
    slopes[i * (rows + 1)] += 1 / rows;
    influence[i] = scores[i * (rows + 1)] - per * influence[i];
  }
  return { nats: nats / rows + constant, slopes, influence };
}
