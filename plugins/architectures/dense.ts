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
  activation: z.enum(["tanh", "relu", "leaky-relu", "sigmoid", "softplus", "linear"]).default("tanh")
    .describe("of the hidden layers"),
  initialisation: z.enum(["fan-in", "fan-out"]).default("fan-in")
    .describe("weights are normal with σ = 1/√fan, cut at two σ; biases are 0"),
  // Optional, not defaulted: a net without them keeps its key.
  slope: z.number().gt(0).lt(1).optional().describe("of leaky-relu below 0; 0.01 unless told"),
  residual: z.boolean().optional().describe("hidden layers of as many units as inputs add their input to their output"),
  quantisedBits: z.number().int().min(1).max(16).optional()
    .describe(
      "hidden activations, tanh or sigmoid, take the middles of 2^bits equal cells; errors pass straight through",
    ),
  noise: z.number().positive().optional()
    .describe(
      "σ of Gaussian noise on the output of every hidden unit, drawn anew for every input and step, in training as in measuring",
    ),
  output: z.enum(["softmax", "logistic"]).optional()
    .describe("logistic: one unit that gives p(y = 1) of two classes; softmax unless told"),
  precision: z.enum(["float32", "float64"]).optional()
    .describe("of parameters and activations; float32 unless told, float64 is some ten times slower"),
  frozen: z.discriminatedUnion("from", [
    z.strictObject({ layers: z.number().int().min(1), from: z.literal("random") }),
    z.strictObject({ layers: z.number().int().min(1), from: z.literal("trained"), epochs: z.number().int().min(1) }),
  ]).optional().describe(
    "the first hidden layers keep their random weights, or those the same net has after so many epochs, and the layers above start " +
      "anew: from the same weights in either case",
  ),
});

type Options = z.infer<typeof options>;

/** Fully connected nets; the output is a softmax over the classes, or one logistic unit. */
export const dense: Architecture<Options, NetDescription> = defineArchitecture({
  id: "dense",
  title: "Fully connected net",
  description: "Hidden layers of one activation function, then a softmax over the classes or one logistic unit.",
  version: 1,
  options,
  build,
});

function build(inputShape: readonly number[], classes: number, given: Options): NetDescription {
  const { activation, slope, residual, quantisedBits, noise } = given;
  let fanIn = inputShape.reduce((a, b) => a * b, 1);
  const drawn = (units: number) => {
    const fan = given.initialisation === "fan-in" ? fanIn : units;
    fanIn = units;
    return { weights: { distribution: "truncated-normal", sigma: 1 / Math.sqrt(fan) }, bias: 0 } as const;
  };
  const hidden = given.widths.map((units, index): DenseLayerDescription => {
    const skips = residual === true && units === fanIn;
    return {
      kind: "dense",
      name: `hidden ${index + 1}`,
      units,
      activation,
      ...(slope === undefined ? {} : { slope }),
      ...(skips ? { residual: true } : {}),
      ...(quantisedBits === undefined ? {} : { quantisedBits }),
      ...(noise === undefined ? {} : { noise }),
      ...drawn(units),
    };
  });
  const logistic = given.output === "logistic";
  if (logistic && classes !== 2) {
    throw new RangeError(`Cannot build a dense net as a logistic output tells two classes apart: there are ${classes}`);
  }
  const output: DenseLayerDescription = logistic
    ? { kind: "dense", name: "output", units: 1, activation: "sigmoid", ...drawn(1) }
    : { kind: "dense", name: "output", units: classes, activation: "softmax", ...drawn(classes) };
  const { precision, frozen } = given;
  if (frozen !== undefined && frozen.layers > hidden.length) {
    throw new RangeError(
      `Cannot build a dense net as its ${hidden.length} hidden layers may be frozen: frozen.layers is ${frozen.layers}`,
    );
  }
  return {
    kind: "layers",
    inputShape,
    layers: [...hidden, output],
    ...(precision === undefined ? {} : { precision }),
    ...(frozen === undefined ? {} : { frozen }),
  };
}
