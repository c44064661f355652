import { type Dataset, defineDataset } from "@infoplane/core";
import { type DrawOptions, drawOptions, drawSample, truthOf } from "@infoplane/core/truths";

/**
 * Samples of a law of known mutual information: X of a pair with labels that are fair coins, or points with their labels. The other side of
 * a pair is what the architecture of the same name and law gives.
 */
export const lawData: Dataset<DrawOptions> = defineDataset({
  id: "law",
  title: "Draws from a law",
  description:
    "Rows drawn from a law of known mutual information, each replicate anew: X of pairs, beside labels that are fair coins, or " +
    "points with their labels. With the architecture of the same id and law, which gives T, estimators are held against the truth.",
  version: 1,
  arithmetic: "portable",
  options: drawOptions,
  rights: "Computed; no data of others.",
  load({ law, rows }, { stream }) {
    const truth = truthOf(law);
    const { activations, inputs = activations, labels, meta } = drawSample(truth, rows, stream.child("law"));
    return {
      inputs,
      labels,
      classes: meta.classes,
      splits: { train: Uint32Array.from(labels, (_, row) => row), test: new Uint32Array(0) },
      ixyBits: truth.kind === "labels" ? truth.bits : 0,
    };
  },
});
