/**
 * How a time grows with an amount: exponentially, as a power, or in proportion beyond a start, and which of these says best what was not
 * fitted.
 *
 * @module
 */
import { exp, log } from "../numerics/elementary.ts";
import { normalDensity, normalProbability } from "../numerics/normal_distribution.ts";

/** t = a e^(bx), t = a x^b, or t = a (1 + cx) with c ≥ 0, x in proportion as c grows without end. */
export type GrowthLaw = "exponential" | "power" | "linear";

/** An amount and the time it took. */
export interface GrowthPoint {
  /** The amount, > 0. */
  readonly amount: number;
  /** The time, > 0. */
  readonly time: number;
  /** True if it took at least this time. */
  readonly censored: boolean;
}

/** A law with its parameters; times scatter about it by a factor whose logarithm is normal. */
export interface GrowthFit {
  /** Which. */
  readonly law: GrowthLaw;
  /** ln a. */
  readonly start: number;
  /** b; of the linear law 1. */
  readonly slope: number;
  /** c of the linear law, Infinity for pure proportion; of the others NaN. */
  readonly tilt: number;
  /** Deviation of ln t. */
  readonly sigma: number;
}

/** c of the linear law, over the mean amount, is one of these: 0, e^−5 to e^5 by factors of e^¼, Infinity. */
const TILTS = [0, ...Array.from({ length: 41 }, (_, i) => exp((i - 20) / 4)), Infinity];
/** Fewer points than this say nothing of two parameters and a deviation. */
export const LEAST_GROWTH_POINTS = 4;
const MOST_ROUNDS = 200;
const CONVERGED = 1e-7;
const LEAST_SIGMA = 1e-6;
const LEAST_PROBABILITY = 1e-300;
const HALF_LN_TWO_PI = 0.9189385332046728;

/**
 * Fits a law to times by their logarithms: least squares where all are known, otherwise maximum likelihood by replacing each censored
 * logarithm and its square with what is expected of them (Tobin, Econometrica 26, 1958; Dempster, Laird and Rubin, JRSS B 39, 1977). The
 * variance is divided by n − 2. Of the linear law c is the most likely of a fixed grid in units of the points' mean amount.
 *
 * @returns Undefined for fewer than four points, or amounts that do not vary.
 * @throws {RangeError} If an amount or a time is not above 0, or not finite.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const points = [1, 2, 3, 4, 5].map((amount) => ({ amount, time: amount * amount, censored: false }));
 * const { slope, start } = fitGrowth("power", points)!;
 * assert.ok(Math.abs(slope - 2) < 1e-12 && Math.abs(start) < 1e-12);
 * ```
 */
export function fitGrowth(law: GrowthLaw, points: readonly GrowthPoint[]): GrowthFit | undefined {
  return growthFitter(points)(law);
}

/**
 * Fits laws to some of the points at a time; the grid of the linear law stays that of all of them.
 *
 * @returns `(law, rows)`: the law fitted to the points of these numbers, all of them unless told; undefined as {@link fitGrowth} says.
 * @throws {RangeError} As {@link fitGrowth}.
 */
export function growthFitter(
  points: readonly GrowthPoint[],
): (law: GrowthLaw, rows?: readonly number[]) => GrowthFit | undefined {
  points.forEach(({ amount, time }, i) => {
    if (amount > 0 && time > 0 && amount < Infinity && time < Infinity) return;
    throw new RangeError(
      `Cannot fit a law of growth as amounts and times must be > 0 and finite: point ${i} is (${amount}, ${time})`,
    );
  });
  const amounts = Float64Array.from(points, ({ amount }) => amount);
  const logs = amounts.map(log);
  const times = Float64Array.from(points, ({ time }) => log(time));
  const unit = amounts.reduce((sum, amount) => sum + amount, 0) / amounts.length;
  const tilts = TILTS.map((share) => share / unit);
  const terms = tilts.map((tilt) => tilt === Infinity ? logs : amounts.map((amount) => linearTerm(tilt, amount)));
  return (law, rows = [...points.keys()]) => {
    if (rows.length < LEAST_GROWTH_POINTS || rows.every((row) => amounts[row] === amounts[rows[0]])) return undefined;
    const of = (values: Float64Array) => {
      const chosen = new Float64Array(rows.length);
      for (let i = 0; i < rows.length; i++) chosen[i] = values[rows[i]];
      return chosen;
    };
    const y = of(times);
    const open = rows.map((row) => points[row].censored);
    if (law !== "linear") {
      return { law, tilt: NaN, ...fitLine(of(law === "power" ? logs : amounts), y, open, undefined, undefined) };
    }
    const known = !open.includes(true);
    let best: GrowthFit | undefined;
    let most = -Infinity;
    let before: Line | undefined;
    for (const [i, tilt] of tilts.entries()) {
      before = fitLine(of(terms[i]), y, open, 1, before);
      const fit: GrowthFit = { law, tilt, ...before };
      const likelihood = known ? -fit.sigma : rows.reduce((sum, row) => sum + logDensity(fit, points[row]), 0);
      if (likelihood > most) [best, most] = [fit, likelihood];
    }
    return best;
  };
}

/** ln of the time a law expects for an amount, the median of what it expects. */
export function growthAt({ law, start, slope, tilt }: GrowthFit, amount: number): number {
  if (law === "exponential") return start + slope * amount;
  return law === "power" ? start + slope * log(amount) : start + linearTerm(tilt, amount);
}

/**
 * ln of the density, a time, that a law gives a point; of a censored one ln of the probability that it takes that long or longer.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const fit = { law: "power", start: 0, slope: 1, tilt: NaN, sigma: 1 } as const;
 * assert.equal(logDensity(fit, { amount: 1, time: 1, censored: true }).toFixed(6), "-0.693147");
 * ```
 */
export function logDensity(fit: GrowthFit, { amount, time, censored }: GrowthPoint): number {
  const y = log(time);
  const z = (y - growthAt(fit, amount)) / fit.sigma;
  return censored
    ? log(Math.max(LEAST_PROBABILITY, normalProbability(-z)))
    : -z * z / 2 - log(fit.sigma) - HALF_LN_TWO_PI - y;
}

/** ln(1 + cx), ln x where c is infinite. */
function linearTerm(tilt: number, amount: number): number {
  return tilt === Infinity ? log(amount) : log(1 + tilt * amount);
}

/** y = start + slope x + σ times a standard normal number. */
type Line = Pick<GrowthFit, "start" | "slope" | "sigma">;

/**
 * The line through points of which `open` says that y is at least as given.
 *
 * @param fixed The slope, if it is not to be fitted.
 * @param before A line near by, to start from.
 */
function fitLine(
  x: Float64Array,
  y: Float64Array,
  open: readonly boolean[],
  fixed: number | undefined,
  before: Line | undefined,
): Line {
  const n = x.length;
  let xMean = 0;
  for (let i = 0; i < n; i++) xMean += x[i];
  xMean /= n;
  let xx = 0;
  for (let i = 0; i < n; i++) xx += (x[i] - xMean) * (x[i] - xMean);
  const censored = open.flatMap((is, i) => is ? [i] : []);
  const expected = y.slice();
  const spare = new Float64Array(n);
  const expect = ({ start, slope, sigma }: Line) => {
    for (const i of censored) {
      const at = start + slope * x[i];
      const z = (y[i] - at) / sigma;
      const hazard = normalDensity(z) / Math.max(LEAST_PROBABILITY, normalProbability(-z));
      expected[i] = at + sigma * hazard;
      spare[i] = Math.max(0, sigma * sigma * (1 + z * hazard - hazard * hazard));
    }
  };
  if (before) expect(before);
  let line: Line = before ?? { start: 0, slope: 0, sigma: 0 };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    let mean = 0;
    for (let i = 0; i < n; i++) mean += expected[i];
    mean /= n;
    let xy = 0;
    for (let i = 0; i < n; i++) xy += (x[i] - xMean) * (expected[i] - mean);
    const slope = fixed ?? xy / xx;
    const start = mean - slope * xMean;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const off = expected[i] - start - slope * x[i];
      squares += off * off + spare[i];
    }
    const sigma = Math.max(LEAST_SIGMA, Math.sqrt(squares / (n - 2)));
    const moved = Math.abs(start - line.start) + Math.abs(slope - line.slope) + Math.abs(sigma - line.sigma);
    line = { start, slope, sigma };
    if (censored.length === 0 || moved < CONVERGED) break;
    expect(line);
  }
  return line;
}
