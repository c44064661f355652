import {
  type Context,
  defineEstimator,
  type Estimate,
  type Estimator,
  type Quantity,
  type Sample,
  whyMisshapen,
} from "@infoplane/core";
import { loadKernels, withMixture } from "@infoplane/core/kernels";
import { layerNoise, type NoiseLevel, noiseLevelOf, saturatedFraction, whyNoNoise } from "@infoplane/core/numerics";
import { z } from "zod";

/** A point within this of the ceiling says little but that the noise is too small for the rows (SCIENCE: bits). */
const NEAR_CEILING_BITS = 0.5;

const options = z.strictObject({
  variance: z.number().positive().optional()
    .describe("σ² of the noise in squared units of the activations; 0.1 unless told otherwise"),
  alpha: z.number().positive().optional()
    .describe("σ as a multiple of the root mean square of the layer; instead of variance"),
  ruler: z.enum(["fixed", "moving"]).optional()
    .describe(
      "with alpha: the layer as it is at the last snapshot of the net (fixed, the default) or at this one (moving)",
    ),
  draws: z.number().int().min(100).default(2000).describe(
    "points drawn from the mixture; the error falls with their root",
  ),
}).check(({ value, issues }) => {
  const message = whyNoNoise(value);
  if (message) issues.push({ code: "custom", input: value, message });
}).transform(({ draws, ...noise }): Setting => ({ ...noiseLevelOf(noise), draws }));

type Setting = NoiseLevel & { readonly draws: number };

/** Half the width of a 95 % interval in standard errors. */
const NORMAL_95 = 1.96;

/**
 * What T + σZ tells, by points t = T(x) + σz drawn from the mixture p(t) = Σ_x p(x) N(t; T(x), σ²):
 *
 *   I(X;T+σZ) = h(T+σZ) − h(σZ) = E log₂ p(t|x) / p(t),   I(T+σZ;Y) = E Σ_y p(y|x) log₂ p(t|y) / p(t).
 *
 * The mean of the logarithm of a ratio has less variance than h(T+σZ) has alone: none where the Gaussians lie apart.
 */
export const noiseMixture: Estimator<Setting> = defineEstimator({
  id: "noise-mixture",
  title: "Noise, exact mixture",
  description:
    "Information carried by the layer with Gaussian noise added to each unit, T + σZ, without bias, by draws from the " +
    "exact mixture; low and high are 1.96 standard errors of the draws away. For a net whose layer has this noise itself, and no " +
    "layer before it, this is the estimate of information by sample propagation, as then h(T|X) = h(σZ) (Goldfeld et al., " +
    "ICML 2019).",
  version: 1,
  arithmetic: "portable",
  options,
  claims: { intervalLevel: 0.95, intervalOf: "draws" },
  supports: () => true,
  usesReference: (level) => "ruler" in level && level.ruler === "fixed",
  estimate,
});

async function estimate(sample: Sample, setting: Setting, ctx: Context): Promise<Estimate> {
  const misshapen = whyMisshapen(sample);
  if (misshapen !== undefined) return { status: "failed", reason: misshapen };
  const { variance, diagnostics } = layerNoise(setting, sample);
  const found = await withMixture(await loadKernels(), sample, async (mixture) => {
    const stream = ctx.stream.child("layer", sample.layer);
    return { ...await mixture.draw(variance, setting.draws, stream, ctx.progress), hxBits: mixture.hxBits };
  });
  if ("outside" in found) {
    const { row, unit, outside } = found;
    const reason = `activations must be finite: layer ${sample.layer}, row ${row}, unit ${unit} is ${outside}`;
    return { status: "failed", reason };
  }
  const { ixt, ity, hxBits } = found;
  const encoder = meanOf(ixt);
  return {
    status: "measured",
    ixt: encoder,
    ity: meanOf(ity),
    ceilingBits: hxBits,
    saturated: saturatedFraction(sample.activations.data, sample.meta.activation),
    diagnostics: { ...diagnostics, ...(encoder.bits > hxBits - NEAR_CEILING_BITS ? { nearCeiling: true } : {}) },
  };
}

/** The mean of independent draws with its 95 % interval. */
function meanOf(draws: Float64Array): Quantity {
  const bits = draws.reduce((sum, x) => sum + x, 0) / draws.length;
  const squares = draws.reduce((sum, x) => sum + (x - bits) * (x - bits), 0);
  const margin = NORMAL_95 * Math.sqrt(squares / (draws.length - 1) / draws.length);
  return { bits, low: bits - margin, high: bits + margin };
}
