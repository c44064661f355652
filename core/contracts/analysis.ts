import type { Claim, Figure, ProblemFacts } from "./bundle.ts";
import type { Context } from "./context.ts";
import type { LoadedDataset } from "./dataset.ts";
import type { OptionsSchema } from "./options.ts";
import type { EstimateRow, SeriesRow, Table, TrialRow } from "./rows.ts";
import type { ProfileName, Study } from "./study.ts";
import type { Arithmetic, Json, Tensor } from "./tensor.ts";

/** One trained net, for `map`. Epochs are those of the snapshots. */
export interface TrialView {
  readonly trial: string;
  readonly arm: string;
  readonly replicate: number;
  /** Epochs of the stored snapshots, ascending from 0. */
  readonly epochs: readonly number[];
  readonly dataset: LoadedDataset;
  /** Weights [in, out] and biases [out] of each layer at a snapshot. */
  weights(epoch: number): readonly { readonly weights: Tensor; readonly biases: Tensor }[];
  /** Activations of layer 1…K at a snapshot, shape [n, units]; layer 0 is the input. */
  activations(epoch: number, layer: number): Tensor;
}

/** A number that `map` found; trial, arm and replicate are added by the core. */
export interface MapRow {
  readonly epoch: number;
  readonly layer: number | null;
  readonly quantity: string;
  readonly unit: string;
  readonly value: number | null;
  readonly reason?: string;
}

/** Everything `reduce` sees. */
export interface StudyRows {
  readonly study: Study;
  readonly profile: ProfileName;
  readonly trials: readonly TrialRow[];
  readonly estimates: readonly EstimateRow[];
  readonly series: readonly SeriesRow[];
  readonly problems: readonly ProblemFacts[];
  /** What `prepare` returned for each arm, if the analysis has one. */
  readonly prepared: { readonly [arm: string]: Json };
}

/** What an analysis adds to a bundle. */
export interface AnalysisResult {
  readonly tables?: readonly Table[];
  readonly claims?: readonly Claim[];
  readonly figures?: readonly Figure[];
}

/** What an analysis must find in a study to have something to say. */
export interface AnalysisNeeds {
  /** At least one measurement by one of these estimators; absent: any. */
  readonly estimators?: readonly string[];
  /** True if p(x) and p(y|x) must be exact. */
  readonly exactJoint?: boolean;
}

/** A question asked of a study's rows. */
export interface Analysis<Options = unknown> {
  /** kebab-case; third parties prefix their namespace. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** An integer that enters keys of what `prepare` and `map` store. */
  readonly version: number;
  readonly arithmetic: Arithmetic;
  readonly options: OptionsSchema<Options>;
  readonly needs: AnalysisNeeds;
  /** Work that depends on the dataset alone; runs once an arm and is stored. */
  prepare?(dataset: LoadedDataset, options: Options, ctx: Context): Json | Promise<Json>;
  /** Work on one net; runs in a slot and is stored. */
  map?(
    trial: TrialView,
    options: Options,
    prepared: Json,
    ctx: Context,
  ): readonly MapRow[] | Promise<readonly MapRow[]>;
  /** From rows to tables, claims and figures: seconds, always run, pure. */
  reduce(rows: StudyRows, options: Options, ctx: Context): AnalysisResult | Promise<AnalysisResult>;
}

/** Names an analysis and keeps the type of its options. */
export function defineAnalysis<Options>(analysis: Analysis<Options>): Analysis<Options> {
  return analysis;
}
