import type { Claim, Figure, ProblemFacts, Verdict } from "./bundle.ts";
import type { Context } from "./context.ts";
import type { LoadedDataset } from "./dataset.ts";
import type { BatchGradients, CurvatureScope, GradientCovariance, LayerGradients } from "./gradients.ts";
import type { OptionsSchema } from "./options.ts";
import type { EstimateRow, PointRow, Row, SeriesRow, Table, TrialRow } from "./rows.ts";
import type { Stream } from "./stream.ts";
import type { ProfileName, Study, Training } from "./study.ts";
import type { Arithmetic, Json, JsonObject, Tensor } from "./tensor.ts";

/** A tensor of a net's parameters. */
export interface NamedTensor extends Tensor {
  /** As stored trajectories name it: `layer.1.weights`, `conv.biases`. */
  readonly name: string;
}

/**
 * The tensors of one layer by name: `weights` [in, out] and `biases` [out] of a dense layer; `weights` [height, width, in, out] and
 * `biases` of a convolution; `gamma`, `beta`, `moving_mean` and `moving_variance` of a batch norm; those of a tfjs model as tfjs names
 * them, `kernel` and `bias`.
 */
export type LayerTensors = { readonly [tensor: string]: NamedTensor };

/** One trained net, for `map`. Epochs are those of the snapshots. */
export interface TrialView {
  /** Key of the net. */
  readonly trial: string;
  /** Arm of the study it belongs to. */
  readonly arm: string;
  /** Number of the replicate. */
  readonly replicate: number;
  /** How it was trained. */
  readonly training: Training;
  /** Epochs of the stored snapshots, ascending from 0; of a recorded net, from the first that was recorded. */
  readonly epochs: readonly number[];
  /** K, the number of layers that are measured. */
  readonly layers: number;
  /** The examples as this replicate saw them. */
  readonly dataset: LoadedDataset;
  /** Parameters at a snapshot of each layer that has any, from the input up. */
  weights(epoch: number): readonly LayerTensors[];
  /** Activations of layer 1…K at a snapshot, shape [n, units]; layer 0 is the input. Of a noisy net one draw, that which estimators see. */
  activations(epoch: number, layer: number): Tensor;
  /**
   * Gradients of each layer 1…K at a snapshot, over single examples, with the arithmetic the net is trained in. In a noisy net each example
   * has one draw of its noise, the same at every call for the same rows; so it is for all derivatives below.
   *
   * @param rows Rows of the dataset; the training split if absent.
   */
  gradients(epoch: number, rows?: Uint32Array): readonly LayerGradients[];
  /**
   * Gradients of each layer 1…K at a snapshot over the mini-batches of one epoch of its training, as published (Shwartz-Ziv and
   * Tishby, arXiv:1703.00810); they depend on the shuffle and on the batch, so that `gradients` is to be preferred.
   *
   * @param stream Shuffles the training rows, ascending before.
   */
  batchGradients(epoch: number, stream: Stream): readonly BatchGradients[];
  /**
   * Mean and covariance of the gradients of one layer at a snapshot over single examples, in f64.
   *
   * @param layer 1…K; with at most 2048 weights and biases, whose matrix takes 32 MiB.
   * @param rows Rows of the dataset; the training split if absent.
   */
  gradientCovariance(epoch: number, layer: number, rows?: Uint32Array): GradientCovariance;
  /**
   * H v at a snapshot, H the Hessian of the mean cross-entropy in nats, without weight decay, in f64. A net with quantised layers has
   * none and is refused.
   *
   * @param v Laid out as the parameters are: layer after layer weights row-major [in, out], then biases [out]; or one layer's part.
   */
  hessianVector(epoch: number, v: ArrayLike<number>, scope?: CurvatureScope): Float64Array;
  /** The same with the Gauss–Newton matrix Jᵀ H_L J in place of H, positive semidefinite; J differentiates logits by parameters. */
  gaussNewtonVector(epoch: number, v: ArrayLike<number>, scope?: CurvatureScope): Float64Array;
}

/** A number that `map` found; trial, arm and replicate are added by the core. */
export interface MapRow {
  /** Epoch of the snapshot it belongs to. */
  readonly epoch: number;
  /** Layer it belongs to, 1…K; null if to none. */
  readonly layer: number | null;
  /**
   * Row of the dataset it belongs to, counted from 0, if to a single one. `reduce` then finds it among `points`; the bundle holds what
   * `reduce` puts into a table, so that no number of every row of every net need be in it.
   */
  readonly row?: number;
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
  /** What `map` found of single rows of a dataset; absent if nothing. No table of the bundle holds them by itself. */
  readonly points?: readonly PointRow[];
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

/**
 * Rows in which the answer was planted, and what `reduce` must make of them. It says at least one of `verdicts`, `found` and `drawn`.
 */
export interface PlantedCase {
  /** What was planted, in words: `20 nets that rise by 1 bit and stay`. */
  readonly name: string;
  /** `positive`: what the analysis looks for is there; `null`: it is not, so that no verdict may be `supported`. */
  readonly truth: "positive" | "null";
  /** Rows as a study gives them; `@infoplane/core/testing` has helpers that make them. */
  readonly rows: StudyRows;
  /** Options that differ from the defaults. */
  readonly options?: JsonObject;
  /** Verdicts there must be, by id of the claim. */
  readonly verdicts?: { readonly [claim: string]: Verdict };
  /** Rows there must be, by name of the table: each is a row's cells or some of them, numbers within 1e-9. */
  readonly found?: { readonly [table: string]: readonly Row[] };
  /** Rows that a figure must draw, by its id; 0 also where there is no such figure. */
  readonly drawn?: { readonly [figure: string]: number };
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
  /** Cases that `infoplane check` holds `reduce` against, at least one of each truth. No study runs them. */
  planted?(): readonly PlantedCase[];
}

/** Names an analysis and keeps the type of its options. */
export function defineAnalysis<Options>(analysis: Analysis<Options>): Analysis<Options> {
  return analysis;
}
