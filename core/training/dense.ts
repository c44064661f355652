/**
 * Fully connected nets trained by the kernels: layers of any depth and width under a softmax, or one logistic unit, with
 * cross-entropy.
 *
 * All arithmetic is f32 multiply and add in WebAssembly without relaxed SIMD, in an order fixed by
 * `core/kernels/assembly/dense.ts`; the loss is summed in f64. The same parameters, data and rows give the same bytes on every
 * machine. One call crosses from JavaScript for each step.
 *
 * @module
 */
import type { Stream } from "../contracts/stream.ts";
import type { KernelInstance, Kernels } from "../kernels/mod.ts";

/**
 * Integers that enter keys: `train` for the parameters a run of steps ends with, `forward` for activations. Golden tests in
 * `tests/core/training/dense_test.ts` pin the bytes each stands for; whoever changes bytes raises the integer.
 */
export const ARITHMETIC: { readonly train: number; readonly forward: number } = { train: 1, forward: 1 };

/** What a layer does to its pre-activations; softmax stands last and only there. */
export type DenseActivation = "linear" | "tanh" | "relu" | "leaky-relu" | "sigmoid" | "softplus" | "softmax";

/**
 * A layer of `units` units: h = q(f(Wx + b)) + x + σZ, where q quantises, + x stands in residual layers alone, and Z is standard normal, drawn
 * anew for every unit, row and pass.
 */
export interface DenseLayer {
  /** How many, at least 1. */
  readonly units: number;
  /** Applied to each pre-activation, softmax to all of them together. */
  readonly activation: DenseActivation;
  /** Slope of a leaky ReLU below 0, in (0, 1), as the nearest float32 in either precision; 0.01 unless told. */
  readonly slope?: number;
  /** True if the layer adds its input to its output; it must have as many units as inputs. */
  readonly residual?: boolean;
  /**
   * b from 1 to 16: the activation, tanh or sigmoid, becomes the middle of one of 2^b equal cells of its range. The error passes
   * through as if it had not (the straight-through estimator; Bengio, Léonard and Courville, arXiv:1308.3432).
   */
  readonly quantisedBits?: number;
  /** σ of the noise, > 0; none unless told. The output of a net whose loss is its own has none. */
  readonly noise?: number;
}

/**
 * A net from `inputs` numbers to its classes: the softmax over its last layer's units, or two classes by one sigmoid unit that gives
 * the probability of the second.
 */
export interface DenseNet {
  /** Numbers in a row of data. */
  readonly inputs: number;
  /** From the input to the output. */
  readonly layers: readonly DenseLayer[];
  /**
   * `given`: the output may be any layer but a softmax, and `stepFrom` takes the derivatives of a loss that is computed elsewhere;
   * float32 only. Cross-entropy unless told.
   */
  readonly loss?: "cross-entropy" | "given";
  /** Of data, parameters and activations; float32 unless told. float64 is some ten times slower. */
  readonly precision?: "float32" | "float64";
}

/** Numbers of a net of either precision. */
export type DenseValues = Float32Array | Float64Array;

/**
 * Gradient descent, plain or with momentum (m ← μm + g, p ← p − ηm); Adam with corrected bias (Kingma & Ba 2015, algorithm 1); or
 * Langevin dynamics, p ← p − ηg + √(2ηT) ξ with standard normal ξ. Weight decay λ adds λp to the gradient of every parameter.
 */
export type DenseOptimiser =
  | { readonly id: "sgd"; readonly rate: number; readonly momentum?: number; readonly weightDecay?: number }
  | {
    readonly id: "adam";
    readonly rate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly weightDecay?: number;
  }
  | { readonly id: "langevin"; readonly rate: number; readonly temperature: number; readonly weightDecay?: number };

/**
 * A net in training. n rows of data, d inputs, C classes; arrays handed out are copies, Float32Array or, of a net of float64,
 * Float64Array.
 */
export interface DenseEngine<Values extends DenseValues = Float32Array> {
  /** Σ over layers of (inputs + 1) · units. */
  readonly parameterCount: number;
  /** Copies the data in: `inputs` row-major [n, d], `labels` class indices below C, [n]. */
  setData(inputs: ArrayLike<number>, labels: Uint8Array): void;
  /** Layer after layer: weights row-major [inputs, units], then biases [units]. Leaves the optimiser's state alone. */
  setParameters(parameters: ArrayLike<number>): void;
  /** A copy, laid out as `setParameters` takes it. */
  parameters(): Values;
  /** Empty for plain SGD and Langevin; the velocities of momentum; Adam's first moments, then its second, each [parameterCount]. */
  optimiserState(): Values;
  /** Continues a run after `steps` updates, on which Adam's bias correction depends. */
  setOptimiserState(state: Values, steps: number): void;
  /**
   * Where noisy layers draw from, from the next pass on: layer k = 1…K from the stream's child k, row after row, unit after unit, so that
   * the noise depends neither on batches nor on other layers. Without effect on nets that have none.
   */
  setNoise(stream: Stream): void;
  /** Updates made so far. */
  steps(): number;
  /**
   * One update on the listed rows, each row's gradient with weight 1 / rows.length; the mean cross-entropy in nats before it.
   *
   * @param noise ξ of Langevin dynamics, [parameterCount]; of no other optimiser.
   */
  step(rows: Uint32Array, noise?: Float64Array): number;
  /** Outputs of the last layer for the listed rows, row-major [rows, units]; of nets whose loss is given. */
  outputs(rows: Uint32Array): Values;
  /**
   * One update for the rows of the latest `outputs`.
   *
   * @param errors Derivatives of the loss by those outputs, [rows, units]; the gradient sums over the rows.
   */
  stepFrom(errors: Values): void;
  /** The gradient of the mean cross-entropy over the listed rows, laid out as the parameters are; no update. */
  gradient(rows: Uint32Array): Values;
  /** Activations of every layer for n rows of `inputs`, row-major [n, d]; each result row-major [n, units]. */
  forward(inputs: Values): Values[];
  /**
   * The same for the data of `setData`.
   *
   * @param into What an earlier call gave, to be written over and given back; by default new arrays.
   * @param centres Written over with the activations of each layer without its own noise, that of the layers below it included.
   */
  forwardData(into?: Values[], centres?: Values[]): Values[];
  /**
   * The kernels' instance and the address of the plan in it, for kernels that read what `gradient` leaves: inputs and errors of every
   * layer. Memory reserved there lasts until `setData`.
   */
  readonly inside: { readonly instance: KernelInstance; readonly plan: number };
}

/** How the kernels know an activation. */
export const CODES: Readonly<Record<DenseActivation, number>> = {
  ...{ linear: 0, tanh: 1, relu: 2, sigmoid: 3, softmax: 4, "leaky-relu": 6, softplus: 7 },
};
/** A sigmoid as the output, which shares its kernel with the loss. */
const BINARY_OUTPUT = 5;
/** Of a leaky ReLU below 0. */
export const DEFAULT_SLOPE = 0.01;
const MOST_BITS = 16;
const LARGEST_CLASS_COUNT = 256;
const LANES = 8;
const PLAN_BYTES = 192;
const LAYER_BYTES = 64;
/** Calls and copies cost less the fewer they are; this much of a layer is copied out at a time. */
const MOST_FORWARD_ROWS = 4096;
const FORWARD_BYTES = 1 << 20;
// Reading four features at a time may run past the last row.
const SLACK_BYTES = 16;

function isWhole(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}

function checkNet(net: DenseNet): void {
  const doing = "Cannot build a dense net as";
  if (!isWhole(net.inputs)) throw new RangeError(`${doing} it must have >= 1 input: ${net.inputs}`);
  if (net.layers.length === 0) throw new RangeError(`${doing} it must have >= 1 layer: there is none`);
  if (net.loss === "given" && net.precision === "float64") {
    throw new RangeError(`${doing} a net whose loss is given must be of float32: it is of float64`);
  }
  net.layers.forEach(({ units, activation, slope, residual, quantisedBits, noise }, i) => {
    const name = `layer ${i + 1}`;
    if (!isWhole(units)) throw new RangeError(`${doing} every layer must have >= 1 unit: ${name} has ${units}`);
    if (!Object.hasOwn(CODES, activation)) {
      throw new RangeError(`${doing} activations are ${Object.keys(CODES).join(", ")}: ${name} has "${activation}"`);
    }
    const last = i === net.layers.length - 1;
    if (last && net.loss !== "given") {
      const output = activation === "softmax" || (activation === "sigmoid" && units === 1);
      if (!output) {
        throw new RangeError(
          `${doing} the output must be a softmax or one sigmoid unit: it is ${units} × ${activation}`,
        );
      }
      if (residual || quantisedBits || noise) {
        throw new RangeError(`${doing} the output must be neither residual nor quantised nor noisy`);
      }
    } else if (activation === "softmax") {
      throw new RangeError(`${doing} the last layer and no other may be softmax: ${name} is softmax`);
    }
    if (activation === "softmax" && (units < 2 || units > LARGEST_CLASS_COUNT)) {
      throw new RangeError(`${doing} the softmax must have 2 to ${LARGEST_CLASS_COUNT} units: it has ${units}`);
    }
    const inputs = net.layers[i - 1]?.units ?? net.inputs;
    if (residual && units !== inputs) {
      throw new RangeError(
        `${doing} a residual layer must have as many units as inputs: ${name} has ${units} of ${inputs}`,
      );
    }
    if (quantisedBits !== undefined && !(isWhole(quantisedBits) && quantisedBits <= MOST_BITS)) {
      throw new RangeError(
        `${doing} activations are quantised to 1 to ${MOST_BITS} bits: ${name} has ${quantisedBits}`,
      );
    }
    if (quantisedBits !== undefined && activation !== "tanh" && activation !== "sigmoid") {
      throw new RangeError(
        `${doing} a quantised layer must be tanh or sigmoid, which have a range: ${name} is ${activation}`,
      );
    }
    if (noise !== undefined && !(noise > 0 && noise < Infinity)) {
      throw new RangeError(`${doing} the noise of a layer must be > 0 and finite: ${name} has ${noise}`);
    }
    if (slope !== undefined && !(slope > 0 && slope < 1)) {
      throw new RangeError(`${doing} the slope of a leaky ReLU must be in (0, 1): ${name} has ${slope}`);
    }
  });
}

/** Refuses an optimiser that cannot be. */
export function checkOptimiser(optimiser: DenseOptimiser): void {
  const doing = "Cannot build a dense net as";
  if (!["sgd", "adam", "langevin"].includes(optimiser.id)) {
    throw new RangeError(
      `${doing} the optimiser must be sgd, adam or langevin: ${JSON.stringify((optimiser as { id: unknown }).id)}`,
    );
  }
  const inUnit = (name: string, value: number) => {
    if (!(value >= 0 && value < 1)) throw new RangeError(`${doing} ${name} must be in [0, 1): ${value}`);
  };
  const notBelow = (name: string, value: number) => {
    if (!(value >= 0 && value < Infinity)) throw new RangeError(`${doing} ${name} must be >= 0 and finite: ${value}`);
  };
  notBelow("the rate", optimiser.rate);
  notBelow("the weight decay", optimiser.weightDecay ?? 0);
  if (optimiser.id === "sgd") inUnit("the momentum", optimiser.momentum ?? 0);
  else if (optimiser.id === "langevin") notBelow("the temperature", optimiser.temperature);
  else {
    inUnit("beta1", optimiser.beta1);
    inUnit("beta2", optimiser.beta2);
    if (!(optimiser.epsilon > 0 && optimiser.epsilon < Infinity)) {
      throw new RangeError(`${doing} epsilon must be > 0 and finite: ${optimiser.epsilon}`);
    }
  }
}

/** How the kernels know an optimiser, and how many moments it keeps. */
export function kindOf(optimiser: DenseOptimiser): { code: number; moments: number } {
  if (optimiser.id === "adam") return { code: 1, moments: 2 };
  if (optimiser.id === "langevin") return { code: 3, moments: 0 };
  return optimiser.momentum ? { code: 2, moments: 1 } : { code: 0, moments: 0 };
}

/** Where a row's value of a unit lies in the blocks of a layer. */
function blockIndex(row: number, unit: number, units: number): number {
  return (Math.floor(row / LANES) * units + unit) * LANES + row % LANES;
}

/** Where things lie in a kernel instance's memory; addresses in bytes. */
interface Placement {
  readonly plan: number;
  readonly rows: number;
  readonly parameters: number;
  readonly gradients: number;
  readonly moments: readonly number[];
  readonly noise: number;
  readonly staging: number;
  /** Row-major activations of `forwardRows` rows, by layer. */
  readonly outputs: readonly number[];
  /** Blocks of noise, by layer; 0 where there is none. */
  readonly layerNoise: readonly number[];
  /** Rows that one call runs forward: some batches, or one where noise is drawn for each. */
  readonly forwardRows: number;
}

/** Reserves memory for a net and writes the plan that the kernels read; its offsets are told in `assembly/dense.ts`. */
function place(
  instance: KernelInstance,
  net: DenseNet,
  optimiser: DenseOptimiser,
  maxBatch: number,
  parameterCount: number,
  frozenCount: number,
): Placement {
  const double = net.precision === "float64";
  const size = double ? 8 : 4;
  const blocks = Math.ceil(maxBatch / LANES);
  const blockBytes = (units: number) => blocks * LANES * size * units;
  const widest = Math.max(net.inputs, ...net.layers.map(({ units }) => units));
  const noisy = net.layers.some(({ noise }) => noise !== undefined);
  const forwardRows = noisy
    ? maxBatch
    : Math.max(maxBatch, Math.min(MOST_FORWARD_ROWS, Math.floor(FORWARD_BYTES / (size * widest))));
  // Updates run over whole vectors of four from the first parameter that is trained, where the plan's addresses then point.
  const updated = Math.ceil((parameterCount - frozenCount) / 4) * 4;
  const padded = frozenCount + updated;
  const plan = instance.reserve(PLAN_BYTES + LAYER_BYTES * net.layers.length);
  const rows = instance.reserve(blockBytes(1));
  const batchLabels = instance.reserve(blockBytes(1));
  const parameters = instance.reserve(size * padded);
  const gradients = instance.reserve(size * padded);
  const kind = kindOf(optimiser);
  const moments = Array.from({ length: kind.moments }, () => instance.reserve(size * padded));
  const noise = optimiser.id === "langevin" ? instance.reserve(size * padded) : 0;
  const inputBlocks = instance.reserve(blockBytes(net.inputs));
  const layers: number[][] = [];
  let inputs = net.inputs;
  let below = inputBlocks;
  let offset = 0;
  for (const [index, { units, activation, slope, residual, quantisedBits, noise }] of net.layers.entries()) {
    const forwardPanels = double ? 0 : instance.reserve(4 * (inputs + 1) * units);
    const backwardPanels = double ? 0 : instance.reserve(4 * inputs * (units + 1));
    const outputBlocks = instance.reserve(blockBytes(units));
    const errorBlocks = instance.reserve(blockBytes(units));
    const outputRows = instance.reserve(size * units * (forwardRows + LANES));
    const activationBlocks = residual || quantisedBits || noise ? instance.reserve(blockBytes(units)) : 0;
    const savedErrors = residual ? instance.reserve(blockBytes(units)) : 0;
    const noiseBlocks = noise ? instance.reserve(blockBytes(units)) : 0;
    const binary = index === net.layers.length - 1 && activation === "sigmoid" && net.loss !== "given";
    layers.push([
      ...[inputs, units, binary ? BINARY_OUTPUT : CODES[activation], parameters + offset, gradients + offset],
      ...[forwardPanels, backwardPanels, below, outputBlocks, errorBlocks, outputRows, activationBlocks, savedErrors],
      ...new Uint32Array(Float32Array.of(slope ?? DEFAULT_SLOPE, quantisedBits ? 1 << quantisedBits : 0).buffer),
      noiseBlocks,
    ]);
    offset += size * (inputs + 1) * units;
    inputs = units;
    below = outputBlocks;
  }
  const staging = instance.reserve(size * forwardRows * net.inputs + SLACK_BYTES);

  const { buffer } = instance.exports.memory;
  new Uint32Array(buffer, plan, 13).set([
    ...[net.layers.length, net.inputs, 0, 0, rows, batchLabels, inputBlocks],
    ...[parameters + size * frozenCount, gradients + size * frozenCount, updated, kind.code],
    ...[0, 1].map((moment) => moment < moments.length ? moments[moment] + size * frozenCount : 0),
  ]);
  new Uint32Array(buffer, plan + 52, 2).set([noise && noise + size * frozenCount, maxBatch]);
  const { rate, beta1, beta2, epsilon } = { beta1: 0, beta2: 0, epsilon: 0, ...optimiser };
  const first = optimiser.id === "sgd" ? optimiser.momentum ?? 0 : beta1;
  new Float64Array(buffer, plan + 64, 8).set([rate, first, beta2, epsilon, 1, 1, 0, optimiser.weightDecay ?? 0]);
  layers.forEach((words, k) => new Uint32Array(buffer, plan + PLAN_BYTES + k * LAYER_BYTES, words.length).set(words));
  const outputs = layers.map((words) => words[10]);
  const layerNoise = layers.map((words) => words[15]);
  return { plan, rows, parameters, gradients, moments, noise, staging, outputs, layerNoise, forwardRows };
}

/**
 * A net with its own memory, parameters zero until set.
 *
 * Losses and parameters that stop being finite are handed back as they are: what counts as diverged is the caller's to say.
 *
 * @param kernels From `loadKernels()`.
 * @typeParam Values What arrays the net hands out: Float64Array if its precision is float64.
 * @param net Inputs and layers; the last layer is the softmax over 2 to 256 classes, or one sigmoid unit for two.
 * @param options.optimiser How `step` updates.
 * @param options.maxBatch The most rows a step or a gradient takes; sets the memory, not the arithmetic.
 * @param options.frozen Lowest layers that updates leave as they are, fewer than all; 0 unless told. Their gradients are given like any;
 * curvature is to be read off an engine without.
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
export function createDenseEngine<Values extends DenseValues = Float32Array>(
  kernels: Kernels,
  net: DenseNet,
  options: { readonly optimiser: DenseOptimiser; readonly maxBatch: number; readonly frozen?: number },
): DenseEngine<Values> {
  const { optimiser, maxBatch, frozen = 0 } = options;
  checkNet(net);
  checkOptimiser(optimiser);
  if (!isWhole(maxBatch)) throw new RangeError(`Cannot build a dense net as maxBatch must be >= 1: ${maxBatch}`);
  if (!(Number.isInteger(frozen) && frozen >= 0 && frozen < net.layers.length)) {
    throw new RangeError(
      `Cannot build a dense net as 0 to ${net.layers.length - 1} of its layers may be frozen: it is ${frozen}`,
    );
  }
  let parameterCount = 0;
  let frozenCount = 0;
  net.layers.forEach(({ units }, i) => {
    if (i === frozen) frozenCount = parameterCount;
    parameterCount += units * (1 + (i === 0 ? net.inputs : net.layers[i - 1].units));
  });
  const outputs = net.layers[net.layers.length - 1].units;
  const classes = net.loss === "given" ? LARGEST_CLASS_COUNT : outputs === 1 ? 2 : outputs;

  const instance = kernels.instantiate();
  const { exports } = instance;
  const double = net.precision === "float64";
  const size = double ? 8 : 4;
  const [denseStep, denseGradient, denseForward] = double
    ? [exports.denseStep64, exports.denseGradient64, exports.denseForward64]
    : [exports.denseStep, exports.denseGradient, exports.denseForward];
  const at = place(instance, net, optimiser, maxBatch, parameterCount, frozenCount);
  const dataStart = instance.mark();
  let dataPointer = 0;
  let dataRows = 0;
  let steps = 0;
  /** Rows whose outputs were given and wait for their errors. */
  let given = 0;
  /** Where each layer's noise comes from. */
  let chance: readonly Stream[] | undefined;

  const floats = (pointer: number, length: number): Values =>
    (double
      ? new Float64Array(exports.memory.buffer, pointer, length)
      : new Float32Array(exports.memory.buffer, pointer, length)) as Values;
  const fresh = (length: number): Values => (double ? new Float64Array(length) : new Float32Array(length)) as Values;
  let rowView = new Uint32Array(exports.memory.buffer, at.rows, maxBatch);

  function checkLength(doing: string, array: ArrayLike<number>, length: number): void {
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

  /** The blocks of a noisy layer for `count` rows and what is left of the last block. */
  const noiseOf = (k: number, count: number) =>
    floats(at.layerNoise[k], Math.ceil(count / LANES) * LANES * net.layers[k].units);

  /** Noise for the `count` rows of the next pass. */
  function drawNoise(count: number): void {
    net.layers.forEach(({ units, noise }, k) => {
      if (noise === undefined) return;
      const stream = chance?.[k];
      if (stream === undefined) {
        throw new TypeError("Cannot run a noisy net as it must know where to draw from: setNoise was not called");
      }
      const blocks = noiseOf(k, count).fill(0);
      for (let row = 0; row < count; row++) {
        for (let u = 0; u < units; u++) blocks[blockIndex(row, u, units)] = noise * stream.normal();
      }
    });
  }

  /** Activations of n rows, some batches at a time; `load` tells where these rows are and which is their first. */
  function activations(
    n: number,
    load: (first: number, count: number) => [pointer: number, first: number],
    result: Values[] = net.layers.map(({ units }) => fresh(n * units)),
    centres: Values[] = [],
  ): Values[] {
    for (const arrays of centres.length > 0 ? [result, centres] : [result]) {
      net.layers.forEach(({ units }, k) => checkLength("run forward", arrays[k], n * units));
    }
    if (!double) exports.denseForwardBegin(at.plan);
    for (let first = 0; first < n; first += at.forwardRows) {
      const count = Math.min(at.forwardRows, n - first);
      drawNoise(count);
      denseForward(at.plan, ...load(first, count), count);
      net.layers.forEach(({ units }, k) => result[k].set(floats(at.outputs[k], count * units), first * units));
      centres.forEach((centre, k) => {
        const { units, noise } = net.layers[k];
        if (noise === undefined) return centre.set(floats(at.outputs[k], count * units), first * units);
        const blocks = noiseOf(k, count);
        for (let row = 0; row < count; row++) {
          for (let u = 0; u < units; u++) centre[(first + row) * units + u] = blocks[blockIndex(row, u, units)];
        }
      });
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
      dataPointer = instance.reserve(size * inputs.length + SLACK_BYTES);
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
    parameters: () => floats(at.parameters, parameterCount).slice() as Values,
    optimiserState(): Values {
      const state = fresh(at.moments.length * parameterCount);
      at.moments.forEach((pointer, i) => state.set(floats(pointer, parameterCount), i * parameterCount));
      return state;
    },
    setOptimiserState(state, stepsSoFar): void {
      checkLength("set the optimiser's state", state, at.moments.length * parameterCount);
      if (!(Number.isInteger(stepsSoFar) && stepsSoFar >= 0)) {
        throw new RangeError(`Cannot set the optimiser's state as steps must be a whole number >= 0: ${stepsSoFar}`);
      }
      steps = stepsSoFar;
      at.moments.forEach((pointer, i) => {
        floats(pointer, parameterCount).set(state.subarray(i * parameterCount, (i + 1) * parameterCount));
      });
      if (optimiser.id !== "adam") return;
      let power1 = 1;
      let power2 = 1;
      for (let i = 0; i < steps; i++) {
        power1 *= optimiser.beta1;
        power2 *= optimiser.beta2;
      }
      new Float64Array(exports.memory.buffer, at.plan + 96, 2).set([power1, power2]);
    },
    setNoise(stream): void {
      chance = net.layers.map((_, k) => stream.child(k + 1));
    },
    steps: () => steps,
    step(rows, noise): number {
      if (net.loss === "given") {
        throw new TypeError("Cannot make a step as the net's loss must be its own: it is given");
      }
      takeRows("make a step", rows);
      if ((noise !== undefined) !== (optimiser.id === "langevin")) {
        throw new TypeError(
          `Cannot make a step as Langevin dynamics, and it alone, needs noise: the optimiser is ${optimiser.id}`,
        );
      }
      if (noise !== undefined && optimiser.id === "langevin") {
        checkLength("make a step", noise, parameterCount);
        const scale = Math.sqrt(2 * optimiser.rate * optimiser.temperature);
        const target = floats(at.noise, parameterCount);
        for (let i = 0; i < parameterCount; i++) target[i] = scale * noise[i];
      }
      drawNoise(rows.length);
      steps++;
      return denseStep(at.plan, rows.length);
    },
    outputs(rows): Values {
      if (net.loss !== "given") {
        throw new TypeError("Cannot give outputs as the net's loss must be given: it is its own");
      }
      takeRows("give outputs", rows);
      drawNoise(rows.length);
      exports.denseOutputs(at.plan, rows.length);
      given = rows.length;
      return floats(at.outputs[net.layers.length - 1], given * outputs).slice() as Values;
    },
    stepFrom(errors): void {
      checkLength("make a step", errors, given * outputs);
      if (given === 0) throw new TypeError("Cannot make a step as outputs must be asked for first: they were not");
      floats(at.outputs[net.layers.length - 1], errors.length).set(errors);
      exports.denseStepFrom(at.plan, at.outputs[net.layers.length - 1], given);
      steps++;
      given = 0;
    },
    gradient(rows): Values {
      if (net.loss === "given") {
        throw new TypeError("Cannot take a gradient as the net's loss must be its own: it is given");
      }
      takeRows("take a gradient", rows);
      drawNoise(rows.length);
      denseGradient(at.plan, rows.length);
      return floats(at.gradients, parameterCount).slice() as Values;
    },
    forward(inputs): Values[] {
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
    forwardData: (into, centres) => activations(dataRows, (first) => [dataPointer, first], into, centres),
    inside: { instance, plan: at.plan },
  };
}
