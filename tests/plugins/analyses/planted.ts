import type { Analysis, Claim, EstimateRow, ProblemFacts, Study, StudyRows, TrialRow } from "@infoplane/core";
import { root, testContext } from "@infoplane/core/testing";

/** A net of a planted study: I(X;T_k) and I(T_k;Y) in bits at each epoch, or how it ended instead. */
export type PlantedNet =
  | { readonly ixt: readonly (readonly number[])[]; readonly ity: readonly (readonly number[])[] }
  | { readonly outcome: "diverged" | "failed" };

/** The rows of a study whose paths are known. */
export function plantedRows(
  nets: readonly PlantedNet[],
  {
    epochs,
    estimator = "binning",
    setting = '{"count":30,"range":[-1,1]}',
    hxBits = 12,
    arm = "main",
    arithmetic = "portable",
  }: {
    readonly epochs: readonly number[];
    readonly estimator?: string;
    readonly setting?: string;
    readonly hxBits?: number;
    readonly arm?: string;
    readonly arithmetic?: EstimateRow["arithmetic"];
  },
): StudyRows {
  const trials = nets.map((net, replicate): TrialRow => {
    const outcome = "outcome" in net ? net.outcome : "done";
    return {
      trial: `${arm}-${replicate}`,
      arm,
      role: "main",
      axes: "{}",
      replicate,
      outcome,
      reason: outcome === "done" ? null : `planted to be ${outcome}`,
      epochs: epochs[epochs.length - 1],
      updates: 7 * epochs[epochs.length - 1],
      train_loss_bits: null,
      test_loss_bits: null,
      train_accuracy: null,
      test_accuracy: null,
      test_accuracy_sampled: null,
      best_test_accuracy: null,
      best_epoch: null,
      arithmetic: "portable",
    };
  });
  const estimates = nets.flatMap((net, replicate): EstimateRow[] => {
    if ("outcome" in net) return [];
    return net.ixt.flatMap((path, k) =>
      path.map((ixt_bits, e) => ({
        trial: `${arm}-${replicate}`,
        arm,
        axes: "{}",
        replicate,
        epoch: epochs[e],
        layer: k + 1,
        layer_name: `layer ${k + 1}`,
        estimator,
        setting,
        probe: "all",
        labels: "exact" as const,
        n: 4096,
        ixt_bits,
        ixt_low_bits: null,
        ixt_high_bits: null,
        ity_bits: net.ity[k][e],
        ity_low_bits: null,
        ity_high_bits: null,
        ceiling_bits: hxBits,
        cells: 1,
        alone: 0,
        saturated: 0,
        diagnostics: null,
        arithmetic,
        status: "measured" as const,
        reason: null,
      }))
    );
  });
  const problem: ProblemFacts = {
    arm,
    dataset: "planted",
    n: 4096,
    classes: 2,
    trainRows: 3277,
    testRows: 819,
    hxBits,
    hyBits: 1,
    ixyBits: 0.8,
    bayesAccuracy: 0.97,
    layers: [],
    parameters: 0,
  };
  const study = { id: "planted", seed: 1, arms: { [arm]: { title: "Planted" } } } as unknown as Study;
  return { study, profile: "full", trials, estimates, series: [], problems: [problem], prepared: {} };
}

/** Runs an analysis with its default options on planted rows and gives its claim. */
export async function claimFrom(analysis: Analysis<never>, rows: StudyRows, options: object = {}): Promise<Claim> {
  const [claim] = (await reduceOf(analysis, rows, options)).claims ?? [];
  return claim;
}

/** Runs an analysis on planted rows. */
export async function reduceOf(analysis: Analysis<never>, rows: StudyRows, options: object = {}) {
  const { ctx } = testContext(root(1).child("analysis", analysis.id));
  const read = analysis.options["~standard"].validate(options) as { value: never };
  return await analysis.reduce(rows, read.value, ctx);
}
