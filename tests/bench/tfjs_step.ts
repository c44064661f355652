import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { timedAsync } from "./timing.ts";
import type { Workload } from "./workloads.ts";

/**
 * Milliseconds of one SGD step in tfjs, loss read back and update included.
 *
 * @param backend `wasm` or `cpu`.
 */
export async function tfjsStep(
  { net, batch, inputs, labels, parameters }: Workload,
  backend: "wasm" | "cpu",
): Promise<number> {
  const wasm = fileURLToPath(import.meta.resolve("@tensorflow/tfjs-backend-wasm"));
  tf.enableProdMode();
  setWasmPaths(`${dirname(wasm)}/`);
  if (!await tf.setBackend(backend)) throw new Error(`Cannot start tfjs on ${backend}`);
  await tf.ready();

  const x = tf.tensor2d(inputs.subarray(0, batch * net.inputs), [batch, net.inputs]);
  const classes = net.layers[net.layers.length - 1].units;
  const y = tf.oneHot(tf.tensor1d([...labels.subarray(0, batch)], "int32"), classes);
  let fanIn = net.inputs;
  let at = 0;
  const layers = net.layers.map(({ units, activation }) => {
    const take = (count: number) => parameters.subarray(at, at += count);
    const weights = tf.variable(tf.tensor2d(take(fanIn * units), [fanIn, units]));
    fanIn = units;
    return { weights, biases: tf.variable(tf.tensor1d(take(units))), activation };
  });
  const optimiser = tf.train.sgd(0.1);
  const step = async () => {
    const loss = optimiser.minimize(() => {
      let h: tf.Tensor = x;
      for (const { weights, biases, activation } of layers) {
        h = h.matMul(weights).add(biases);
        if (activation === "tanh") h = h.tanh();
        if (activation === "relu") h = h.relu();
      }
      return tf.losses.softmaxCrossEntropy(y, h) as tf.Scalar;
    }, true)!;
    await loss.data();
    loss.dispose();
  };
  try {
    return await timedAsync(step, { rounds: 5, calls: 10, warmUp: 10 });
  } finally {
    tf.disposeVariables();
    x.dispose();
    y.dispose();
  }
}
