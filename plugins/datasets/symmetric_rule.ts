import { type Context, type Dataset, defineDataset, type LoadedDataset } from "@infoplane/core";
import {
  hardStatistic,
  logistic,
  pairCounts,
  patternBit,
  stochasticStatistic,
  SYMMETRIC_RULE_INPUTS,
  SYMMETRIC_RULE_PATTERNS,
} from "@infoplane/core/numerics";
import { shuffle } from "@infoplane/core/random";
import { z } from "zod";

const options = z.strictObject({
  form: z.enum(["stochastic", "hard"]).default("stochastic")
    .describe("stochastic: f_s, θ = 5.89; hard: f_h, θ = 7.632, the labels in circulation"),
  gamma: z.union([z.number().positive(), z.literal("infinite")]).optional()
    .describe("steepness of p(y=1|x) = 1/(1+exp(−γ(f−θ))); 12 for stochastic, infinite for hard"),
  encoding: z.enum(["zero-one", "plus-minus-one"]).default("zero-one").describe("how the net sees a bit"),
  trainFraction: z.number().gt(0).lt(1).refine(splits, "must leave a row to train on and one to test on").default(0.8)
    .describe("share of the 4096 patterns trained on, rounded"),
  split: z.enum(["shuffled", "as-published"]).default("shuffled")
    .describe("as-published: the first patterns, unshuffled, as the published code has it"),
  labels: z.literal("random").optional()
    .describe("random: each label is drawn with p(y) whatever the pattern, so that there is no rule to learn"),
}).transform((given) => ({ ...given, gamma: given.gamma ?? (given.form === "stochastic" ? 12 : "infinite" as const) }));

type Options = z.infer<typeof options>;

const FORMS = {
  stochastic: { statistic: stochasticStatistic, threshold: 5.89 },
  hard: { statistic: hardStatistic, threshold: 7.632 },
};

function splits(fraction: number): boolean {
  const m = trainRows(fraction);
  return m > 0 && m < SYMMETRIC_RULE_PATTERNS;
}

function trainRows(fraction: number): number {
  return Math.round(fraction * SYMMETRIC_RULE_PATTERNS);
}

/**
 * All 4096 patterns of twelve bits on an icosahedron, with exact p(x) = 1/4096 and p(y|x).
 *
 * A replicate's labels are drawn from its stream `labels`, one uniform number a pattern in order; its split from `split`. The
 * training and test rows are ascending: a split is a set.
 */
export const symmetricRule: Dataset<Options> = defineDataset({
  id: "symmetric-rule",
  title: "Symmetric rule",
  description: "Twelve bits on the vertices of an icosahedron, labelled by a rule that no rotation changes " +
    "(Shwartz-Ziv and Tishby, arXiv:1703.00810).",
  version: 1,
  arithmetic: "portable",
  options,
  rights: "Computed; no data of others.",
  load,
});

function load(
  { form, gamma, encoding, trainFraction, split, labels: drawn }: Options,
  { stream }: Context,
): LoadedDataset {
  const n = SYMMETRIC_RULE_PATTERNS;
  const inputs = Uint8Array.from(
    { length: n * SYMMETRIC_RULE_INPUTS },
    (_, i) => patternBit(Math.floor(i / SYMMETRIC_RULE_INPUTS), i % SYMMETRIC_RULE_INPUTS),
  );
  const ones = drawn === "random" ? withoutRule(probabilities(form, gamma)) : probabilities(form, gamma);
  const pyx = new Float64Array(2 * n);
  ones.forEach((p, row) => pyx.set([1 - p, p], 2 * row));

  const labels = new Uint8Array(n);
  const dealt = stream.child("labels");
  for (let row = 0; row < n; row++) labels[row] = dealt.uniform() < ones[row] ? 1 : 0;

  const order = Uint32Array.from({ length: n }, (_, row) => row);
  if (split === "shuffled") shuffle(order, stream.child("split"));
  const m = trainRows(trainFraction);
  return {
    inputs: {
      data: inputs,
      shape: [n, SYMMETRIC_RULE_INPUTS],
      ...(encoding === "plus-minus-one" ? { scale: 2, offset: -1 } : {}),
    },
    labels,
    classes: 2,
    splits: { train: order.slice(0, m).sort(), test: order.slice(m).sort() },
    joint: { px: new Float64Array(n).fill(1 / n), pyx },
  };
}

/** p(y=1|x) of every pattern. */
function probabilities(form: Options["form"], gamma: Options["gamma"]): Float64Array {
  const { statistic, threshold } = FORMS[form];
  return Float64Array.from({ length: SYMMETRIC_RULE_PATTERNS }, (_, pattern) => {
    const distance = statistic(pairCounts(pattern)) - threshold;
    if (gamma === "infinite") return distance > 0 ? 1 : 0;
    return logistic(gamma * distance);
  });
}

/** p(y=1) in place of p(y=1|x): the same balance of labels, and I(X;Y) = 0. */
function withoutRule(ones: Float64Array): Float64Array {
  return new Float64Array(ones.length).fill(ones.reduce((sum, p) => sum + p, 0) / ones.length);
}
