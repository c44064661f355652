import type { Activation } from "./architecture.ts";
import type { Context } from "./context.ts";
import type { Joint } from "./dataset.ts";
import type { OptionsSchema } from "./options.ts";
import type { Arithmetic, Json, Tensor } from "./tensor.ts";

/** What is known of a sample before its numbers are looked at. */
export interface SampleMeta {
  /** Rows. */
  readonly n: number;
  /** Columns. */
  readonly units: number;
  /** `unknown` for activations that came from a file. */
  readonly activation: Activation | "unknown";
  /** The values an activation can take, where the activation function says so. */
  readonly range?: readonly [number, number];
  /** True if the rows enumerate all inputs and p(y|x) is known. */
  readonly exactJoint: boolean;
  /** Bits of each activation, for nets that are themselves quantised. */
  readonly quantisedBits?: number;
  /** Number of labels. */
  readonly classes: number;
  /** True if the activations are known to be a function of the inputs: I(X;T) is then H(T), infinite where T is continuous. */
  readonly deterministic?: boolean;
  /**
   * σ of the Gaussian noise that the net itself adds to each unit of this layer, 0 if only layers below it are noisy; absent from layers that
   * no noise of the net reaches. Activations are then one draw of T for each row.
   */
  readonly noise?: number;
}

/** The activations of one layer at one snapshot, with what is known of inputs and labels. */
export interface Sample {
  /** What is known beforehand. */
  readonly meta: SampleMeta;
  /** Shape [n, units]; Float32Array as the engine stores it, Float64Array from a file of doubles. Not to be written to. */
  readonly activations: Tensor;
  /** Class of each row, shape [n]. With `joint`, p(y|x) weighs the rows instead. */
  readonly labels: Uint8Array;
  /** Exact probabilities of the rows, where they are known. */
  readonly joint?: Joint;
  /** 1…K, K the softmax output; 0 is the input. */
  readonly layer: number;
  /**
   * The layer's activations at the last snapshot of the run, for settings that measure with a fixed ruler, and for those alone.
   * At that snapshot, and for activations from a file, these are `activations` themselves.
   */
  readonly reference?: Tensor;
  /**
   * Of a noisy layer, for estimators that ask for passes: T of each row without the layer's own noise, shape [passes, n, units], in each pass
   * through the net with other noise in the layers below. T given x is, in the limit of many passes, the mixture of the Gaussians of variance σ²
   * around them. Of the lowest noisy layer all passes would be alike, and there is one.
   */
  readonly centres?: Tensor;
  /** Of a layer seen through a projection: its units, and their mean square at this snapshot and the last, which scales relative noise. */
  readonly whole?: { readonly units: number; readonly meanSquare: number; readonly referenceMeanSquare?: number };
  /** The inputs of the rows, shape [n, …features], where they are known. Not to be written to. */
  readonly inputs?: Tensor;
}

/** An estimate of one quantity in bits, with an interval where one is defined. Raw: negative values stay negative. */
export interface Quantity {
  /** The estimate. */
  readonly bits: number;
  /** Lower end of the interval or bound. */
  readonly low?: number;
  /** Upper end of the interval or bound. */
  readonly high?: number;
}

/** What an estimator found: a point of the information plane with its story, or why there is none. */
export type Estimate =
  | {
    readonly status: "measured";
    /** Encoder information I(X;T). Null only with a reason in `reason`. */
    readonly ixt: Quantity | null;
    /** Decoder information I(T;Y). */
    readonly ity: Quantity | null;
    /** The largest I(X;T) this estimator can return here, in bits. */
    readonly ceilingBits: number | null;
    /** Occupied cells of the codebook, for estimators that have one. */
    readonly cells?: number;
    /** Fraction of occupied cells that hold one distinct input. */
    readonly alone?: number;
    /** Fraction of activations within 2^-8 of where their activation function ends. */
    readonly saturated?: number;
    /** Given where the labels dealt were read although p(y|x) may be known. */
    readonly labels?: "sampled";
    readonly diagnostics?: { readonly [name: string]: Json };
    readonly reason?: string;
  }
  | {
    readonly status: "skipped" | "failed";
    readonly reason: string;
    /** True if a sample was skipped for what this machine lacks: it is tried again the next time, and not stored. */
    readonly unavailable?: true;
  };

/** A change of a sample: rows in another order, units in another order, each unit by a factor of its own, labels by other numbers. */
export type Invariance = "row-order" | "unit-order" | "unit-scale" | "relabelling";

/** What an estimator says is true of it; each claim becomes a conformance check. */
export interface EstimatorClaims {
  /** On which side of the truth I(X;T) must lie, of the quantity named in the description. */
  readonly bound?: "lower" | "upper";
  /** On which side of the truth I(T;Y) must lie, likewise. */
  readonly decoderBound?: "lower" | "upper";
  /**
   * Gives the exact value when T takes finitely many values, and all patterns with their probabilities are given. Checked on units of −1 and
   * 1, which every codebook, noise and kernel in use tells apart.
   */
  readonly exactOnFiniteJoints?: boolean;
  /**
   * Finds nothing where there is nothing, but for chance: I(T;Y) of labels that are independent of T, and I(X;T) of independent inputs if
   * inputs are looked at.
   */
  readonly zeroOnIndependence?: boolean;
  /** Changes of the sample that change no estimate. */
  readonly invariances?: readonly Invariance[];
  /** I(X;T) never exceeds this: the entropy of the inputs given, or log2 of the number of rows. */
  readonly ceiling?: "entropy-of-inputs" | "log2-rows";
  /** Gives the same answer whatever the stream. */
  readonly deterministic?: boolean;
  /** Reads distances between rows, so that rows drawn twice, as the bootstrap draws them, mislead it. */
  readonly distinctRows?: boolean;
  /** How often the interval from `low` to `high` of either quantity covers what it should, such as 0.95. */
  readonly intervalLevel?: number;
  /**
   * What the interval allows for: that the `rows` were drawn by chance, so that it covers the truth of their law (unless told), or that the
   * estimator's own `draws` were, so that it covers what endlessly many would give for these rows.
   */
  readonly intervalOf?: "rows" | "draws";
}

/** A way to estimate I(X;T) and I(T;Y) from activations. */
export interface Estimator<Options = unknown> {
  /** kebab-case; third parties prefix their namespace: `acme/knn`. */
  readonly id: string;
  /** Name in lists. */
  readonly title: string;
  /** What it estimates, of which random variable, with which bias, and the source. */
  readonly description: string;
  /** An integer that enters keys: raise it when the same input gives other bytes. */
  readonly version: number;
  /** How far its numbers repeat. */
  readonly arithmetic: Arithmetic;
  /** Schema of its options. */
  readonly options: OptionsSchema<Options>;
  /** What it says is true of it. */
  readonly claims: EstimatorClaims;
  /** True, or the reason why this sample cannot be measured with these options. */
  supports(meta: SampleMeta, options: Options): true | string;
  /**
   * True for options that measure every snapshot with the scale of the last one: samples then come with `reference`, and a longer
   * run, which ends elsewhere, is measured anew.
   */
  usesReference?(options: Options): boolean;
  /**
   * True if settings of both kinds may come in one call, for estimators whose settings share work: samples then have their `reference`
   * whatever the setting, and what does not use it must not read it. Otherwise each kind comes in calls of its own.
   */
  readonly mixesReferences?: boolean;
  /**
   * For estimators that hold for nets with noise in their layers: how often the inputs go through such a net to give `sample.centres`; 0 if one
   * draw of T for each row will do. Noisy layers of nets are `skipped` for estimators without this, most of which take T for a function of X.
   */
  passes?(options: Options): number;
  /** Estimates from one layer. Pure: the same sample, options and stream give the same answer. */
  estimate(sample: Sample, options: Options, ctx: Context): Estimate | Promise<Estimate>;
  /**
   * Estimates many samples under many settings in one call, for estimators that gain by it; `result[i][j]` is for
   * `samples[i]` under `settings[j]` and must equal what `estimate` gives.
   */
  estimateAll?(
    samples: readonly Sample[],
    settings: readonly Options[],
    ctx: Context,
  ): readonly (readonly Estimate[])[] | Promise<readonly (readonly Estimate[])[]>;
}

/** Names an estimator and keeps the type of its options. */
export function defineEstimator<Options>(estimator: Estimator<Options>): Estimator<Options> {
  return estimator;
}
