/**
 * The tfjs engine once more, in f64, number by number: slow and plain, to be compared with.
 *
 * @module
 */
import type { Activation } from "../../core/contracts/architecture.ts";
import type { DeepLayerDescription, DeepNetDescription, Extent2d } from "../../core/contracts/deep_net.ts";

/** Values of a batch: one flat, row-major array an example, all of one shape. */
interface Batch {
  readonly shape: readonly number[];
  readonly rows: readonly (readonly number[])[];
}

/** What a dropout layer multiplies by, [examples, …shape] flat, by the layer's name. */
export type TwinMasks = { readonly [layer: string]: ArrayLike<number> };

/**
 * What a straight-through derivative takes as constant, by layer: how far quantising moved each value, and which place of its window was
 * the largest. Written by the first pass that is given it, read by the others.
 */
type Held = Map<string, readonly (readonly number[])[]>;

const ACTIVATIONS: Record<Activation, (z: number) => number> = {
  linear: (z) => z,
  tanh: Math.tanh,
  relu: (z) => Math.max(0, z),
  "leaky-relu": (z) => z > 0 ? z : 0.01 * z,
  sigmoid: (z) => 1 / (1 + Math.exp(-z)),
  softplus: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
  softmax: (z) => z,
};

const pair = (extent: Extent2d) => typeof extent === "number" ? [extent, extent] : extent;
/** The middle of the cell of 2^bits that a value of tanh or sigmoid falls in. */
function middle(value: number, activation: Activation, bits: number): number {
  const [low, high] = activation === "tanh" ? [-1, 1] : [0, 1];
  const width = (high - low) / 2 ** bits;
  return low + (Math.min(2 ** bits - 1, Math.floor((value - low) / width)) + 0.5) * width;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/**
 * The output of every layer by name, the last one before its activation.
 *
 * @param masks Given in training, which also makes batch norm take the batch's moments.
 * @param held Makes the net smooth: quantised layers add what they added in the pass that wrote it.
 */
export function twinLayers(
  net: DeepNetDescription,
  parameters: ArrayLike<number>,
  inputs: readonly (readonly number[])[],
  masks?: TwinMasks,
  held?: Held,
): Map<string, Batch> {
  let at = 0;
  const take = (count: number) => Array.from({ length: count }, () => parameters[at++]);
  const outputs = new Map<string, Batch>();
  let below: Batch = { shape: net.inputShape, rows: inputs };
  for (const [index, layer] of net.layers.entries()) {
    const activation = index < net.layers.length - 1 && "activation" in layer ? layer.activation ?? "linear" : "linear";
    const { shape, rows } = outputOf(layer, below, outputs, take, masks, held);
    const active = quantised(layer, rows.map((row) => row.map(ACTIVATIONS[activation])), held);
    const residual = layer.kind === "dense" && layer.residual;
    const before = below.rows;
    below = { shape, rows: residual ? active.map((row, n) => row.map((v, i) => v + before[n][i])) : active };
    outputs.set(layer.name, below);
  }
  return outputs;
}

function quantised(layer: DeepLayerDescription, rows: readonly (readonly number[])[], held?: Held) {
  if (!("quantisedBits" in layer) || layer.quantisedBits === undefined) return rows;
  const { name, activation, quantisedBits } = layer;
  const middles = rows.map((row) => row.map((value) => middle(value, activation, quantisedBits)));
  if (!held) return middles;
  if (!held.has(name)) held.set(name, middles.map((row, n) => row.map((value, i) => value - rows[n][i])));
  return rows.map((row, n) => row.map((value, i) => value + held.get(name)![n][i]));
}

function outputOf(
  layer: DeepLayerDescription,
  input: Batch,
  earlier: Map<string, Batch>,
  take: (count: number) => number[],
  masks?: TwinMasks,
  held?: Held,
): Batch {
  const { shape, rows } = input;
  const channels = shape[shape.length - 1];
  switch (layer.kind) {
    case "dense": {
      const weights = take(channels * layer.units);
      const biases = take(layer.units);
      return {
        shape: [layer.units],
        rows: rows.map((row) =>
          biases.map((b, o) => row.reduce((sum, x, i) => sum + x * weights[i * layer.units + o], b))
        ),
      };
    }
    case "conv2d": {
      const [height, width] = pair(layer.kernelSize);
      const weights = take(height * width * channels * layer.filters);
      const biases = take(layer.filters);
      const windows = windowsOf(shape, layer.kernelSize, layer.strides ?? 1, layer.padding);
      return {
        shape: [...windows.shape, layer.filters],
        rows: rows.map((row) =>
          windows.all.flatMap((pixels) =>
            biases.map((b, f) => {
              let sum = b;
              for (const { y, x, a, c } of pixels) {
                for (let i = 0; i < channels; i++) {
                  sum += row[(y * shape[1] + x) * channels + i] *
                    weights[((a * width + c) * channels + i) * layer.filters + f];
                }
              }
              return sum;
            })
          )
        ),
      };
    }
    case "maxPool2d":
    case "averagePool2d": {
      const windows = windowsOf(shape, layer.poolSize, layer.strides ?? layer.poolSize, layer.padding);
      const seen = rows.map((row) =>
        windows.all.flatMap((pixels) =>
          Array.from({ length: channels }, (_, i) => pixels.map(({ y, x }) => row[(y * shape[1] + x) * channels + i]))
        )
      );
      const output = (rows: number[][]) => ({ shape: [...windows.shape, channels], rows });
      if (layer.kind === "averagePool2d") return output(seen.map((row) => row.map(mean)));
      const first = seen.map((row) => row.map((values) => values.indexOf(Math.max(...values))));
      if (held && !held.has(layer.name)) held.set(layer.name, first);
      const places = held?.get(layer.name) ?? first;
      return output(seen.map((row, n) => row.map((values, i) => values[places[n][i]])));
    }
    case "flatten":
      return { shape: [shape.reduce((a, b) => a * b, 1)], rows };
    case "dropout":
      return {
        shape,
        rows: rows.map((row, n) => row.map((v, i) => masks ? v * masks[layer.name][n * row.length + i] : v)),
      };
    case "batchNorm": {
      const [gamma, beta, movingMean, movingVariance] = [0, 1, 2, 3].map(() => take(channels));
      const moments = Array.from({ length: channels }, (_, c) => {
        if (!masks) return [movingMean[c], movingVariance[c]];
        const values = rows.flatMap((row) => row.filter((_, i) => i % channels === c));
        const m = mean(values);
        return [m, mean(values.map((v) => (v - m) ** 2))];
      });
      const epsilon = layer.epsilon ?? 0.001;
      return {
        shape,
        rows: rows.map((row) =>
          row.map((v, i) => {
            const c = i % channels;
            return gamma[c] * (v - moments[c][0]) / Math.sqrt(moments[c][1] + epsilon) + beta[c];
          })
        ),
      };
    }
    case "add": {
      const other = earlier.get(layer.from)!;
      return { shape, rows: rows.map((row, n) => row.map((v, i) => v + other.rows[n][i])) };
    }
  }
}

interface Pixel {
  readonly y: number;
  readonly x: number;
  /** Place within the window. */
  readonly a: number;
  readonly c: number;
}

/** The pixels of the image under each window, row by row. */
function windowsOf(
  [height, width]: readonly number[],
  size: Extent2d,
  strides: Extent2d,
  padding: "valid" | "same" = "valid",
): { readonly shape: number[]; readonly all: Pixel[][] } {
  const [h, w] = pair(size);
  const [sy, sx] = pair(strides);
  const count = (extent: number, window: number, stride: number) =>
    padding === "same" ? Math.ceil(extent / stride) : Math.floor((extent - window) / stride) + 1;
  const [rows, columns] = [count(height, h, sy), count(width, w, sx)];
  const before = (extent: number, window: number, stride: number, n: number) =>
    padding === "same" ? Math.floor(Math.max(0, (n - 1) * stride + window - extent) / 2) : 0;
  const [top, left] = [before(height, h, sy, rows), before(width, w, sx, columns)];
  const all: Pixel[][] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const pixels: Pixel[] = [];
      for (let a = 0; a < h; a++) {
        for (let c = 0; c < w; c++) {
          const [y, x] = [i * sy + a - top, j * sx + c - left];
          if (y >= 0 && y < height && x >= 0 && x < width) pixels.push({ y, x, a, c });
        }
      }
      all.push(pixels);
    }
  }
  return { shape: [rows, columns], all };
}

/** Mean cross-entropy in nats of the batch, in training. */
export function twinDeepLoss(
  net: DeepNetDescription,
  parameters: ArrayLike<number>,
  inputs: readonly (readonly number[])[],
  labels: ArrayLike<number>,
  masks: TwinMasks,
  held?: Held,
): number {
  const logits = twinLayers(net, parameters, inputs, masks, held).get(net.layers.at(-1)!.name)!.rows;
  return mean(logits.map((row, n) => {
    const z = row.length === 1 ? [0, row[0]] : row;
    const top = Math.max(...z);
    return top + Math.log(z.reduce((sum, v) => sum + Math.exp(v - top), 0)) - z[labels[n]];
  }));
}

/**
 * Gradient of `twinDeepLoss` by central differences; through quantised layers the error passes straight, as if each added a constant, and
 * of equal largest values it goes to the first.
 */
export function twinDeepDifferences(
  net: DeepNetDescription,
  parameters: ArrayLike<number>,
  inputs: readonly (readonly number[])[],
  labels: ArrayLike<number>,
  masks: TwinMasks,
  h = 1e-5,
): Float64Array {
  const at = Float64Array.from(parameters);
  const held: Held = new Map();
  twinDeepLoss(net, at, inputs, labels, masks, held);
  return at.map((value, i) => {
    at[i] = value + h;
    const up = twinDeepLoss(net, at, inputs, labels, masks, held);
    at[i] = value - h;
    const down = twinDeepLoss(net, at, inputs, labels, masks, held);
    at[i] = value;
    return (up - down) / (2 * h);
  });
}
