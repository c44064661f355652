/**
 * Rank correlations and straight lines: how two lists of numbers go together. Plain f64, sums in order.
 *
 * @module
 */

/**
 * Ranks 1…n, equal values sharing the mean of theirs.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual([...ranks([30, 10, 20, 10])], [4, 1.5, 3, 1.5]);
 * ```
 */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b] || a - b);
  const of = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let i = from; i < to; i++) of[order[i]] = (from + 1 + to) / 2;
    from = to;
  }
  return of;
}

/**
 * Pearson's correlation.
 *
 * @returns In [−1, 1]; NaN if one list does not vary.
 * @throws {RangeError} If the lists differ in length.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(pearson([1, 2, 3], [2, 4, 6]), 1);
 * ```
 */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const { xx, yy, xy } = moments(x, y);
  if (!(xx > 0) || !(yy > 0)) return NaN;
  return Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
}

/**
 * Spearman's ρ: the correlation of ranks, equal values sharing theirs.
 *
 * @returns In [−1, 1]; NaN if one list does not vary.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(spearman([1, 2, 3, 4], [1, 10, 100, 1000]), 1);
 * ```
 */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return pearson(ranks(x), ranks(y));
}

/**
 * Kendall's τ-b: pairs in the same order less pairs in opposite order, over the root of the product of the pairs that are not tied.
 *
 * @returns In [−1, 1]; NaN if one list does not vary.
 * @throws {RangeError} If the lists differ in length.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(kendall([1, 2, 3], [1, 3, 2]), 1 / 3);
 * ```
 */
export function kendall(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const n = sameLength(x, y);
  let score = 0;
  let apartX = 0;
  let apartY = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const dx = Math.sign(x[i] - x[j]);
      const dy = Math.sign(y[i] - y[j]);
      score += dx * dy;
      apartX += dx * dx;
      apartY += dy * dy;
    }
  }
  return apartX === 0 || apartY === 0 ? NaN : score / Math.sqrt(apartX * apartY);
}

/** A straight line by least squares. */
export interface Line {
  /** Change of y a unit of x; NaN if x does not vary. */
  readonly slope: number;
  /** y at x = 0. */
  readonly intercept: number;
}

/**
 * The line y ≈ intercept + slope · x by least squares.
 *
 * @throws {RangeError} If the lists differ in length or are empty.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(leastSquaresLine([0, 1, 2], [1, 3, 5]), { slope: 2, intercept: 1 });
 * ```
 */
export function leastSquaresLine(x: ArrayLike<number>, y: ArrayLike<number>): Line {
  const { meanX, meanY, xx, xy } = moments(x, y);
  const slope = xx > 0 ? xy / xx : NaN;
  return { slope, intercept: meanY - slope * meanX };
}

/** Means, and sums of squares and products about them. */
function moments(x: ArrayLike<number>, y: ArrayLike<number>) {
  const n = sameLength(x, y);
  if (n === 0) throw new RangeError("Cannot compare two lists as they must have a value: they are empty");
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < n; i++) {
    meanX += x[i] / n;
    meanY += y[i] / n;
  }
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < n; i++) {
    xx += (x[i] - meanX) * (x[i] - meanX);
    yy += (y[i] - meanY) * (y[i] - meanY);
    xy += (x[i] - meanX) * (y[i] - meanY);
  }
  // The mean of equal numbers may be off them by a rounding.
  return { meanX, meanY, xx: varies(x) ? xx : 0, yy: varies(y) ? yy : 0, xy };
}

function varies(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return true;
  return false;
}

function sameLength(x: ArrayLike<number>, y: ArrayLike<number>): number {
  if (x.length === y.length) return x.length;
  throw new RangeError(`Cannot compare two lists as they must be of one length: they have ${x.length} and ${y.length}`);
}
