import {
  type Architecture,
  type DeepLayerDescription,
  type DeepNetDescription,
  defineArchitecture,
  type JsonObject,
} from "@infoplane/core";
import { z } from "zod";

const options = z.strictObject({
  filters: z.array(z.int().min(1).max(4096)).min(1).default([8, 16]).describe("channels of each convolution"),
  kernelSize: z.int().min(1).max(31).default(3).describe("extent of every window"),
  padding: z.enum(["same", "valid"]).default("same").describe("whether zeros around an image keep its extent"),
  reduction: z.enum(["max", "mean", "strides", "none"]).default("max")
    .describe("what halves the image after each convolution: pools, or strides of the convolution itself"),
  residual: z.boolean().default(false)
    .describe("after each convolution a second one of as many channels, whose output is added to its input"),
  head: z.enum(["flatten", "mean"]).default("flatten")
    .describe("what the dense layers see: every place, or the mean of each channel over all places"),
  hidden: z.array(z.int().min(1).max(65536)).default([32]).describe("units of each dense layer below the output"),
  activation: z.enum(["relu", "tanh", "leaky-relu", "sigmoid", "softplus", "linear"]).default("relu")
    .describe("of convolutions and hidden layers"),
  // Optional, not defaulted: a net without it keeps its key.
  quantisedBits: z.int().min(1).max(16).optional().describe(
    "outputs of convolutions and hidden layers, tanh or sigmoid, take the middles of 2^bits equal cells; errors pass straight through. " +
      "The largest of them are quantised likewise, their means are not: pools of reduction mean are no quantised layers",
  ),
  backend: z.enum(["kernels", "wasm", "webgpu", "cpu"]).default("kernels")
    .describe("what trains it: our kernels, the same bytes on every machine, or tfjs"),
}).check(({ value, issues }) => {
  if (value.quantisedBits === undefined) return;
  const refuse = (option: keyof typeof value, message: string) =>
    issues.push({ code: "custom", path: [option], input: value[option], message });
  if (value.activation !== "tanh" && value.activation !== "sigmoid") {
    refuse("activation", "quantised layers must be tanh or sigmoid, which have a range");
  }
  if (value.residual) {
    refuse("residual", "quantised layers must not be residual, as a sum takes more than 2^bits values");
  }
  if (value.backend !== "kernels") refuse("backend", "quantised layers must be trained by the kernels");
});

type Options = z.infer<typeof options>;

/**
 * Options of the nets that the studies of images train, and of small variants beside them, to be spread into a study's own.
 *
 * @example The net of MNIST with the units of another
 * ```ts
 * import assert from "node:assert/strict";
 * const options = { ...CNN_PRESETS.mnist, activation: "tanh" };
 * assert.deepEqual(options, { filters: [8, 16], hidden: [32], activation: "tanh" });
 * ```
 */
export const CNN_PRESETS: Readonly<
  Record<"mnist" | "cifar10" | "cifar10Decreasing" | "residual" | "allConvolutional", JsonObject>
> = {
  /** Two rectified blocks and a hidden layer, for 28 × 28 pixels of one colour. */
  mnist: { filters: [8, 16], hidden: [32], activation: "relu" },
  /** Three rectified blocks that grow wider, for 32 × 32 pixels of three colours: 2.8 million multiplications an image. */
  cifar10: { filters: [16, 32, 64], hidden: [64], activation: "relu" },
  /** Its rival, whose blocks grow narrower. */
  cifar10Decreasing: { filters: [32, 16, 8], hidden: [8], activation: "relu" },
  /** Two residual blocks under a mean over places. */
  residual: { filters: [8, 16], residual: true, head: "mean", hidden: [], activation: "relu" },
  /** Convolutions alone: strides instead of pools, and a mean over places (Springenberg et al., arXiv:1412.6806). */
  allConvolutional: { filters: [8, 16, 32], reduction: "strides", head: "mean", hidden: [], activation: "relu" },
};

/**
 * Convolutional nets: blocks of a convolution and a reduction, then dense layers and a softmax. Measured are the outputs of the blocks and
 * every dense layer.
 *
 * Weights are normal with σ = √(2/fan-in) for rectifiers (He, Zhang, Ren and Sun, arXiv:1502.01852) and 1/√fan-in for the others; biases
 * are 0.
 */
export const cnn: Architecture<Options, DeepNetDescription> = defineArchitecture({
  id: "cnn",
  title: "Convolutional net",
  description:
    "Blocks of a convolution and a pool, plain, residual or all-convolutional, then dense layers and a softmax.",
  version: 1,
  options,
  build,
});

function build(inputShape: readonly number[], classes: number, given: Options): DeepNetDescription {
  if (inputShape.length !== 3) {
    throw new RangeError(
      `Cannot build a convolutional net as inputs must be [height, width, channels]: they are [${
        inputShape.join(", ")
      }]`,
    );
  }
  const { kernelSize, padding, reduction, activation, quantisedBits } = given;
  const gain = activation === "relu" || activation === "leaky-relu" ? 2 : 1;
  const quantised = quantisedBits === undefined ? {} : { quantisedBits };
  const drawn = (fanIn: number, of = gain) =>
    ({ weights: { distribution: "normal", sigma: Math.sqrt(of / fanIn) }, bias: 0 }) as const;
  const layers: DeepLayerDescription[] = [];
  const taps: string[] = [];
  let [high, wide, channels] = inputShape;
  given.filters.forEach((filters, i) => {
    const n = i + 1;
    const strides = reduction === "strides" ? 2 : 1;
    const convolution = (name: string, from: number, more: Partial<DeepLayerDescription> = {}) =>
      ({
        ...{ kind: "conv2d", name, filters, kernelSize, padding, activation, ...drawn(kernelSize * kernelSize * from) },
        ...quantised,
        ...more,
      }) as DeepLayerDescription;
    layers.push(convolution(`convolution ${n}`, channels, strides === 1 ? {} : { strides }));
    [high, wide] = [high, wide].map((extent) => outputExtent(extent, kernelSize, strides, padding));
    let block = `convolution ${n}`;
    if (given.residual) {
      // The sum keeps its extent, whatever the padding of the others.
      layers.push(convolution(`residual ${n}`, filters, { padding: "same", activation: "linear" }));
      layers.push({ kind: "add", name: `sum ${n}`, from: block, activation });
      block = `sum ${n}`;
    }
    if (reduction === "max" || reduction === "mean") {
      block = `pool ${n}`;
      layers.push({ kind: reduction === "max" ? "maxPool2d" : "averagePool2d", name: block, poolSize: 2 });
      [high, wide] = [high, wide].map((extent) => outputExtent(extent, 2, 2, "valid"));
    }
    taps.push(block);
    channels = filters;
  });
  if (given.head === "mean") {
    layers.push({ kind: "averagePool2d", name: "mean", poolSize: [high, wide] });
    [high, wide] = [1, 1];
  }
  layers.push({ kind: "flatten", name: "flat" });
  let fanIn = high * wide * channels;
  given.hidden.forEach((units, i) => {
    layers.push({ kind: "dense", name: `hidden ${i + 1}`, units, activation, ...quantised, ...drawn(fanIn) });
    taps.push(`hidden ${i + 1}`);
    fanIn = units;
  });
  layers.push({ kind: "dense", name: "output", units: classes, activation: "softmax", ...drawn(fanIn, 1) });
  return { kind: "deep", inputShape, layers, taps: [...taps, "output"], backend: given.backend };
}

function outputExtent(extent: number, window: number, strides: number, padding: "same" | "valid"): number {
  return Math.ceil((padding === "same" ? extent : extent - window + 1) / strides);
}
