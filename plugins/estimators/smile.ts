import { defineEstimator, type Estimator } from "@infoplane/core";
import { loadKernels } from "@infoplane/core/kernels";
import { jensenShannonBound, smileBound } from "@infoplane/core/numerics";
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
  clip: z.number().positive().max(100).default(5).describe(
    "nats beyond which a density ratio is clipped; the paper's τ",
  ),
});

type Setting = CriticOptions & { readonly clip: number };

/** Donsker and Varadhan with the density ratio clipped, its critic trained by the Jensen–Shannon bound. */
export const smile: Estimator<Setting> = defineEstimator({
  id: "smile",
  title: "SMILE",
  description:
    "Donsker–Varadhan with the critic's density ratio clipped to [e^-clip, e^clip], which trades variance for a bias of either " +
    "side: no bound. The separable critic is trained by the Jensen–Shannon bound and read off rows it has not seen (Song and " +
    "Ermon, ICLR 2020). The interval is two standard errors, for the critic at hand.",
  version: 1,
  arithmetic: "portable",
  options,
  claims: { zeroOnIndependence: true },
  supports: (meta, setting) => supportsCritic(meta, setting),
  async estimate(sample, setting, ctx) {
    const method = { objective: jensenShannonBound, bound: smileBound(setting.clip), inBatches: false };
    return estimateByCritic(await loadKernels(), sample, method, setting, () => null, ctx);
  },
});
