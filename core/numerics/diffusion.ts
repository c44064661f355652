import { log } from "./elementary.ts";
import { leastSquaresLine } from "./rank_correlation.ts";

/**
 * Exponent α of D² ∝ τ^α: the slope of ln D² on ln τ by least squares. 1 for diffusion, 2 for drift at a constant rate, towards 0 for
 * logarithmic growth.
 *
 * @param times τ since the start, > 0.
 * @param distances D at each, from the start, > 0.
 * @returns NaN if the times do not vary.
 * @throws {RangeError} If a time or a distance is not above 0, the lists differ in length, or are empty.
 *
 * @example Twice as far after four times as long
 * ```ts
 * import assert from "node:assert/strict";
 * assert.ok(Math.abs(diffusionExponent([1, 4, 16], [3, 6, 12]) - 1) < 1e-12);
 * ```
 */
export function diffusionExponent(times: ArrayLike<number>, distances: ArrayLike<number>): number {
  return leastSquaresLine(logarithms("times", times), logarithms("distances", distances).map((d) => 2 * d)).slope;
}

function logarithms(name: string, values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values, (value, i) => {
    if (value > 0) return log(value);
    throw new RangeError(`Cannot find an exponent as ${name} must be > 0: ${name}[${i}] is ${value}`);
  });
}
