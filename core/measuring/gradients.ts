/**
 * Statistics of gradients at fixed weights, over single examples or over mini-batches.
 *
 * @module
 */
import type { BatchGradients, LayerGradients } from "../contracts/gradients.ts";
import type { ConvolutionEngine } from "../training/convolution.ts";
import type { DenseEngine, DenseNet, DenseValues } from "../training/dense.ts";
import { layerParts } from "./layer_parts.ts";

/**
 * An integer that enters the keys of what analyses find in a net. A golden test in `tests/core/measuring/gradients_test.ts` pins the
 * bytes it stands for; whoever changes bytes raises the integer.
 */
export const GRADIENT_ARITHMETIC = 1;

/** Rows in a pass; another number changes a sum by rounding. */
export const GRADIENT_ROWS = 512;

/**
 * Gradients of each layer over single examples, from one pass over them: no gradient of an example is formed, since the squared norm
 * of (h_i, 1) ⊗ δ_i is ‖δ_i‖² (‖h_i‖² + 1).
 *
 * Squares are summed in f64, and so are the mean gradients of passes of `passRows` rows. v is the mean square less ‖ḡ‖², never below 0.
 * In a net of float32 ‖ḡ‖ is off by some 1e-7 of the root mean square of ‖g_i‖, v by some 1e-7 of its square; and the error p − y of a row is
 * known to 6e-8, as in training, so that the gradients of a net that fits its labels to 1e-5 are good to some 1e-3. The errors of
 * quantised layers pass straight through, as they do in training.
 *
 * @param engine With its data, its parameters and room for `passRows` rows; float32 or float64.
 * @param rows Examples to look at, in any order.
 * @throws {RangeError} If there is no row.
 *
 * @example A logistic unit at 0 that sees x = 1 with both labels: gradients ±½ for weight and bias, mean 0, v = ½
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadKernels } from "../kernels/mod.ts";
 * import { createDenseEngine, type DenseNet } from "../training/dense.ts";
 * const net: DenseNet = { inputs: 1, layers: [{ units: 1, activation: "sigmoid" }] };
 * const engine = createDenseEngine(await loadKernels(), net, { optimiser: { id: "sgd", rate: 0 }, maxBatch: 2 });
 * engine.setData(Float32Array.of(1, 1), Uint8Array.of(0, 1));
 * const [{ meanNorm, variance }] = layerGradients(engine, net, Uint32Array.of(0, 1), 2);
 * assert.deepEqual([meanNorm, variance], [0, 0.5]);
 * ```
 */
export function layerGradients<Values extends DenseValues>(
  engine: DenseEngine<Values>,
  net: DenseNet,
  rows: Uint32Array,
  passRows: number = GRADIENT_ROWS,
): LayerGradients[] {
  const { instance: { exports, mark, reserve, release }, plan } = engine.inside;
  const double = net.precision === "float64";
  const addSquares = double ? exports.denseGradientSquares64 : exports.denseGradientSquares;
  const before = mark();
  const at = reserve(8 * net.layers.length);
  const squares = () => new Float64Array(exports.memory.buffer, at, net.layers.length);
  squares().fill(0);
  const mean = meanGradient(engine, rows, passRows, (count) => addSquares(plan, count, at));
  const sums = squares().slice();
  release(before);
  const parameters = engine.parameters();
  return layerParts(net).map(({ from, to }, k) => {
    const ofLayer = mean.slice(from, to);
    const square = squaredNorm(ofLayer);
    return {
      examples: rows.length,
      mean: ofLayer,
      meanNorm: Math.sqrt(square),
      variance: Math.max(0, sums[k] / rows.length - square),
      weightNorm: Math.sqrt(squaredNorm(parameters.subarray(from, to))),
    };
  });
}

/**
 * Gradients of each measured layer of a convolutional net over single examples: those of all weights and biases between it and the measured
 * layer below, as one vector. A convolution's weights see an example at many places, so the kernels sum each example's gradient in a lane of
 * its own and square it.
 *
 * @param engine With its data and its parameters.
 * @param stretches Where the parameters that lead into each measured layer begin and end, from the input up, without a gap.
 * @param rows Examples to look at, in any order.
 */
export function convolutionGradients(
  engine: ConvolutionEngine,
  stretches: readonly { readonly from: number; readonly to: number }[],
  rows: Uint32Array,
  passRows: number,
): LayerGradients[] {
  if (rows.length === 0) throw new RangeError("Cannot measure gradients as there must be >= 1 row: there is none");
  const sum = new Float64Array(engine.parameterCount);
  const squares = new Float64Array(engine.parts.length);
  for (let from = 0; from < rows.length; from += passRows) {
    const pass = rows.subarray(from, from + passRows);
    const found = engine.gradientSquares(pass);
    for (let i = 0; i < sum.length; i++) sum[i] += found.gradient[i] * pass.length;
    found.squares.forEach((square, k) => squares[k] += square);
  }
  const parameters = engine.parameters();
  return stretches.map(({ from, to }) => {
    const mean = sum.slice(from, to).map((value) => value / rows.length);
    const square = squaredNorm(mean);
    const within = engine.parts.reduce(
      (all, part, k) => part.from >= from && part.to <= to ? all + squares[k] : all,
      0,
    );
    return {
      examples: rows.length,
      mean,
      meanNorm: Math.sqrt(square),
      variance: Math.max(0, within / rows.length - square),
      weightNorm: Math.sqrt(squaredNorm(parameters.subarray(from, to))),
    };
  });
}

/**
 * Mean and standard deviation of each layer's gradient over the given mini-batches, at the same weights; Welford's sums
 * (Technometrics 4:419, 1962), in f64.
 *
 * @param batches Rows of each mini-batch.
 * @throws {RangeError} If there is none, or one is empty.
 */
export function batchGradients<Values extends DenseValues>(
  engine: DenseEngine<Values>,
  net: DenseNet,
  batches: readonly Uint32Array[],
  passRows: number = GRADIENT_ROWS,
): BatchGradients[] {
  if (batches.length === 0) throw new RangeError("Cannot measure gradients as there must be a batch: there is none");
  const mean = new Float64Array(engine.parameterCount);
  const squares = new Float64Array(engine.parameterCount);
  batches.forEach((rows, b) => {
    meanGradient(engine, rows, passRows).forEach((g, i) => {
      const off = g - mean[i];
      mean[i] += off / (b + 1);
      squares[i] += off * (g - mean[i]);
    });
  });
  return layerParts(net).map(({ from, to }) => {
    let variance = 0;
    for (let i = from; i < to; i++) variance += squares[i] / batches.length;
    return {
      batches: batches.length,
      meanNorm: Math.sqrt(squaredNorm(mean.subarray(from, to))),
      deviationNorm: Math.sqrt(variance),
    };
  });
}

/**
 * The mean gradient over any number of rows, in f64, laid out as the parameters are.
 *
 * @param afterPass Called with the number of rows of each pass while the engine still holds what the pass left.
 */
export function meanGradient<Values extends DenseValues>(
  engine: DenseEngine<Values>,
  rows: Uint32Array,
  passRows: number,
  afterPass?: (count: number) => void,
): Float64Array {
  if (rows.length === 0) throw new RangeError("Cannot measure gradients as there must be >= 1 row: there is none");
  const sum = new Float64Array(engine.parameterCount);
  for (let from = 0; from < rows.length; from += passRows) {
    const pass = rows.subarray(from, from + passRows);
    const gradient = engine.gradient(pass);
    for (let i = 0; i < sum.length; i++) sum[i] += gradient[i] * pass.length;
    afterPass?.(pass.length);
  }
  return sum.map((value) => value / rows.length);
}

function squaredNorm(values: DenseValues): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}
