/**
 * Convolutional nets trained by the kernels: convolutions, pools, residual sums and dense layers under a softmax, or one logistic unit,
 * with cross-entropy.
 *
 * All arithmetic is f32 multiply and add in WebAssembly without relaxed SIMD, in an order fixed by
 * `core/kernels/assembly/convolution.ts`; the loss is summed in f64. The same parameters, data and rows give the same bytes on every
 * machine.
 *
 * @module
 */
import type { Activation } from "../contracts/architecture.ts";
import type { DeepLayerDescription, DeepNetDescription } from "../contracts/deep_net.ts";
import type { Tensor } from "../contracts/tensor.ts";
import type { KernelInstance, Kernels } from "../kernels/mod.ts";
import { checkOptimiser, CODES, DEFAULT_SLOPE, type DenseOptimiser, kindOf, powersAfter } from "./dense.ts";
import { parameterTensors, tapsOf } from "./net.ts";
import { layerShapes, pairOf } from "./layer_shapes.ts";

/**
 * Integers that enter keys: `train` for the parameters a run of steps ends with, `forward` for activations and what is known of their
 * range. Golden tests in `tests/core/training/convolution_test.ts` pin the bytes each stands for; whoever changes bytes raises the
 * integer.
 */
export const CONVOLUTION_ARITHMETIC: { readonly train: number; readonly forward: number } = { train: 1, forward: 2 };

/** A convolutional net in training; arrays handed out are copies. */
export interface ConvolutionEngine {
  /** Numbers in the parameters. */
  readonly parameterCount: number;
  /** Layers that have parameters, from the input up: where theirs begin and end. */
  readonly parts: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  /** Layer after layer as `parameterTensors` lists them. Leaves the optimiser's state alone. */
  setParameters(parameters: ArrayLike<number>): void;
  /** A copy, laid out as `setParameters` takes it. */
  parameters(): Float32Array;
  /** Empty for plain SGD and Langevin; the velocities of momentum; Adam's first moments, then its second, each [parameterCount]. */
  optimiserState(): Float32Array;
  /** Continues a run after `steps` updates, on which Adam's bias correction depends. */
  setOptimiserState(state: ArrayLike<number>, steps: number): void;
  /**
   * One update on the listed rows of the data, each row's gradient with weight 1 / rows.length; the mean cross-entropy in nats before
   * it.
   *
   * @param noise ξ of Langevin dynamics, [parameterCount]; of no other optimiser.
   */
  step(rows: Uint32Array, noise?: Float64Array): number;
  /** The gradient of the mean cross-entropy over the listed rows, laid out as the parameters are; no update. */
  gradient(rows: Uint32Array): Float32Array;
  /** The same with Σ ‖g_i‖² over the rows of each of `parts`. */
  gradientSquares(rows: Uint32Array): { readonly gradient: Float32Array; readonly squares: Float64Array };
  /**
   * Activations of every tap for the listed rows, row-major [rows, units], at most `maxBatch` of them.
   *
   * @param into Arrays to write to, from the place of row `at` on.
   */
  forward(rows: Uint32Array, into: readonly Float32Array[], at: number): void;
  /** Pre-activations of the output for the rows of the latest `forward`, row-major [rows, units]. */
  logits(): Float32Array;
}

/** The data that an engine learns from or measures. */
export interface ConvolutionData {
  /** Shape [n, ...features]; bytes with a scale stay bytes. */
  readonly inputs: Tensor;
  /** Class indices, [n]. */
  readonly labels: Uint8Array;
}

const PLAN_BYTES = 192;
const LAYER_BYTES = 192;
const LANES = 8;
const DENSE = 0;
const CONVOLUTION = 1;
const LARGEST = 2;
const MEAN = 3;
const SUM = 4;
const BINARY_OUTPUT = 5;
const CANNOT = "Cannot train a net by the kernels as";

/** A layer that computes, with the shapes around it. */
interface Operation {
  readonly name: string;
  readonly kind: number;
  readonly activation: number;
  readonly quantisedBits?: number;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly window: readonly [number, number];
  readonly steps: readonly [number, number];
  readonly padding: readonly [number, number];
  /** Index of the operation whose output it takes; −1 for the data. */
  readonly below: number;
  /** Index of the operation that a sum adds. */
  readonly from?: number;
}

/**
 * What the kernels cannot train; tfjs can.
 *
 * @returns The reason, or undefined.
 */
export function whyNotByKernels({ layers }: DeepNetDescription): string | undefined {
  for (const layer of layers) {
    if (layer.kind === "dropout" || layer.kind === "batchNorm") {
      return `layers must be convolutions, pools, sums and dense ones: "${layer.name}" is ${layer.kind}`;
    }
    if (layer.kind === "dense" && layer.residual) {
      return `a dense layer must not be residual: "${layer.name}" is; an add layer does the same`;
    }
  }
  return undefined;
}

/** The layers that compute: a flattened output is the same memory. */
function operationsOf(net: DeepNetDescription): Operation[] {
  const shapes = layerShapes(net);
  const operations: Operation[] = [];
  const indexOf = new Map<string, number>();
  let below = -1;
  let input = net.inputShape;
  net.layers.forEach((layer, i) => {
    const output = shapes.get(layer.name)!;
    if (layer.kind !== "flatten") {
      operations.push({ ...operationOf(layer, input, output, i === net.layers.length - 1), below, ...fromOf(layer) });
      below = operations.length - 1;
    }
    indexOf.set(layer.name, below);
    input = output;
  });
  return operations;

  function fromOf(layer: DeepLayerDescription): { from?: number } {
    if (layer.kind !== "add") return {};
    const from = indexOf.get(layer.from)!;
    if (from < 0) throw new RangeError(`${CANNOT} a sum must add a layer's output: "${layer.name}" adds the data`);
    return { from };
  }
}

function operationOf(
  layer: DeepLayerDescription,
  input: readonly number[],
  output: readonly number[],
  last: boolean,
): Omit<Operation, "below" | "from"> {
  const quantisedBits = "quantisedBits" in layer ? layer.quantisedBits : undefined;
  const [window, steps, padding] = [[1, 1], [1, 1], [0, 0]] as const;
  const plain = { name: layer.name, quantisedBits, input, output, window, steps, padding } as const;
  switch (layer.kind) {
    case "conv2d": {
      const window = pairOf(layer.kernelSize);
      const steps = pairOf(layer.strides ?? 1);
      const padding = paddingOf(layer.padding, input, output, window, steps);
      return { ...plain, kind: CONVOLUTION, activation: codeOf(layer.activation), window, steps, padding };
    }
    case "maxPool2d":
    case "averagePool2d": {
      const window = pairOf(layer.poolSize);
      const steps = pairOf(layer.strides ?? layer.poolSize);
      const padding = paddingOf(layer.padding, input, output, window, steps);
      return { ...plain, kind: layer.kind === "maxPool2d" ? LARGEST : MEAN, activation: 0, window, steps, padding };
    }
    case "add":
      return { ...plain, kind: SUM, activation: codeOf(layer.activation ?? "linear") };
    case "dense": {
      const activation = last && layer.activation === "sigmoid" ? BINARY_OUTPUT : codeOf(layer.activation);
      return { ...plain, kind: DENSE, activation };
    }
    default:
      throw new RangeError(`${CANNOT} there is no kernel for ${layer.kind}`);
  }
}

function codeOf(activation: Activation): number {
  return CODES[activation];
}

/** Zeros above and at the left, as TensorFlow lays them: the smaller half. */
function paddingOf(
  padding: "valid" | "same" | undefined,
  input: readonly number[],
  output: readonly number[],
  window: readonly [number, number],
  steps: readonly [number, number],
): [number, number] {
  if (padding !== "same") return [0, 0];
  const along = (i: 0 | 1) => Math.floor(Math.max(0, (output[i] - 1) * steps[i] + window[i] - input[i]) / 2);
  return [along(0), along(1)];
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const blocksOf = (rows: number) => Math.ceil(rows / LANES);

/** Where things lie in a kernel instance's memory; addresses in bytes. */
interface Placement {
  readonly plan: number;
  readonly inputs: number;
  readonly labels: number;
  readonly parameters: number;
  readonly gradients: number;
  readonly moments: readonly number[];
  readonly noise: number;
  readonly squares: number;
  readonly logits: number;
  /** Row-major outputs of the taps. */
  readonly taps: readonly number[];
}

/** Reserves memory for a net and writes the plan that the kernels read; its offsets are told in `assembly/convolution.ts`. */
function place(
  instance: KernelInstance,
  net: DeepNetDescription,
  operations: readonly Operation[],
  optimiser: DenseOptimiser,
  maxBatch: number,
  parameterCount: number,
): Placement {
  const blocks = blocksOf(maxBatch);
  const block = (values: number) => 4 * LANES * values;
  const padded = Math.ceil(parameterCount / 4) * 4;
  const plan = instance.reserve(PLAN_BYTES + LAYER_BYTES * operations.length);
  const inputs = instance.reserve(blocks * block(size(net.inputShape)));
  const labels = instance.reserve(blocks * block(1));
  const parameters = instance.reserve(4 * padded);
  const gradients = instance.reserve(4 * padded);
  const kind = kindOf(optimiser);
  const moments = Array.from({ length: kind.moments }, () => instance.reserve(4 * padded));
  const noise = optimiser.id === "langevin" ? instance.reserve(4 * padded) : 0;
  const squares = instance.reserve(8 * operations.length);

  /** Dense layers keep every block of what they take and of their errors. */
  const keepsOutput = operations.map((_, k) => operations.some(({ kind, below }) => kind === DENSE && below === k));
  const outputs = operations.map(({ output }, k) => {
    const step = block(size(output));
    return keepsOutput[k] ? { at: instance.reserve(blocks * step), step } : { at: instance.reserve(step), step: 0 };
  });
  const errors = operations.map(({ output, kind }) => {
    const step = block(size(output));
    return kind === DENSE ? { at: instance.reserve(blocks * step), step } : { at: instance.reserve(step), step: 0 };
  });
  const saved = operations.map(({ output }, k) =>
    operations.some(({ from }) => from === k) ? instance.reserve(block(size(output))) : 0
  );
  const activations = operations.map(({ output, quantisedBits }) =>
    quantisedBits === undefined ? 0 : instance.reserve(block(size(output)))
  );
  const taps = tapsOf(net);
  const tapAt = new Map(taps.map((name) => [name, 0]));
  const rows = blocks * LANES;
  const last = operations.length - 1;
  const logits = instance.reserve(4 * rows * size(operations[last].output));
  let offset = 0;
  const records = operations.map((operation, k) => {
    const { name, kind, activation, quantisedBits, input, output, window, steps, padding, below, from } = operation;
    const [high, wide, channels] = input.length === 3 ? input : [1, 1, size(input)];
    const [outHigh, outWide, units] = output.length === 3 ? output : [1, 1, size(output)];
    const learns = kind === DENSE || kind === CONVOLUTION;
    const fanIn = kind === DENSE ? size(input) : window[0] * window[1] * channels;
    const weights = parameters + offset;
    const gradient = gradients + offset;
    if (learns) offset += 4 * (fanIn + 1) * units;
    // Panels of one tile have a bias each; no more than one an output.
    const up = learns ? instance.reserve(4 * (fanIn + 1) * units) : 0;
    const turned = kind === DENSE ? fanIn * (units + 1) : channels * (window[0] * window[1] * units + 1);
    const down = learns && below >= 0 ? instance.reserve(4 * turned) : 0;
    // Windows may reach beyond the end as well as before the start.
    const reach = (i: 0 | 1) => (output[i] - 1) * steps[i] + window[i];
    const isPadded = kind === CONVOLUTION &&
      (padding[0] > 0 || padding[1] > 0 || reach(0) > input[0] || reach(1) > input[1]);
    const paddedHigh = isPadded ? Math.max(reach(0), padding[0] + high) : 0;
    const paddedWide = isPadded ? Math.max(reach(1), padding[1] + wide) : 0;
    const paddedInput = isPadded ? instance.reserve(block(paddedHigh * paddedWide * channels)) : 0;
    const spreads = kind === CONVOLUTION && below >= 0;
    const spreadWide = wide + window[1] - 1;
    const spread = spreads ? instance.reserve(block((high + window[0] - 1) * spreadWide * units)) : 0;
    const tap = tapAt.has(name) ? instance.reserve(4 * rows * size(output)) : 0;
    tapAt.set(name, tap);
    const source = below < 0 ? { at: inputs, step: block(size(net.inputShape)) } : outputs[below];
    const record = new Uint32Array(LAYER_BYTES / 4);
    const word = (at: number, ...values: number[]) => record.set(values, at / 4);
    const layerAt = (index: number) => plan + PLAN_BYTES + LAYER_BYTES * index;
    word(0, fanIn, units, activation, weights, gradient, up, down);
    word(40, tap, activations[k], saved[k]);
    new Float32Array(record.buffer).set([DEFAULT_SLOPE, quantisedBits === undefined ? 0 : 1 << quantisedBits], 52 / 4);
    word(60, kind, source.at, source.step, outputs[k].at, outputs[k].step, errors[k].at, errors[k].step, size(output));
    word(92, high, wide, channels, outHigh, outWide, ...window, ...steps, ...padding);
    word(136, paddedInput, paddedWide, spread, spreadWide, from === undefined ? 0 : layerAt(from));
    word(156, below < 0 ? 0 : layerAt(below), k === last ? logits : 0);
    return record;
  });

  const { buffer } = instance.exports.memory;
  new Uint32Array(buffer, plan, 15).set([
    ...[operations.length, size(net.inputShape), 0, 0, 0, labels, inputs, parameters, gradients, padded],
    ...[kind.code, moments[0] ?? 0, moments[1] ?? 0, noise, maxBatch],
  ]);
  const { rate, beta1, beta2, epsilon } = { beta1: 0, beta2: 0, epsilon: 0, ...optimiser };
  const first = optimiser.id === "sgd" ? optimiser.momentum ?? 0 : beta1;
  new Float64Array(buffer, plan + 64, 8).set([rate, first, beta2, epsilon, 1, 1, 0, optimiser.weightDecay ?? 0]);
  records.forEach((record, k) => {
    new Uint32Array(buffer, plan + PLAN_BYTES + k * LAYER_BYTES, record.length).set(record);
  });
  const tapPointers = taps.map((name) => tapAt.get(name)!);
  return { plan, inputs, labels, parameters, gradients, moments, noise, squares, logits, taps: tapPointers };
}

/**
 * A net with its own memory and data, parameters zero until set.
 *
 * Losses and parameters that stop being finite are handed back as they are: what counts as diverged is the caller's to say.
 *
 * @param kernels From `loadKernels()`.
 * @param net Without dropout and batch norms.
 * @param options.maxBatch The most rows a step, a gradient or a forward pass takes; sets the memory, not the arithmetic.
 * @throws {RangeError} If the net, the optimiser or the batch cannot be.
 *
 * @example A net that knows nothing is wrong by ln 2 nats
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadKernels } from "../kernels/mod.ts";
 * const weights = { distribution: "normal", sigma: 0.1 } as const;
 * const engine = createConvolutionEngine(await loadKernels(), {
 *   kind: "deep",
 *   inputShape: [2, 2, 1],
 *   layers: [
 *     { kind: "conv2d", name: "conv", filters: 3, kernelSize: 2, activation: "relu", weights, bias: 0 },
 *     { kind: "flatten", name: "flat" },
 *     { kind: "dense", name: "out", units: 2, activation: "softmax", weights, bias: 0 },
 *   ],
 * }, { inputs: { data: Float32Array.of(1, 2, 3, 4), shape: [1, 2, 2, 1] }, labels: Uint8Array.of(1) }, {
 *   optimiser: { id: "sgd", rate: 1 },
 *   maxBatch: 1,
 * });
 * assert.equal(engine.step(Uint32Array.of(0)), Math.LN2);
 * assert.deepEqual(engine.parameters().slice(-2), Float32Array.of(-0.5, 0.5));
 * ```
 */
export function createConvolutionEngine(
  kernels: Kernels,
  net: DeepNetDescription,
  data: ConvolutionData,
  options: { readonly optimiser: DenseOptimiser; readonly maxBatch: number },
): ConvolutionEngine {
  const { optimiser, maxBatch } = options;
  checkOptimiser(optimiser);
  const why = whyNotByKernels(net);
  if (why !== undefined) throw new RangeError(`${CANNOT} ${why}`);
  if (!(Number.isInteger(maxBatch) && maxBatch >= 1)) {
    throw new RangeError(`${CANNOT} maxBatch must be >= 1: it is ${maxBatch}`);
  }
  const operations = operationsOf(net);
  const features = size(net.inputShape);
  const outputs = size(operations[operations.length - 1].output);
  const classes = outputs === 1 ? 2 : outputs;
  checkData(data, features, classes);
  const parts = partsOf(net);
  const parameterCount = parts[parts.length - 1].to;
  const instance = kernels.instantiate();
  const { exports } = instance;
  const at = place(instance, net, operations, optimiser, maxBatch, parameterCount);
  const floats = (pointer: number, length: number) => new Float32Array(exports.memory.buffer, pointer, length);
  const read = readerOf(data.inputs);
  let passed = 0;

  function take(rows: Uint32Array): void {
    if (rows.length < 1 || rows.length > maxBatch) {
      throw new RangeError(`${CANNOT} a batch must have 1 to ${maxBatch} rows: it has ${rows.length}`);
    }
    const lanes = blocksOf(rows.length) * LANES;
    const blocks = floats(at.inputs, lanes * features);
    const labels = new Uint32Array(exports.memory.buffer, at.labels, lanes);
    for (let i = 0; i < lanes; i++) {
      // Lanes beyond the batch repeat its last row and carry no error.
      const row = rows[Math.min(i, rows.length - 1)];
      if (row >= data.labels.length) {
        throw new RangeError(`${CANNOT} there are ${data.labels.length} rows of data: a batch asks for row ${row}`);
      }
      read(row * features, features, blocks, Math.floor(i / LANES) * LANES * features + i % LANES);
      labels[i] = data.labels[row];
    }
  }

  function checkLength(what: string, array: ArrayLike<number>, length: number): void {
    if (array.length !== length) {
      throw new TypeError(`${CANNOT} ${what} must be ${length} numbers: there are ${array.length}`);
    }
  }

  return {
    parameterCount,
    parts,
    setParameters(parameters) {
      checkLength("parameters", parameters, parameterCount);
      floats(at.parameters, parameterCount).set(parameters);
    },
    parameters: () => floats(at.parameters, parameterCount).slice(),
    optimiserState() {
      const state = new Float32Array(at.moments.length * parameterCount);
      at.moments.forEach((pointer, i) => state.set(floats(pointer, parameterCount), i * parameterCount));
      return state;
    },
    setOptimiserState(state, steps) {
      checkLength("the optimiser's state", state, at.moments.length * parameterCount);
      const values = Float32Array.from(state);
      at.moments.forEach((pointer, i) => {
        floats(pointer, parameterCount).set(values.subarray(i * parameterCount, (i + 1) * parameterCount));
      });
      new Float64Array(exports.memory.buffer, at.plan + 96, 2).set(powersAfter(optimiser, steps));
    },
    step(rows, noise) {
      if ((noise !== undefined) !== (optimiser.id === "langevin")) {
        throw new TypeError(`${CANNOT} Langevin dynamics, and it alone, needs noise: the optimiser is ${optimiser.id}`);
      }
      if (noise !== undefined && optimiser.id === "langevin") {
        checkLength("noise", noise, parameterCount);
        const scale = Math.sqrt(2 * optimiser.rate * optimiser.temperature);
        const target = floats(at.noise, parameterCount);
        for (let i = 0; i < parameterCount; i++) target[i] = scale * noise[i];
      }
      take(rows);
      return exports.convolutionStep(at.plan, rows.length);
    },
    gradient(rows) {
      take(rows);
      exports.convolutionGradient(at.plan, rows.length, 0);
      return floats(at.gradients, parameterCount).slice();
    },
    gradientSquares(rows) {
      take(rows);
      const sums = new Float64Array(exports.memory.buffer, at.squares, operations.length);
      sums.fill(0);
      exports.convolutionGradient(at.plan, rows.length, at.squares);
      const byName = new Map(operations.map(({ name }, k) => [name, sums[k]]));
      const squares = Float64Array.from(parts, ({ name }) => byName.get(name)!);
      return { gradient: floats(at.gradients, parameterCount).slice(), squares };
    },
    forward(rows, into, from) {
      take(rows);
      exports.convolutionForwardBegin(at.plan);
      exports.convolutionForward(at.plan, rows.length);
      passed = rows.length;
      at.taps.forEach((pointer, k) => {
        const units = into[k].length / data.labels.length;
        into[k].set(floats(pointer, rows.length * units), from * units);
      });
    },
    logits: () => floats(at.logits, passed * outputs).slice(),
  };
}

/** Stretches of the parameters, a layer each. */
function partsOf(net: DeepNetDescription): { name: string; from: number; to: number }[] {
  const parts: { name: string; from: number; to: number }[] = [];
  let to = 0;
  for (const { name, shape } of parameterTensors(net)) {
    const layer = name.slice(0, name.lastIndexOf("."));
    const from = to;
    to += size(shape);
    const last = parts[parts.length - 1];
    if (last?.name === layer) last.to = to;
    else parts.push({ name: layer, from, to });
  }
  return parts;
}

function checkData({ inputs, labels }: ConvolutionData, features: number, classes: number): void {
  if (inputs.data.length !== labels.length * features) {
    throw new TypeError(
      `${CANNOT} inputs must be ${labels.length} rows of ${features} numbers: there are ${inputs.data.length} numbers`,
    );
  }
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    throw new RangeError(`${CANNOT} labels must be below ${classes}: labels[${wrong}] is ${labels[wrong]}`);
  }
}

/** Writes numbers that a tensor means, from its place `from` on, eight apart; `data × scale + offset` in f64, rounded to f32. */
function readerOf({ data, scale = 1, offset = 0 }: Tensor) {
  if (data instanceof Uint8Array) {
    const meaning = Float32Array.from({ length: 256 }, (_, byte) => byte * scale + offset);
    return (from: number, count: number, into: Float32Array, at: number) => {
      for (let f = 0; f < count; f++, at += LANES) into[at] = meaning[data[from + f]];
    };
  }
  return (from: number, count: number, into: Float32Array, at: number) => {
    for (let f = 0; f < count; f++, at += LANES) into[at] = data[from + f] * scale + offset;
  };
}
