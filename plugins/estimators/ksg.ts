import { defineEstimator, type Estimate, type Estimator, type Sample } from "@infoplane/core";
import { ksgBits, ksgCeilingBits, type KsgForm, ksgLabelsBits, loadKernels } from "@infoplane/core/kernels";
import { firstOdd, isDiscrete, realRows, saturatedFraction } from "@infoplane/core/numerics";
import { z } from "zod";

const options = z.strictObject({
  k: z.number().int().min(1).max(1000).default(3).describe("which neighbour sets the scale"),
  form: z.union([z.literal(1), z.literal(2), z.literal("mixed")]).default(1).describe(
    "of I(X;T): 1 or 2 of Kraskov, Stögbauer and Grassberger for continuous X and T, mixed for values that may repeat",
  ),
});

type Setting = { readonly k: number; readonly form: KsgForm };

/** Nearest neighbours in the maximum norm: I(X;T) of continuous pairs, I(T;Y) by the form for mixtures. */
export const ksg: Estimator<Setting> = defineEstimator({
  id: "ksg",
  title: "Nearest neighbours",
  description:
    "Information of T itself by distances to the k-th nearest row in the maximum norm (Kraskov, Stögbauer and " +
    "Grassberger, Phys. Rev. E 69, 066138); I(T;Y) by the form for a discrete side (Ross, PLoS ONE 9, e87357; Gao et al., " +
    "arXiv:1709.06212). Too low beyond about ten dimensions. I(X;T) only where the inputs are given and the net is noisy.",
  version: 1,
  arithmetic: "portable",
  options,
  claims: { invariances: ["relabelling"], distinctRows: true },
  supports: ({ n }, { k }) => n > k || `there must be more rows than k = ${k}: there are ${n}`,
  passes: () => 0,
  async estimate(sample, setting, ctx) {
    const { activations, labels, joint, inputs, layer, meta } = sample;
    const odd = firstOdd(activations.data, meta.units);
    if (odd) {
      const at = `layer ${layer}, row ${odd.row}, unit ${odd.column}`;
      return { status: "failed", reason: `activations must be finite: ${at} is ${odd.value}` };
    }
    if (joint?.px.some((p) => p !== joint.px[0])) {
      return { status: "skipped", reason: "rows of unequal probability: neighbours are counted, not weighed" };
    }
    if (new Set(labels).size === labels.length) {
      return { status: "skipped", reason: "no two rows share a label" };
    }
    const kernels = await loadKernels();
    const { bits, alone } = ksgLabelsBits(kernels, activations, labels, setting.k);
    const found: Estimate = {
      status: "measured",
      ixt: null,
      ity: { bits },
      ceilingBits: null,
      saturated: saturatedFraction(activations.data, meta.activation),
      labels: "sampled",
      diagnostics: alone > 0 ? { aloneWithLabel: alone } : undefined,
    };
    const reason = withoutEncoder(sample, setting);
    if (reason !== undefined) return { ...found, reason };
    await ctx.progress(0.5);
    const settings = { ...setting, jitter: ctx.stream.child("jitter") };
    return {
      ...found,
      ixt: { bits: ksgBits(kernels, inputs!, activations, settings) },
      ceilingBits: ksgCeilingBits(meta.n, setting),
    };
  },
});

/** Why I(X;T) has no such estimate, if it has none. */
function withoutEncoder({ meta, inputs, activations }: Sample, { form }: Setting): string | undefined {
  if (meta.exactJoint) return "no I(X;T): each x is given once, so none has a neighbour of its own";
  if (meta.deterministic) {
    return "no I(X;T): T is a function of X, which neighbours read as a number that grows with the rows";
  }
  if (inputs === undefined) return "no I(X;T): the inputs are not given";
  if (form === "mixed") return undefined;
  for (const [name, side] of [["X", inputs], ["T", activations]] as const) {
    if (isDiscrete(realRows(side, name))) return `no I(X;T): ${name} is discrete, which needs form mixed`;
  }
  return undefined;
}
