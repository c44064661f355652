/**
 * How much of a layer sits where its activation function ends.
 *
 * @module
 */
import type { Activation } from "../contracts/architecture.ts";

const MARGIN = 1 / 256;

/**
 * The limits beyond which a unit counts as saturated: |tanh| > 1 − 2⁻⁸, sigmoid and softmax within 2⁻⁸ of 0 or 1, ReLU exactly 0.
 *
 * @param activation What the unit does with its weighted sum; `unknown` for activations from a file.
 * @returns [low, high]: a value below low or above high is saturated. Undefined where the function has no end.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(saturationLimits("tanh"), [-0.99609375, 0.99609375]);
 * assert.equal(saturationLimits("linear"), undefined);
 * ```
 */
export function saturationLimits(activation: Activation | "unknown"): readonly [number, number] | undefined {
  switch (activation) {
    case "tanh":
      return [MARGIN - 1, 1 - MARGIN];
    case "sigmoid":
    case "softmax":
      return [MARGIN, 1 - MARGIN];
    case "relu":
      // The smallest f32 above 0: activations are f32, and no f64 of an f32 lies between.
      return [1.401298464324817e-45, Infinity];
    default:
      return undefined;
  }
}

/**
 * Fraction of activations beyond the saturation limits of their function.
 *
 * @param values Activations of a layer.
 * @param activation Their function.
 * @returns Between 0 and 1; undefined where the function has no end.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(saturatedFraction([0.5, -1, 1, 0], "tanh"), 0.5);
 * ```
 */
export function saturatedFraction(values: ArrayLike<number>, activation: Activation | "unknown"): number | undefined {
  const limits = saturationLimits(activation);
  if (limits === undefined) return undefined;
  const [low, high] = limits;
  let beyond = 0;
  for (let i = 0; i < values.length; i++) if (values[i] < low || values[i] > high) beyond++;
  return beyond / values.length;
}
