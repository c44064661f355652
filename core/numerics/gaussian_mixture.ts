/**
 * Mixtures of Gaussians, fitted by expectation and maximisation.
 *
 * @module
 */
import type { Stream } from "../contracts/stream.ts";
import { cholesky } from "./cholesky.ts";
import { exp, log } from "./elementary.ts";
import type { RealRows } from "./real_rows.ts";

const LOG_2PI = 1.8378770664093453;
/** Of the rows: a component that answers for fewer is given up. */
const FORSAKEN = 1e-9;

/** K Gaussians in d dimensions with their weights. */
export interface GaussianMixture {
  /** d. */
  readonly columns: number;
  /** Shape [K]; they sum to 1, and a component given up has 0. */
  readonly weights: Float64Array;
  /** Shape [K, d]. */
  readonly means: Float64Array;
  /** Shape [K, d, d]. */
  readonly covariances: Float64Array;
}

/** How a mixture is fitted. */
export interface MixtureFit {
  /** K, at least 1 and at most the number of rows. */
  readonly components: number;
  /** Every entry of each covariance, or the diagonal with zeros beside it. */
  readonly covariance: "full" | "diagonal";
  /** Added to the variances: no component falls onto a point. */
  readonly floor: number;
  /** The most rounds of expectation and maximisation. */
  readonly iterations: number;
  /** The fit ends when a round raises the mean log-likelihood by less, in nats. */
  readonly tolerance: number;
}

/**
 * ln p(t) in nats of every row under a mixture.
 *
 * @param rows Shape [n, d].
 * @returns Shape [n].
 * @throws {RangeError} If a covariance is not positive definite.
 *
 * @example The standard normal density is 1/√2π at 0
 * ```ts
 * import assert from "node:assert/strict";
 * const one = Float64Array.of(1);
 * const normal = { columns: 1, weights: one, means: Float64Array.of(0), covariances: one };
 * const [nats] = logDensities(normal, { values: Float64Array.of(0), n: 1, columns: 1 });
 * assert.ok(Math.abs(Math.exp(nats) - 1 / Math.sqrt(2 * Math.PI)) < 1e-15);
 * ```
 */
export function logDensities(mixture: GaussianMixture, rows: RealRows): Float64Array {
  return expectation(mixture, rows, false).nats;
}

/** The mixture of the columns from `first` up to, not with, `end`: what is left when the others are integrated out. */
export function marginalMixture(mixture: GaussianMixture, first: number, end: number): GaussianMixture {
  const { columns: d, weights, means, covariances } = mixture;
  const columns = end - first;
  const own = Float64Array.from({ length: weights.length * columns }, (_, i) => {
    return means[Math.floor(i / columns) * d + first + i % columns];
  });
  const square = Float64Array.from({ length: own.length * columns }, (_, i) => {
    const row = Math.floor(i / columns);
    return covariances[(Math.floor(row / columns) * d + first + row % columns) * d + first + i % columns];
  });
  return { columns, weights, means: own, covariances: square };
}

/**
 * Fits a mixture to rows by expectation and maximisation (Dempster, Laird and Rubin 1977) from centres drawn by k-means++ (Arthur
 * and Vassilvitskii 2007): a local maximum of the likelihood. Distances are those of the columns as they are, so columns of like
 * scale serve best.
 *
 * @param stream Draws the centres.
 * @param progress Called after every round with the fraction of `iterations` made.
 * @throws {RangeError} If a covariance is not positive definite, which a floor above 0 prevents.
 */
export async function fitGaussianMixture(
  rows: RealRows,
  fit: MixtureFit,
  stream: Stream,
  progress: (done: number) => Promise<void>,
): Promise<GaussianMixture> {
  const { n, columns } = rows;
  const { components } = fit;
  if (!(components >= 1 && components <= n)) {
    throw new RangeError(`Cannot fit a Gaussian mixture as components must be 1 to ${n}: there are ${components}`);
  }
  const empty: GaussianMixture = {
    columns,
    weights: new Float64Array(components),
    means: new Float64Array(components * columns),
    covariances: new Float64Array(components * columns * columns),
  };
  let mixture = maximisation(empty, rows, nearest(rows, components, stream), fit);
  let before = -Infinity;
  for (let round = 1; round <= fit.iterations; round++) {
    const { nats, shares } = expectation(mixture, rows, fit.covariance === "diagonal");
    const mean = nats.reduce((sum, value) => sum + value, 0) / n;
    if (mean - before < fit.tolerance) break;
    before = mean;
    mixture = maximisation(mixture, rows, shares, fit);
    await progress(round / fit.iterations);
  }
  return mixture;
}

/** ln p of every row, and the share of each component in it, [n, K]. */
function expectation(
  { columns: d, weights, means, covariances }: GaussianMixture,
  { values, n }: RealRows,
  diagonal: boolean,
): { nats: Float64Array; shares: Float64Array } {
  const K = weights.length;
  const shares = new Float64Array(n * K);
  const z = new Float64Array(d);
  for (let k = 0; k < K; k++) {
    if (weights[k] === 0) {
      for (let i = 0; i < n; i++) shares[i * K + k] = -Infinity;
      continue;
    }
    const { kept, factor } = cholesky(covariances.subarray(k * d * d, (k + 1) * d * d), d, 0);
    if (kept.length < d) {
      throw new RangeError(
        `Cannot use a Gaussian mixture as covariances must be positive definite: that of component ${k} is not`,
      );
    }
    let constant = log(weights[k]) - 0.5 * d * LOG_2PI;
    for (let c = 0; c < d; c++) constant -= log(factor[c * d + c]);
    for (let i = 0; i < n; i++) {
      let square = 0;
      for (let c = 0; c < d; c++) {
        let sum = values[i * d + c] - means[k * d + c];
        if (!diagonal) { for (let b = 0; b < c; b++) sum -= factor[c * d + b] * z[b]; }
        z[c] = sum / factor[c * d + c];
        square += z[c] * z[c];
      }
      shares[i * K + k] = constant - 0.5 * square;
    }
  }
  const nats = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let most = -Infinity;
    for (let k = 0; k < K; k++) if (shares[i * K + k] > most) most = shares[i * K + k];
    let sum = 0;
    for (let k = 0; k < K; k++) {
      const share = exp(shares[i * K + k] - most);
      shares[i * K + k] = share;
      sum += share;
    }
    for (let k = 0; k < K; k++) shares[i * K + k] /= sum;
    nats[i] = most + log(sum);
  }
  return { nats, shares };
}

/** Weights, means and covariances of the rows in their shares. */
function maximisation(
  before: GaussianMixture,
  { values, n, columns: d }: RealRows,
  shares: Float64Array,
  { covariance, floor }: MixtureFit,
): GaussianMixture {
  const K = before.weights.length;
  const weights = new Float64Array(K);
  const means = before.means.slice();
  const covariances = before.covariances.slice();
  const apart = new Float64Array(d);
  for (let k = 0; k < K; k++) {
    let mass = 0;
    for (let i = 0; i < n; i++) mass += shares[i * K + k];
    if (mass < FORSAKEN * n) continue;
    weights[k] = mass / n;
    const mean = means.subarray(k * d, (k + 1) * d).fill(0);
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < d; c++) mean[c] += shares[i * K + k] * values[i * d + c];
    }
    for (let c = 0; c < d; c++) mean[c] /= mass;
    const sigma = covariances.subarray(k * d * d, (k + 1) * d * d).fill(0);
    for (let i = 0; i < n; i++) {
      const share = shares[i * K + k] / mass;
      for (let c = 0; c < d; c++) apart[c] = values[i * d + c] - mean[c];
      for (let a = 0; a < d; a++) {
        for (let b = covariance === "diagonal" ? a : 0; b <= a; b++) sigma[a * d + b] += share * apart[a] * apart[b];
      }
    }
    for (let a = 0; a < d; a++) {
      for (let b = 0; b < a; b++) sigma[b * d + a] = sigma[a * d + b];
      sigma[a * d + a] += floor;
    }
  }
  return { columns: d, weights, means, covariances };
}

/** Shares of 0 and 1: each row goes to the nearest of K centres, each drawn with a chance that grows as its squared distance. */
function nearest({ values, n, columns: d }: RealRows, K: number, stream: Stream): Float64Array {
  const distance = new Float64Array(n).fill(Infinity);
  const owner = new Uint32Array(n);
  let centre = stream.integer(n);
  for (let k = 0; k < K; k++) {
    let total = 0;
    for (let i = 0; i < n; i++) {
      let square = 0;
      for (let c = 0; c < d; c++) {
        const difference = values[i * d + c] - values[centre * d + c];
        square += difference * difference;
      }
      if (square < distance[i]) {
        distance[i] = square;
        owner[i] = k;
      }
      total += distance[i];
    }
    let left = stream.uniform() * total;
    centre = distance.findIndex((square) => (left -= square) < 0);
    // All rows that are left stand on a centre.
    if (centre < 0) centre = 0;
  }
  const shares = new Float64Array(n * K);
  owner.forEach((k, i) => shares[i * K + k] = 1);
  return shares;
}
