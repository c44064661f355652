import type { Json, JsonObject } from "./tensor.ts";

/** A plugin's item and its options. */
export interface Choice {
  /** Id of the item. */
  readonly id: string;
  /** Its options; defaults fill the rest. */
  readonly options?: JsonObject;
}

/**
 * How weights move; rates are per update. Weight decay λ adds λ/2 ‖W‖² over all weights and biases to the loss that is descended.
 * Langevin dynamics adds normal noise of variance 2 · rate · temperature to every parameter and needs the full batch. `recorded`
 * says that another program moved them: batch and epochs are then what it used, and the architecture must be a recorded one.
 */
export type Optimiser =
  | { readonly id: "sgd"; readonly rate: number; readonly momentum?: number; readonly weightDecay?: number }
  | {
    readonly id: "adam";
    readonly rate: number;
    readonly beta1?: number;
    readonly beta2?: number;
    readonly epsilon?: number;
    readonly weightDecay?: number;
  }
  | { readonly id: "langevin"; readonly rate: number; readonly temperature: number; readonly weightDecay?: number }
  | { readonly id: "recorded" };

/** Everything about training but the data and the net. */
export interface Training {
  /** How weights move. */
  readonly optimiser: Optimiser;
  /** Examples in an update, or all of the training set. */
  readonly batch: number | "full";
  /** What becomes of the last, smaller batch of an epoch: `use` averages its gradient over its own size. Default `use`. */
  readonly partialBatch?: "use" | "drop";
  /** Passes over the training set; not part of a net's key, as a longer run continues a shorter one. */
  readonly epochs: number;
}

/** One cell of a study before axes and replicates. */
export interface Setup {
  /** Where examples come from. */
  readonly dataset: Choice;
  /** Which net. */
  readonly architecture: Choice;
  /** How it is trained. */
  readonly training: Training;
}

/** Makes every property optional, at any depth. */
export type Patch<T> = T extends readonly unknown[] ? T
  : T extends object ? { readonly [K in keyof T]?: Patch<T[K]> }
  : T;

/** A variant of the base: what differs, and what for. */
export type Arm = Patch<Setup> & {
  /**
   * `main` carries the claims; `control` must fail where causes are claimed; `variant` stands beside. By default the arm named
   * `main`, or the only one, is the main one and the others are variants.
   */
  readonly role?: "main" | "control" | "variant";
  readonly title?: string;
  /** Replicates of this arm, if other than the study's. */
  readonly replicates?: number;
};

/** An invertible map of a layer, which changes no mutual information: see `core/measuring/transforms.ts`. */
export type Transform = "rotation" | "mixing" | "monotone";

/**
 * An orthonormal map of wide layers onto fewer numbers, see `core/measuring/projections.ts`: sums over `grid` × `grid` squares of each
 * channel's places, or the span of so many leading principal components. Noise estimators then bound the whole layer's information from
 * below; other estimators measure another variable, a function of the layer.
 */
export type Projection =
  | { readonly onto: "pool"; readonly grid: number }
  | { readonly onto: "components"; readonly dimensions: number };

/** One measurement of every snapshot. */
export interface Measure {
  /** Id of the estimator. */
  readonly estimator: string;
  /** Its options; defaults fill the rest. */
  readonly options?: JsonObject;
  /** Rows measured. Default `all`. */
  readonly on?: "all" | "train" | "test";
  /** So many of these rows, drawn by the replicate, where all are too many; at most as many as there are. */
  readonly probes?: number;
  /** A map each layer goes through before it is measured. */
  readonly transform?: Transform;
  /** What layers with more numbers than it gives are seen through; not beside a transform. */
  readonly projection?: Projection;
  /**
   * Snapshots a decade of epochs, a divisor of 40, for estimators too slow for all of them: those at 0 and round(10^(k/perDecade)).
   * Default 40, every one.
   */
  readonly perDecade?: number;
}

/** Values crossed with every arm; the path starts at the setup: `training.batch`. */
export interface Axis {
  /** Dotted path within the setup. */
  readonly path: string;
  /** Values it takes. */
  readonly values: readonly (string | number | boolean)[];
}

/** The names of the three sizes in which every study runs. */
export type ProfileName = "smoke" | "quick" | "full";

/** What a profile has other than its study says. */
export interface ProfilePatch {
  /** What stands at a dotted path of the study. */
  readonly [path: string]: Json | readonly Measure[] | readonly Choice[];
}

/** A study: data only, so that it stands in its bundle and can be run again from there. */
export interface Study {
  /** Version of this format. */
  readonly format: 1;
  /** kebab-case. */
  readonly id: string;
  /** The question, as a reader would ask it. */
  readonly title: string;
  /** What is done, in a sentence or two. */
  readonly description?: string;
  /** Root of every random stream. */
  readonly seed: number;
  /** What every arm starts from. */
  readonly base: Setup;
  /** Variants of the base; `main` alone if there are none. */
  readonly arms?: { readonly [name: string]: Arm };
  /** Values crossed with every arm. */
  readonly axes?: readonly Axis[];
  /** Nets in each arm at each point of the axes. */
  readonly replicates: number;
  /** What is measured at every snapshot. */
  readonly measure: readonly Measure[];
  /** What is asked of the rows. */
  readonly analyses: readonly Choice[];
  /** Patches by dotted path: `{"base.training.epochs": 150}`; a list is replaced whole. */
  readonly profiles: { readonly [P in ProfileName]: ProfilePatch };
}

/** Names a study and checks its shape as it is written. */
export function defineStudy(study: Study): Study {
  return study;
}
