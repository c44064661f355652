/**
 * Nets that narrow evenly from the inputs to the classes: an architecture for Infoplane.
 *
 * @module
 */
import {
  type Architecture,
  defineArchitecture,
  definePlugin,
  type DenseLayerDescription,
  type NetDescription,
  type OptionsSchema,
  type Plugin,
} from "@infoplane/core";
import { z } from "zod";

export type * from "@infoplane/core";

/** What can be set. */
export interface Options {
  /** Hidden layers. */
  readonly depth: number;
  /** Of the hidden layers. */
  readonly activation: "tanh" | "relu";
}

const options: OptionsSchema<Options> = z.strictObject({
  depth: z.number().int().min(1).max(64).default(4).describe("hidden layers"),
  activation: z.enum(["tanh", "relu"]).default("tanh").describe("of the hidden layers"),
});

/** The architecture; see the module. */
export const architecture: Architecture<Options, NetDescription> = defineArchitecture({
  id: "acme/example",
  title: "Funnel",
  description: "Hidden layers whose widths fall evenly from the inputs to the classes, then a softmax.",
  version: 1,
  options,
  build,
});

function build(inputShape: readonly number[], classes: number, { depth, activation }: Options): NetDescription {
  const inputs = inputShape.reduce((a, b) => a * b, 1);
  let fanIn = inputs;
  const layer = (name: string, units: number, activation: DenseLayerDescription["activation"]) => {
    const weights = { distribution: "truncated-normal", sigma: 1 / Math.sqrt(fanIn) } as const;
    fanIn = units;
    return { kind: "dense", name, units, activation, weights, bias: 0 } as const;
  };
  const hidden = Array.from({ length: depth }, (_, index) => {
    const units = Math.round(inputs + (classes - inputs) * (index + 1) / (depth + 1));
    return layer(`hidden ${index + 1}`, units, activation);
  });
  return { kind: "layers", inputShape, layers: [...hidden, layer("output", classes, "softmax")] };
}

/** What Infoplane loads. */
const plugin: Plugin = definePlugin({ name: "acme/example", version: "0.1.0", api: 1, architectures: [architecture] });
export default plugin;
