/**
 * A stranger's architecture: two layers side by side on the same inputs, one of tanh and one of ReLU, whose activations are joined.
 *
 * Written as a tfjs LayersModel and handed over as data; the core trains and measures it without this code.
 *
 * @module
 */
import {
  type Architecture,
  defineArchitecture,
  definePlugin,
  type ModelNetDescription,
  type Plugin,
} from "@infoplane/core";
import { modelNet, type SymbolicTensor, tf } from "@infoplane/core/tfjs";
import { z } from "zod";

const options = z.strictObject({
  units: z.number().int().min(1).max(4096).default(6).describe("of each path"),
  dropout: z.number().min(0).lt(1).default(0).describe("probability with which training drops a joined activation"),
  backend: z.enum(["wasm", "webgpu", "cpu"]).default("wasm").describe("where tfjs trains it"),
});

type Options = z.infer<typeof options>;

/** The architecture; see the module. */
export const twoPaths: Architecture<Options, ModelNetDescription> = defineArchitecture({
  id: "acme/two-paths",
  title: "Two paths",
  description: "A tanh and a ReLU layer side by side, joined, then a softmax over the classes.",
  version: 1,
  options,
  build(inputShape, classes, { units, dropout, backend }) {
    const { dense, concatenate, dropout: dropped, flatten } = tf.layers;
    const inputs = tf.input({ shape: [...inputShape], name: "inputs" });
    const flat = inputShape.length > 1 ? flatten({ name: "flat" }).apply(inputs) : inputs;
    const path = (name: string, activation: "tanh" | "relu") =>
      dense({ units, activation, kernelInitializer: "leCunNormal", name }).apply(flat) as SymbolicTensor;
    const joined = concatenate({ name: "joined" }).apply([path("smooth", "tanh"), path("sharp", "relu")]);
    const thinned = dropped({ rate: dropout, name: "thinned" }).apply(joined);
    const output = dense({ units: classes, activation: "softmax", kernelInitializer: "leCunNormal", name: "output" });
    const model = tf.model({ inputs, outputs: output.apply(thinned) as SymbolicTensor });
    return modelNet(model, { taps: ["joined", "output"], backend });
  },
});

const plugin: Plugin = definePlugin({
  name: "acme/two-paths",
  version: "1.0.0",
  api: 1,
  architectures: [twoPaths],
});
export default plugin;
