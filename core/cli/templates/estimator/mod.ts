/**
 * Information in a layer whose activations are rounded: an estimator for Infoplane.
 *
 * Each activation becomes the nearest multiple of `step`, so that T takes finitely many values, whose entropies are those of their
 * frequencies or, where p(x) and p(y|x) are known, of their probabilities.
 *
 * @module
 */
import {
  defineEstimator,
  definePlugin,
  type Estimate,
  type Estimator,
  type OptionsSchema,
  type Plugin,
  type Sample,
  whyMisshapen,
  whyNotFinite,
} from "@infoplane/core";
import { entropyOfProbabilities, log2 } from "@infoplane/core/numerics";
import { z } from "zod";

export type * from "@infoplane/core";

/** What can be set. */
export interface Options {
  /** Activations are rounded to multiples of it. */
  readonly step: number;
}

const options: OptionsSchema<Options> = z.strictObject({
  step: z.number().positive().default(0.1).describe("activations are rounded to multiples of it"),
});

/** The estimator; see the module. */
export const estimator: Estimator<Options> = defineEstimator({
  id: "acme/example",
  title: "Rounded activations",
  description: "Plug-in I(X;T) and I(T;Y) of T = the activations rounded to multiples of a step.",
  version: 1,
  arithmetic: "portable",
  options,
  claims: {
    exactOnFiniteJoints: true,
    ceiling: "entropy-of-inputs",
    deterministic: true,
    invariances: ["row-order", "unit-order", "relabelling"],
  },
  supports: () => true,
  estimate,
});

function estimate(sample: Sample, { step }: Options): Estimate {
  const unfit = whyMisshapen(sample) ?? whyNotFinite(sample);
  if (unfit !== undefined) return { status: "failed", reason: unfit };
  const { activations: { data }, joint, labels, meta: { n, units, classes } } = sample;

  /** p(t, y), by the value of T. */
  const joined = new Map<string, Float64Array>();
  for (let row = 0; row < n; row++) {
    const t = Array.from(data.subarray(row * units, (row + 1) * units), (value) => Math.round(value / step)).join(" ");
    let pty = joined.get(t);
    if (pty === undefined) joined.set(t, pty = new Float64Array(classes));
    for (let y = 0; y < classes; y++) {
      pty[y] += joint ? joint.px[row] * joint.pyx[row * classes + y] : Number(labels[row] === y) / n;
    }
  }

  const cells = [...joined.values()];
  const pt = cells.map((pty) => pty.reduce((sum, p) => sum + p, 0));
  const py = Array.from({ length: classes }, (_, y) => cells.reduce((sum, pty) => sum + pty[y], 0));
  const ht = entropyOfProbabilities(Float64Array.from(pt));
  const hy = entropyOfProbabilities(Float64Array.from(py));
  const hty = entropyOfProbabilities(Float64Array.from(cells.flatMap((pty) => [...pty])));
  return {
    status: "measured",
    // T is a function of X, so that I(X;T) is H(T).
    ixt: { bits: ht },
    ity: { bits: ht + hy - hty },
    ceilingBits: joint ? entropyOfProbabilities(joint.px) : log2(n),
    cells: cells.length,
  };
}

/** What Infoplane loads. */
const plugin: Plugin = definePlugin({ name: "acme/example", version: "0.1.0", api: 1, estimators: [estimator] });
export default plugin;
