import * as tf from "@tensorflow/tfjs";
import type { ModelNetDescription } from "../../contracts/model_net.ts";
import type { JsonObject } from "../../contracts/tensor.ts";
import { useOwnAverage, type Windows } from "./average_pool.ts";
import { type MaskOf, useMasks } from "./dropout.ts";
import type { Graph } from "./graph.ts";
import { topologyLayers } from "./model_topology.ts";

/** A LayersModel of a net given by its topology. */
export async function modelGraph(net: ModelNetDescription, maskOf: MaskOf): Promise<Graph> {
  const names = net.taps.map(({ name }) => name);
  const whole = await modelOf(withLinearOutput(net.topology, names[names.length - 1]));
  for (const layer of whole.layers) {
    const kind = layer.getClassName();
    const config = layer.getConfig();
    if (kind === "Dropout") useMasks(layer, layer.name, config.rate as number, maskOf);
    if (kind === "AveragePooling2D") useOwnAverage(layer, config as unknown as Windows);
  }
  const outputs = names.map((name) => whole.getLayer(name).output as tf.SymbolicTensor);
  const variables = net.parameters.map(({ layer, name }) =>
    whole.getLayer(layer).weights.find((weight) => localName(weight) === name)!.read() as tf.Variable
  );
  return {
    model: tf.model({ inputs: whole.inputs, outputs }),
    variables,
    learned: net.parameters.map(({ learned }) => learned),
  };
}

/** Builds a model from what its `toJSON()` gave; its weights are drawn by tfjs and of no meaning. */
export async function modelOf(topology: JsonObject): Promise<tf.LayersModel> {
  return await tf.models.modelFromJSON({ modelTopology: structuredClone(topology) } as unknown as tf.io.ModelJSON);
}

/** The name of a weight within its layer: `kernel` of `conv/kernel`. */
export function localName({ originalName }: { readonly originalName: string }): string {
  return originalName.slice(originalName.lastIndexOf("/") + 1);
}

/** The topology whose output layer hands out its pre-activations: losses are computed from them. */
function withLinearOutput(topology: JsonObject, output: string): JsonObject {
  const layers = topologyLayers(topology).map((layer) =>
    layer.config.name === output ? { ...layer, config: { ...layer.config, activation: "linear" } } : layer
  );
  return { ...topology, config: { ...topology.config as JsonObject, layers } } as unknown as JsonObject;
}
