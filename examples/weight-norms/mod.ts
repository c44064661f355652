/**
 * A stranger's analysis with all three steps: how far the weights of each layer are from where they started.
 *
 * @module
 */
import { type Analysis, defineAnalysis, definePlugin, type Plugin, type TrialView } from "@infoplane/core";
import { z } from "zod";

const options = z.strictObject({
  snapshots: z.number().int().min(2).default(10).describe("how many snapshots to look at, from first to last"),
});

type Options = z.infer<typeof options>;

/** The analysis; see the module. */
export const weightNorms: Analysis<Options> = defineAnalysis({
  id: "acme/weight-norms",
  title: "How far have the weights moved?",
  description: "Euclidean distance of each layer's weights from those of the first snapshot.",
  version: 1,
  arithmetic: "portable",
  options,
  needs: { weights: true },
  prepare: (dataset) => ({ rows: dataset.labels.length }),
  map(trial, { snapshots }) {
    const step = (trial.epochs.length - 1) / (snapshots - 1);
    const chosen = new Set(Array.from({ length: snapshots }, (_, i) => trial.epochs[Math.round(i * step)]));
    return [...chosen].flatMap((epoch) => distances(trial, epoch));
  },
  reduce({ series, prepared }) {
    const rows = series.filter(({ quantity }) => quantity === "weight_distance");
    const sizes = Object.entries(prepared).map(([arm, data]) => `${(data as { rows: number }).rows} rows (${arm})`);
    return {
      tables: [{
        name: "weight-distance",
        title: "Distance of weights from their start",
        columns: [
          { name: "trial", type: "string", unit: null, text: "Key of the net." },
          { name: "epoch", type: "int32", unit: "epochs", text: "Epoch of the snapshot." },
          { name: "layer", type: "int32", unit: "1", text: "Layer." },
          { name: "distance", type: "float64", unit: "1", text: "Euclidean norm of the difference." },
        ],
        rows: rows.map(({ trial, epoch, layer, value }) => ({ trial, epoch, layer, distance: value })),
      }],
      figures: [{
        id: "weight-distance",
        title: "Weights leave their start",
        caption: `One line a net and layer, trained on data of ${sizes.join(", ")}.`,
        alt: "Distance of weights from their initial values against epochs, rising.",
        table: "weight-distance",
        marks: [{ mark: "line", x: "epoch", y: "distance", z: "trial", fx: "layer", stroke: "layer" }],
        scales: { x: { type: "symlog", label: "epoch" }, y: { label: "distance from start" } },
      }],
    };
  },
});

function distances(trial: TrialView, epoch: number) {
  const start = trial.weights(trial.epochs[0]);
  return trial.weights(epoch).map(({ weights }, index) => {
    let squares = 0;
    weights.data.forEach((weight, i) => squares += squared(weight - start[index].weights.data[i]));
    return { epoch, layer: index + 1, quantity: "weight_distance", unit: "1", value: Math.sqrt(squares) };
  });
}

function squared(x: number): number {
  return x * x;
}

const plugin: Plugin = definePlugin({ name: "acme/weight-norms", version: "1.0.0", api: 1, analyses: [weightNorms] });
export default plugin;
