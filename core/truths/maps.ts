import { log, sine } from "../numerics/mod.ts";
import { mapValues } from "./rows.ts";
import type { PairTruth } from "./truth.ts";

/** Strictly increasing functions of one number: applied to every variable of a side they leave the information as it is. */
export const MONOTONE_MAPS = {
  /** The number itself. */
  identity: (x: number): number => x,
  /** asinh x: pulls tails in. */
  asinh: (x: number): number => x < 0 ? -log(Math.sqrt(x * x + 1) - x) : log(x + Math.sqrt(x * x + 1)),
  /** x √|x|: pushes tails out, crowds what is near 0. */
  "half-cube": (x: number): number => x * Math.sqrt(x < 0 ? -x : x),
  /** x + 0.6 sin x + 0.15 sin 2x: stretches and squeezes by turns, of slope 0.55 to 1.9. */
  wiggly: (x: number): number => x + 0.6 * sine(x) + 0.15 * sine(2 * x),
} as const;

/** Name of a monotone map. */
export type MonotoneMap = keyof typeof MONOTONE_MAPS;

/**
 * The truth seen through monotone maps of each side: other marginals, the same information.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { binormal } from "./gaussian.ts";
 * assert.equal(mapped(binormal(0.75), "asinh", "wiggly").bits, binormal(0.75).bits);
 * ```
 */
export function mapped(truth: PairTruth, ofX: MonotoneMap, ofY: MonotoneMap): PairTruth {
  return {
    ...truth,
    id: `${truth.id} x=${ofX} y=${ofY}`,
    sample(n, stream) {
      const { x, y } = truth.sample(n, stream);
      return { x: mapValues(x, MONOTONE_MAPS[ofX]), y: mapValues(y, MONOTONE_MAPS[ofY]) };
    },
  };
}
