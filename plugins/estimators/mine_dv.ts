import { defineEstimator, type Estimator } from "@infoplane/core";
import { loadKernels } from "@infoplane/core/kernels";
import { donskerVaradhanBound, log2 } from "@infoplane/core/numerics";
import { type CriticOptions, estimateByCritic, supportsCritic } from "@infoplane/core/training";
import { z } from "zod";

const options = z.strictObject({
  widths: z.array(z.number().int().min(1).max(1024)).max(4).default([64, 64]).describe(
    "units of the hidden layers of each of the critic's two nets",
  ),
  features: z.number().int().min(1).max(256).default(16).describe(
    "units each net ends in; a score is their scalar product",
  ),
  batch: z.number().int().min(2).max(1024).default(128).describe("rows of a step, every pair of them scored"),
  steps: z.number().int().min(1).max(100_000).default(600).describe("the most; training ends early on rows held out"),
  rate: z.number().positive().max(1).default(0.003).describe("learning rate of Adam"),
});

/** A critic of the density ratio under the bound of Donsker and Varadhan, as MINE has it. */
export const mineDv: Estimator<CriticOptions> = defineEstimator({
  id: "mine-dv",
  title: "MINE, Donsker–Varadhan",
  description:
    "Donsker–Varadhan bound on I(X;T) by a separable critic, read off rows it has not seen (Belghazi et al., ICML 2018). Over " +
    "finitely many rows it is too high, as the logarithm of a mean is too low, and its variance grows like e^I: where that is " +
    "large the standard error is itself too small (McAllester and Stratos, AISTATS 2020). Steps take the gradient of a batch as it is.",
  version: 1,
  arithmetic: "portable",
  options,
  claims: { zeroOnIndependence: true },
  supports: supportsCritic,
  async estimate(sample, setting, ctx) {
    const method = { objective: donskerVaradhanBound, bound: donskerVaradhanBound, inBatches: false };
    return estimateByCritic(
      await loadKernels(),
      sample,
      method,
      setting,
      (population) => population === undefined ? null : log2(population),
      ctx,
    );
  },
});
