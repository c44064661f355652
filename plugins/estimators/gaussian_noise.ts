import { defineEstimator, type Estimator, type Sample, whyMisshapen } from "@infoplane/core";
import {
  firstOdd,
  gaussianChannelBits,
  layerNoise,
  type NoiseLevel,
  noiseLevelOf,
  type RealRows,
  realRows,
  saturatedFraction,
  whyNoNoise,
} from "@infoplane/core/numerics";
import { z } from "zod";

/** Covariances of more columns take more than a second of a slot. */
const MOST_COLUMNS = 512;

const options = z.strictObject({
  variance: z.number().positive().optional()
    .describe("σ² of the noise in squared units of the activations; 0.1 unless told otherwise"),
  alpha: z.number().positive().optional()
    .describe("σ as a multiple of the root mean square of the layer; instead of variance"),
  ruler: z.enum(["fixed", "moving"]).optional()
    .describe(
      "with alpha: the layer as it is at the last snapshot of the net (fixed, the default) or at this one (moving)",
    ),
}).check(({ value, issues }) => {
  const message = whyNoNoise(value);
  if (message) issues.push({ code: "custom", input: value, message });
}).transform(noiseLevelOf);

/** Covariances alone: I(X;T+σZ) ≤ ½ log₂ det(1 + Cov T / σ²), and that less its mean over labels. */
export const gaussianNoise: Estimator<NoiseLevel> = defineEstimator({
  id: "gaussian-noise",
  title: "Gaussian fit with noise",
  description:
    "Information carried by the layer with Gaussian noise added to each unit, T + σZ, if the layer were Gaussian of its covariance: " +
    "an upper bound on I(X;T+σZ), the capacity of the layer at this noise (Cover and Thomas 2006, theorem 8.6.5), which may exceed " +
    "H(X). I(T+σZ;Y) as that less the mean over labels, on no side.",
  version: 1,
  arithmetic: "portable",
  options,
  claims: { bound: "upper", invariances: ["row-order", "unit-order", "relabelling"], deterministic: true },
  supports: ({ units }) =>
    units <= MOST_COLUMNS || `covariances of at most ${MOST_COLUMNS} units are factored: there are ${units}`,
  usesReference: (level) => "ruler" in level && level.ruler === "fixed",
  estimate(sample, level) {
    const misshapen = whyMisshapen(sample);
    if (misshapen !== undefined) return { status: "failed", reason: misshapen };
    const { activations, layer, meta } = sample;
    const odd = firstOdd(activations.data, meta.units);
    if (odd) {
      const at = `layer ${layer}, row ${odd.row}, unit ${odd.column}`;
      return { status: "failed", reason: `activations must be finite: ${at} is ${odd.value}` };
    }
    const { variance, diagnostics } = layerNoise(level, sample);
    if (variance === 0) {
      return { status: "skipped", reason: "the layer is 0 everywhere, and noise relative to it is none" };
    }
    const t = realRows(activations, "T");
    const ixt = gaussianChannelBits(t, variance, sample.joint?.px);
    return {
      status: "measured",
      ixt: { bits: ixt },
      ity: { bits: ixt - meanOverLabels(t, variance, sample) },
      ceilingBits: null,
      saturated: saturatedFraction(activations.data, meta.activation),
      diagnostics,
    };
  },
});

/** Σ_y p(y) C(σ) of the rows under label y. */
function meanOverLabels(t: RealRows, variance: number, { labels, joint, meta: { n, classes } }: Sample): number {
  let mean = 0;
  let total = 0;
  for (let y = 0; y < classes; y++) {
    const weights = Float64Array.from(
      { length: n },
      (_, i) => joint ? joint.px[i] * joint.pyx[i * classes + y] : Number(labels[i] === y),
    );
    let mass = 0;
    for (let i = 0; i < n; i++) mass += weights[i];
    if (mass === 0) continue;
    mean += mass * gaussianChannelBits(t, variance, weights);
    total += mass;
  }
  return mean / total;
}
