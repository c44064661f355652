import type { GradientCovariance } from "../contracts/gradients.ts";
import type { Stream } from "../contracts/stream.ts";
import type { DenseEngine, DenseNet } from "../training/dense.ts";
import { GRADIENT_ROWS, meanGradient } from "./gradients.ts";
import { partOf } from "./layer_parts.ts";

/** Most weights and biases of a layer whose covariance is formed: 32 MiB of f64, and m d² / 2 products over m rows. */
export const MOST_COVARIANCE_PARAMETERS = 2048;

/**
 * Mean and covariance of one layer's gradient over single examples, in f64: one pass for the mean, one for the products of what is left.
 *
 * @param engine Of float64, with its data, its parameters and room for `passRows` rows.
 * @param layer 1…K.
 * @param rows Examples to look at.
 * @param noise Where noisy layers draw from, the same in both passes; nets without them need none.
 * @throws {RangeError} If there is no such layer or no row, or the layer has more than 2048 parameters.
 */
export function gradientCovariance(
  engine: DenseEngine<Float64Array>,
  net: DenseNet,
  layer: number,
  rows: Uint32Array,
  passRows: number = GRADIENT_ROWS,
  noise?: Stream,
): GradientCovariance {
  const { from, to } = partOf(net, layer);
  const d = to - from;
  if (d > MOST_COVARIANCE_PARAMETERS) {
    throw new RangeError(
      `Cannot form the covariance of a layer's gradients as it must have at most ${MOST_COVARIANCE_PARAMETERS} weights and ` +
        `biases, whose matrix takes 32 MiB: layer ${layer} has ${d}`,
    );
  }
  const { instance: { exports, mark, reserve, release }, plan } = engine.inside;
  const freeze = () => noise && engine.setNoise(noise);
  freeze();
  const mean = meanGradient(engine, rows, passRows).slice(from, to);
  const width = d + d % 2;
  const before = mark();
  const meanAt = reserve(8 * d);
  const scratchAt = reserve(8 * 4 * width);
  const sumsAt = reserve(8 * d * width);
  const floats = (at: number, length: number) => new Float64Array(exports.memory.buffer, at, length);
  floats(meanAt, d).set(mean);
  floats(scratchAt, 4 * width).fill(0);
  floats(sumsAt, d * width).fill(0);
  freeze();
  meanGradient(
    engine,
    rows,
    passRows,
    (count) => exports.denseGradientScatter64(plan, layer - 1, count, meanAt, scratchAt, sumsAt, 8 * width),
  );
  const sums = floats(sumsAt, d * width);
  const covariance = new Float64Array(d * d);
  for (let a = 0; a < d; a++) {
    for (let b = a; b < d; b++) covariance[a * d + b] = covariance[b * d + a] = sums[a * width + b] / rows.length;
  }
  release(before);
  return { examples: rows.length, mean, covariance };
}
