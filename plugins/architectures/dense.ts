import {
  type Architecture,
  defineArchitecture,
  type DenseLayerDescription,
  type NetDescription,
} from "@infoplane/core";
import { z } from "zod";

const options = z.strictObject({
  widths: z.array(z.number().int().min(1).max(65536)).default([10, 7, 5, 4, 3])
    .describe("units of each hidden layer; none for softmax regression"),
  activation: z.enum(["tanh", "relu", "sigmoid", "linear"]).default("tanh").describe("of the hidden layers"),
  initialisation: z.enum(["fan-in", "fan-out"]).default("fan-in")
    .describe("weights are normal with σ = 1/√fan, cut at two σ; biases are 0"),
});

type Options = z.infer<typeof options>;

/** Fully connected nets; the output is a softmax over the classes. */
export const dense: Architecture<Options> = defineArchitecture({
  id: "dense",
  title: "Fully connected net",
  description: "Hidden layers of one activation function, then a softmax over the classes.",
  version: 1,
  options,
  build,
});

function build(inputShape: readonly number[], classes: number, given: Options): NetDescription {
  let fanIn = inputShape.reduce((a, b) => a * b, 1);
  const layer = (
    name: string,
    units: number,
    activation: DenseLayerDescription["activation"],
  ): DenseLayerDescription => {
    const fan = given.initialisation === "fan-in" ? fanIn : units;
    fanIn = units;
    const weights = { distribution: "truncated-normal", sigma: 1 / Math.sqrt(fan) } as const;
    return { kind: "dense", name, units, activation, weights, bias: 0 };
  };
  const hidden = given.widths.map((units, index) => layer(`hidden ${index + 1}`, units, given.activation));
  return { kind: "layers", inputShape, layers: [...hidden, layer("output", classes, "softmax")] };
}
