import type { Activation, Initialiser } from "../../../../core/contracts/architecture.ts";
import type { DeepLayerDescription, DeepNetDescription, TfjsBackend } from "../../../../core/contracts/deep_net.ts";
import type { Tensor } from "../../../../core/contracts/tensor.ts";
import { root } from "../../../../core/testing.ts";

/** A small data set drawn from a seed. */
export interface SmallData {
  readonly inputs: Tensor;
  readonly labels: Uint8Array;
  readonly classes: number;
}

/** n normal inputs of this shape with labels drawn at random. */
export function smallData(inputShape: readonly number[], n: number, classes: number, seed = 1): SmallData {
  const stream = root(seed).child("small data");
  const width = inputShape.reduce((a, b) => a * b, 1);
  return {
    inputs: { data: Float32Array.from({ length: n * width }, () => stream.normal()), shape: [n, ...inputShape] },
    labels: Uint8Array.from({ length: n }, () => stream.integer(classes)),
    classes,
  };
}

/** The rows of small data as lists. */
export function rowsOf({ inputs: { data, shape } }: SmallData): number[][] {
  const width = data.length / shape[0];
  return Array.from({ length: shape[0] }, (_, n) => [...data.subarray(n * width, (n + 1) * width)]);
}

/** Row numbers from 0. */
export function first(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

export const WEIGHTS: Initialiser = { distribution: "normal", sigma: 0.5 };

/** A dense layer of a deep net. */
export function dense(name: string, units: number, activation: Activation, residual?: boolean): DeepLayerDescription {
  return { kind: "dense", name, units, activation, weights: WEIGHTS, bias: 0.1, ...(residual ? { residual } : {}) };
}

/** A convolution of a deep net. */
export function conv(name: string, activation: Activation, rest: object = {}): DeepLayerDescription {
  return { kind: "conv2d", name, filters: 2, kernelSize: 2, activation, weights: WEIGHTS, bias: 0.1, ...rest };
}

/** A deep net of these layers. */
export function deep(
  inputShape: readonly number[],
  layers: readonly DeepLayerDescription[],
  backend?: TfjsBackend,
): DeepNetDescription {
  return { kind: "deep", inputShape, layers, ...(backend ? { backend } : {}) };
}

/** A net with every kind of layer. */
export const EVERY_LAYER: DeepNetDescription = deep([5, 4, 2], [
  conv("conv 1", "tanh", { padding: "same", kernelSize: 3 }),
  { kind: "batchNorm", name: "norm", activation: "softplus", momentum: 0.9 },
  conv("conv 2", "linear", { padding: "same" }),
  { kind: "add", name: "sum", from: "conv 1", activation: "sigmoid" },
  { kind: "maxPool2d", name: "largest", poolSize: 2, strides: 1 },
  { kind: "dropout", name: "drop", rate: 0.25 },
  { kind: "averagePool2d", name: "mean", poolSize: [2, 2], padding: "same", strides: [2, 1] },
  { kind: "flatten", name: "flat" },
  dense("wide", 4, "leaky-relu"),
  dense("residual", 4, "tanh", true),
  { kind: "dropout", name: "drop again", rate: 0.5 },
  dense("output", 3, "softmax"),
]);
