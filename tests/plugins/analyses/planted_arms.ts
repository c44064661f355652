import type { ProblemFacts, SeriesRow, Study, StudyRows, TrialRow } from "@infoplane/core";

/** A net of a planted study: a quantity at each epoch, of the whole net or layer after layer, or how it ended instead. */
export type SeriesNet =
  | { readonly [quantity: string]: readonly number[] | readonly (readonly number[])[] }
  | { readonly outcome: "diverged" | "failed" };

/** An arm of a planted study. */
export interface PlantedArm {
  /** Hidden layers of its nets. */
  readonly depth: number;
  /** One a replicate. */
  readonly nets: readonly SeriesNet[];
  /** Values of the axes, canonical JSON. */
  readonly axes?: string;
}

/** The rows of a study whose series are known. */
export function plantedArms(epochs: readonly number[], arms: readonly (readonly [string, PlantedArm])[]): StudyRows {
  const trials: TrialRow[] = [];
  const series: SeriesRow[] = [];
  for (const [arm, { nets, axes = "{}" }] of arms) {
    nets.forEach((net, replicate) => {
      const outcome = "outcome" in net ? net.outcome as "diverged" | "failed" : "done";
      const trial = `${arm}-${axes}-${replicate}`;
      const accuracy = "test_accuracy" in net ? net.test_accuracy as readonly number[] : undefined;
      trials.push({
        ...{ trial, arm, role: "main", axes, replicate, outcome },
        reason: outcome === "done" ? null : `planted to be ${outcome}`,
        epochs: epochs[epochs.length - 1],
        updates: 7 * epochs[epochs.length - 1],
        ...{ train_loss_bits: null, test_loss_bits: null, train_accuracy: null, test_accuracy_sampled: null },
        test_accuracy: accuracy?.at(-1) ?? null,
        ...{ best_test_accuracy: null, best_epoch: null, arithmetic: "portable" },
      });
      if (outcome !== "done") return;
      const add = (quantity: string, layer: number | null, path: readonly number[]) =>
        path.forEach((value, e) =>
          series.push({
            ...{ trial, arm, axes, replicate, epoch: epochs[e], layer, quantity, unit: "1", value },
            ...{ arithmetic: "portable", reason: null },
          })
        );
      for (const [quantity, paths] of Object.entries(net) as [string, readonly (number | readonly number[])[]][]) {
        if (typeof paths[0] === "number") add(quantity, null, paths as readonly number[]);
        else paths.forEach((path, k) => add(quantity, k + 1, path as readonly number[]));
      }
    });
  }
  const problems = [...new Map(arms)].map(([arm, { depth }]): ProblemFacts => ({
    ...{ arm, dataset: "planted", n: 4096, classes: 2, trainRows: 3277, testRows: 819 },
    ...{ hxBits: 12, hyBits: 1, ixyBits: 0.8, bayesAccuracy: 0.97, parameters: 0 },
    layers: Array.from({ length: depth + 1 }, (_, k) => ({ name: `layer ${k + 1}`, units: 3, activation: "tanh" })),
  }));
  const study = { id: "planted", seed: 1 } as unknown as Study;
  return { study, profile: "full", trials, estimates: [], series, problems, prepared: {} };
}
