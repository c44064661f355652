import { type Context, type Dataset, defineDataset, type LoadedDataset } from "@infoplane/core";
import { isingProbabilities, logistic, magnetisation, spinOf } from "@infoplane/core/numerics";
import { splitRows } from "@infoplane/core/random";
import { z } from "zod";

const options = z.strictObject({
  spins: z.number().int().min(2).max(16).default(12).describe("inputs; all 2^spins patterns are enumerated"),
  coupling: z.number().min(-20).max(20).default(0.5).describe(
    "J of neighbouring spins; without field, a line of them is a Markov chain that flips with probability 1/(1 + e^2J)",
  ),
  field: z.number().min(-20).max(20).default(0).describe("h on every spin"),
  boundary: z.enum(["line", "ring"]).default("line").describe("ring: the last spin neighbours the first"),
  gamma: z.union([z.number().positive(), z.literal("infinite")]).default(1)
    .describe("steepness of p(y=1|x) = 1/(1+exp(−γ Σ s)); infinite: the majority, and a fair coin where there is none"),
  trainFraction: z.number().gt(0).lt(1).default(0.8).describe("share of the patterns trained on"),
});

type Options = z.infer<typeof options>;

/**
 * All patterns of a chain of spins with exact p(x) ∝ exp(J Σ s_i s_{i+1} + h Σ s_i): inputs of which some are typical and most are not,
 * as uniform patterns cannot show. The label is the majority of spins, as sharp as γ.
 *
 * A replicate's labels are drawn from its stream `labels`, one uniform number a pattern in order; its split from `split`. A net is trained
 * on each pattern once an epoch, whatever p(x); all is measured under p(x).
 */
export const ising: Dataset<Options> = defineDataset({
  id: "ising",
  title: "Ising chain",
  description:
    "Inputs of local structure: spins that see their neighbours (Ising, Zeitschrift für Physik 31, 1925), or a " +
    "Markov chain, with exact p(x) over all patterns; labelled by their majority.",
  version: 1,
  arithmetic: "portable",
  options,
  rights: "Computed; no data of others.",
  load,
});

function load({ spins, coupling, field, boundary, gamma, trainFraction }: Options, { stream }: Context): LoadedDataset {
  const n = 1 << spins;
  const inputs = Uint8Array.from(
    { length: n * spins },
    (_, i) => spinOf(Math.floor(i / spins), i % spins, spins) > 0 ? 1 : 0,
  );
  const pyx = new Float64Array(2 * n);
  const labels = new Uint8Array(n);
  const dealt = stream.child("labels");
  for (let x = 0; x < n; x++) {
    const p = probabilityOfOne(magnetisation(x, spins), gamma);
    pyx.set([1 - p, p], 2 * x);
    labels[x] = dealt.uniform() < p ? 1 : 0;
  }
  return {
    inputs: { data: inputs, shape: [n, spins], scale: 2, offset: -1 },
    labels,
    classes: 2,
    splits: splitRows(n, trainFraction, stream.child("split")),
    joint: { px: isingProbabilities({ spins, coupling, field, ring: boundary === "ring" }), pyx },
  };
}

function probabilityOfOne(sum: number, gamma: Options["gamma"]): number {
  if (gamma !== "infinite") return logistic(gamma * sum);
  return sum === 0 ? 0.5 : sum > 0 ? 1 : 0;
}
