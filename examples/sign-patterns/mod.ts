/**
 * A stranger's estimator: the plug-in entropy of a layer's sign pattern.
 *
 * Each unit is read as one bit, whether its activation is above `threshold`, so that T has at most 2^units values. It is the
 * coarsest codebook that sees every unit, and the smallest complete example of an estimator.
 *
 * @module
 */
import {
  defineEstimator,
  definePlugin,
  type Estimate,
  type Estimator,
  type Plugin,
  type Sample,
  whyMisshapen,
  whyNotFinite,
} from "@infoplane/core";
import { entropyOfProbabilities } from "@infoplane/core/numerics";
import { z } from "zod";

const options = z.strictObject({
  threshold: z.number().default(0).describe("a unit is on above this activation"),
});

type Options = z.infer<typeof options>;

/** The estimator; see the module. */
export const signPatterns: Estimator<Options> = defineEstimator({
  id: "acme/sign-patterns",
  title: "Sign patterns",
  description: "Plug-in I(X;T) and I(T;Y) of T = the pattern of units above a threshold.",
  version: 1,
  arithmetic: "portable",
  options,
  claims: {
    exactOnFiniteJoints: true,
    deterministic: true,
    ceiling: "entropy-of-inputs",
    invariances: ["row-order", "unit-order"],
  },
  supports: () => true,
  estimate,
});

function estimate(sample: Sample, { threshold }: Options): Estimate {
  const unfit = whyMisshapen(sample) ?? whyNotFinite(sample);
  if (unfit !== undefined) return { status: "failed", reason: unfit };
  const { activations, joint, labels, meta: { n, units, classes } } = sample;
  const mass = new Map<string, Float64Array>();
  for (let row = 0; row < n; row++) {
    let pattern = "";
    for (let unit = 0; unit < units; unit++) {
      pattern += activations.data[row * units + unit] > threshold ? "1" : "0";
    }
    let byLabel = mass.get(pattern);
    if (byLabel === undefined) mass.set(pattern, byLabel = new Float64Array(classes));
    const px = joint ? joint.px[row] : 1 / n;
    for (let y = 0; y < classes; y++) {
      byLabel[y] += px * (joint ? joint.pyx[row * classes + y] : Number(labels[row] === y));
    }
  }
  const cells = [...mass.values()];
  const pt = cells.map((byLabel) => byLabel.reduce((sum, p) => sum + p, 0));
  const py = Array.from({ length: classes }, (_, y) => cells.reduce((sum, byLabel) => sum + byLabel[y], 0));
  const ht = entropyOfProbabilities(Float64Array.from(pt));
  const hy = entropyOfProbabilities(Float64Array.from(py));
  const hty = entropyOfProbabilities(Float64Array.from(cells.flatMap((byLabel) => [...byLabel])));
  return {
    status: "measured",
    ixt: { bits: ht },
    ity: { bits: ht + hy - hty },
    ceilingBits: joint ? Math.min(units, entropyOfProbabilities(joint.px)) : units,
    cells: cells.length,
  };
}

const plugin: Plugin = definePlugin({
  name: "acme/sign-patterns",
  version: "1.0.0",
  api: 1,
  estimators: [signPatterns],
});
export default plugin;
