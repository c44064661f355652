import type * as tf from "@tensorflow/tfjs";
import type { DeepNetDescription } from "../../contracts/deep_net.ts";
import type { ModelNetDescription } from "../../contracts/model_net.ts";
import { deepGraph } from "./deep_graph.ts";
import type { MaskOf } from "./dropout.ts";
import { modelGraph } from "./model_graph.ts";

/** Nets that tfjs trains. */
export type TfjsNet = DeepNetDescription | ModelNetDescription;

/** A net as tfjs holds it: both descriptions become a LayersModel. */
export interface Graph {
  /** From inputs to the taps below the output, then the output's pre-activations. */
  readonly model: tf.LayersModel;
  /** The net's tensors in the engine's order. */
  readonly variables: readonly tf.Variable[];
  /** Which of them are learned; the others a layer keeps for itself. */
  readonly learned: readonly boolean[];
}

/**
 * Builds a net on the backend at hand, parameters of no meaning until set.
 *
 * @param maskOf Masks of its dropout layers in training; left out for a net that only runs forward.
 */
export async function buildGraph(net: TfjsNet, maskOf: MaskOf = noMask): Promise<Graph> {
  return net.kind === "deep" ? deepGraph(net, maskOf) : await modelGraph(net, maskOf);
}

/** Frees the tensors of a net. */
export function disposeGraph({ variables }: Graph): void {
  for (const variable of variables) variable.dispose();
}

function noMask(layer: string): tf.Tensor {
  throw new TypeError(`Cannot train layer "${layer}" as the net was built to run forward`);
}
