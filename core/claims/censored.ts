/**
 * Statistics of numbers of which some are only known to lie between two ends.
 *
 * @module
 */
import { log2 } from "../numerics/elementary.ts";
import { pearson, ranks } from "../numerics/rank_correlation.ts";
import { median } from "./paths.ts";
import type { Theta } from "./protocol.ts";

/**
 * |log₂(a/b)| of two numbers > 0, each known to lie between its ends.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(octaves({ low: 8, high: 8 }, { low: 2, high: 4 }), { low: 1, high: 2 });
 * assert.deepEqual(octaves({ low: 8, high: Infinity }, { low: 16, high: 16 }), { low: 0, high: Infinity });
 * ```
 */
export function octaves(a: Theta, b: Theta): Theta {
  const least = log2(a.low / b.high);
  const most = log2(a.high / b.low);
  const low = least > 0 ? least : most < 0 ? -most : 0;
  return { low, high: Math.max(Math.abs(least), Math.abs(most)) };
}

/** An epoch or a number of updates of which nothing is known. */
export const ANY_TIME: Theta = { low: 0, high: Infinity };

/** Both ends times a number > 0: epochs as updates. */
export function scaled({ low, high }: Theta, by: number): Theta {
  return { low: by * low, high: by * high };
}

/**
 * The epoch of a peak, as far as it is known: of a net that does not compress it is open upwards; at the first snapshot it may lie
 * anywhere before the second.
 *
 * @param epochs Of the snapshots, ascending.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(peakWithin(8, true, [0, 1, 8, 9]), { low: 8, high: 8 });
 * assert.deepEqual(peakWithin(0, true, [0, 1, 8, 9]), { low: 0, high: 1 });
 * assert.deepEqual(peakWithin(9, false, [0, 1, 8, 9]), { low: 9, high: Infinity });
 * ```
 */
export function peakWithin(epoch: number, compresses: boolean, epochs: readonly number[]): Theta {
  if (!compresses) return { low: epoch, high: Infinity };
  return { low: epoch, high: epoch === epochs[0] ? epochs[1] : epoch };
}

/**
 * The median, as far as it is known.
 *
 * @throws {RangeError} If there is no number.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(medianWithin([{ low: 1, high: 1 }, { low: 2, high: 5 }, { low: 4, high: Infinity }]), { low: 2, high: 5 });
 * ```
 */
export function medianWithin(values: readonly Theta[]): Theta {
  return { low: median(values.map(({ low }) => low)), high: median(values.map(({ high }) => high)) };
}

/** More pairs of orders than this are not tried. */
const MOST_PAIRS = 4000;

/**
 * The least and the greatest Spearman's ρ that agree with what is known of two lists.
 *
 * Every order of the numbers that their ends allow is tried, open numbers differing from all others, up to 4000 pairs of orders; beyond, nothing is said of ρ but −1 to 1.
 *
 * @returns NaN at both ends if a list of known numbers does not vary.
 *
 * @example The last number is beyond 3: its place among the others is open
 * ```ts
 * import assert from "node:assert/strict";
 * const known = (...values: number[]) => values.map((value) => ({ low: value, high: value }));
 * assert.deepEqual(spearmanWithin(known(1, 2, 3), known(4, 5, 6)), { low: 1, high: 1 });
 * const open = [...known(1, 2, 4), { low: 3, high: Infinity }];
 * assert.deepEqual(spearmanWithin(open, known(1, 2, 3, 4)), { low: 0.8, high: 1 });
 * ```
 */
export function spearmanWithin(x: readonly Theta[], y: readonly Theta[]): Theta {
  const [across, up] = [ordersOf(x), ordersOf(y)];
  if (across === undefined || up === undefined || across.length * up.length > MOST_PAIRS) return { low: -1, high: 1 };
  const found = across.flatMap((a) => up.map((b) => pearson(a, b)));
  if (found.some(Number.isNaN)) return found.length === 1 ? { low: NaN, high: NaN } : { low: -1, high: 1 };
  return { low: Math.min(...found), high: Math.max(...found) };
}

/** Ranks under every order that the ends allow; undefined if there are too many. */
function ordersOf(values: readonly Theta[]): Float64Array[] | undefined {
  const ends = values.flatMap(({ low, high }) => [low, high]);
  let found = [values.map(({ low, high }) => low === high ? low : NaN)];
  for (const [i, { low, high }] of values.entries()) {
    if (low === high) continue;
    found = found.flatMap((known) => placesOf([...ends, ...known], low, high).map((place) => known.with(i, place)));
    if (found.length > MOST_PAIRS) return undefined;
  }
  const orders = found.map(ranks);
  return [...new Map(orders.map((order) => [order.join(), order])).values()];
}

/** A number in each gap that others leave between two ends. */
function placesOf(others: readonly number[], low: number, high: number): number[] {
  const inside = [...new Set(others.filter((value) => value > low && value < high))].sort((a, b) => a - b);
  const cuts = [low, ...inside, high];
  return cuts.slice(1).map((to, i) => {
    const from = cuts[i];
    if (Number.isFinite(from) && Number.isFinite(to)) return (from + to) / 2;
    return Number.isFinite(from) ? from + 1 : Number.isFinite(to) ? to - 1 : 0;
  });
}
