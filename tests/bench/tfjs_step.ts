import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { timedAsync } from "./timing.ts";
import { BATCH, patterns, SMALL_NET } from "./small_net.ts";

/**
 * Milliseconds of one SGD step of the small net in tfjs, loss read back and update included.
 *
 * @param backend `wasm` or `cpu`.
 */
export async function tfjsStep(backend: "wasm" | "cpu"): Promise<number> {
  const wasm = fileURLToPath(import.meta.resolve("@tensorflow/tfjs-backend-wasm"));
  setWasmPaths(`${dirname(wasm)}/`);
  if (!await tf.setBackend(backend)) throw new Error(`Cannot start tfjs on ${backend}`);
  await tf.ready();

  const { inputs, labels } = patterns();
  const x = tf.tensor2d(inputs.subarray(0, BATCH * 12), [BATCH, 12]);
  const y = tf.oneHot(tf.tensor1d([...labels.subarray(0, BATCH)], "int32"), 2);
  let fanIn = SMALL_NET.inputs;
  const layers = SMALL_NET.layers.map(({ units }) => {
    const layer = {
      weights: tf.variable(tf.randomUniform([fanIn, units], -0.5, 0.5, "float32", 1)),
      biases: tf.variable(tf.zeros([units])),
    };
    fanIn = units;
    return layer;
  });
  const optimiser = tf.train.sgd(0.1);
  const step = async () => {
    const loss = optimiser.minimize(() => {
      let h: tf.Tensor = x;
      layers.forEach(({ weights, biases }, k) => {
        const a = h.matMul(weights).add(biases);
        h = k < layers.length - 1 ? a.tanh() : a;
      });
      return tf.losses.softmaxCrossEntropy(y, h) as tf.Scalar;
    }, true)!;
    await loss.data();
    loss.dispose();
  };
  return await timedAsync(step, backend === "cpu" ? { rounds: 5, calls: 10, warmUp: 10 } : {});
}
