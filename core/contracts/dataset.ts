import type { Arithmetic, Tensor } from "./tensor.ts";
import type { Context } from "./context.ts";
import type { Fingerprint } from "./fingerprint.ts";
import type { OptionsSchema } from "./options.ts";

/** The exact joint distribution of row and label, when the data enumerate a known one. */
export interface Joint {
  /** p(x) of each row, shape [n], sums to 1. */
  readonly px: Float64Array;
  /** p(y|x), row-major, shape [n, classes]; every row sums to 1. */
  readonly pyx: Float64Array;
}

/** Examples with labels, as one replicate sees them. */
export interface LoadedDataset {
  /** Shape [n, …features]. */
  readonly inputs: Tensor;
  /** Class of each row as this replicate was dealt it, shape [n], each below `classes`. */
  readonly labels: Uint8Array;
  /** Number of labels, 2 or more. */
  readonly classes: number;
  /** Row numbers; disjoint. Rows in neither are only measured. */
  readonly splits: { readonly train: Uint32Array; readonly test: Uint32Array };
  /** Present if the rows are all patterns there are, with their exact probabilities. */
  readonly joint?: Joint;
  /** I(X;Y) in bits, for rows drawn from a law that is known otherwise than by `joint`. */
  readonly ixyBits?: number;
}

/** A source of examples. */
export interface Dataset<Options = unknown> {
  /** kebab-case; third parties prefix their namespace: `acme/parity`. */
  readonly id: string;
  /** Name in lists. */
  readonly title: string;
  /** One or two sentences: what it is, and its source. */
  readonly description: string;
  /** An integer that enters keys: raise it when the same options give other bytes. */
  readonly version: number;
  /** How far its numbers repeat. */
  readonly arithmetic: Arithmetic;
  /** Schema of its options. */
  readonly options: OptionsSchema<Options>;
  /** What the numbers are licensed under, and what to cite. */
  readonly rights?: string;
  /** Names the files read, for datasets that read any; items without it keep their keys. */
  fingerprint?(options: Options, ctx: Context): Fingerprint | Promise<Fingerprint>;
  /**
   * Loads or makes the examples of one replicate.
   *
   * `ctx.stream` is the replicate's: draw the split from `child("split")` and labels of a stochastic rule from
   * `child("labels")`, so that neither moves the other.
   */
  load(options: Options, ctx: Context): LoadedDataset | Promise<LoadedDataset>;
}

/** Names a dataset and keeps the type of its options. */
export function defineDataset<Options>(dataset: Dataset<Options>): Dataset<Options> {
  return dataset;
}
