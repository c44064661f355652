import type { MapRow } from "../contracts/analysis.ts";
import type { Estimate } from "../contracts/estimator.ts";
import {
  ESTIMATE_COLUMNS,
  type EstimateRow,
  type PointRow,
  SERIES_COLUMNS,
  type SeriesRow,
  type Table,
  TRIAL_COLUMNS,
  type TrialRow,
} from "../contracts/rows.ts";
import type { Arithmetic } from "../contracts/tensor.ts";
import { canonical } from "../store/canonical.ts";
import { netArithmetic, weakest } from "../training/arithmetic.ts";
import type { RunResult, TrialResult } from "./run.ts";
import { type Plan, type PlannedMeasure, probeOf } from "./plan.ts";

/** The rows of a run, in the order of the plan: arms, axes, replicates, then settings, epochs, layers. */
export interface RunTables {
  readonly trials: readonly TrialRow[];
  readonly estimates: readonly EstimateRow[];
  readonly series: readonly SeriesRow[];
  /** For analyses alone. */
  readonly points: readonly PointRow[];
}

/** Turns what a run found into rows. The number of slots and what was cached cannot show. */
export function tablesOf(plan: Plan, run: RunResult): RunTables {
  return {
    trials: run.trials.map(trialRow),
    estimates: run.trials.flatMap((result) => plan.measures.flatMap((measure, i) => estimateRows(result, measure, i))),
    series: run.trials.flatMap((result) => [...metricRows(result), ...mapRows(result, plan)]),
    points: run.trials.flatMap((result) => pointRows(result, plan)),
  };
}

/** The three tables every bundle has. */
export function standardTables({ trials, estimates, series }: RunTables): Table[] {
  return [
    { name: "trials", title: "Trained nets", columns: TRIAL_COLUMNS, rows: trials },
    { name: "estimates", title: "Points of the information plane", columns: ESTIMATE_COLUMNS, rows: estimates },
    { name: "series", title: "Losses, accuracies and other numbers by epoch", columns: SERIES_COLUMNS, rows: series },
  ];
}

function identity({ trial }: TrialResult) {
  const { cell, replicate, key } = trial;
  return { trial: key, arm: cell.arm, axes: cell.axes, replicate };
}

function trialRow(result: TrialResult): TrialRow {
  const { metrics, epochs } = result;
  const { trial, arm, axes, replicate } = identity(result);
  const last = epochs.length - 1;
  let best = -1;
  metrics?.testAccuracy.forEach((accuracy, i) => {
    if (accuracy !== null && (best < 0 || accuracy > metrics.testAccuracy[best]!)) best = i;
  });
  const at = (values: readonly (number | null)[] | undefined) => values?.[last] ?? null;
  const { recorded, training } = result.trial.cell;
  const whole = recorded ? epochs[last] : training.epochs;
  const trained = result.outcome === "done" ? whole : metrics?.lastEpoch ?? 0;
  return {
    trial,
    arm,
    role: result.trial.cell.role,
    axes,
    replicate,
    outcome: result.outcome,
    reason: result.reason,
    epochs: trained,
    updates: trained * (metrics?.updatesPerEpoch ?? 0),
    train_loss_bits: at(metrics?.trainLossBits),
    test_loss_bits: at(metrics?.testLossBits),
    train_accuracy: at(metrics?.trainAccuracy),
    test_accuracy: at(metrics?.testAccuracy),
    test_accuracy_sampled: at(metrics?.testAccuracySampled),
    best_test_accuracy: metrics?.testAccuracy[best] ?? null,
    best_epoch: epochs[best] ?? null,
    arithmetic: netArithmetic(result.trial.cell.net),
  };
}

function estimateRows(result: TrialResult, measure: PlannedMeasure, index: number): EstimateRow[] {
  const measured = result.measured[index];
  const { cell } = result.trial;
  const joint = cell.problem.hxBits !== null;
  const { n, trainRows, testRows } = cell.problem;
  const arithmetic = netArithmetic(cell.net);
  const rowsMeasured = Math.min({ all: n, train: trainRows, test: testRows }[measure.on], measure.probes ?? n);
  const row = (epoch: number, layer: number, estimate: Estimate): EstimateRow => {
    const found = estimate.status === "measured" ? estimate : undefined;
    return {
      ...identity(result),
      epoch,
      layer,
      layer_name: cell.problem.layers[layer - 1].name,
      estimator: measure.estimator.id,
      setting: measure.setting,
      probe: probeOf(measure),
      labels: found?.labels ?? (joint ? "exact" : "sampled"),
      n: rowsMeasured,
      ixt_bits: found?.ixt?.bits ?? null,
      ixt_low_bits: found?.ixt?.low ?? null,
      ixt_high_bits: found?.ixt?.high ?? null,
      ity_bits: found?.ity?.bits ?? null,
      ity_low_bits: found?.ity?.low ?? null,
      ity_high_bits: found?.ity?.high ?? null,
      ceiling_bits: found?.ceilingBits ?? null,
      cells: found?.cells ?? null,
      alone: found?.alone ?? null,
      saturated: found?.saturated ?? null,
      diagnostics: found?.diagnostics ? canonical(found.diagnostics) : null,
      arithmetic: weakest(measure.arithmetic, arithmetic),
      status: estimate.status,
      reason: estimate.reason ?? null,
    };
  };
  if ("failed" in measured) {
    const estimate: Estimate = { status: "failed", reason: measured.failed };
    return cell.problem.layers.map((_, k) => row(result.epochs.at(-1) ?? 0, k + 1, estimate));
  }
  return measured.estimates.flatMap((layers, i) =>
    layers.map((estimate, k) => row(measured.epochs[i], k + 1, estimate))
  );
}

function metricRows(result: TrialResult): SeriesRow[] {
  const { metrics } = result;
  if (metrics === null) return [];
  const quantities: [string, string, readonly (number | null)[]][] = [
    ["online_loss", "bits", metrics.onlineLossBits],
    ["train_loss", "bits", metrics.trainLossBits],
    ["test_loss", "bits", metrics.testLossBits],
    ["train_accuracy", "1", metrics.trainAccuracy],
    ["test_accuracy", "1", metrics.testAccuracy],
    ["test_accuracy_sampled", "1", metrics.testAccuracySampled],
  ];
  return quantities.flatMap(([quantity, unit, values]) =>
    result.epochs.map((epoch, i) => ({
      ...identity(result),
      epoch,
      layer: null,
      quantity,
      unit,
      value: values[i],
      arithmetic: netArithmetic(result.trial.cell.net),
      reason: values[i] === null ? missing(quantity, result, i) : null,
    }))
  );
}

function missing(quantity: string, { trial: { cell } }: TrialResult, snapshot: number): string {
  if (quantity.startsWith("test_") && cell.problem.testRows === 0) return "there are no test rows";
  return quantity === "online_loss" && snapshot === 0 ? "no update came before" : "it was not recorded";
}

function mapRows(result: TrialResult, plan: Plan): SeriesRow[] {
  return result.mapped.flatMap((rows, index) => {
    const { id } = plan.analyses[index];
    const arithmetic = mapArithmetic(result, plan, index);
    if ("failed" in rows) {
      return [{
        ...identity(result),
        epoch: result.epochs.at(-1) ?? 0,
        layer: null,
        quantity: id,
        unit: "1",
        value: null,
        arithmetic,
        reason: rows.failed,
      }];
    }
    return rows.filter(({ row }) => row === undefined).map((row) => ({
      ...identity(result),
      ...mappedNumber(row),
      arithmetic,
    }));
  });
}

function pointRows(result: TrialResult, plan: Plan): PointRow[] {
  return result.mapped.flatMap((rows, index) => {
    if ("failed" in rows) return [];
    const arithmetic = mapArithmetic(result, plan, index);
    return rows.flatMap((one) =>
      one.row === undefined ? [] : [{ ...identity(result), row: one.row, ...mappedNumber(one), arithmetic }]
    );
  });
}

function mapArithmetic({ trial }: TrialResult, plan: Plan, index: number): Arithmetic {
  return weakest(plan.analyses[index].arithmetic, netArithmetic(trial.cell.net));
}

function mappedNumber({ epoch, layer, quantity, unit, value, reason }: MapRow) {
  return { epoch, layer, quantity, unit, value, reason: reason ?? (value === null ? "not defined" : null) };
}
