/**
 * How much noise is added to a layer before its information is measured.
 *
 * @module
 */
import type { Sample } from "../contracts/estimator.ts";

/**
 * The noise σZ added to each unit, Z standard normal: its variance σ² in squared units of the activations, or σ = α times the root
 * mean square of the layer, by the ruler of the net's last snapshot (`fixed`) or of the snapshot at hand (`moving`).
 */
export type NoiseLevel =
  | { readonly variance: number }
  | { readonly alpha: number; readonly ruler: "fixed" | "moving" };

/** Noise as options give it: a variance, or a multiple of the layer's scale by a ruler, or nothing. */
export interface NoiseOptions {
  /** σ². */
  readonly variance?: number;
  /** σ over the layer's root mean square. */
  readonly alpha?: number;
  /** Which snapshot's. */
  readonly ruler?: "fixed" | "moving";
}

/** Why these options tell no noise; undefined if they do. */
export function whyNoNoise({ variance, alpha, ruler }: NoiseOptions): string | undefined {
  if (variance !== undefined && (alpha !== undefined || ruler !== undefined)) {
    return "one noise at a time, variance or alpha with its ruler";
  }
  return ruler !== undefined && alpha === undefined ? "a ruler needs alpha" : undefined;
}

/** The noise that options tell: of variance 0.1 if they tell none, a fixed ruler if they name none. */
export function noiseLevelOf({ variance, alpha, ruler }: NoiseOptions): NoiseLevel {
  return alpha === undefined ? { variance: variance ?? 0.1 } : { alpha, ruler: ruler ?? "fixed" };
}

/** The noise of one layer. */
export interface LayerNoise {
  /** σ² in squared units of the activations. */
  readonly variance: number;
  /** What an estimate says of it: σ, and whether a fixed ruler is of the snapshot measured, as it is for activations from a file. */
  readonly diagnostics: { readonly sigma: number; readonly rulerIsOwn?: true };
}

/**
 * The noise of one layer.
 *
 * The mean square is over units, and over rows by p(x); nothing is subtracted, so that σ is 0 only by a layer of zeros.
 *
 * @param sample `sample.reference` is read for a fixed ruler; of a projected layer, `sample.whole` tells the scale of all of it.
 * @throws {TypeError} If the ruler is fixed and the sample has no reference.
 *
 * @example Half of the layer's scale
 * ```ts
 * import assert from "node:assert/strict";
 * const activations = { data: Float32Array.of(-2, 2), shape: [2, 1] };
 * const meta = { n: 2, units: 1, activation: "tanh", exactJoint: false, classes: 2 } as const;
 * const sample = { meta, activations, labels: Uint8Array.of(0, 1), layer: 1 };
 * assert.equal(layerNoise({ alpha: 0.5, ruler: "moving" }, sample).variance, 1);
 * ```
 */
export function layerNoise(level: NoiseLevel, sample: Sample): LayerNoise {
  if ("variance" in level) return { variance: level.variance, diagnostics: { sigma: Math.sqrt(level.variance) } };
  const { alpha, ruler } = level;
  const fixed = ruler === "fixed";
  const measure = fixed ? sample.reference : sample.activations;
  if (measure === undefined) {
    throw new TypeError("Cannot scale noise by the last snapshot as the sample must have a reference: it has none");
  }
  const whole = fixed ? sample.whole?.referenceMeanSquare : sample.whole?.meanSquare;
  const variance = alpha * alpha * (whole ?? layerMeanSquare(measure.data, sample));
  const rulerIsOwn = fixed && measure === sample.activations;
  return { variance, diagnostics: { sigma: Math.sqrt(variance), ...(rulerIsOwn ? { rulerIsOwn } : {}) } };
}

/** The mean square of a layer over units, and over rows by p(x). */
export function layerMeanSquare(
  values: ArrayLike<number>,
  { meta: { n, units }, joint }: Pick<Sample, "meta" | "joint">,
): number {
  let mean = 0;
  for (let row = 0; row < n; row++) {
    let squares = 0;
    for (let at = row * units; at < (row + 1) * units; at++) squares += values[at] * values[at];
    mean += (joint ? joint.px[row] : 1 / n) * squares;
  }
  return mean / units;
}
