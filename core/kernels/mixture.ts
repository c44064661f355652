/**
 * Information that a layer seen through Gaussian noise carries: the host side of `core/kernels/assembly/mixture.ts`.
 *
 * With p(x) on its rows, T + σZ is a mixture of Gaussians of variance σ² centred on them.
 *
 * @module
 */
import type { Joint } from "../contracts/dataset.ts";
import type { Sample } from "../contracts/estimator.ts";
import type { Stream } from "../contracts/stream.ts";
import { log2 } from "../numerics/elementary.ts";
import type { Outside } from "./binning.ts";
import type { Kernels } from "./mod.ts";

/** The rows that carry the Gaussians, with what is known of their labels. */
export interface MixtureRows {
  /** Number of rows. */
  readonly n: number;
  /** Number of labels. */
  readonly classes: number;
  /** Class of each row, shape [n]; unused with `joint`. */
  readonly labels: Uint8Array;
  /** Exact p(x) and p(y|x) of the rows; without it rows weigh the same. */
  readonly joint?: Joint;
}

/**
 * Bounds on I(X;T+σZ) in bits from pairs of rows, under p(x) and, in the mean over y, under p(x|y).
 *
 * For weights w they are −Σ_i w_i log₂ Σ_j w_j k_ij, upper with k_ij = exp(−d_ij / 2σ²), lower with exp(−d_ij / 8σ²), d_ij the squared
 * distance of two rows (Kolchinsky and Tracey, Entropy 19:361, 2017).
 */
export interface PairBounds {
  /** Upper bound on I(X;T+σZ). */
  readonly upper: number;
  /** Lower bound on I(X;T+σZ). */
  readonly lower: number;
  /** Σ_y p(y) times the upper bound on I(X;T+σZ | Y = y). */
  readonly upperGivenLabel: number;
  /** Σ_y p(y) times the lower bound on I(X;T+σZ | Y = y). */
  readonly lowerGivenLabel: number;
}

/** What points drawn from the mixture say, in bits, one number a draw; the means are without bias. */
export interface NoiseDraws {
  /** log₂ p(t|x) / p(t) for x ~ p(x) and t = T(x) + σz: its mean is I(X;T+σZ). */
  readonly ixt: Float64Array;
  /** Σ_y p(y|x) log₂ p(t|y) / p(t): its mean is I(T+σZ;Y). */
  readonly ity: Float64Array;
  /** Row that each t was drawn around. */
  readonly rows: Uint32Array;
  /** The points t, row-major, shape [draws, units]. */
  readonly points: Float64Array;
}

/** Hears which share of the work is done. */
export type Progress = (done: number) => Promise<void>;

/** One layer after another as a mixture of Gaussians. */
export interface Mixture {
  /** H(X) in bits: no information about the rows exceeds it. */
  readonly hxBits: number;
  /**
   * Takes a layer's activations, row-major, shape [n, units].
   *
   * @returns The first activation that is not finite, if there is one; the layer cannot be used then.
   * @throws {TypeError} If there are not n × units of them.
   */
  setLayer(activations: Float32Array | Float64Array, units: number): Outside | undefined;
  /**
   * Bounds at each variance σ², from one pass over half of the pairs of rows: n²/2 distances, and an exponential for each of
   * them and each variance. Memory grows with n, not with n². At σ² = 0 both are the entropy of distinct rows.
   *
   * Relative errors are below 1e-9 for a layer of f64 and below 1e-6 for one of f32, whose distances are those of f32 arithmetic:
   * rows of f32 that differ by less than 3e-23 everywhere count as equal.
   */
  pairBounds(variances: readonly number[], progress?: Progress): Promise<PairBounds[]>;
  /**
   * Draws points from the mixture: rows by p(x) from the child `rows` of the stream, noise from its child `noise`. The same
   * rows and the same z are drawn whatever σ is.
   *
   * @param variance σ².
   */
  draw(variance: number, draws: number, stream: Stream, progress?: Progress): Promise<NoiseDraws>;
}

const LANES = 64;
const LANE_BYTES = 8 * LANES;
const TILE_BYTES = 16 * LANE_BYTES;
const INVERSE_LN2 = 1.4426950408889634;
/** Stands for 1/σ² from where on only equal rows meet, so that 0 · ∞ cannot arise. */
const SHARPEST = 1e300;

/**
 * Makes rows ready to carry Gaussians.
 *
 * Sums have one order, so equal input gives equal bytes. A row meets itself with exactly its weight, whatever σ is, so no logarithm
 * is taken of 0.
 *
 * @param kernels From `loadKernels`.
 * @throws {RangeError} If there is no row, or more than 4 GiB would be needed.
 *
 * @example Two distant Gaussians are one bit
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadKernels } from "./mod.ts";
 * const mixture = createMixture(await loadKernels(), { n: 2, classes: 2, labels: Uint8Array.of(0, 1) });
 * mixture.setLayer(Float32Array.of(-50, 50), 1);
 * const [{ upper, lower }] = await mixture.pairBounds([1]);
 * assert.deepEqual([upper, lower], [1, 1]);
 * ```
 */
export function createMixture(kernels: Kernels, { n, classes, labels, joint }: MixtureRows): Mixture {
  if (!(n >= 1)) throw new RangeError(`Cannot put Gaussians on rows as there must be one: there are ${n}`);
  const { exports, reserve, mark, release } = kernels.instantiate();
  const memory = () => exports.memory.buffer as ArrayBuffer;
  const doubles = (at: number, count: number) => new Float64Array(memory(), at, count);
  const blocks = Math.ceil(n / LANES);
  const padded = blocks * LANES;
  // Rows of one label stand together, so that most blocks meet one class alone.
  const order = joint ? undefined : rowsByLabel(labels, classes);
  const rowAt = (place: number) => order ? order[place] : place;
  const px = (row: number) => joint ? joint.px[row] : 1 / n;
  const pyx = (row: number, y: number) => joint ? joint.pyx[row * classes + y] : Number(labels[row] === y);

  const struct = reserve(28);
  const weightsAt = reserve(8 * padded * classes);
  const rangesAt = reserve(8 * blocks);
  const tilesAt = reserve(3 * TILE_BYTES);
  const valuesAt = mark();

  const weights = new Float64Array(padded * classes);
  const ranges = new Uint32Array(memory(), rangesAt, 2 * blocks);
  const py = new Float64Array(classes);
  // Σ of p(x) up to each row, where rows do not weigh the same.
  const cumulative = joint?.px.some((p) => p !== joint.px[0]) ? new Float64Array(n) : undefined;
  let [hxBits, total] = [0, 0];
  for (let place = 0; place < n; place++) {
    const row = rowAt(place);
    total += px(row);
    if (cumulative) cumulative[place] = total;
    if (px(row) > 0) hxBits -= px(row) * log2(px(row));
    for (let y = 0; y < classes; y++) {
      const weight = px(row) * pyx(row, y);
      weights[y * padded + place] = weight;
      py[y] += weight;
    }
  }
  doubles(weightsAt, padded * classes).set(weights);
  for (let block = 0; block < blocks; block++) {
    const [first, last] = [block * LANES, Math.min(n, (block + 1) * LANES) - 1];
    ranges.set(order ? [labels[order[first]], labels[order[last]] + 1] : [0, classes], 2 * block);
  }

  let units = 0;
  let layer: Float32Array | Float64Array = new Float32Array(0);

  /** Index of the first unit of the row at a place; its next unit is 64 further. */
  const valueIndex = (place: number) => Math.floor(place / LANES) * units * LANES + place % LANES;

  /** Lays out the layer, from `valuesAt` on, in blocks; what was reserved later is given back. */
  function layOut(single: boolean): void {
    release(valuesAt);
    const count = padded * units;
    reserve((single ? 4 : 8) * count);
    const values = single ? new Float32Array(memory(), valuesAt, count) : doubles(valuesAt, count);
    values.fill(0);
    for (let place = 0; place < n; place++) {
      const from = rowAt(place) * units;
      for (let at = valueIndex(place), unit = 0; unit < units; at += LANES, unit++) values[at] = layer[from + unit];
    }
    new Uint32Array(memory(), struct, 7)
      .set([classes, blocks, units, valuesAt, weightsAt, rangesAt, tilesAt]);
  }

  /** Place of a row drawn by p(x). */
  function drawPlace(stream: Stream): number {
    if (cumulative === undefined) return stream.integer(n);
    const u = stream.uniform() * cumulative[n - 1];
    let [low, high] = [0, n - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle] > u) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** −Σ_i w_i log₂ S_i under p(x), and −Σ_y Σ_i w_y(i) log₂ (S_y(i) / p(y)), from the sums S_y(i), [classes, padded]. */
  function bitsOf(sums: Float64Array): [all: number, givenLabel: number] {
    let [all, givenLabel] = [0, 0];
    for (let place = 0; place < n; place++) {
      let [weight, sum] = [0, 0];
      for (let at = place, y = 0; y < classes; at += padded, y++) {
        weight += weights[at];
        sum += sums[at];
        if (weights[at] > 0) givenLabel -= weights[at] * log2(sums[at] / py[y]);
      }
      if (weight > 0) all -= weight * log2(sum);
    }
    return [all, givenLabel];
  }

  return {
    hxBits,

    setLayer(activations, columns) {
      if (activations.length !== n * columns) {
        throw new TypeError(
          `Cannot put Gaussians on a layer as there must be ${n} × ${columns} activations: there are ${activations.length}`,
        );
      }
      layer = activations;
      units = columns;
      if ((layer as Float64Array).every(Number.isFinite)) return undefined;
      const at = (layer as Float64Array).findIndex((t) => !Number.isFinite(t));
      return { row: Math.floor(at / units), unit: at % units, outside: layer[at] };
    },

    async pairBounds(variances, progress) {
      const single = layer instanceof Float32Array;
      layOut(single);
      const kind = padded * classes;
      const scalesAt = reserve(8 * variances.length);
      const sumsAt = reserve(16 * kind * variances.length);
      doubles(scalesAt, variances.length).set(variances.map((variance) => sharpness(8 * variance)));
      doubles(sumsAt, 2 * kind * variances.length).fill(0);
      for (let left = 0; left < blocks; left++) {
        exports.mixturePairs(struct, single, scalesAt, variances.length, sumsAt, left);
        await progress?.((left + 1) * (2 * blocks - left) / (blocks * (blocks + 1)));
      }
      return variances.map((_, s): PairBounds => {
        const [lower, lowerGivenLabel] = bitsOf(doubles(sumsAt + 16 * kind * s, kind));
        const [upper, upperGivenLabel] = bitsOf(doubles(sumsAt + 16 * kind * s + 8 * kind, kind));
        return { upper, lower, upperGivenLabel, lowerGivenLabel };
      });
    },

    async draw(variance, draws, stream, progress) {
      layOut(false);
      const pointsAt = reserve(LANE_BYTES * units);
      const ownAt = reserve(LANE_BYTES);
      const sumsAt = reserve(LANE_BYTES * classes);
      const values = doubles(valuesAt, padded * units);
      const points = doubles(pointsAt, LANES * units).fill(0);
      const own = doubles(ownAt, LANES).fill(0);
      const sums = doubles(sumsAt, LANES * classes);
      const rows = stream.child("rows");
      const noise = stream.child("noise");
      const sigma = Math.sqrt(variance);
      const scale = sharpness(2 * variance);
      const drawn = {
        ixt: new Float64Array(draws),
        ity: new Float64Array(draws),
        rows: new Uint32Array(draws),
        points: new Float64Array(draws * units),
      };
      const places = new Uint32Array(LANES);
      for (let from = 0; from < draws; from += LANES) {
        const lanes = Math.min(LANES, draws - from);
        for (let lane = 0; lane < lanes; lane++) {
          const place = places[lane] = drawPlace(rows);
          own[lane] = 0;
          for (let at = lane, value = valueIndex(place); at < points.length; at += LANES, value += LANES) {
            points[at] = values[value] + sigma * noise.normal();
            const apart = points[at] - values[value];
            own[lane] += apart * apart;
          }
        }
        sums.fill(0);
        exports.mixturePoints(struct, pointsAt, ownAt, scale, sumsAt);
        await progress?.((from + lanes) / draws);
        for (let lane = 0; lane < lanes; lane++) {
          const row = drawn.rows[from + lane] = rowAt(places[lane]);
          for (let unit = 0; unit < units; unit++) {
            drawn.points[(from + lane) * units + unit] = points[unit * LANES + lane];
          }
          let density = 0;
          for (let y = 0; y < classes; y++) density += sums[y * LANES + lane];
          let ity = 0;
          for (let y = 0; y < classes; y++) {
            const p = pyx(row, y);
            if (p > 0) ity += p * log2(sums[y * LANES + lane] / (py[y] * density));
          }
          drawn.ixt[from + lane] = -log2(density);
          drawn.ity[from + lane] = ity;
        }
      }
      return drawn;
    },
  };
}

/** The mixture used last, while nobody uses it: what depends on p(y|x) alone is computed once for all snapshots of a net. */
let idle: { readonly rows: MixtureRows; readonly mixture: Mixture } | undefined;

/**
 * Puts Gaussians on the rows of a layer and lends the mixture; memory is that of the mixture lent before, if it was on the same
 * labels or the same p(y|x).
 *
 * @param work Nobody else has the mixture until this has ended.
 * @returns What `work` gives, or the first activation that is not finite.
 */
export async function withMixture<Result>(
  kernels: Kernels,
  { meta: { n, units, classes }, labels, joint, activations }: Sample,
  work: (mixture: Mixture) => Promise<Result>,
): Promise<Result | Outside> {
  const same = idle?.rows.labels === labels && idle.rows.joint === joint && idle.rows.classes === classes;
  const rows = { n, classes, labels, joint };
  const lent = same ? idle! : { rows, mixture: createMixture(kernels, rows) };
  idle = undefined;
  try {
    return lent.mixture.setLayer(activations.data as Float32Array | Float64Array, units) ?? await work(lent.mixture);
  } finally {
    idle = lent;
  }
}

/** log₂(e) / x, so that e^(−d / x) = 2^(−d · sharpness). */
function sharpness(x: number): number {
  return Math.min(INVERSE_LN2 / x, SHARPEST);
}

/** Row numbers by label, those of one label in order. */
function rowsByLabel(labels: Uint8Array, classes: number): Uint32Array {
  const next = new Uint32Array(classes + 1);
  for (const label of labels) next[label + 1]++;
  for (let y = 0; y < classes; y++) next[y + 1] += next[y];
  const order = new Uint32Array(labels.length);
  labels.forEach((label, row) => order[next[label]++] = row);
  return order;
}
