/**
 * Arms of a study, for claims that rest on series or compare nets of several arms replicate by replicate.
 *
 * @module
 */
import type { StudyRows } from "../contracts/analysis.ts";
import type { SeriesRow, TrialRow } from "../contracts/rows.ts";
import type { Arithmetic } from "../contracts/tensor.ts";
import type { Setting } from "./nets.ts";
import { type NetOutcome, type NetTheta, outcomeOf } from "./judge.ts";

/** One number of a net over its snapshots. */
export interface SeriesPath {
  /** Epochs with a value, ascending. */
  readonly epochs: readonly number[];
  /** The value at each. */
  readonly values: readonly number[];
}

/** An arm at one point of the axes. */
export interface ArmPoint {
  /** Arm of the study. */
  readonly arm: string;
  /** Values of the axes, canonical JSON. */
  readonly axes: string;
  /** What the arm is for. */
  readonly role: TrialRow["role"];
  /** In words, for claims. */
  readonly label: string;
}

/** Arms of a study at every point of its axes, in the order of the rows. */
export function armPointsOf({ trials }: Pick<StudyRows, "trials">): ArmPoint[] {
  const found = new Map<string, ArmPoint>();
  for (const { arm, axes, role } of trials) {
    const label = axes === "{}" ? arm : `${arm} ${axes}`;
    if (!found.has(label)) found.set(label, { arm, axes, role, label });
  }
  return [...found.values()];
}

/** How far numbers repeat that rest on every net of a study. */
export function arithmeticOf({ trials }: Pick<StudyRows, "trials">): Arithmetic {
  return trials.every(({ arithmetic }) => arithmetic === "portable") ? "portable" : "host";
}

/** The trials of an arm at one point of the axes, by replicate. */
export function trialsOf({ trials }: Pick<StudyRows, "trials">, arm: string, axes: string = "{}"): TrialRow[] {
  return trials.filter((trial) => trial.arm === arm && trial.axes === axes).sort((a, b) => a.replicate - b.replicate);
}

/**
 * The paths of a quantity in every net of an arm. Rows without a value are left out of a path.
 *
 * @param layer 1…K, or null for a quantity of the whole net.
 * @returns By trial; a net without a row is missing.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const row = { trial: "a", arm: "main", axes: "{}", replicate: 0, unit: "1", arithmetic: "portable" as const, reason: null };
 * const series = [2, 1].map((epoch) => ({ ...row, epoch, layer: 1, quantity: "snr", value: epoch / 2 }));
 * assert.deepEqual(seriesPaths({ series }, "main", "snr", 1).get("a"), { epochs: [1, 2], values: [0.5, 1] });
 * ```
 */
export function seriesPaths(
  { series }: Pick<StudyRows, "series">,
  arm: string,
  quantity: string,
  layer: number | null,
  axes: string = "{}",
): Map<string, SeriesPath> {
  const rows = new Map<string, SeriesRow[]>();
  for (const row of series) {
    if (row.arm !== arm || row.axes !== axes || row.quantity !== quantity || row.layer !== layer) continue;
    if (row.value === null) continue;
    const known = rows.get(row.trial);
    if (known) known.push(row);
    else rows.set(row.trial, [row]);
  }
  return new Map(
    [...rows].map(([trial, found]) => {
      const ordered = found.sort((a, b) => a.epoch - b.epoch);
      return [trial, { epochs: ordered.map(({ epoch }) => epoch), values: ordered.map(({ value }) => value!) }];
    }),
  );
}

/**
 * Trials of an arm that ended well without a row of a quantity count as failed: the analysis that should have found it did not.
 *
 * @param quantity Of {@link StudyRows.series}.
 */
export function trialsWith(
  rows: Pick<StudyRows, "trials" | "series">,
  quantity: string,
  arm: string,
  axes: string = "{}",
): TrialRow[] {
  const found = new Set(
    rows.series.filter((row) => row.quantity === quantity && row.arm === arm && row.axes === axes)
      .map(({ trial }) => trial),
  );
  return trialsOf(rows, arm, axes).map((trial) =>
    trial.outcome !== "done" || found.has(trial.trial)
      ? trial
      : { ...trial, outcome: "failed", reason: `it has no ${quantity}` }
  );
}

/** Layers 1…K that have a row of a quantity, ascending. */
export function layersWith({ series }: Pick<StudyRows, "series">, quantity: string): number[] {
  const found = new Set<number>();
  for (const row of series) if (row.quantity === quantity && row.layer !== null) found.add(row.layer);
  return [...found].sort((a, b) => a - b);
}

/**
 * What each trial of an arm says of a claim.
 *
 * @param thetaOf θ of a net that was trained to its end.
 */
export function outcomesOf(trials: readonly TrialRow[], thetaOf: (trial: TrialRow) => NetTheta): NetOutcome[] {
  return trials.map((trial): NetOutcome => {
    const { replicate, outcome, reason } = trial;
    return outcome === "done"
      ? outcomeOf(replicate, thetaOf(trial))
      : { replicate, state: outcome, reason: reason ?? outcome };
  });
}

/**
 * What each replicate says of a claim that compares arms: nets of one replicate have the same initial weights, split and labels. A
 * replicate whose net diverged, was skipped or failed in any of the arms is so as a whole, the worst of them first.
 *
 * @param arms Trials of each arm.
 * @param thetaOf θ of the nets of one replicate, in the order of the arms.
 */
export function pairedOutcomes(
  arms: readonly (readonly TrialRow[])[],
  thetaOf: (nets: readonly TrialRow[]) => NetTheta,
): NetOutcome[] {
  const replicates = new Set(arms.flatMap((trials) => trials.map(({ replicate }) => replicate)));
  return [...replicates].sort((a, b) => a - b).map((replicate): NetOutcome => {
    const nets = arms.map((trials) => trials.find((trial) => trial.replicate === replicate));
    const present = nets.filter((net) => net !== undefined);
    if (present.length < arms.length) return { replicate, state: "left out", reason: "an arm has no such replicate" };
    for (const state of ["failed", "skipped", "diverged"] as const) {
      const ended = present.find(({ outcome }) => outcome === state);
      if (ended) return { replicate, state, reason: ended.reason ?? `${ended.arm} ${state}` };
    }
    return outcomeOf(replicate, thetaOf(present));
  });
}

/** Trials with the ends that a setting saw: one whose measurement failed or was skipped has ended so. */
export function endedAs({ nets }: Pick<Setting, "nets">, trials: readonly TrialRow[]): TrialRow[] {
  const of = new Map(nets.map((net) => [net.trial, net]));
  return trials.map((trial) => {
    const net = of.get(trial.trial);
    if (trial.outcome !== "done" || net === undefined || net.state === "measured") return trial;
    return { ...trial, outcome: net.state, reason: net.reason };
  });
}
