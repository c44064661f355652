import { defineRecordedArchitecture, type RecordedArchitecture } from "@infoplane/core";
import { Problem } from "@infoplane/core/files";
import { drawSample, type LawOptions, lawOptions, type Truth, truthOf } from "@infoplane/core/truths";
import { root } from "@infoplane/core/random";

/** As many as the protocol takes the median of. */
const RUNS = 1000;

/**
 * A layer whose information is known: T of the draw of which the dataset of the same id and law gives X, or its points themselves where the
 * other side is a label.
 */
export const lawLayer: RecordedArchitecture<LawOptions> = defineRecordedArchitecture({
  id: "law",
  title: "Layer drawn from a law",
  description:
    "No net: one layer drawn together with the inputs from a law whose mutual information is known, so that every estimator " +
    "can be held against the truth. Needs the dataset of the same id and law.",
  version: 1,
  options: lawOptions,
  replay({ law }, { stream }) {
    const truth = truthOf(law);
    return {
      runs: Array.from({ length: RUNS }, () => [0]),
      net: (_inputShape, _classes, rows) => ({
        kind: "recorded",
        rows,
        layers: [{ name: "law", units: widthOf(truth), activation: "unknown", ...knownOf(truth) }],
        noisy: truth.kind === "pair",
      }),
      snapshots(_net, _run, epochs, dataset) {
        const { activations, inputs = activations } = drawSample(truth, dataset.labels.length, stream.child("law"));
        const { data } = dataset.inputs;
        const size = inputs.data.length;
        const other = data.length === size ? inputs.data.findIndex((value, i) => value !== data[i]) : 0;
        if (other >= 0) {
          throw new Problem(
            `Cannot draw a layer from ${truth.id} as the dataset must be draws of the same law: value ${other} of its inputs is ` +
              `${data[other]}, of the law ${inputs.data[other]}`,
          );
        }
        return Promise.resolve(epochs.map((epoch) => ({ epoch, values: Float64Array.from(activations.data) })));
      },
    };
  },
});

/** Columns of T. */
function widthOf(truth: Truth): number {
  return drawSample(truth, 1, root(0)).meta.units;
}

/** Of a pair, labels are coins; of labelled points T is X, which holds infinitely many bits of itself or as many as it has values. */
function knownOf(truth: Truth) {
  return truth.kind === "pair" ? { ixtBits: truth.bits, ityBits: 0 } : { ityBits: truth.bits };
}
