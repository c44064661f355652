import {
  type Context,
  defineEstimator,
  type Estimate,
  type Estimator,
  type Sample,
  whyMisshapen,
} from "@infoplane/core";
import { loadKernels, type PairBounds, withMixture } from "@infoplane/core/kernels";
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
}).check(({ value, issues }) => {
  const message = whyNoNoise(value);
  if (message) issues.push({ code: "custom", input: value, message });
}).transform(noiseLevelOf);

/**
 * The decoder information of the literature: U(p) − Σ_y p(y) U(p(·|y)) with U the upper bound from pairs,
 *
 *   U(p) = −Σ_x p(x) log₂ Σ_x' p(x') exp(−d(x,x') / 2σ²),   p(x|y) = p(y|x) p(x) / p(y).
 *
 * The difference of two upper bounds lies on no side of I(T+σZ;Y).
 */
export const ktDifference: Estimator<NoiseLevel> = defineEstimator({
  id: "kt-difference",
  title: "Noise, difference of upper bounds",
  description:
    "Information carried by the layer with Gaussian noise added to each unit, T + σZ, in the published form: " +
    "I(X;T+σZ) by its upper bound from pairs of rows, I(T+σZ;Y) by that bound less its mean over labels, which is a bound on " +
    "no side (Kolchinsky and Tracey, Entropy 19:361, 2017, as used by Saxe et al., ICLR 2018).",
  version: 1,
  arithmetic: "portable",
  options,
  claims: {
    bound: "upper",
    invariances: ["row-order", "unit-order"],
    ceiling: "entropy-of-inputs",
    deterministic: true,
  },
  supports: () => true,
  usesReference: (level) => "ruler" in level && level.ruler === "fixed",
  async estimate(sample, level, ctx) {
    return (await estimateAll([sample], [level], ctx))[0][0];
  },
  estimateAll,
});

async function estimateAll(
  samples: readonly Sample[],
  levels: readonly NoiseLevel[],
  ctx: Context,
): Promise<Estimate[][]> {
  const kernels = await loadKernels();
  const all: Estimate[][] = [];
  for (const [index, sample] of samples.entries()) {
    const misshapen = whyMisshapen(sample);
    if (misshapen !== undefined) {
      all.push(levels.map(() => ({ status: "failed", reason: misshapen })));
      continue;
    }
    const noises = levels.map((level) => layerNoise(level, sample));
    const progress = (done: number) => ctx.progress((index + done) / samples.length);
    const saturated = saturatedFraction(sample.activations.data, sample.meta.activation);
    const found = await withMixture(kernels, sample, async (mixture) => {
      const bounds = await mixture.pairBounds(noises.map(({ variance }) => variance), progress);
      return bounds.map((bound, i) => read(bound, mixture.hxBits, saturated, noises[i].diagnostics));
    });
    if ("outside" in found) {
      const { row, unit, outside } = found;
      const reason = `activations must be finite: layer ${sample.layer}, row ${row}, unit ${unit} is ${outside}`;
      all.push(levels.map(() => ({ status: "failed", reason })));
    } else all.push(found);
  }
  return all;
}

function read(
  { upper, upperGivenLabel }: PairBounds,
  hxBits: number,
  saturated: number | undefined,
  diagnostics: { readonly sigma: number },
): Estimate {
  return {
    status: "measured",
    ixt: { bits: upper },
    ity: { bits: upper - upperGivenLabel },
    ceilingBits: hxBits,
    saturated,
    diagnostics: { ...diagnostics, ...(upper > hxBits - NEAR_CEILING_BITS ? { nearCeiling: true } : {}) },
  };
}
