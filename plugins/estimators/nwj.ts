import { defineEstimator, type Estimator } from "@infoplane/core";
import { loadKernels } from "@infoplane/core/kernels";
import { log2, nwjBound } from "@infoplane/core/numerics";
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

/** A critic of the density ratio under the bound of Nguyen, Wainwright and Jordan. */
export const nwj: Estimator<CriticOptions> = defineEstimator({
  id: "nwj",
  title: "NWJ",
  description:
    "Lower bound on I(X;T) in expectation by a separable critic of the density ratio, read off rows it has not seen; its variance grows like " +
    "e^I (Nguyen, Wainwright and Jordan, IEEE Trans. Inf. Theory 56, 2010; Poole et al., ICML 2019). The interval is two " +
    "standard errors of the bound, not of the information.",
  version: 1,
  arithmetic: "portable",
  options,
  claims: { bound: "lower", zeroOnIndependence: true },
  supports: supportsCritic,
  async estimate(sample, setting, ctx) {
    const method = { objective: nwjBound, bound: nwjBound, inBatches: false };
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
