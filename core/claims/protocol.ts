/**
 * The protocol by which claims are judged, version 1: one number a net, an exact interval for its median, a rule.
 *
 * @module
 */
import type { ClaimTest, Verdict } from "../contracts/bundle.ts";
import { median } from "./paths.ts";

/** Constants of protocol version 1; fixed before any run. */
export const PROTOCOL = {
  /** Stands in each claim. */
  version: 1,
  /** Error rate of all verdicts together, shared among `claims` of them (Bonferroni). */
  familyAlpha: 0.05,
  /** How many claims share it. */
  claims: 50,
  /** Two-sided error of each verdict's interval. */
  alpha: 0.05 / 50,
  /** Error of the intervals that are shown and never decide. */
  shownAlpha: 0.05,
  /** With fewer nets than this there is no verdict. */
  leastNets: 5,
  /** From this many nets on the interval is exact. */
  exactNets: 11,
} as const;

/** What is known of a net's θ: it lies in [low, high]. Equal ends for a value, an infinite end for a censored one. */
export interface Theta {
  /** Enters the lower end of the interval. */
  readonly low: number;
  /** Enters the upper end. */
  readonly high: number;
}

/** θ of a net that diverged, or of which nothing can be said: −∞ for L, +∞ for U. */
export const UNKNOWN: Theta = { low: -Infinity, high: Infinity };

/** An interval for the median of θ over nets. */
export interface MedianInterval {
  /** L; −Infinity if open. */
  readonly low: number;
  /** U; Infinity if open. */
  readonly high: number;
  /** How it came about; `none` below five nets, with infinite ends. */
  readonly kind: "order statistics" | "Student t, normality assumed" | "none";
}

/**
 * The rank r of the exact interval [x_(r), x_(n+1−r)] for a median: the greatest with 2·P(Bin(n, ½) ≤ r − 1) ≤ α.
 *
 * @param n Number of values, at most 1000.
 * @param alpha Two-sided error, in (0, 1).
 * @returns r in 1…n/2, or 0 where no interval is narrow enough to have it.
 * @throws {RangeError} If n is no integer from 0 to 1000.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(medianRank(20, 0.001), 3);
 * assert.equal(medianRank(10, 0.001), 0);
 * ```
 */
export function medianRank(n: number, alpha: number): number {
  if (!Number.isInteger(n) || n < 0 || n > 1000) {
    throw new RangeError(`Cannot rank a median as there must be 0 to 1000 values: there are ${n}`);
  }
  let term = 1;
  for (let i = 0; i < n; i++) term /= 2;
  let below = 0;
  let r = 0;
  while (2 * (below + term) <= alpha) {
    below += term;
    r++;
    term *= (n - r + 1) / r;
  }
  return r;
}

/** Student's t at 1 − α/2 for 4…9 degrees of freedom, by α; from the inverse of the regularised incomplete beta function. */
const STUDENT: { readonly [alpha: string]: readonly number[] } = {
  "0.001": [
    8.610301581379275,
    6.86882662588111,
    5.9588161788187595,
    5.407882520861725,
    5.041305433373368,
    4.780912585931139,
  ],
  "0.05": [
    2.7764451051977943,
    2.5705818356363155,
    2.44691185114497,
    2.3646242515927853,
    2.3060041352041667,
    2.2621571627982053,
  ],
};

/**
 * The interval for the median of θ at error α: exact from order statistics with n ≥ 11, Student's t with 5 ≤ n < 11, none below.
 *
 * @param thetas One of each net.
 * @param alpha `PROTOCOL.alpha` or `PROTOCOL.shownAlpha`.
 * @throws {RangeError} If alpha is neither.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const nets = Array.from({ length: 20 }, (_, i) => ({ low: i, high: i }));
 * assert.deepEqual(medianInterval(nets, PROTOCOL.alpha), { low: 2, high: 17, kind: "order statistics" });
 * ```
 */
export function medianInterval(thetas: readonly Theta[], alpha: number): MedianInterval {
  const quantiles = STUDENT[alpha];
  if (quantiles === undefined) {
    throw new RangeError(`Cannot give an interval as alpha must be one of ${Object.keys(STUDENT)}: it is ${alpha}`);
  }
  const n = thetas.length;
  const lows = thetas.map(({ low }) => low).sort((a, b) => a - b);
  const highs = thetas.map(({ high }) => high).sort((a, b) => a - b);
  if (n >= PROTOCOL.exactNets) {
    const r = medianRank(n, alpha);
    return { low: lows[r - 1], high: highs[n - r], kind: "order statistics" };
  }
  if (n < PROTOCOL.leastNets) return { low: -Infinity, high: Infinity, kind: "none" };
  const t = quantiles[n - PROTOCOL.leastNets];
  const reach = (values: readonly number[]) => {
    const mean = values.reduce((a, b) => a + b) / n;
    const squares = values.reduce((sum, x) => sum + (x - mean) * (x - mean), 0);
    return { mean, half: t * Math.sqrt(squares / (n - 1) / n) };
  };
  const finite = (values: readonly number[]) => values.every(Number.isFinite);
  const lower = finite(lows) ? reach(lows) : undefined;
  const upper = finite(highs) ? reach(highs) : undefined;
  return {
    low: lower ? lower.mean - lower.half : -Infinity,
    high: upper ? upper.mean + upper.half : Infinity,
    kind: "Student t, normality assumed",
  };
}

/** What a verdict asks of the interval. */
export type Rule = ClaimTest;

/**
 * What a rule says of an interval; undecided wherever neither side holds.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(verdictOf({ low: 0.3, high: 0.9 }, { side: "above", delta: 0.25 }), "supported");
 * assert.equal(verdictOf({ low: 0.1, high: 0.9 }, { side: "above", delta: 0.25 }), "undecided");
 * assert.equal(verdictOf({ low: 0.1, high: 0.2 }, { side: "above", delta: 0.25, against: 0 }), "undecided");
 * assert.equal(verdictOf({ low: 0.9, high: 1.1 }, { side: "inside", delta: 0.8, upper: 1.2 }), "supported");
 * ```
 */
export function verdictOf({ low, high }: { low: number; high: number }, rule: Rule): Verdict {
  const { side, delta } = rule;
  if (side === "inside") {
    if (low >= delta && high <= rule.upper) return "supported";
    return high < delta || low > rule.upper ? "contradicted" : "undecided";
  }
  if (side === "above") {
    if (low > delta) return "supported";
    return high < (rule.against ?? delta) ? "contradicted" : "undecided";
  }
  if (side === "at most" ? high <= delta : high < delta) return "supported";
  return low > delta ? "contradicted" : "undecided";
}

/**
 * The verdict of several statistics that must hold together: contradicted if one is, supported if all are.
 *
 * @throws {RangeError} If there is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(together(["supported", "undecided"]), "undecided");
 * assert.equal(together(["contradicted", "undecided"]), "contradicted");
 * ```
 */
export function together(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) throw new RangeError("Cannot join verdicts as there must be one: there is none");
  if (verdicts.includes("contradicted")) return "contradicted";
  return verdicts.every((verdict) => verdict === "supported") ? "supported" : "undecided";
}

/** The middle of θ over nets where it is one number: null if it is infinite or there is none. */
export function medianTheta(thetas: readonly Theta[]): number | null {
  if (thetas.length === 0) return null;
  const middle = median(thetas.map(({ low }) => low));
  return Number.isFinite(middle) ? middle : null;
}
