import type { LoadedDataset } from "../contracts/dataset.ts";
import type { Sample } from "../contracts/estimator.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Tensor } from "../contracts/tensor.ts";
import { splitRows } from "../random/mod.ts";

/** Pairs of real vectors whose mutual information is known. */
export interface PairTruth {
  /** Both sides are continuous. */
  readonly kind: "pair";
  /** Family and parameters, such as `binormal rho=0.75`. */
  readonly id: string;
  /** I(X;Y) in bits. */
  readonly bits: number;
  /** Draws n pairs; x of shape [n, dim X], y of shape [n, dim Y]. A larger n from the same stream begins with the same pairs. */
  sample(n: number, stream: Stream): { readonly x: Tensor; readonly y: Tensor };
}

/** Real vectors with a label, whose mutual information is known. */
export interface LabelTruth {
  /** One side is a label. */
  readonly kind: "labels";
  /** Family and parameters, such as `mixture distance=2`. */
  readonly id: string;
  /** I(X;Y) in bits. */
  readonly bits: number;
  /** Number of labels. */
  readonly classes: number;
  /** Draws n vectors and their labels; x of shape [n, dim X]. A larger n from the same stream begins with the same rows. */
  sample(n: number, stream: Stream): { readonly x: Tensor; readonly labels: Uint8Array };
}

/** A law one can draw from, and the information it holds. */
export type Truth = PairTruth | LabelTruth;

/**
 * Draws from a truth what an estimator is given.
 *
 * Of a pair, X stands as the inputs and Y as the activations, so that `bits` is I(X;T); the labels are fair coins that know nothing, so that
 * I(T;Y) = 0. Of labelled vectors, X stands as the activations, so that `bits` is I(T;Y).
 *
 * @param n Rows.
 * @param stream Source of chance.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { root } from "../random/mod.ts";
 * import { binormal } from "./gaussian.ts";
 * const { inputs, activations } = drawSample(binormal(0.75), 100, root(1));
 * assert.deepEqual([inputs!.shape, activations.shape], [[100, 1], [100, 1]]);
 * ```
 */
export function drawSample(truth: Truth, n: number, stream: Stream): Sample {
  if (truth.kind === "labels") {
    const { x, labels } = truth.sample(n, stream);
    return { layer: 1, meta: metaOf(x, truth.classes), activations: x, labels };
  }
  const { x, y } = truth.sample(n, stream);
  const coins = stream.child("coins");
  const labels = Uint8Array.from({ length: n }, () => coins.integer(2));
  return { layer: 1, meta: metaOf(y, 2), activations: y, labels, inputs: x };
}

function metaOf({ shape }: Tensor, classes: number): Sample["meta"] {
  return { n: shape[0], units: shape[1], activation: "unknown", exactJoint: false, classes };
}

/**
 * Draws a dataset of labelled vectors that tells its truth: rows from the stream's children `x` and `labels`, the split from `split`.
 *
 * @param rows Rows, 2 or more.
 * @param trainFraction Share to train on, in (0, 1).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { root } from "../random/mod.ts";
 * import { gaussianMixture } from "./mixture.ts";
 * const { labels, ixyBits } = drawDataset(gaussianMixture(20), 100, 0.8, root(1));
 * assert.deepEqual([labels.length, ixyBits], [100, 1]);
 * ```
 */
export function drawDataset(truth: LabelTruth, rows: number, trainFraction: number, stream: Stream): LoadedDataset {
  const { x, labels } = truth.sample(rows, stream);
  return {
    inputs: x,
    labels,
    classes: truth.classes,
    splits: splitRows(rows, trainFraction, stream.child("split")),
    ixyBits: truth.bits,
  };
}
