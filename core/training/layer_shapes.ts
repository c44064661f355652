import type { Activation } from "../contracts/architecture.ts";
import type {
  BatchNormLayerDescription,
  Conv2dLayerDescription,
  DeepBackend,
  DeepLayerDescription,
  DeepNetDescription,
  Extent2d,
  Padding,
  Pool2dLayerDescription,
  TfjsBackend,
} from "../contracts/deep_net.ts";

const ACTIVATIONS: readonly Activation[] = [
  "tanh",
  "relu",
  "leaky-relu",
  "sigmoid",
  "softplus",
  "linear",
  "softmax",
];
const POOL = ["poolSize", "strides", "padding"];
/** Kinds of layers, and what may be said of each beside its kind and name. */
const KINDS: { readonly [kind in DeepLayerDescription["kind"]]: readonly string[] } = {
  conv2d: ["filters", "kernelSize", "strides", "padding", "activation", "quantisedBits", "weights", "bias"],
  maxPool2d: POOL,
  averagePool2d: POOL,
  flatten: [],
  dense: ["units", "activation", "residual", "quantisedBits", "weights", "bias"],
  dropout: ["rate"],
  batchNorm: ["momentum", "epsilon", "activation"],
  add: ["from", "activation"],
};
const TFJS_BACKENDS: readonly TfjsBackend[] = ["wasm", "webgpu", "cpu"];
const LARGEST_CLASS_COUNT = 256;
const MOST_BITS = 16;

/** What every refusal begins with. */
export const CANNOT_BUILD = "Cannot build a deep net as";

/** Height and width of an extent given as one number or two. */
export function pairOf(extent: Extent2d): [height: number, width: number] {
  return typeof extent === "number" ? [extent, extent] : [extent[0], extent[1]];
}

function isWhole(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}

function written(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/**
 * Shape of every layer's output, without the axis over examples, by name and in the order of the layers.
 *
 * @throws {RangeError} If the net cannot be: the message names the layer, what it needs and what it has.
 *
 * @example A 5 × 5 window fits 24 times along 28 pixels
 * ```ts
 * import assert from "node:assert/strict";
 * const weights = { distribution: "normal", sigma: 0.1 } as const;
 * const shapes = layerShapes({
 *   kind: "deep",
 *   inputShape: [28, 28, 1],
 *   layers: [
 *     { kind: "conv2d", name: "conv", filters: 8, kernelSize: 5, activation: "relu", weights, bias: 0 },
 *     { kind: "flatten", name: "flat" },
 *     { kind: "dense", name: "out", units: 10, activation: "softmax", weights, bias: 0 },
 *   ],
 * });
 * assert.deepEqual([...shapes.values()], [[24, 24, 8], [4608], [10]]);
 * ```
 */
export function layerShapes(net: DeepNetDescription): Map<string, readonly number[]> {
  const { inputShape, layers } = net;
  if (!(inputShape.length === 1 || inputShape.length === 3) || !inputShape.every(isWhole)) {
    throw new RangeError(
      `${CANNOT_BUILD} inputShape must be [d] or [height, width, channels], each >= 1: it is ${written(inputShape)}`,
    );
  }
  if (layers.length === 0) throw new RangeError(`${CANNOT_BUILD} it must have >= 1 layer: there is none`);
  const shapes = new Map<string, readonly number[]>();
  let shape: readonly number[] = inputShape;
  layers.forEach((layer, i) => {
    if (typeof layer.name !== "string" || layer.name === "") {
      throw new RangeError(`${CANNOT_BUILD} every layer must have a name: layer ${i + 1} has none`);
    }
    if (shapes.has(layer.name)) {
      throw new RangeError(`${CANNOT_BUILD} names of layers must differ: "${layer.name}" stands twice`);
    }
    checkKind(layer);
    shape = outputShape(layer, shape, shapes);
    checkActivation(layer, i === layers.length - 1);
    checkQuantised(layer, i === layers.length - 1, net.backend ?? "wasm");
    shapes.set(layer.name, shape);
  });
  checkLast(layers[layers.length - 1]);
  const unknown = net.taps?.find((name) => !shapes.has(name));
  if (unknown !== undefined) throw unknownLayer("taps", unknown, shapes);
  if (net.taps) checkOrder(net.taps, [...shapes.keys()]);
  if (net.backend !== undefined && net.backend !== "kernels") tfjsBackend(net.backend);
  return shapes;
}

/** Refuses taps that do not go from the input up to the output: layer k of the rows is the k-th tap. */
function checkOrder(taps: readonly string[], names: readonly string[]): void {
  const places = taps.map((name) => names.indexOf(name));
  if (places.at(-1) === names.length - 1 && places.every((place, i) => i === 0 || place > places[i - 1])) return;
  throw new RangeError(
    `${CANNOT_BUILD} taps must go from the input up to the last layer, "${names.at(-1)}": they are ${taps.join(", ")}`,
  );
}

/**
 * A backend that tfjs has.
 *
 * @throws {RangeError} Naming those it has.
 */
export function tfjsBackend(backend: string): TfjsBackend {
  if (TFJS_BACKENDS.includes(backend as TfjsBackend)) return backend as TfjsBackend;
  throw new RangeError(
    `Cannot compute with tfjs as its backends are ${TFJS_BACKENDS.join(", ")}: "${backend}" is none`,
  );
}

/** The refusal of a name that no layer bears. */
export function unknownLayer(where: string, name: string, known: Iterable<string> | Map<string, unknown>): RangeError {
  const names = [...(known instanceof Map ? known.keys() : known)].join(", ");
  return new RangeError(`${CANNOT_BUILD} ${where} must name layers there (${names}): "${name}" is none`);
}

function outputShape(
  layer: DeepLayerDescription,
  input: readonly number[],
  earlier: Map<string, readonly number[]>,
): readonly number[] {
  const subject = `${CANNOT_BUILD} layer "${layer.name}"`;
  switch (layer.kind) {
    case "conv2d": {
      if (!isWhole(layer.filters)) throw new RangeError(`${subject} must have >= 1 filter: it has ${layer.filters}`);
      checkWeights(layer.weights, layer.bias, subject);
      return [...windows(layer, layer.kernelSize, layer.strides ?? 1, input, subject), layer.filters];
    }
    case "maxPool2d":
    case "averagePool2d":
      return [...windows(layer, layer.poolSize, layer.strides ?? layer.poolSize, input, subject), input[2]];
    case "flatten":
      return [input.reduce((a, b) => a * b, 1)];
    case "dense": {
      if (input.length !== 1) {
        throw new RangeError(
          `${subject} must have inputs on one axis, as a flatten gives them: they are ${written(input)}`,
        );
      }
      if (!isWhole(layer.units)) throw new RangeError(`${subject} must have >= 1 unit: it has ${layer.units}`);
      checkWeights(layer.weights, layer.bias, subject);
      if (layer.residual && layer.units !== input[0]) {
        throw new RangeError(
          `${subject} must have as many units as inputs to be residual: it has ${layer.units} and ${input[0]}`,
        );
      }
      return [layer.units];
    }
    case "dropout":
      if (!(layer.rate >= 0 && layer.rate < 1)) {
        throw new RangeError(`${subject} must have its rate in [0, 1): it is ${layer.rate}`);
      }
      return input;
    case "batchNorm":
      checkBatchNorm(layer, subject);
      return input;
    case "add": {
      const other = earlier.get(layer.from);
      if (other === undefined) throw unknownLayer(`"from" of layer "${layer.name}"`, layer.from, earlier);
      if (written(other) !== written(input)) {
        throw new RangeError(
          `${subject} must add equal shapes: "${layer.from}" gives ${written(other)}, the layer before ${
            written(input)
          }`,
        );
      }
      return input;
    }
  }
}

function checkKind(layer: DeepLayerDescription): void {
  const subject = `${CANNOT_BUILD} layer "${layer.name}"`;
  const { kind, name: _, ...rest } = layer;
  if (!Object.hasOwn(KINDS, kind)) {
    const kinds = Object.keys(KINDS).join(", ");
    throw new RangeError(`${subject} must be of a kind there is (${kinds}): it is ${JSON.stringify(kind)}`);
  }
  const unknown = Object.keys(rest).find((property) => !KINDS[kind].includes(property));
  if (unknown !== undefined) {
    throw new RangeError(
      `${subject} must say of a ${kind} only ${["name", ...KINDS[kind]].join(", ")}: it says ${unknown}`,
    );
  }
}

function windows(
  { padding = "valid" }: Conv2dLayerDescription | Pool2dLayerDescription,
  size: Extent2d,
  strides: Extent2d,
  input: readonly number[],
  subject: string,
): [height: number, width: number] {
  if (input.length !== 3) {
    throw new RangeError(`${subject} must have inputs [height, width, channels]: they are ${written(input)}`);
  }
  if (!(["valid", "same"] as Padding[]).includes(padding)) {
    throw new RangeError(`${subject} must have padding valid or same: it is ${JSON.stringify(padding)}`);
  }
  const window = pairOf(size);
  const stride = pairOf(strides);
  if (![...window, ...stride].every(isWhole)) {
    throw new RangeError(
      `${subject} must have windows and strides of whole numbers >= 1: they are ${written(window)} and ${
        written(stride)
      }`,
    );
  }
  if (padding === "valid" && (window[0] > input[0] || window[1] > input[1])) {
    throw new RangeError(
      `${subject} must have windows that fit its inputs: they are ${written(window)} on ${written(input.slice(0, 2))}`,
    );
  }
  const along = (i: 0 | 1) => Math.ceil((padding === "same" ? input[i] : input[i] - window[i] + 1) / stride[i]);
  return [along(0), along(1)];
}

function checkWeights(weights: Conv2dLayerDescription["weights"], bias: number, subject: string): void {
  const width = weights.distribution === "uniform" ? weights.limit : weights.sigma;
  if (!["truncated-normal", "normal", "uniform"].includes(weights.distribution)) {
    throw new RangeError(
      `${subject} must draw weights truncated-normal, normal or uniform: it says ${
        JSON.stringify(weights.distribution)
      }`,
    );
  }
  if (!(width >= 0 && width < Infinity)) {
    throw new RangeError(`${subject} must draw weights of a finite width >= 0: it is ${width}`);
  }
  if (!Number.isFinite(bias)) throw new RangeError(`${subject} must have a finite bias: it is ${bias}`);
}

function checkBatchNorm({ momentum = 0.99, epsilon = 0.001 }: BatchNormLayerDescription, subject: string): void {
  if (!(momentum >= 0 && momentum < 1)) {
    throw new RangeError(`${subject} must have its momentum in [0, 1): it is ${momentum}`);
  }
  if (!(epsilon > 0 && epsilon < Infinity)) {
    throw new RangeError(`${subject} must have a finite epsilon > 0: it is ${epsilon}`);
  }
}

function checkActivation(layer: DeepLayerDescription, last: boolean): void {
  const { activation } = layer as { readonly activation?: Activation };
  if (activation === undefined && layer.kind !== "conv2d" && layer.kind !== "dense") return;
  const subject = `${CANNOT_BUILD} layer "${layer.name}"`;
  if (!ACTIVATIONS.includes(activation!)) {
    throw new RangeError(
      `${subject} must have an activation there is (${ACTIVATIONS.join(", ")}): it is ${JSON.stringify(activation)}`,
    );
  }
  if (!last && activation === "softmax") {
    throw new RangeError(`${subject} must be the last to be softmax: it is not the last`);
  }
}

function checkQuantised(layer: DeepLayerDescription, last: boolean, backend: DeepBackend): void {
  if (!("quantisedBits" in layer) || layer.quantisedBits === undefined) return;
  const { quantisedBits, activation } = layer;
  const subject = `${CANNOT_BUILD} layer "${layer.name}"`;
  if (!(isWhole(quantisedBits) && quantisedBits <= MOST_BITS)) {
    throw new RangeError(`${subject} must be quantised to 1 to ${MOST_BITS} bits: it has ${quantisedBits}`);
  }
  if (last) throw new RangeError(`${subject} must not be quantised as the last: it has ${quantisedBits} bits`);
  if (activation !== "tanh" && activation !== "sigmoid") {
    throw new RangeError(
      `${subject} must be tanh or sigmoid, which have a range, to be quantised: it is ${activation}`,
    );
  }
  if (layer.kind === "dense" && layer.residual) {
    throw new RangeError(`${subject} must not be residual to be quantised, as its values are then no middles of cells`);
  }
  if (backend !== "kernels") {
    throw new RangeError(`${subject} must be trained by the kernels to be quantised: the backend is ${backend}`);
  }
}

function checkLast(last: DeepLayerDescription): void {
  const subject = `${CANNOT_BUILD} the last layer`;
  if (last.kind !== "dense") throw new RangeError(`${subject} must be dense: "${last.name}" is ${last.kind}`);
  if (last.activation !== "softmax" && last.activation !== "sigmoid") {
    throw new RangeError(`${subject} must be softmax or sigmoid: "${last.name}" is ${last.activation}`);
  }
  if (last.residual) throw new RangeError(`${subject} must not be residual: "${last.name}" is`);
  if (last.activation === "sigmoid" && last.units !== 1) {
    throw new RangeError(`${subject} must have one unit to be sigmoid: "${last.name}" has ${last.units}`);
  }
  if (last.activation === "softmax" && (last.units < 2 || last.units > LARGEST_CLASS_COUNT)) {
    throw new RangeError(
      `${subject} must have 2 to ${LARGEST_CLASS_COUNT} units to be softmax: "${last.name}" has ${last.units}`,
    );
  }
}
