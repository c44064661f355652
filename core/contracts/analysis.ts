import type { Claim, Figure, ProblemFacts } from "./bundle.ts";
import type { Context } from "./context.ts";
import type { LoadedDataset } from "./dataset.ts";
import type { OptionsSchema } from "./options.ts";
import type { EstimateRow, SeriesRow, Table, TrialRow } from "./rows.ts";
import type { ProfileName, Study } from "./study.ts";
import type { Arithmetic, Json, Tensor } from "./tensor.ts";

/** One trained net, for `map`. Epochs are those of the snapshots. */
export interface TrialView {
  /** Key of the net. */
  readonly trial: string;
  /** Arm of the study it belongs to. */
  readonly arm: string;
  /** Number of the replicate. */
  readonly replicate: number;
  /** Epochs of the stored snapshots, ascending from 0; of a recorded net, from the first that was recorded. */
  readonly epochs: readonly number[];
  /** The examples as this replicate saw them. */
  readonly dataset: LoadedDataset;
  /** Weights [in, out] and biases [out] of each layer at a snapshot. */
  weights(epoch: number): readonly { readonly weights: Tensor; readonly biases: Tensor }[];
  /** Activations of layer 1…K at a snapshot, shape [n, units]; layer 0 is the input. */
  activations(epoch: number, layer: number): Tensor;
}

/** A number that `map` found; trial, arm and replicate are added by the core. */
export interface MapRow {
  /** Epoch of the snapshot it belongs to. */
  readonly epoch: number;
  /** Layer it belongs to, 1…K; null if to none. */
  readonly layer: number | null;
  /** Name of the quantity, snake_case. */
  readonly quantity: string;
  /** Its unit: `bits`, `epochs`, `updates`, `1`. */
  readonly unit: string;
  /** The number; null only with a reason. */
  readonly value: number | null;
  /** Why there is no number. */
  readonly reason?: string;
}

/** Everything `reduce` sees. */
export interface StudyRows {
  /** The study as this profile runs it. */
  readonly study: Study;
  /** The profile. */
  readonly profile: ProfileName;
  /** One row a net. */
  readonly trials: readonly TrialRow[];
  /** One row a net, setting, snapshot and layer. */
  readonly estimates: readonly EstimateRow[];
  /** Losses, accuracies and whatever `map` found. */
  readonly series: readonly SeriesRow[];
  /** Facts of the dataset and the net, by arm. */
  readonly problems: readonly ProblemFacts[];
  /** What `prepare` returned for each arm, if the analysis has one. */
  readonly prepared: { readonly [arm: string]: Json };
}

/** What an analysis adds to a bundle. */
export interface AnalysisResult {
  /** Further tables of the bundle. */
  readonly tables?: readonly Table[];
  /** Claims with their verdicts. */
  readonly claims?: readonly Claim[];
  /** Figures as data. */
  readonly figures?: readonly Figure[];
}

/** What an analysis must find in a study to have something to say. */
export interface AnalysisNeeds {
  /** At least one measurement by one of these estimators; absent: any. */
  readonly estimators?: readonly string[];
  /** True if p(x) and p(y|x) must be exact. */
  readonly exactJoint?: boolean;
  /** True if `map` reads weights: a net whose activations alone were recorded then gets a row that says so. */
  readonly weights?: boolean;
}

/** A question asked of a study's rows. */
export interface Analysis<Options = unknown> {
  /** kebab-case; third parties prefix their namespace. */
  readonly id: string;
  /** Name in lists. */
  readonly title: string;
  /** The question it answers, and the source of its method. */
  readonly description: string;
  /** An integer that enters keys of what `prepare` and `map` store. */
  readonly version: number;
  /** How far its numbers repeat. */
  readonly arithmetic: Arithmetic;
  /** Schema of its options. */
  readonly options: OptionsSchema<Options>;
  /** What a study must have for it to run. */
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
