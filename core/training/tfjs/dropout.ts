import type { Tensor } from "@tensorflow/tfjs";
import type { layers } from "@tensorflow/tfjs";
import type { Stream } from "../../contracts/stream.ts";

/**
 * What dropout multiplies activations by: 0 with probability `rate`, else 1/(1 − rate), so that the mean stays (Srivastava et al.,
 * JMLR 15, 2014). One draw of 32 bits each.
 *
 * @param size How many activations.
 *
 * @example Nothing is dropped at rate 0
 * ```ts
 * import assert from "node:assert/strict";
 * import { root } from "../../random/mod.ts";
 * assert.deepEqual(dropoutMask(3, 0, root(1)), Float32Array.of(1, 1, 1));
 * ```
 */
export function dropoutMask(size: number, rate: number, stream: Stream): Float32Array {
  const kept = 1 / (1 - rate);
  const below = rate * 4294967296;
  return Float32Array.from({ length: size }, () => stream.bits() < below ? 0 : kept);
}

/** Gives the mask of a layer's activations in the update at hand, row-major, the first axis over examples. */
export type MaskOf = (layer: string, rate: number, shape: readonly number[]) => Tensor;

/** Makes a dropout layer of tfjs, which would draw for itself, multiply by masks that it is given. */
export function useMasks(layer: layers.Layer, name: string, rate: number, maskOf: MaskOf): void {
  layer.call = (inputs, { training }) => {
    const activations = Array.isArray(inputs) ? inputs[0] : inputs;
    return training ? activations.mul(maskOf(name, rate, activations.shape)) : activations;
  };
}
