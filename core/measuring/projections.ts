import type { Sample } from "../contracts/estimator.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Projection } from "../contracts/study.ts";
import { layerMeanSquare } from "../numerics/noise.ts";
import { orthonormalise } from "./transforms.ts";

/** Rounds of subspace iteration. Any orthonormal rows give a lower bound; more rounds make it no truer, and hardly tighter. */
const ROUNDS = 5;

/**
 * A wide layer seen through Q, whose rows are orthonormal: T ↦ QT. Noise σZ of the layer becomes σZ′ of as many units as Q has rows, so that
 * I(X; QT + σZ′) ≤ I(X; T + σZ), and the same of Y, by the data processing inequality: noise estimators give lower bounds, of equal σ. What
 * scales that σ is the whole layer (`Sample.whole`).
 *
 * - `pool`: each channel's sum over the places of a square of the image, over the root of their number; `grid` squares along height and
 *   width. A layer without places is left as it is.
 * - `components`: the span of the leading principal components over the rows measured, at the snapshot at hand, found by five rounds of
 *   subspace iteration (Halko, Martinsson and Tropp, SIAM Review 53:217, 2011). Rows keep their mean, which moves them all alike. A
 *   layer of no more units is left as it is.
 *
 * @param shape Of one row, [height, width, channels], or [units].
 * @param stream Where the iteration starts; the same at every snapshot.
 * @returns The sample itself where the projection leaves it as it is.
 */
export function projected(
  sample: Sample,
  shape: readonly number[],
  projection: Projection,
  stream: Stream,
): Sample {
  const { n, units } = sample.meta;
  const found = projection.onto === "pool"
    ? pooled(sample, shape, projection.grid)
    : componentsOf(sample, projection.dimensions, stream);
  if (found === undefined) return sample;
  const { range: _, quantisedBits: __, ...meta } = sample.meta;
  return {
    ...sample,
    meta: { ...meta, units: found.length / n, activation: "unknown" },
    activations: { data: found, shape: [n, found.length / n] },
    whole: { units, meanSquare: layerMeanSquare(sample.activations.data, sample) },
  };
}

/** What every estimate of a projected layer says: how many units it had, and the share of their mean square that is left. */
export function projectionDiagnostics({ meta, joint, activations, whole }: Sample) {
  if (whole === undefined) return undefined;
  const kept = layerMeanSquare(activations.data, { meta, joint }) * meta.units;
  const all = whole.meanSquare * whole.units;
  return { projectedFrom: whole.units, secondMoment: all > 0 ? kept / all : 0 };
}

/** Sums over squares of places, each over the root of its number of places; undefined if every place is its own square. */
function pooled({ activations: { data }, meta }: Sample, shape: readonly number[], grid: number) {
  if (shape.length !== 3) return undefined;
  const [high, wide, channels] = shape;
  const [down, across] = [Math.min(grid, high), Math.min(grid, wide)];
  if (down === high && across === wide) return undefined;
  const cells = down * across;
  const cellOf = (y: number, x: number) => Math.floor(y * down / high) * across + Math.floor(x * across / wide);
  const places = new Float64Array(cells);
  for (let y = 0; y < high; y++) for (let x = 0; x < wide; x++) places[cellOf(y, x)]++;
  const sums = new Float64Array(meta.n * cells * channels);
  let at = 0;
  for (let row = 0; row < meta.n; row++) {
    for (let y = 0; y < high; y++) {
      for (let x = 0; x < wide; x++) {
        const target = (row * cells + cellOf(y, x)) * channels;
        for (let c = 0; c < channels; c++) sums[target + c] += data[at++];
      }
    }
  }
  for (let i = 0; i < sums.length; i++) sums[i] /= Math.sqrt(places[Math.floor(i / channels) % cells]);
  return sums;
}

/** Scores of each row along an orthonormal basis of the leading components' span, row-major; undefined if the layer is no wider. */
function componentsOf({ activations: { data }, meta: { n, units }, joint }: Sample, count: number, stream: Stream) {
  if (units <= count) return undefined;
  const weights = joint?.px ?? new Float64Array(n).fill(1 / n);
  const mean = transposedProduct(data, units, weights, 1);
  let basis = orthonormalise(Float64Array.from({ length: count * units }, () => stream.normal()), units);
  for (let round = 0; round < ROUNDS; round++) {
    const scores = product(data, units, basis, count);
    const middle = product(mean, units, basis, count);
    for (let i = 0; i < scores.length; i++) {
      scores[i] = weights[Math.floor(i / count)] * (scores[i] - middle[i % count]);
    }
    // Centred scores sum to zero, so that the mean need not be taken from the data again.
    basis = orthonormalise(transposedProduct(data, units, scores, count), units);
  }
  return product(data, units, basis, count);
}

/**
 * Each row of data along each of `count` directions: row-major [rows, count] from [rows, units] and [count, units]. Four directions share a
 * pass over the row; each sum is over units in order.
 */
function product(data: ArrayLike<number>, units: number, directions: Float64Array, count: number): Float64Array {
  const rows = data.length / units;
  const found = new Float64Array(rows * count);
  for (let row = 0; row < rows; row++) {
    const at = row * units;
    let c = 0;
    for (; c + 4 <= count; c += 4) {
      const d = c * units;
      let [first, second, third, fourth] = [0, 0, 0, 0];
      for (let j = 0; j < units; j++) {
        const value = data[at + j];
        first += value * directions[d + j];
        second += value * directions[d + units + j];
        third += value * directions[d + 2 * units + j];
        fourth += value * directions[d + 3 * units + j];
      }
      found.set([first, second, third, fourth], row * count + c);
    }
    for (; c < count; c++) {
      let sum = 0;
      for (let j = 0, d = c * units; j < units; j++) sum += data[at + j] * directions[d + j];
      found[row * count + c] = sum;
    }
  }
  return found;
}

/**
 * Σ over rows of scores times data: row-major [count, units] from [rows, count] and [rows, units]. Four rows share a pass over the sums;
 * each sum is over rows in order.
 */
function transposedProduct(
  data: ArrayLike<number>,
  units: number,
  scores: Float64Array,
  count: number,
): Float64Array {
  const rows = data.length / units;
  const found = new Float64Array(count * units);
  for (let row = 0; row < rows; row += 4) {
    const together = Math.min(4, rows - row);
    for (let c = 0; c < count; c++) {
      const [d, at, score] = [c * units, row * units, row * count + c];
      if (together === 4) {
        const [first, second, third, fourth] = [0, 1, 2, 3].map((k) => scores[score + k * count]);
        for (let j = 0; j < units; j++) {
          found[d + j] = found[d + j] + first * data[at + j] + second * data[at + units + j] +
            third * data[at + 2 * units + j] + fourth * data[at + 3 * units + j];
        }
      } else {
        for (let k = 0; k < together; k++) {
          for (let j = 0; j < units; j++) found[d + j] += scores[score + k * count] * data[at + k * units + j];
        }
      }
    }
  }
  return found;
}
