/**
 * Rows of studies that were never run, in which the answer is planted: for the planted cases and the tests of analyses.
 *
 * @module
 */
import type { StudyRows } from "../contracts/analysis.ts";
import type { ProblemFacts } from "../contracts/bundle.ts";
import type { EstimateRow, SeriesRow, TrialRow } from "../contracts/rows.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Study } from "../contracts/study.ts";
import type { JsonObject } from "../contracts/tensor.ts";
import { root } from "../random/mod.ts";

/** A net of a planted study: I(X;T_k) and I(T_k;Y) in bits at each epoch, layer by layer, or how it ended instead. */
export type PlantedNet =
  | { readonly ixt: readonly (readonly number[])[]; readonly ity: readonly (readonly number[])[] }
  | { readonly outcome: "diverged" | "failed" };

/** Of which study the rows are. */
export interface PlantedSetting {
  /** Epochs of the snapshots, ascending. */
  readonly epochs: readonly number[];
  /** Id of the estimator; `planted` unless told. */
  readonly estimator?: string;
  /** Its options after defaults; none unless told. */
  readonly options?: JsonObject;
  /** H(X) in bits; 12 unless told. */
  readonly hxBits?: number;
  /** Arm of the study; `main` unless told. */
  readonly arm?: string;
  /** What the arm is for; `main` unless told. */
  readonly role?: TrialRow["role"];
}

/**
 * The rows of a study whose paths are known: net i is replicate i.
 *
 * @example Two nets that rise from 1 to 3 bits
 * ```ts
 * import assert from "node:assert/strict";
 * const nets = plantedNets(2, () => ({ ixt: [[1, 3]], ity: [[0, 0.5]] }));
 * const { trials, estimates } = plantedRows(nets, { epochs: [0, 10] });
 * assert.deepEqual([trials.length, estimates.map(({ ixt_bits }) => ixt_bits)], [2, [1, 3, 1, 3]]);
 * ```
 */
export function plantedRows(nets: readonly PlantedNet[], given: PlantedSetting): StudyRows {
  const { epochs, estimator = "planted", options = {}, hxBits = 12 } = given;
  const { arm = "main", role = "main" } = given;
  const setting = JSON.stringify(options, (_, value) => isObject(value) ? sortedKeys(value) : value);
  const last = epochs[epochs.length - 1];
  const identity = (replicate: number) => ({ trial: `${arm}-${replicate}`, arm, axes: "{}", replicate });
  const trials = nets.map((net, replicate): TrialRow => {
    const outcome = "outcome" in net ? net.outcome : "done";
    return {
      ...identity(replicate),
      role,
      outcome,
      reason: outcome === "done" ? null : `planted to be ${outcome}`,
      epochs: last,
      updates: 7 * last,
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
      path.map((ixt_bits, e): EstimateRow => ({
        ...identity(replicate),
        epoch: epochs[e],
        layer: k + 1,
        layer_name: `layer ${k + 1}`,
        estimator,
        setting,
        probe: "all",
        labels: "exact",
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
        arithmetic: "portable",
        status: "measured",
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
  const study: Study = {
    format: 1,
    id: "planted",
    title: "Planted rows",
    seed: 1,
    base: {
      dataset: { id: "planted" },
      architecture: { id: "planted" },
      training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 512, epochs: last },
    },
    arms: { [arm]: { role, title: "Planted" } },
    replicates: nets.length,
    measure: [{ estimator, options }],
    analyses: [],
    profiles: { smoke: {}, quick: {}, full: {} },
  };
  return { study, profile: "full", trials, estimates, series: [], problems: [problem], prepared: {} };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sortedKeys(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1));
}

/**
 * Nets, each with chance of its own, the same every time.
 *
 * @param of The net of a replicate.
 */
export function plantedNets(
  count: number,
  of: (chance: Stream, replicate: number) => PlantedNet,
): PlantedNet[] {
  return Array.from({ length: count }, (_, replicate) => of(root(0).child("planted", replicate), replicate));
}

/** A path that rises, then falls, in straight lines. */
export interface PlantedPath {
  /** Bits at epoch 0; 0 unless told. */
  readonly from?: number;
  /** Bits by which it rises until the peak; 0 unless told. */
  readonly rise?: number;
  /** Epoch of the peak; 0 unless told. */
  readonly peak?: number;
  /** Bits by which it falls after it; 0 unless told. */
  readonly fall?: number;
  /** Epoch at which the fall has ended, from which on it stays. */
  readonly settle?: number;
}

/**
 * Bits at each epoch along a path that rises from epoch 0 to its peak, falls until it settles, and stays.
 *
 * @example Up by 2 bits until epoch 10, down by 1 until epoch 30
 * ```ts
 * import assert from "node:assert/strict";
 * const path = plantedPath([0, 5, 10, 20, 30, 40], { from: 1, rise: 2, peak: 10, fall: 1, settle: 30 });
 * assert.deepEqual(path, [1, 2, 3, 2.5, 2, 2]);
 * ```
 */
export function plantedPath(
  epochs: readonly number[],
  { from = 0, rise = 0, peak = 0, fall = 0, settle = peak }: PlantedPath,
): number[] {
  return epochs.map((epoch) => {
    if (epoch < peak) return from + rise * epoch / peak;
    return from + rise - (epoch < settle ? fall * (epoch - peak) / (settle - peak) : fall);
  });
}

/** A path with normal noise of this standard deviation in bits at each snapshot. */
export function noisy(path: readonly number[], deviation: number, chance: Stream): number[] {
  return path.map((bits) => bits + deviation * chance.normal());
}

/**
 * Rows of `series` for one quantity of every net: `values[replicate][layer − 1][snapshot]`, null where there is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const rows = plantedSeries("gradient_snr", [[[2, 0.5]]], { epochs: [0, 10], unit: "1" });
 * assert.deepEqual(rows.map(({ layer, epoch, value }) => [layer, epoch, value]), [[1, 0, 2], [1, 10, 0.5]]);
 * ```
 */
export function plantedSeries(
  quantity: string,
  values: readonly (readonly (readonly (number | null)[])[])[],
  { epochs, unit, arm = "main" }: {
    readonly epochs: readonly number[];
    readonly unit: string;
    readonly arm?: string;
  },
): SeriesRow[] {
  return values.flatMap((layers, replicate) =>
    layers.flatMap((path, k) =>
      path.map((value, e): SeriesRow => ({
        ...{ trial: `${arm}-${replicate}`, arm, axes: "{}", replicate },
        ...{ epoch: epochs[e], layer: k + 1, quantity, unit, value, arithmetic: "portable" },
        reason: value === null ? "planted to be missing" : null,
      }))
    )
  );
}

/** The rows of several arms or settings as those of one study; a net or problem that is in two of them stands once. */
export function together(first: StudyRows, ...others: readonly StudyRows[]): StudyRows {
  const all = [first, ...others];
  const once = <One>(list: readonly One[], nameOf: (one: One) => string) => [
    ...new Map(list.map((one) => [nameOf(one), one])).values(),
  ];
  const arms = Object.assign({}, ...all.map(({ study }) => study.arms));
  const points = all.flatMap(({ points = [] }) => points);
  return {
    ...first,
    study: { ...first.study, arms, measure: all.flatMap(({ study }) => study.measure) },
    trials: once(all.flatMap(({ trials }) => trials), ({ trial }) => trial),
    estimates: all.flatMap(({ estimates }) => estimates),
    series: all.flatMap(({ series }) => series),
    ...(points.length > 0 ? { points } : {}),
    problems: once(all.flatMap(({ problems }) => problems), ({ arm }) => arm),
    prepared: Object.assign({}, ...all.map(({ prepared }) => prepared)),
  };
}
