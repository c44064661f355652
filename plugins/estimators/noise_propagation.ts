import {
  type Context,
  defineEstimator,
  type Estimate,
  type Estimator,
  type Quantity,
  type Sample,
  whyMisshapen,
} from "@infoplane/core";
import { drawPropagated, loadKernels } from "@infoplane/core/kernels";
import { entropyOfProbabilities, log2 } from "@infoplane/core/numerics";
import { z } from "zod";

/** Values of centres that a slot keeps for a layer: 256 MiB. */
const MOST_VALUES = 1 << 25;
/** A point within this of the ceiling says little but that the noise is too small for the rows. */
const NEAR_CEILING_BITS = 0.5;
/** Half the width of a 95 % interval in standard errors. */
const NORMAL_95 = 1.96;

const options = z.strictObject({
  passes: z.number().int().min(2).max(4096).default(32)
    .describe("how often each input goes through the net; the bias falls with them, and the time grows"),
  draws: z.number().int().min(100).default(2000)
    .describe("points drawn from the layer's mixture; the error falls with their root"),
});

type Setting = { readonly passes: number; readonly draws: number };

/**
 * What a layer of a net that is itself noisy tells, T_k = f_k(T_{k−1}) + σZ. With centres c = f_k(T_{k−1}) of m passes of each input through
 * the net, p(t|x) is the mean of the Gaussians N(t; c, σ²) of x, p(t) = Σ_x p(x) p(t|x), p(t|y) = Σ_x p(x|y) p(t|x), and
 *
 *   I(X;T) = h(T) − Σ_x p(x) h(T|X=x) = E log₂ p(t|x) / p(t),   I(T;Y) = h(T) − Σ_y p(y) h(T|Y=y) = E log₂ p(t|y) / p(t)
 *
 * over points t drawn from these mixtures. The mean of the logarithm of a ratio has less error than the entropies have, each alone.
 */
export const noisePropagation: Estimator<Setting> = defineEstimator({
  id: "noise-propagation",
  title: "Noise of the net, propagated",
  description:
    "Information carried by a layer of a net with noise in its hidden layers, T = f(T below) + σZ, by sample propagation (Goldfeld et al., " +
    "ICML 2019): each input goes through the net m times, T is taken for the mixture of Gaussians around what arrives, and points are " +
    "drawn from it. Too high in the mean for finite m, I(X;T) and I(T;Y) both, as information is convex in p(t|x). The error of such " +
    "mixtures falls as c^units/√m (Goldfeld, Greenewald, Niles-Weed and Polyanskiy, IEEE Trans. Inf. Theory 2020): wide layers need " +
    "noise of the scale of what comes from below. With each t's own Gaussian left out of p(t|x), I(X;T) is too low in the mean " +
    "(leftOutBits). low of I(X;T) is 1.96 standard errors below that, high as many above the estimate, so that they hold the truth, bias " +
    "and all; those of I(T;Y) count the chance of draws and passes alone. Of the lowest noisy layer nothing is biased: it is noise-mixture " +
    "at the net's own σ. Takes rows × m × draws exponentials a layer.",
  version: 1,
  arithmetic: "portable",
  options,
  claims: { intervalLevel: 0.95, intervalOf: "draws" },
  supports({ n, units, noise }, { passes }) {
    if (noise === undefined) {
      return "no noise of the net reaches this layer: noise-mixture measures noise added afterwards";
    }
    if (noise === 0) return "the layer has no noise of its own, so that T given x is no mixture of known Gaussians";
    const values = passes * n * units;
    return values <= MOST_VALUES ||
      `passes × rows × units must be at most 2^25: ${passes} × ${n} × ${units} is ${values}; take fewer passes, or the test rows alone`;
  },
  passes: ({ passes }) => passes,
  estimate,
});

async function estimate(sample: Sample, { passes, draws }: Setting, ctx: Context): Promise<Estimate> {
  const misshapen = whyMisshapen(sample);
  if (misshapen !== undefined) return { status: "failed", reason: misshapen };
  const { centres, joint, layer, meta: { n, units, noise: sigma } } = sample;
  if (centres === undefined) {
    return { status: "skipped", reason: "the layer is seen through a map, which makes another noise of its own" };
  }
  const given = centres.shape[0];
  if (centres.data.length !== given * n * units) {
    const reason =
      `centres of layer ${layer} must hold ${given} × ${n} × ${units} values: they hold ${centres.data.length}`;
    return { status: "failed", reason };
  }
  const stream = ctx.stream.child("layer", layer);
  const found = await drawPropagated(await loadKernels(), sample, passes, draws, stream, ctx.progress);
  if ("outside" in found) {
    const { row, unit, outside } = found;
    return {
      status: "failed",
      reason: `centres must be finite: layer ${layer}, row ${row}, unit ${unit} is ${outside}`,
    };
  }
  // Chance of the passes: each is one of m of its row, and rows weigh p(x). Of the lowest noisy layer there is none.
  const chance = 1 / draws + (given === 1 ? 0 : (joint?.px.reduce((sum, p) => sum + p * p, 0) ?? 1 / n) / passes);
  const { bits, high } = meanOf(found.ixt, chance);
  const leftOut = meanOf(found.ixtLeftOut, chance);
  // Where a t has nothing near it but its own Gaussian, leaving that out bounds nothing.
  const bounded = Number.isFinite(leftOut.bits);
  const ceilingBits = joint ? entropyOfProbabilities(joint.px) : log2(n);
  return {
    status: "measured",
    ixt: { bits, ...(bounded ? { low: Math.min(leftOut.low, bits) } : {}), high },
    ity: meanOf(found.ity, chance),
    ceilingBits,
    diagnostics: {
      sigma: sigma!,
      centres: Math.min(given, passes) * n,
      leftOutBits: bounded ? leftOut.bits : null,
      ...(bits > ceilingBits - NEAR_CEILING_BITS ? { nearCeiling: true } : {}),
    },
  };
}

/** The mean of draws with its 95 % interval; `chance` is the inverse of how many of them would stand alone. */
function meanOf(draws: Float64Array, chance: number): Required<Quantity> {
  const bits = draws.reduce((sum, x) => sum + x, 0) / draws.length;
  const squares = draws.reduce((sum, x) => sum + (x - bits) * (x - bits), 0);
  const margin = NORMAL_95 * Math.sqrt(squares / (draws.length - 1) * chance);
  return { bits, low: bits - margin, high: bits + margin };
}
