import {
  type Context,
  defineEstimator,
  type Estimate,
  type Estimator,
  type Quantity,
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

/** What an estimator reads off the bounds, I(X;T+σZ) and I(T+σZ;Y) in bits. */
type Reading = (bounds: PairBounds) => { readonly ixt: Quantity; readonly ity: Quantity };

/**
 * Bounds on what T + σZ tells, from distances of pairs of rows. With p(x) on the rows and d their squared distance,
 *
 *   U(p) = −Σ_x p(x) log₂ Σ_x' p(x') exp(−d(x,x') / 2σ²),   L(p) the same with 8σ²,   L(p) ≤ I(X;T+σZ) ≤ U(p),
 *
 * and as I(T+σZ;Y) = I(X;T+σZ) − Σ_y p(y) I(X;T+σZ|Y=y), it lies between L(p) − Σ_y p(y) U(p(·|y)) and U(p) − Σ_y p(y) L(p(·|y)),
 * with p(x|y) = p(y|x) p(x) / p(y).
 */
export const noiseBounds: Estimator<NoiseLevel> = pairEstimator({
  id: "noise-bounds",
  title: "Noise, bounds from pairs",
  description:
    "Information carried by the layer with Gaussian noise added to each unit, T + σZ: the net itself has no such " +
    "noise. I(X;T+σZ) is given as its upper bound from Kullback–Leibler divergences of pairs, with the lower bound from " +
    "Bhattacharyya distances as low; I(T+σZ;Y) as the middle of its two bounds, which stand as low and high " +
    "(Kolchinsky and Tracey, Entropy 19:361, 2017).",
}, ({ upper, lower, upperGivenLabel, lowerGivenLabel }) => {
  const [low, high] = [lower - upperGivenLabel, upper - lowerGivenLabel];
  return { ixt: { bits: upper, low: lower, high: upper }, ity: { bits: (low + high) / 2, low, high } };
});

/**
 * The decoder information of the literature: U(p) − Σ_y p(y) U(p(·|y)) with U the upper bound from pairs,
 *
 *   U(p) = −Σ_x p(x) log₂ Σ_x' p(x') exp(−d(x,x') / 2σ²),   p(x|y) = p(y|x) p(x) / p(y).
 *
 * The difference of two upper bounds lies on no side of I(T+σZ;Y).
 */
export const ktDifference: Estimator<NoiseLevel> = pairEstimator({
  id: "kt-difference",
  title: "Noise, difference of upper bounds",
  description:
    "Information carried by the layer with Gaussian noise added to each unit, T + σZ, in the published form: " +
    "I(X;T+σZ) by its upper bound from pairs of rows, I(T+σZ;Y) by that bound less its mean over labels, which is a bound on " +
    "no side (Kolchinsky and Tracey, Entropy 19:361, 2017, as used by Saxe et al., ICLR 2018).",
}, ({ upper, upperGivenLabel }) => ({ ixt: { bits: upper }, ity: { bits: upper - upperGivenLabel } }));

function pairEstimator(
  text: { readonly id: string; readonly title: string; readonly description: string },
  read: Reading,
): Estimator<NoiseLevel> {
  const estimateAll = async (samples: readonly Sample[], levels: readonly NoiseLevel[], ctx: Context) => {
    const all: Estimate[][] = [];
    for (const [index, sample] of samples.entries()) {
      const progress = (done: number) => ctx.progress((index + done) / samples.length);
      all.push(await estimatesOf(sample, levels, read, progress));
    }
    return all;
  };
  return defineEstimator({
    ...text,
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
    // Variances share the distances of pairs, and a moving ruler looks at the activations alone.
    mixesReferences: true,
    async estimate(sample, level, ctx) {
      return (await estimateAll([sample], [level], ctx))[0][0];
    },
    estimateAll,
  });
}

/** One layer under every noise, whose variances share the distances. */
async function estimatesOf(
  sample: Sample,
  levels: readonly NoiseLevel[],
  read: Reading,
  progress: (done: number) => Promise<void>,
): Promise<Estimate[]> {
  const failed = (reason: string) => levels.map((): Estimate => ({ status: "failed", reason }));
  const misshapen = whyMisshapen(sample);
  if (misshapen !== undefined) return failed(misshapen);
  const noises = levels.map((level) => layerNoise(level, sample));
  const saturated = saturatedFraction(sample.activations.data, sample.meta.activation);
  const found = await withMixture(await loadKernels(), sample, async ({ pairBounds, hxBits }) => {
    const bounds = await pairBounds(noises.map(({ variance }) => variance), progress);
    return bounds.map((bound, i): Estimate => ({
      status: "measured",
      ...read(bound),
      ceilingBits: hxBits,
      saturated,
      diagnostics: {
        ...noises[i].diagnostics,
        ...(bound.upper > hxBits - NEAR_CEILING_BITS ? { nearCeiling: true } : {}),
      },
    }));
  });
  if (!("outside" in found)) return found;
  const { row, unit, outside } = found;
  return failed(`activations must be finite: layer ${sample.layer}, row ${row}, unit ${unit} is ${outside}`);
}
