/**
 * The gradient's way from signal to noise, read from the series that analysis `gradient-snr` stores.
 *
 * @module
 */
import type { StudyRows } from "../contracts/analysis.ts";
import { exp, log } from "../numerics/elementary.ts";
import { type SeriesPath, seriesPaths } from "./arms.ts";
import { runningMedian } from "./paths.ts";

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

/** When a layer's gradient turned from signal to noise. */
export interface Crossing {
  /**
   * `crossed`; `from the start`: noise at the first snapshot already; `censored`: noise at the end, but not yet for long enough;
   * `none`: signal at the end.
   */
  readonly state: "crossed" | "from the start" | "censored" | "none";
  /** The crossing is not before this epoch. */
  readonly low: number;
  /** Nor after this one; Infinity if it was not seen. */
  readonly high: number;
  /** Index of the first snapshot beyond it; −1 if it was not seen. */
  readonly index: number;
}

/**
 * The SNR crossing: the first snapshot whose running median of 5 of log SNR is ≤ 0, there and at every snapshot up to twice that
 * epoch; its epoch interpolated on the logarithm of the epoch between it and the snapshot before, linearly after epoch 0.
 *
 * A path that is ≤ 0 at its first snapshot crossed at or before it, between 0 and the second snapshot. One that is ≤ 0 from some
 * snapshot to its end, but for less than a factor of two of epochs, is censored: it crosses there or later. One that ends above 0
 * crosses after its end, if ever.
 *
 * @param path log SNR, to any base, at each snapshot.
 * @param options `window` of the running median; `afterTop` passes over all snapshots before the greatest running median, since close
 * to epoch 0 up to twice the epoch is soon over: what was noise for a moment before the drift phase is then no crossing.
 *
 * @example Signal until epoch 4, noise from epoch 16 on
 * ```ts
 * import assert from "node:assert/strict";
 * const epochs = [1, 2, 4, 16, 32, 64];
 * const { state, low, index } = snrCrossing({ epochs, values: [1, 1, 1, -1, -1, -1] }, { window: 1 });
 * assert.deepEqual([state, index], ["crossed", 3]);
 * assert.ok(Math.abs(low - 8) < 1e-12);
 * assert.equal(snrCrossing({ epochs, values: [1, 1, 1, 1, -1, 1] }, { window: 1 }).state, "none");
 * assert.equal(snrCrossing({ epochs, values: [1, 1, 1, 1, 1, -1] }, { window: 1 }).state, "censored");
 * ```
 */
export function snrCrossing(
  { epochs, values }: SeriesPath,
  { window, afterTop = false }: { readonly window?: number; readonly afterTop?: boolean } = {},
): Crossing {
  const smooth = runningMedian(values, window);
  const last = epochs[epochs.length - 1];
  const first = afterTop ? smooth.indexOf(smooth.reduce((a, b) => Math.max(a, b), -Infinity)) : 0;
  for (let i = Math.max(0, first); i < smooth.length; i++) {
    let j = i;
    while (j < smooth.length && smooth[j] <= 0 && epochs[j] <= 2 * epochs[i]) j++;
    const stays = j > i && (j === smooth.length || epochs[j] > 2 * epochs[i]);
    if (!stays) continue;
    if (i === 0) return { state: "from the start", low: 0, high: epochs[1] ?? 0, index: 0 };
    const at = between(epochs[i - 1], epochs[i], smooth[i - 1] / (smooth[i - 1] - smooth[i]));
    return 2 * epochs[i] > last
      ? { state: "censored", low: at, high: Infinity, index: -1 }
      : { state: "crossed", low: at, high: at, index: i };
  }
  return { state: "none", low: last ?? 0, high: Infinity, index: -1 };
}

/** The epoch a share of the way from one snapshot to the next, on the logarithm of the epoch. */
function between(from: number, to: number, share: number): number {
  return from === 0 ? to * share : from * exp(log(to / from) * share);
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
