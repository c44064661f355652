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
 * Bounds on what T + σZ tells, from distances of pairs of rows. With p(x) on the rows and d their squared distance,
 *
 *   U(p) = −Σ_x p(x) log₂ Σ_x' p(x') exp(−d(x,x') / 2σ²),   L(p) the same with 8σ²,   L(p) ≤ I(X;T+σZ) ≤ U(p),
 *
 * and as I(T+σZ;Y) = I(X;T+σZ) − Σ_y p(y) I(X;T+σZ|Y=y), it lies between L(p) − Σ_y p(y) U(p(·|y)) and U(p) − Σ_y p(y) L(p(·|y)),
 * with p(x|y) = p(y|x) p(x) / p(y).
 */
export const noiseBounds: Estimator<NoiseLevel> = defineEstimator({
  id: "noise-bounds",
  title: "Noise, bounds from pairs",
  description:
    "Information carried by the layer with Gaussian noise added to each unit, T + σZ: the net itself has no such " +
    "noise. I(X;T+σZ) is given as its upper bound from Kullback–Leibler divergences of pairs, with the lower bound from " +
    "Bhattacharyya distances as low; I(T+σZ;Y) as the middle of its two bounds, which stand as low and high " +
    "(Kolchinsky and Tracey, Entropy 19:361, 2017).",
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
  { upper, lower, upperGivenLabel, lowerGivenLabel }: PairBounds,
  hxBits: number,
  saturated: number | undefined,
  diagnostics: { readonly sigma: number },
): Estimate {
  const [low, high] = [lower - upperGivenLabel, upper - lowerGivenLabel];
  return {
    status: "measured",
    ixt: { bits: upper, low: lower, high: upper },
    ity: { bits: (low + high) / 2, low, high },
    ceilingBits: hxBits,
    saturated,
    diagnostics: { ...diagnostics, ...(upper > hxBits - NEAR_CEILING_BITS ? { nearCeiling: true } : {}) },
  };
}
