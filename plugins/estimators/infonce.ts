import { defineEstimator, type Estimator } from "@infoplane/core";
import { loadKernels } from "@infoplane/core/kernels";
import { infoNceBound, log2 } from "@infoplane/core/numerics";
import { type CriticOptions, estimateByCritic, supportsCritic } from "@infoplane/core/training";
import { z } from "zod";

const options = z.strictObject({
  widths: z.array(z.number().int().min(1).max(1024)).max(4).default([64, 64]).describe(
    "units of the hidden layers of each of the critic's two nets",
  ),
  features: z.number().int().min(1).max(256).default(16).describe(
    "units each net ends in; a score is their scalar product",
  ),
  batch: z.number().int().min(2).max(1024).default(128).describe(
    "rows of a step, one right among so many; log2 of it is the ceiling",
  ),
  steps: z.number().int().min(1).max(100_000).default(600).describe("the most; training ends early on rows held out"),
  rate: z.number().positive().max(1).default(0.003).describe("learning rate of Adam"),
});

/** A critic that tells the t of an x from those of other rows; what it knows is at most the logarithm of how many it chooses among. */
export const infonce: Estimator<CriticOptions> = defineEstimator({
  id: "infonce",
  title: "InfoNCE",
  description:
    "Lower bound on I(X;T) in expectation by a separable critic that finds each row's t among a batch, read off rows it has not seen; never " +
    "above log2 of the batch (van den Oord, Li and Vinyals, arXiv:1807.03748; Poole et al., ICML 2019). The interval is two " +
    "standard errors of the bound, not of the information.",
  version: 1,
  arithmetic: "portable",
  options,
  claims: { bound: "lower", zeroOnIndependence: true, ceiling: "log2-rows" },
  supports: supportsCritic,
  async estimate(sample, setting, ctx) {
    const method = { objective: infoNceBound, bound: infoNceBound, inBatches: true };
    return estimateByCritic(await loadKernels(), sample, method, setting, () => log2(setting.batch), ctx);
  },
});
