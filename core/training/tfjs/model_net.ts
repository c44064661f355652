import type * as tf from "@tensorflow/tfjs";
import type { Activation } from "../../contracts/architecture.ts";
import type { TfjsBackend } from "../../contracts/deep_net.ts";
import type { ModelNetDescription, ModelParameter, ModelTap } from "../../contracts/model_net.ts";
import type { Json, JsonObject } from "../../contracts/tensor.ts";
import { startBackend } from "./backend.ts";
import { tfjsBackend } from "../layer_shapes.ts";
import { parameterInitialiser } from "./model_initialisers.ts";
import { localName, modelOf } from "./model_graph.ts";
import { CANNOT_USE_MODEL, checkTopology, type TopologyLayer, topologyLayers } from "./model_topology.ts";

/** A net of tfjs layers. */
export type LayersModel = tf.LayersModel;

/** What {@link modelNet} is told beside the model. */
export interface ModelNetOptions {
  /**
   * Names of layers whose activations are handed out, from the input up; the last must be the output. Unless told: every dense and
   * convolutional layer, and the output.
   */
  readonly taps?: readonly string[];
  /** Where it is trained: `wasm` unless told. */
  readonly backend?: TfjsBackend;
}

/**
 * Turns a LayersModel into data, from which every process can build it again. Its weights are not taken: each replicate draws
 * its own by the model's initialisers. The model is disposed.
 *
 * @param model One input, one output: a Dense or Activation layer of softmax, or of one sigmoid unit.
 * @throws {RangeError} If it has layers of other code, penalties, seeds of its own, or an initialiser or tap there is not.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { modelNet, tf } from "@infoplane/core/tfjs";
 * const net = modelNet(tf.sequential({
 *   layers: [
 *     tf.layers.dense({ inputShape: [12], units: 5, activation: "tanh", name: "hidden" }),
 *     tf.layers.dense({ units: 2, activation: "softmax", name: "output" }),
 *   ],
 * }));
 * assert.deepEqual(net.taps.map(({ name }) => name), ["hidden", "output"]);
 * ```
 */
export function modelNet(model: LayersModel, options: ModelNetOptions = {}): ModelNetDescription {
  const topology = JSON.parse(JSON.stringify(model.toJSON(null, false))) as JsonObject;
  checkTopology(topology);
  const net = described(model, named(topology), options);
  model.dispose();
  return net;
}

/** tfjs counts the models it has seen in their names: the same model would be another each time. */
function named(topology: JsonObject): JsonObject {
  return { ...topology, config: { ...topology.config as JsonObject, name: "model" } };
}

/**
 * Refuses data that do not say of a model what building it shows.
 *
 * @throws {RangeError} What is wrong with the model, or that its description is another's.
 */
export async function checkModelNet(net: ModelNetDescription): Promise<void> {
  checkTopology(net.topology);
  await startBackend("cpu");
  const model = await modelOf(net.topology);
  const { backend, taps } = net;
  const again = described(model, net.topology, { backend, taps: taps.map(({ name }) => name) });
  model.dispose();
  if (JSON.stringify(again) !== JSON.stringify(net)) {
    throw new RangeError(`${CANNOT_USE_MODEL} it must be described as modelNet() does: shapes, taps or tensors differ`);
  }
}

function described(model: LayersModel, topology: JsonObject, options: ModelNetOptions): ModelNetDescription {
  const { backend } = options;
  if (backend !== undefined) tfjsBackend(backend);
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw new RangeError(
      `${CANNOT_USE_MODEL} it must have one input and one output: it has ${model.inputs.length} and ${model.outputs.length}`,
    );
  }
  const layers = topologyLayers(topology);
  const output = model.outputs[0].sourceLayer.name;
  checkOutput(layers.find(({ config }) => config.name === output)!, model);
  return {
    kind: "model",
    inputShape: sizes(model.inputs[0].shape, "its input"),
    topology,
    taps: tapsOf(model, layers, output, options.taps),
    parameters: layers.flatMap((layer) => parametersOf(model.getLayer(layer.config.name), layer)),
    ...(backend === undefined ? {} : { backend }),
  };
}

function checkOutput({ class_name, config }: TopologyLayer, model: LayersModel): void {
  const { activation } = config;
  const units = model.outputs[0].shape;
  const fits = units.length === 2 && (activation === "softmax" || (activation === "sigmoid" && units[1] === 1));
  if (fits && (class_name === "Dense" || class_name === "Activation")) return;
  throw new RangeError(
    `${CANNOT_USE_MODEL} its output must be a Dense or Activation layer of softmax, or of one sigmoid unit: "${config.name}" is ` +
      `${class_name} of ${JSON.stringify(activation ?? null)}, [${units.slice(1).join(", ")}]`,
  );
}

function tapsOf(
  model: LayersModel,
  layers: readonly TopologyLayer[],
  output: string,
  chosen: readonly string[] | undefined,
): ModelTap[] {
  const names = layers.filter(({ class_name }) => class_name !== "InputLayer").map(({ config }) => config.name);
  const taps = chosen ??
    layers.filter(({ class_name, config }) => config.name === output || /^(Dense|Conv[12]D)$/.test(class_name)).map((
      { config },
    ) => config.name);
  const unknown = taps.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`${CANNOT_USE_MODEL} taps must name layers there (${names.join(", ")}): "${unknown}" is none`);
  }
  if (new Set(taps).size !== taps.length || taps.at(-1) !== output) {
    throw new RangeError(
      `${CANNOT_USE_MODEL} taps must differ and end with the output, "${output}": they are ${taps.join(", ")}`,
    );
  }
  return taps.map((name) => ({
    name,
    shape: sizes((model.getLayer(name).output as tf.SymbolicTensor).shape, `layer "${name}"`),
    activation: boundOf(layers.find(({ config }) => config.name === name)!),
  }));
}

const ACTIVATIONS: readonly Json[] = [
  "tanh",
  "relu",
  "sigmoid",
  "softplus",
  "linear",
  "softmax",
] satisfies Activation[];

function boundOf({ class_name, config }: TopologyLayer): Activation | "unknown" {
  if (class_name === "ReLU") return "relu";
  if (class_name === "LeakyReLU") return "leaky-relu";
  return ACTIVATIONS.includes(config.activation) ? config.activation as Activation : "unknown";
}

function parametersOf(layer: tf.layers.Layer, { config }: TopologyLayer): ModelParameter[] {
  const learned = new Set(layer.trainableWeights);
  return layer.weights.map((weight) => {
    const name = localName(weight);
    const shape = weight.shape as number[];
    const given = config[`${name}_initializer`] as JsonObject | undefined;
    const subject = `${CANNOT_USE_MODEL} "${name}" of layer "${layer.name}"`;
    const initialiser = parameterInitialiser(given, shape, subject);
    return { layer: layer.name, name, shape, initialiser, learned: learned.has(weight) };
  });
}

function sizes(shape: readonly (number | null)[], what: string): number[] {
  const own = shape.slice(1);
  if (own.some((extent) => extent === null)) {
    throw new RangeError(`${CANNOT_USE_MODEL} ${what} must have a fixed shape: it is [${own.join(", ")}]`);
  }
  return own as number[];
}
