import * as tf from "@tensorflow/tfjs";
import type { LoadedDataset } from "../../contracts/dataset.ts";
import type { TfjsBackend } from "../../contracts/deep_net.ts";
import type { Stream } from "../../contracts/stream.ts";
import type { Tensor } from "../../contracts/tensor.ts";
import type { DenseOptimiser } from "../dense.ts";
import { logitPrediction } from "../evaluation.ts";
import { type Forward, FORWARD_ROWS } from "../forward.ts";
import { measuredLayers, parameterTensors } from "../net.ts";
import type { TrainingEngine } from "../trajectory.ts";
import { startBackend, switchBackend } from "./backend.ts";
import { dropoutMask, type MaskOf } from "./dropout.ts";
import { tfjsBackend } from "../layer_shapes.ts";
import { buildGraph, disposeGraph, type Graph, type TfjsNet } from "./graph.ts";
import { createUpdate } from "./update.ts";

/** A net in training on tfjs. */
export interface TfjsEngine extends TrainingEngine {
  /** The gradient of the mean cross-entropy over the listed rows, laid out as the parameters are; no update. */
  gradient(rows: Uint32Array): Promise<Float32Array>;
  /** Pre-activations of the output of every row of the data, row-major, shape [n, units], in training's own arithmetic. */
  logits(): Promise<Float32Array>;
}

/**
 * A convolutional net, or any other that tfjs computes, ready to be trained from these parameters.
 *
 * Forward pass, loss and gradients are tfjs's, on the net's backend; updates are made here, in f32, by {@link createUpdate}. The loss
 * is the cross-entropy of the softmax, or of the logistic unit, computed from pre-activations.
 *
 * @param parameters In the layout of {@link parameterTensors}.
 * @param dropout The mask of a layer in update t, from 1, is drawn from its child of the layer's name and t.
 * @throws {RangeError} If the net cannot be, or this machine lacks its backend.
 */
export async function createTfjsEngine(
  net: TfjsNet,
  dataset: Pick<LoadedDataset, "inputs" | "labels" | "classes">,
  optimiser: DenseOptimiser,
  parameters: ArrayLike<number>,
  dropout: Stream,
): Promise<TfjsEngine> {
  const { inputShape } = net;
  const backend = tfjsBackend(net.backend ?? "wasm");
  const { inputs, labels, classes } = dataset;
  await startBackend(backend);
  let step = 1;
  const maskOf: MaskOf = (layer, rate, shape) =>
    tf.tensor(dropoutMask(sizeOf(shape), rate, dropout.child(layer, step)), [...shape]);
  const graph = await buildGraph(net, maskOf);
  const stretches = stretchesOf(net);
  const learned = stretches.filter((_, i) => graph.learned[i]);
  const values = Float32Array.from(parameters);
  const update = createUpdate(optimiser, learned, values.length);
  assign(graph, values);

  async function gradient(rows: Uint32Array): Promise<{ loss: number; gradients: Float32Array }> {
    switchBackend(backend);
    const { value, grads } = tf.tidy(() => {
      const x = tf.tensor(rowsOf(inputs, rows), [rows.length, ...inputShape]);
      const y = tf.tensor(oneHot(labels, rows, classes), [rows.length, classes]);
      const variables = graph.variables.filter((_, i) => graph.learned[i]);
      return tf.variableGrads(() => crossEntropy(logitsOf(graph, x, true), y), variables);
    });
    const gradients = new Float32Array(values.length);
    await Promise.all(graph.variables.map(async ({ name }, i) => {
      if (grads[name]) gradients.set(await grads[name].data(), stretches[i].from);
    }));
    const [loss] = await value.data();
    tf.dispose([value, grads]);
    return { loss, gradients };
  }

  async function logits(): Promise<Float32Array> {
    const n = labels.length;
    const all = new Float32Array(n * outputUnits(graph));
    for (let from = 0; from < n; from += FORWARD_ROWS) {
      switchBackend(backend);
      const part = tf.tidy(() => logitsOf(graph, batchOf(inputs, inputShape, from), false));
      all.set(await part.data(), from * outputUnits(graph));
      part.dispose();
    }
    return all;
  }

  /** Moving averages move in the forward pass of an update. */
  async function takeKept(): Promise<void> {
    await Promise.all(graph.variables.map(async (variable, i) => {
      if (!graph.learned[i]) values.set(await variable.data() as Float32Array, stretches[i].from);
    }));
  }

  return {
    parameterCount: values.length,
    async step(rows, noise) {
      const { loss, gradients } = await gradient(rows);
      await takeKept();
      update.move(values, gradients, noise);
      switchBackend(backend);
      assign(graph, values);
      step++;
      return loss;
    },
    async gradient(rows) {
      const { gradients } = await gradient(rows);
      switchBackend(backend);
      assign(graph, values);
      return gradients;
    },
    parameters: () => values.slice(),
    optimiserState: update.state,
    resume(parameters, state, steps) {
      values.set(parameters);
      update.resume(state, steps);
      switchBackend(backend);
      assign(graph, values);
      step = steps + 1;
    },
    logits,
    prediction: async () => logitPrediction(await logits(), outputUnits(graph)),
    [Symbol.dispose]: () => disposeGraph(graph),
  };
}

const MEASURED_ON: TfjsBackend = "wasm";

/** The way through a net for the rows of `inputs`; always on wasm, so that its bytes repeat wherever the net was trained. */
export async function createTfjsForward(net: TfjsNet, inputs: Tensor): Promise<Forward> {
  await startBackend(MEASURED_ON);
  const graph = await buildGraph(net);
  const n = inputs.shape[0];
  const units = measuredLayers(net).map((layer) => layer.units);
  return {
    at(parameters, into = units.map((count) => new Float32Array(n * count))) {
      switchBackend(MEASURED_ON);
      assign(graph, parameters as Float32Array);
      for (let from = 0; from < n; from += FORWARD_ROWS) {
        const layers = tf.tidy(() => {
          const outputs = outputsOf(graph, batchOf(inputs, net.inputShape, from), false);
          const logits = outputs.pop()!;
          return [...outputs, units.at(-1) === 1 ? logits.sigmoid() : logits.softmax()];
        });
        layers.forEach((layer, k) => into[k].set(layer.dataSync(), from * units[k]));
        tf.dispose(layers);
      }
      return into;
    },
    [Symbol.dispose]: () => disposeGraph(graph),
  };
}

/** Mean cross-entropy in nats; one logit stands against 0, a logistic unit being the softmax of two. */
function crossEntropy(logits: tf.Tensor, y: tf.Tensor): tf.Scalar {
  const both = logits.shape[1] === 1 ? tf.concat([tf.zerosLike(logits), logits], 1) : logits;
  return tf.logSoftmax(both).mul(y).sum(1).mean().neg() as tf.Scalar;
}

function outputsOf({ model }: Graph, x: tf.Tensor, training: boolean): tf.Tensor[] {
  const outputs = model.apply(x, { training }) as tf.Tensor | tf.Tensor[];
  return Array.isArray(outputs) ? outputs : [outputs];
}

function logitsOf(graph: Graph, x: tf.Tensor, training: boolean): tf.Tensor {
  return outputsOf(graph, x, training).pop()!;
}

function outputUnits({ model }: Graph): number {
  return model.outputs[model.outputs.length - 1].shape[1]!;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

function stretchesOf(net: TfjsNet): { from: number; to: number; shape: readonly number[] }[] {
  let to = 0;
  return parameterTensors(net).map(({ shape }) => {
    const from = to;
    to += sizeOf(shape);
    return { from, to, shape };
  });
}

/** Writes parameters into a net's variables. tfjs may keep an array it is given, so each gets its own. */
function assign({ variables }: Graph, parameters: Float32Array): void {
  let from = 0;
  for (const variable of variables) {
    const to = from + variable.size;
    const tensor = tf.tensor(parameters.slice(from, to), variable.shape);
    variable.assign(tensor);
    tensor.dispose();
    from = to;
  }
}

/** The numbers that some rows of data mean, in f32. */
function rowsOf({ data, shape, scale = 1, offset = 0 }: Tensor, rows: Uint32Array): Float32Array {
  const width = data.length / shape[0];
  const taken = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    for (let j = 0; j < width; j++) taken[i * width + j] = data[row * width + j] * scale + offset;
  });
  return taken;
}

function batchOf(inputs: Tensor, inputShape: readonly number[], from: number): tf.Tensor {
  const count = Math.min(FORWARD_ROWS, inputs.shape[0] - from);
  return tf.tensor(rowsOf(inputs, Uint32Array.from({ length: count }, (_, i) => from + i)), [count, ...inputShape]);
}

function oneHot(labels: Uint8Array, rows: Uint32Array, classes: number): Float32Array {
  const values = new Float32Array(rows.length * classes);
  rows.forEach((row, i) => values[i * classes + labels[row]] = 1);
  return values;
}
