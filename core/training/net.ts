import type { Activation, Net, NetDescription } from "../contracts/architecture.ts";
import type { DeepLayerDescription, DeepNetDescription } from "../contracts/deep_net.ts";
import { layerShapes, pairOf } from "./layer_shapes.ts";

/** A layer whose activations are measured: layer k of the rows is the k-th of these. */
export interface MeasuredLayer {
  /** Its name in rows and on pages. */
  readonly name: string;
  /** Numbers it gives for an input: of a convolution, those of all places and channels. */
  readonly units: number;
  /** What bounds its values, of a pool those of the layer it pools; `unknown` where something is added to them. */
  readonly activation: Activation | "unknown";
  /** Bits of each value, if the layer is itself quantised. */
  readonly quantisedBits?: number;
  /** σ of the layer's own noise where it or a layer below is noisy, 0 if only one below is. */
  readonly noise?: number;
  /** I(X;T) in bits, where the layer was drawn from a law of which it is known. */
  readonly ixtBits?: number;
  /** I(T;Y) in bits, likewise. */
  readonly ityBits?: number;
}

/**
 * A tensor of parameters, as it stands in stored trajectories; the engine's layout is these one after the other. Of a recorded net
 * it is the activations of a layer.
 */
export interface ParameterTensor {
  /** `layer.1.weights`, `conv.biases`, `layer.1.activations`. */
  readonly name: string;
  /** Row-major. */
  readonly shape: readonly number[];
}

/** The layers of a net that are measured, from the input up; the last is the output. */
export function measuredLayers(net: Net): readonly MeasuredLayer[] {
  if (net.kind === "layers") {
    const noisy = firstNoisyLayer(net);
    return net.layers.map(({ name, units, activation, residual, quantisedBits, noise }, k) => {
      const added = residual || noise !== undefined;
      return {
        name,
        units,
        activation: added ? "unknown" : activation,
        ...(quantisedBits === undefined || added ? {} : { quantisedBits }),
        ...(k >= noisy ? { noise: noise ?? 0 } : {}),
      };
    });
  }
  if (net.kind === "model") {
    return net.taps.map(({ name, shape, activation }) => ({
      name,
      units: shape.reduce((a, b) => a * b, 1),
      activation,
    }));
  }
  if (net.kind === "recorded") return net.layers;
  const shapes = layerShapes(net);
  const values = valuesOf(net);
  return tapsOf(net).map((name) => ({
    name,
    units: shapes.get(name)!.reduce((a, b) => a * b, 1),
    ...values.get(name)!,
  }));
}

/** Shape of one row of each measured layer: [height, width, channels] where it has places. */
export function measuredShapes(net: Net): readonly (readonly number[])[] {
  if (net.kind === "deep") {
    const shapes = layerShapes(net);
    return tapsOf(net).map((name) => shapes.get(name)!);
  }
  if (net.kind === "model") return net.taps.map(({ shape }) => shape);
  return net.layers.map(({ units }) => [units]);
}

/** Index of the lowest layer with noise, from which on T is no function of X; ∞ if there is none. */
export function firstNoisyLayer(net: Net): number {
  if (net.kind !== "layers") return Infinity;
  const index = net.layers.findIndex(({ noise }) => noise !== undefined);
  return index < 0 ? Infinity : index;
}

/** Names of the layers of a deep net whose activations are handed out. */
export function tapsOf({ taps, layers }: DeepNetDescription): readonly string[] {
  return taps ?? layers.filter(({ kind }) => kind === "conv2d" || kind === "dense").map(({ name }) => name);
}

type Values = Pick<MeasuredLayer, "activation" | "quantisedBits">;

/** What is known of the values of every layer of a deep net, by name. */
function valuesOf({ layers, backend }: DeepNetDescription): Map<string, Values> {
  const known = new Map<string, Values>();
  let below: Values = { activation: "unknown" };
  for (const layer of layers) known.set(layer.name, below = layerValues(layer, below, backend === "kernels"));
  return known;
}

/**
 * The largest and the mean of values of a closed range lie in it, in float32 too, whose sums and products ascend with their terms: a mean
 * is n ones times 1/n at most. Where tfjs pads it divides twice, and the mean of ones may be the next number above 1.
 */
function layerValues(layer: DeepLayerDescription, below: Values, byKernels: boolean): Values {
  switch (layer.kind) {
    case "maxPool2d":
    case "flatten":
      return below;
    case "averagePool2d":
      return { activation: layer.padding === "same" && !byKernels ? "unknown" : below.activation };
    case "conv2d":
    case "dense": {
      if (layer.kind === "dense" && layer.residual) return { activation: "unknown" };
      const { activation, quantisedBits } = layer;
      return { activation, ...(quantisedBits === undefined ? {} : { quantisedBits }) };
    }
    default:
      return { activation: "activation" in layer ? layer.activation ?? "linear" : "unknown" };
  }
}

/** The tensors of a net's parameters in the engine's order. */
export function parameterTensors(net: Net): readonly ParameterTensor[] {
  switch (net.kind) {
    case "layers":
      return denseTensors(net);
    case "deep":
      return deepTensors(net);
    case "model":
      return net.parameters.map(({ layer, name, shape }) => ({ name: `${layer}.${name}`, shape }));
    case "recorded":
      return net.layers.map(({ units }, k) => ({ name: `layer.${k + 1}.activations`, shape: [net.rows, units] }));
  }
}

/** Numbers a net learns or, in a batch norm, keeps; none are known of a recorded net. */
export function parameterCount(net: Net): number {
  if (net.kind === "recorded") return 0;
  return parameterTensors(net).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

function denseTensors(net: NetDescription): ParameterTensor[] {
  let fanIn = net.inputShape.reduce((a, b) => a * b, 1);
  return net.layers.flatMap(({ units }, index) => {
    const tensors = [
      { name: `layer.${index + 1}.weights`, shape: [fanIn, units] },
      { name: `layer.${index + 1}.biases`, shape: [units] },
    ];
    fanIn = units;
    return tensors;
  });
}

function deepTensors(net: DeepNetDescription): ParameterTensor[] {
  const shapes = layerShapes(net);
  let input = net.inputShape;
  return net.layers.flatMap((layer) => {
    const channels = input[input.length - 1];
    const output = shapes.get(layer.name)!;
    const units = output[output.length - 1];
    input = output;
    const named = (name: string, shape: readonly number[]) => ({ name: `${layer.name}.${name}`, shape });
    switch (layer.kind) {
      case "conv2d":
        return [named("weights", [...pairOf(layer.kernelSize), channels, units]), named("biases", [units])];
      case "dense":
        return [named("weights", [channels, units]), named("biases", [units])];
      case "batchNorm":
        return ["gamma", "beta", "moving_mean", "moving_variance"].map((name) => named(name, [units]));
      default:
        return [];
    }
  });
}
