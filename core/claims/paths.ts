/**
 * How a layer's information moves over a net's snapshots: smoothing, peak, end, settling.
 *
 * @module
 */

/** Snapshots over which a path is smoothed and its end is taken. */
export const WINDOW = 5;

/**
 * The middle value; the mean of the two middle ones of an even number.
 *
 * @throws {RangeError} If there is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(median([3, 1, 2]), 2);
 * assert.equal(median([4, 1, 2, 3]), 2.5);
 * ```
 */
export function median(values: ArrayLike<number>): number {
  const { length } = values;
  if (length === 0) throw new RangeError("Cannot take a median as there must be a value: there is none");
  const sorted = Float64Array.from(values).sort();
  const [a, b] = [sorted[(length - 1) >> 1], sorted[length >> 1]];
  return a === b ? a : (a + b) / 2;
}

/**
 * I~: the median of each snapshot and its neighbours, `window` in all, fewer at the ends.
 *
 * @param window Odd; 1 leaves the path as it is.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual([...runningMedian([0, 9, 0, 0, 0, 5], 3)], [4.5, 0, 0, 0, 0, 2.5]);
 * ```
 */
export function runningMedian(path: ArrayLike<number>, window: number = WINDOW): Float64Array {
  const reach = (window - 1) / 2;
  const { length } = path;
  const near = new Float64Array(window);
  return Float64Array.from({ length }, (_, i) => {
    const from = Math.max(0, i - reach);
    const count = Math.min(length, i + reach + 1) - from;
    for (let k = 0; k < count; k++) {
      let at = k;
      for (; at > 0 && near[at - 1] > path[from + k]; at--) near[at] = near[at - 1];
      near[at] = path[from + k];
    }
    const [a, b] = [near[(count - 1) >> 1], near[count >> 1]];
    return a === b ? a : (a + b) / 2;
  });
}

/** Standard deviation of a path about its running median, in its own unit: the noise from snapshot to snapshot. */
export function spreadOf(path: Float64Array): number {
  const smooth = runningMedian(path);
  return Math.sqrt(path.reduce((sum, value, i) => sum + (value - smooth[i]) * (value - smooth[i]), 0) / path.length);
}

/** What became of a layer's information over a net's training; bits. */
export interface Phases {
  /** I_end, the median of the last five snapshots. */
  readonly end: number;
  /** g = max I~ − I~(0): how far it rose from the untrained net. */
  readonly fit: number;
  /** c^own = max I~ − I_end: how far it fell from its own peak; never much below 0, not even for noise. */
  readonly own: number;
  /** Index of the first snapshot at which I~ is greatest. */
  readonly peak: number;
  /** Index of the first snapshot from which |I~ − I_end| ≤ .1 c^own for good. */
  readonly settle: number;
}

/**
 * Reads fit, peak, compression and settling from one path.
 *
 * @param path I(X;T) in bits at each snapshot.
 * @param smooth I~ of the same path.
 */
export function phasesOf(path: ArrayLike<number>, smooth: Float64Array = runningMedian(path)): Phases {
  const end = endOf(path);
  let peak = 0;
  for (let i = 1; i < smooth.length; i++) if (smooth[i] > smooth[peak]) peak = i;
  const own = smooth[peak] - end;
  let settle = smooth.length;
  while (settle > 0 && Math.abs(smooth[settle - 1] - end) <= 0.1 * own) settle--;
  return { end, fit: smooth[peak] - smooth[0], own, peak, settle: Math.min(settle, smooth.length - 1) };
}

/** I_end: the median of the last five snapshots. */
export function endOf(path: ArrayLike<number>): number {
  return median(Float64Array.from(path).subarray(-WINDOW));
}

/**
 * c^loo of each net: I~ at the epoch where the *other* nets' median path peaks, minus I_end. Unlike c^own it is 0 on average for
 * nets that do not compress, because the net has no say in where it is read.
 *
 * @param paths I(X;T) in bits of each net, all at the same snapshots.
 * @param smooth I~ of each.
 * @returns Bits, one a net; NaN for a net without others.
 */
export function leaveOneOutCompression(
  paths: readonly ArrayLike<number>[],
  smooth: readonly Float64Array[] = paths.map((path) => runningMedian(path)),
): Float64Array {
  const peak = leaveOneOutPeaks(smooth);
  return Float64Array.from(paths, (path, i) => Number.isNaN(peak[i]) ? NaN : smooth[i][peak[i]] - endOf(path));
}

/**
 * For each net the index of the first snapshot at which the other nets' median path is greatest.
 *
 * @param smooth I~ of each net, all at the same snapshots.
 * @returns NaN for a net without others.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const paths = [[0, 9, 0], [0, 1, 2], [0, 1, 2]].map((path) => Float64Array.from(path));
 * assert.deepEqual([...leaveOneOutPeaks(paths)], [2, 1, 1]);
 * ```
 */
export function leaveOneOutPeaks(smooth: readonly Float64Array[]): Float64Array {
  const nets = smooth.length;
  const snapshots = smooth[0]?.length ?? 0;
  const peak = new Float64Array(nets).fill(NaN);
  if (nets < 2) return peak;
  const highest = new Float64Array(nets).fill(-Infinity);
  const column = new Float64Array(nets);
  for (let e = 0; e < snapshots; e++) {
    for (let i = 0; i < nets; i++) column[i] = smooth[i][e];
    column.sort();
    for (let i = 0; i < nets; i++) {
      const others = medianWithout(column, smooth[i][e]);
      if (others > highest[i]) {
        highest[i] = others;
        peak[i] = e;
      }
    }
  }
  return peak;
}

/** The median of ascending values without one of those equal to `value`. */
function medianWithout(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  const left = sorted.length - 1;
  const at = (i: number) => sorted[i < low ? i : i + 1];
  const [a, b] = [at((left - 1) >> 1), at(left >> 1)];
  return a === b ? a : (a + b) / 2;
}
