import { type Dataset, defineDataset } from "@infoplane/core";
import { drawDataset, normalSign } from "@infoplane/core/truths";
import { z } from "zod";

const options = z.strictObject({
  rho: z.number().gt(-1).lt(1).default(0.8).describe(
    "correlation ρ of the number with the one whose sign is the label",
  ),
  rows: z.number().int().min(2).max(1_000_000).default(2000).describe("numbers drawn"),
  trainFraction: z.number().gt(0).lt(1).default(0.8).describe("share of the rows trained on"),
});

type Options = z.infer<typeof options>;

/** One half of a binormal pair as input, the sign of the other as label; I(X;Y) by quadrature. */
export const normalSignDataset: Dataset<Options> = defineDataset({
  id: "normal-sign",
  title: "Sign of a correlated normal number",
  description:
    "A standard normal number, labelled by the sign of another of correlation ρ: the least problem with a known " +
    "I(X;Y) that no threshold of the input decides for certain.",
  version: 1,
  arithmetic: "portable",
  options,
  rights: "Computed; no data of others.",
  load: ({ rho, rows, trainFraction }, { stream }) => drawDataset(normalSign(rho), rows, trainFraction, stream),
});
