import * as tf from "@tensorflow/tfjs";
import type { Activation } from "../../contracts/architecture.ts";
import type { DeepLayerDescription, DeepNetDescription } from "../../contracts/deep_net.ts";
import { tapsOf } from "../net.ts";
import { useOwnAverage, type Windows } from "./average_pool.ts";
import { type MaskOf, useMasks } from "./dropout.ts";
import type { Graph } from "./graph.ts";
import { layerShapes, pairOf } from "../layer_shapes.ts";

const LEAKY_SLOPE = 0.01;
// Whatever tfjs would draw is written over.
const ZEROS = { kernelInitializer: "zeros", biasInitializer: "zeros" } as const;

/** A LayersModel of a net given as a list of layers. Names are tfjs's own, because it refuses some that we allow. */
export function deepGraph(net: DeepNetDescription, maskOf: MaskOf): Graph {
  const shapes = layerShapes(net);
  const input = tf.input({ shape: [...net.inputShape] });
  const outputs = new Map<string, tf.SymbolicTensor>();
  const variables: tf.Variable[] = [];
  const learned: boolean[] = [];
  let below = input;

  function apply(layer: tf.layers.Layer, to: tf.SymbolicTensor | tf.SymbolicTensor[] = below): tf.SymbolicTensor {
    const output = layer.apply(to) as tf.SymbolicTensor;
    for (const weight of layer.weights) {
      variables.push(weight.read() as tf.Variable);
      learned.push(weight.trainable);
    }
    return output;
  }

  function activated(sums: tf.SymbolicTensor, activation: Activation = "linear"): tf.SymbolicTensor {
    if (activation === "linear") return sums;
    if (activation === "leaky-relu") return apply(tf.layers.leakyReLU({ alpha: LEAKY_SLOPE }), sums);
    return apply(tf.layers.activation({ activation }), sums);
  }

  function averaged(windows: Windows): tf.SymbolicTensor {
    const pool = tf.layers.averagePooling2d(windows);
    useOwnAverage(pool, windows);
    return apply(pool);
  }

  function output(layer: DeepLayerDescription, last: boolean): tf.SymbolicTensor {
    switch (layer.kind) {
      case "conv2d": {
        const { filters, kernelSize, strides = 1, padding = "valid" } = layer;
        const windows = { kernelSize: pairOf(kernelSize), strides: pairOf(strides), padding };
        return activated(apply(tf.layers.conv2d({ ...ZEROS, ...windows, filters })), layer.activation);
      }
      case "maxPool2d":
        return apply(tf.layers.maxPooling2d(windowsOf(layer)));
      case "averagePool2d":
        return averaged(windowsOf(layer));
      case "flatten":
        // tfjs flattens two axes or more.
        return below.shape.length === 2 ? below : apply(tf.layers.flatten());
      case "dense": {
        const sums = apply(tf.layers.dense({ ...ZEROS, units: layer.units }));
        if (last) return sums;
        const units = activated(sums, layer.activation);
        return layer.residual ? apply(tf.layers.add(), [below, units]) : units;
      }
      case "dropout": {
        const dropout = tf.layers.dropout({ rate: layer.rate });
        useMasks(dropout, layer.name, layer.rate, maskOf);
        return apply(dropout);
      }
      case "batchNorm": {
        const { momentum = 0.99, epsilon = 0.001 } = layer;
        return activated(apply(tf.layers.batchNormalization({ momentum, epsilon })), layer.activation);
      }
      case "add":
        return activated(apply(tf.layers.add(), [below, outputs.get(layer.from)!]), layer.activation);
    }
  }

  net.layers.forEach((layer, i) => {
    below = output(layer, i === shapes.size - 1);
    outputs.set(layer.name, below);
  });
  const model = tf.model({ inputs: input, outputs: tapsOf(net).map((name) => outputs.get(name)!) });
  return { model, variables, learned };
}

function windowsOf(layer: Extract<DeepLayerDescription, { readonly kind: "maxPool2d" | "averagePool2d" }>): Windows {
  const { poolSize, strides = poolSize, padding = "valid" } = layer;
  return { poolSize: pairOf(poolSize), strides: pairOf(strides), padding };
}
