/**
 * The gradient's way from signal to noise, read from the series that analysis `gradient-snr` stores.
 *
 * @module
 */
import type { StudyRows } from "../contracts/analysis.ts";
import { log } from "../numerics/elementary.ts";
import { type SeriesPath, seriesPaths } from "./arms.ts";

/** Quantity of the SNR at which nets of every batch are compared: SNR(b) grows like √b. */
export const SNR_QUANTITY = "gradient_snr_512";

const LN_10 = 2.302585092994046;

/** Paths of log₁₀ SNR_k(512) in every net of an arm, by trial; a snapshot whose SNR has no logarithm is left out. */
export function logSnrPaths(
  rows: Pick<StudyRows, "series">,
  arm: string,
  layer: number,
  axes: string = "{}",
): Map<string, SeriesPath> {
  const paths = seriesPaths(rows, arm, SNR_QUANTITY, layer, axes);
  return new Map([...paths].map(([trial, path]) => [trial, logPath(path)]));
}

/**
 * log₁₀ of a path, without the snapshots at which it is not positive.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(logPath({ epochs: [0, 1, 2], values: [1, 0, 100] }), { epochs: [0, 2], values: [0, 2] });
 * ```
 */
export function logPath({ epochs, values }: SeriesPath): SeriesPath {
  const kept = values.flatMap((value, i) => value > 0 ? [i] : []);
  return { epochs: kept.map((i) => epochs[i]), values: kept.map((i) => log(values[i]) / LN_10) };
}

/**
 * Mean of a path over the epochs in (from, to], each snapshot standing for the epochs since the one before.
 *
 * @returns NaN if no snapshot stands for any of them.
 *
 * @example Value 1 for one epoch, then 4 for three
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(epochMean({ epochs: [0, 7, 10], values: [9, 1, 4] }, 6, 10), 3.25);
 * ```
 */
export function epochMean({ epochs, values }: SeriesPath, from: number, to: number): number {
  let sum = 0;
  let total = 0;
  for (let i = 1; i < epochs.length; i++) {
    const weight = Math.min(to, epochs[i]) - Math.max(from, epochs[i - 1]);
    if (weight <= 0) continue;
    sum += weight * values[i];
    total += weight;
  }
  return sum / total;
}
