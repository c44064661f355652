/**
 * Rows of studies for checks of analyses: of nets that were planted, of none, and of small nets that were trained.
 *
 * @module
 */
import type { MapRow, StudyRows, TrialView } from "../contracts/analysis.ts";
import type { NetDescription } from "../contracts/architecture.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import type { PointRow, SeriesRow } from "../contracts/rows.ts";
import type { Training } from "../contracts/study.ts";
import type { Arithmetic } from "../contracts/tensor.ts";
import { noisy, plantedNets, plantedPath, plantedRows, plantedSeries, together } from "../claims/planted.ts";
import { loadKernels } from "../kernels/mod.ts";
import { trialView } from "../measuring/trial_view.ts";
import { root } from "../random/mod.ts";
import { testContext } from "../testing.ts";
import { snapshotEpochs } from "../training/snapshots.ts";
import { train } from "../training/trajectory.ts";

/** Nets of each arm. */
const REPLICATES = 6;

/** Arms of the study. */
export const ARMS = ["main", "control"] as const;

const TRAINING: Training = { optimiser: { id: "sgd", rate: 0.5 }, batch: 3, epochs: 40 };

/** Epochs of the snapshots of all nets here. */
export const EPOCHS: readonly number[] = snapshotEpochs(TRAINING.epochs);

const NET: NetDescription = {
  kind: "layers",
  inputShape: [3],
  layers: [
    {
      kind: "dense",
      name: "hidden",
      units: 4,
      activation: "tanh",
      weights: { distribution: "normal", sigma: 0.6 },
      bias: 0,
    },
    {
      kind: "dense",
      name: "output",
      units: 2,
      activation: "softmax",
      weights: { distribution: "normal", sigma: 0.5 },
      bias: 0,
    },
  ],
};

/** Layers of the nets here. */
export const LAYERS: number = NET.layers.length;

/** The eight patterns of three bits; the label is the first, wrong with probability 0.1. */
export function threeBits(): LoadedDataset {
  const rows = Uint32Array.from({ length: 8 }, (_, row) => row);
  const bit = (row: number, i: number) => (row >> i) & 1;
  return {
    inputs: { data: Float32Array.from({ length: 24 }, (_, i) => 2 * bit(Math.floor(i / 3), i % 3) - 1), shape: [8, 3] },
    labels: Uint8Array.from(rows, (row) => bit(row, 0)),
    classes: 2,
    splits: { train: rows.slice(0, 6), test: rows.slice(6) },
    joint: {
      px: new Float64Array(8).fill(1 / 8),
      pyx: Float64Array.from({ length: 16 }, (_, i) => bit(i >> 1, 0) === i % 2 ? 0.9 : 0.1),
    },
  };
}

/** A small net as `map` sees it, trained in an instant; `using` frees what it holds. */
export async function trainedView(arm: string, replicate: number): Promise<TrialView & Disposable> {
  const kernels = await loadKernels();
  const dataset = threeBits();
  const { ctx } = testContext(root(0).child("conformance", "replicate", replicate));
  const { snapshots } = await train(NET, dataset, TRAINING, kernels, ctx);
  const trial = { trial: `${arm}-${replicate}`, arm, net: NET, training: TRAINING, chance: { replicate } };
  return await trialView(trial, dataset, snapshots, kernels, ctx.stream);
}

/**
 * A study of two arms, two settings of an estimator and two layers: nets of the main arm rise and fall, those of the control rise and stay.
 *
 * @param mapped What `map` found in each net, if the analysis has it.
 * @param prepared What `prepare` gave.
 * @param arithmetic That of the analysis.
 */
export function someStudy(
  mapped: ReadonlyMap<string, readonly MapRow[]>,
  prepared: StudyRows["prepared"],
  arithmetic: Arithmetic = "portable",
): StudyRows {
  const nets = (fall: number) =>
    plantedNets(REPLICATES, (chance) => {
      const path = (from: number) =>
        noisy(plantedPath(EPOCHS, { from, rise: 1, peak: 10, fall, settle: 25 }), 0.02, chance);
      return { ixt: [path(6), path(4)], ity: [EPOCHS.map(() => 0.7), EPOCHS.map(() => 0.6)] };
    });
  const arms = ARMS.flatMap((arm) =>
    [{ width: 0.1 }, { width: 0.2 }].map((options) =>
      plantedRows(nets(arm === "main" ? 0.6 : 0), { epochs: EPOCHS, arm, role: arm, options })
    )
  );
  const study = together(arms[0], ...arms.slice(1));
  const found = study.trials.flatMap(({ trial, arm, axes, replicate }): (SeriesRow | PointRow)[] =>
    (mapped.get(trial) ?? []).map(({ reason = null, ...row }) => ({
      ...{ trial, arm, axes, replicate },
      ...row,
      ...{ arithmetic, reason },
    }))
  );
  const points = found.filter((row): row is PointRow => "row" in row);
  const losses = ARMS.flatMap((arm) =>
    ["train_loss", "test_loss"].flatMap((quantity) =>
      plantedSeries(quantity, nets(0.5).map((net) => "ixt" in net ? [net.ixt[0]] : []), {
        ...{ epochs: EPOCHS, unit: "bits", arm },
      }).map((row): SeriesRow => ({ ...row, layer: null }))
    )
  );
  const series = [...losses, ...found.filter((row) => !("row" in row))];
  return { ...study, series, ...(points.length > 0 ? { points } : {}), prepared };
}

/**
 * Studies in which there is nothing to find: of no net, of nets that diverged, and of nets that no estimator could measure.
 *
 * @param prepared What `prepare` gave.
 */
export function emptyStudies(
  prepared: StudyRows["prepared"],
): { readonly name: string; readonly rows: StudyRows }[] {
  const paths = () => ({
    ixt: [EPOCHS.map(() => 1), EPOCHS.map(() => 1)],
    ity: [EPOCHS.map(() => 0), EPOCHS.map(() => 0)],
  });
  const unmeasured = plantedRows(plantedNets(REPLICATES, paths), { epochs: EPOCHS });
  return [
    { name: "a study of no net", rows: { ...plantedRows([], { epochs: [0] }), problems: [] } },
    {
      name: "nets that all diverged",
      rows: { ...plantedRows(plantedNets(REPLICATES, () => ({ outcome: "diverged" })), { epochs: EPOCHS }), prepared },
    },
    {
      name: "nets that the estimator could not measure",
      rows: {
        ...unmeasured,
        prepared,
        estimates: unmeasured.estimates.map((row) => ({
          ...row,
          ...{ ixt_bits: null, ity_bits: null, ceiling_bits: null, cells: null, alone: null, saturated: null },
          ...{ status: "skipped", reason: "it was planted to be skipped" },
        })),
      },
    },
  ];
}
