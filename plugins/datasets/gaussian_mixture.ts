import { type Dataset, defineDataset } from "@infoplane/core";
import { drawDataset, gaussianMixture } from "@infoplane/core/truths";
import { z } from "zod";

const options = z.strictObject({
  distance: z.number().nonnegative().max(1000).default(2).describe("of the means, in standard deviations; 20 is 1 bit"),
  dimensions: z.number().int().min(1).max(4096).default(2).describe("of each point; all but the first carry nothing"),
  rows: z.number().int().min(2).max(1_000_000).default(2000).describe("points drawn"),
  trainFraction: z.number().gt(0).lt(1).default(0.8).describe("share of the rows trained on"),
});

type Options = z.infer<typeof options>;

/** Two normal clouds, labelled by the one a point came from: p(x) is known as a law, and I(X;Y) by quadrature. */
export const gaussianMixtureDataset: Dataset<Options> = defineDataset({
  id: "gaussian-mixture",
  title: "Mixture of two Gaussians",
  description:
    "Points of two normal distributions, equally likely, labelled by the one they came from. I(X;Y) is known: " +
    "0 bits where they coincide, 1 where they are distant.",
  version: 1,
  arithmetic: "portable",
  options,
  rights: "Computed; no data of others.",
  load: ({ distance, dimensions, rows, trainFraction }, { stream }) =>
    drawDataset(gaussianMixture(distance, dimensions), rows, trainFraction, stream),
});
