/**
 * Fully connected nets trained by the kernels: tanh, ReLU, sigmoid or linear layers under a softmax with cross-entropy.
 *
 * All arithmetic is f32 multiply and add in WebAssembly without relaxed SIMD, in an order fixed by
 * `core/kernels/assembly/dense.ts`; the loss is summed in f64. The same parameters, data and rows give the same bytes on every
 * machine. One call crosses from JavaScript for each step.
 *
 * @module
 */
import type { KernelInstance, Kernels } from "../kernels/mod.ts";

/**
 * Integers that enter keys: `train` for the parameters a run of steps ends with, `forward` for activations. Golden tests in
 * `tests/core/training/dense_test.ts` pin the bytes each stands for; whoever changes bytes raises the integer.
 */
export const ARITHMETIC: { readonly train: number; readonly forward: number } = { train: 1, forward: 1 };

/** What a layer does to its pre-activations; softmax stands last and only there. */
export type DenseActivation = "linear" | "tanh" | "relu" | "sigmoid" | "softmax";

/** A layer of `units` units. */
export interface DenseLayer {
  /** How many, at least 1. */
  readonly units: number;
  /** Applied to each pre-activation, softmax to all of them together. */
  readonly activation: DenseActivation;
}

/** A net from `inputs` numbers to the softmax over its last layer's units, the classes. */
export interface DenseNet {
  /** Numbers in a row of data. */
  readonly inputs: number;
  /** From the input to the softmax. */
  readonly layers: readonly DenseLayer[];
}

/** Plain gradient descent, or Adam with corrected bias (Kingma & Ba 2015, algorithm 1). */
export type DenseOptimiser =
  | { readonly id: "sgd"; readonly rate: number }
  | {
    readonly id: "adam";
    readonly rate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
  };

/** A net in training. n rows of data, d inputs, C classes; arrays handed out are copies. */
export interface DenseEngine {
  /** Σ over layers of (inputs + 1) · units. */
  readonly parameterCount: number;
  /** Copies the data in: `inputs` row-major [n, d], `labels` class indices below C, [n]. */
  setData(inputs: Float32Array, labels: Uint8Array): void;
  /** Layer after layer: weights row-major [inputs, units], then biases [units]. Leaves the optimiser's state alone. */
  setParameters(parameters: Float32Array): void;
  /** A copy, laid out as `setParameters` takes it. */
  parameters(): Float32Array;
  /** Empty for SGD; for Adam the first moments, then the second, each [parameterCount]. */
  optimiserState(): Float32Array;
  /** Continues a run after `steps` updates, on which Adam's bias correction depends. */
  setOptimiserState(state: Float32Array, steps: number): void;
  /** Updates made so far. */
  steps(): number;
  /** One update on the listed rows, each row's gradient with weight 1 / rows.length; the mean cross-entropy in nats before it. */
  step(rows: Uint32Array): number;
  /** The gradient of the mean cross-entropy over the listed rows, laid out as the parameters are; no update. */
  gradient(rows: Uint32Array): Float32Array;
  /** Activations of every layer for n rows of `inputs`, row-major [n, d]; each result row-major [n, units]. */
  forward(inputs: Float32Array): Float32Array[];
  /**
   * The same for the data of `setData`.
   *
   * @param into What an earlier call gave, to be written over and given back; by default new arrays.
   */
  forwardData(into?: Float32Array[]): Float32Array[];
}

const CODES: Readonly<Record<DenseActivation, number>> = { linear: 0, tanh: 1, relu: 2, sigmoid: 3, softmax: 4 };
const LARGEST_CLASS_COUNT = 256;
const LANES = 8;
const PLAN_BYTES = 192;
const LAYER_BYTES = 64;
// Reading four features at a time may run past the last row.
const SLACK_BYTES = 16;

function isWhole(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}

function checkNet(net: DenseNet): void {
  const doing = "Cannot build a dense net as";
  if (!isWhole(net.inputs)) throw new RangeError(`${doing} it must have >= 1 input: ${net.inputs}`);
  if (net.layers.length === 0) throw new RangeError(`${doing} it must have >= 1 layer: there is none`);
  net.layers.forEach(({ units, activation }, i) => {
    const name = `layer ${i + 1}`;
    if (!isWhole(units)) throw new RangeError(`${doing} every layer must have >= 1 unit: ${name} has ${units}`);
    if (!Object.hasOwn(CODES, activation)) {
      throw new RangeError(`${doing} activations are ${Object.keys(CODES).join(", ")}: ${name} has "${activation}"`);
    }
    const last = i === net.layers.length - 1;
    if (last !== (activation === "softmax")) {
      throw new RangeError(`${doing} the last layer and no other must be softmax: ${name} is ${activation}`);
    }
    if (last && (units < 2 || units > LARGEST_CLASS_COUNT)) {
      throw new RangeError(`${doing} the softmax must have 2 to ${LARGEST_CLASS_COUNT} units: it has ${units}`);
    }
  });
}

function checkOptimiser(optimiser: DenseOptimiser): void {
  const doing = "Cannot build a dense net as";
  if (optimiser.id !== "sgd" && optimiser.id !== "adam") {
    throw new RangeError(
      `${doing} the optimiser must be sgd or adam: ${JSON.stringify((optimiser as { id: unknown }).id)}`,
    );
  }
  const { rate } = optimiser;
  if (!(rate >= 0 && rate < Infinity)) throw new RangeError(`${doing} the rate must be >= 0 and finite: ${rate}`);
  if (optimiser.id === "sgd") return;
  for (const name of ["beta1", "beta2"] as const) {
    const beta = optimiser[name];
    if (!(beta >= 0 && beta < 1)) throw new RangeError(`${doing} ${name} must be in [0, 1): ${beta}`);
  }
  if (!(optimiser.epsilon > 0 && optimiser.epsilon < Infinity)) {
    throw new RangeError(`${doing} epsilon must be > 0 and finite: ${optimiser.epsilon}`);
  }
}

/** Where things lie in a kernel instance's memory; addresses in bytes. */
interface Placement {
  readonly plan: number;
  readonly rows: number;
  readonly parameters: number;
  readonly gradients: number;
  readonly moments: readonly [number, number];
  readonly staging: number;
  /** Row-major activations of one batch, by layer. */
  readonly outputs: readonly number[];
}

/** Reserves memory for a net and writes the plan that the kernels read; its offsets are told in `assembly/dense.ts`. */
function place(
  instance: KernelInstance,
  net: DenseNet,
  optimiser: DenseOptimiser,
  maxBatch: number,
  parameterCount: number,
): Placement {
  const blocks = Math.ceil(maxBatch / LANES);
  const blockBytes = (units: number) => blocks * LANES * 4 * units;
  const padded = Math.ceil(parameterCount / 4) * 4;
  const plan = instance.reserve(PLAN_BYTES + LAYER_BYTES * net.layers.length);
  const rows = instance.reserve(blockBytes(1));
  const batchLabels = instance.reserve(blockBytes(1));
  const parameters = instance.reserve(4 * padded);
  const gradients = instance.reserve(4 * padded);
  const momentBytes = optimiser.id === "adam" ? 4 * padded : 0;
  const moments = [instance.reserve(momentBytes), instance.reserve(momentBytes)] as const;
  const inputBlocks = instance.reserve(blockBytes(net.inputs));
  const layers: number[][] = [];
  let inputs = net.inputs;
  let below = inputBlocks;
  let offset = 0;
  for (const { units, activation } of net.layers) {
    const forwardPanels = instance.reserve(4 * (inputs + 1) * units);
    const backwardPanels = instance.reserve(4 * inputs * (units + 1));
    const outputBlocks = instance.reserve(blockBytes(units));
    const errorBlocks = instance.reserve(blockBytes(units));
    const outputRows = instance.reserve(blockBytes(units));
    layers.push([
      ...[inputs, units, CODES[activation], parameters + offset, gradients + offset],
      ...[forwardPanels, backwardPanels, below, outputBlocks, errorBlocks, outputRows],
    ]);
    offset += 4 * (inputs + 1) * units;
    inputs = units;
    below = outputBlocks;
  }
  const staging = instance.reserve(4 * maxBatch * net.inputs + SLACK_BYTES);

  const { buffer } = instance.exports.memory;
  new Uint32Array(buffer, plan, 13).set([
    ...[net.layers.length, net.inputs, 0, 0, rows, batchLabels, inputBlocks, parameters, gradients, padded],
    ...[optimiser.id === "adam" ? 1 : 0, ...moments],
  ]);
  const { rate, beta1, beta2, epsilon } = { beta1: 0, beta2: 0, epsilon: 0, ...optimiser };
  new Float64Array(buffer, plan + 64, 6).set([rate, beta1, beta2, epsilon, 1, 1]);
  layers.forEach((words, k) => new Uint32Array(buffer, plan + PLAN_BYTES + k * LAYER_BYTES, words.length).set(words));
  return { plan, rows, parameters, gradients, moments, staging, outputs: layers.map((words) => words[10]) };
}

/**
 * A net with its own memory, parameters zero until set.
 *
 * Losses and parameters that stop being finite are handed back as they are: what counts as diverged is the caller's to say.
 *
 * @param kernels From `loadKernels()`.
 * @param net Inputs and layers; the last layer is the softmax over 2 to 256 classes.
 * @param options.optimiser How `step` updates.
 * @param options.maxBatch The most rows a step or a gradient takes; sets the memory, not the arithmetic.
 * @throws {RangeError} If the net, the optimiser or the batch cannot be.
 *
 * @example A net that knows nothing is wrong by ln 2 nats
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadKernels } from "../kernels/mod.ts";
 * const net = createDenseEngine(await loadKernels(), {
 *   inputs: 1,
 *   layers: [{ units: 2, activation: "softmax" }],
 * }, { optimiser: { id: "sgd", rate: 1 }, maxBatch: 2 });
 * net.setData(Float32Array.of(-1, 1), Uint8Array.of(0, 1));
 * assert.equal(net.step(Uint32Array.of(0, 1)), Math.LN2);
 * assert.deepEqual(net.parameters(), Float32Array.of(-0.5, 0.5, 0, 0));
 * ```
 */
export function createDenseEngine(
  kernels: Kernels,
  net: DenseNet,
  options: { readonly optimiser: DenseOptimiser; readonly maxBatch: number },
): DenseEngine {
  const { optimiser, maxBatch } = options;
  checkNet(net);
  checkOptimiser(optimiser);
  if (!isWhole(maxBatch)) throw new RangeError(`Cannot build a dense net as maxBatch must be >= 1: ${maxBatch}`);
  let parameterCount = 0;
  net.layers.forEach(({ units }, i) =>
    parameterCount += units * (1 + (i === 0 ? net.inputs : net.layers[i - 1].units))
  );
  const classes = net.layers[net.layers.length - 1].units;

  const instance = kernels.instantiate();
  const { exports } = instance;
  const at = place(instance, net, optimiser, maxBatch, parameterCount);
  const dataStart = instance.mark();
  let dataPointer = 0;
  let dataRows = 0;
  let steps = 0;

  const floats = (pointer: number, length: number) => new Float32Array(exports.memory.buffer, pointer, length);
  let rowView = new Uint32Array(exports.memory.buffer, at.rows, maxBatch);

  function checkLength(doing: string, array: Float32Array, length: number): void {
    if (array.length !== length) {
      throw new TypeError(`Cannot ${doing} as there must be ${length} numbers: there are ${array.length}`);
    }
  }

  function takeRows(doing: string, rows: Uint32Array): void {
    if (rows.length < 1 || rows.length > maxBatch) {
      throw new RangeError(`Cannot ${doing} as a batch must have 1 to ${maxBatch} rows: it has ${rows.length}`);
    }
    // Memory that has grown leaves its old views empty.
    if (rowView.buffer !== exports.memory.buffer) rowView = new Uint32Array(exports.memory.buffer, at.rows, maxBatch);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (row >= dataRows) {
        throw new RangeError(`Cannot ${doing} as there are ${dataRows} rows of data: rows[${i}] is ${row}`);
      }
      rowView[i] = row;
    }
  }

  /** Activations of n rows, a batch at a time; `load` tells where a batch's rows are and which is its first. */
  function activations(
    n: number,
    load: (first: number, count: number) => [pointer: number, first: number],
    result: Float32Array[] = net.layers.map(({ units }) => new Float32Array(n * units)),
  ): Float32Array[] {
    net.layers.forEach(({ units }, k) => checkLength("run forward", result[k], n * units));
    exports.denseForwardBegin(at.plan);
    for (let first = 0; first < n; first += maxBatch) {
      const count = Math.min(maxBatch, n - first);
      exports.denseForward(at.plan, ...load(first, count), count);
      net.layers.forEach(({ units }, k) => result[k].set(floats(at.outputs[k], count * units), first * units));
    }
    return result;
  }

  return {
    parameterCount,
    setData(inputs, labels): void {
      const n = labels.length;
      checkLength("set data", inputs, n * net.inputs);
      const wrong = labels.findIndex((label) => label >= classes);
      if (wrong >= 0) {
        throw new RangeError(
          `Cannot set data as labels must be below ${classes}: labels[${wrong}] is ${labels[wrong]}`,
        );
      }
      instance.release(dataStart);
      dataRows = 0;
      dataPointer = instance.reserve(4 * inputs.length + SLACK_BYTES);
      const labelPointer = instance.reserve(n);
      floats(dataPointer, inputs.length).set(inputs);
      new Uint8Array(exports.memory.buffer, labelPointer, n).set(labels);
      new Uint32Array(exports.memory.buffer, at.plan + 8, 2).set([dataPointer, labelPointer]);
      dataRows = n;
    },
    setParameters(parameters): void {
      checkLength("set parameters", parameters, parameterCount);
      floats(at.parameters, parameterCount).set(parameters);
    },
    parameters: () => floats(at.parameters, parameterCount).slice(),
    optimiserState(): Float32Array {
      if (optimiser.id === "sgd") return new Float32Array(0);
      const state = new Float32Array(2 * parameterCount);
      at.moments.forEach((pointer, i) => state.set(floats(pointer, parameterCount), i * parameterCount));
      return state;
    },
    setOptimiserState(state, stepsSoFar): void {
      checkLength("set the optimiser's state", state, optimiser.id === "sgd" ? 0 : 2 * parameterCount);
      if (!(Number.isInteger(stepsSoFar) && stepsSoFar >= 0)) {
        throw new RangeError(`Cannot set the optimiser's state as steps must be a whole number >= 0: ${stepsSoFar}`);
      }
      steps = stepsSoFar;
      if (optimiser.id === "sgd") return;
      at.moments.forEach((pointer, i) => {
        floats(pointer, parameterCount).set(state.subarray(i * parameterCount, (i + 1) * parameterCount));
      });
      let power1 = 1;
      let power2 = 1;
      for (let i = 0; i < steps; i++) {
        power1 *= optimiser.beta1;
        power2 *= optimiser.beta2;
      }
      new Float64Array(exports.memory.buffer, at.plan + 96, 2).set([power1, power2]);
    },
    steps: () => steps,
    step(rows): number {
      takeRows("make a step", rows);
      steps++;
      return exports.denseStep(at.plan, rows.length);
    },
    gradient(rows): Float32Array {
      takeRows("take a gradient", rows);
      exports.denseGradient(at.plan, rows.length);
      return floats(at.gradients, parameterCount).slice();
    },
    forward(inputs): Float32Array[] {
      const n = inputs.length / net.inputs;
      if (!Number.isInteger(n)) {
        throw new TypeError(
          `Cannot run forward as inputs must be rows of ${net.inputs} numbers: there are ${inputs.length}`,
        );
      }
      return activations(n, (first, count) => {
        const part = inputs.subarray(first * net.inputs, (first + count) * net.inputs);
        floats(at.staging, part.length).set(part);
        return [at.staging, 0];
      });
    },
    forwardData: (into) => activations(dataRows, (first) => [dataPointer, first], into),
  };
}
