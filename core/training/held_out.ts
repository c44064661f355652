import type { Stream } from "../contracts/stream.ts";
import type { RealRows } from "../numerics/real_rows.ts";
import { shuffle } from "../random/mod.ts";

/** Row numbers in three parts that share none, each in the order drawn. */
export interface HeldOut {
  /** What a net learns from: the rest. */
  readonly train: Uint32Array;
  /** What says when to stop: a fifth, rounded down. */
  readonly validation: Uint32Array;
  /** What the estimate is read off: a fifth, rounded down. */
  readonly test: Uint32Array;
}

/**
 * Parts n rows at random into three fifths, one and one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { root } from "../random/mod.ts";
 * const { train, validation, test } = holdOut(11, root(1).child("split"));
 * assert.deepEqual([train.length, validation.length, test.length], [7, 2, 2]);
 * ```
 */
export function holdOut(n: number, stream: Stream): HeldOut {
  const order = shuffle(Uint32Array.from({ length: n }, (_, row) => row), stream);
  const fifth = Math.floor(n / 5);
  return {
    test: order.slice(0, fifth),
    validation: order.slice(fifth, 2 * fifth),
    train: order.slice(2 * fifth),
  };
}

/**
 * Columns shifted and scaled to mean 0 and deviation 1 over the rows listed; a column constant there becomes its distance from the
 * constant.
 *
 * @param rows Shape [n, columns].
 * @param over Row numbers, at least one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const rows = { values: Float64Array.of(1, 3, 9), n: 3, columns: 1 };
 * assert.deepEqual(standardised(rows, Uint32Array.of(0, 1)).values, Float64Array.of(-1, 1, 7));
 * ```
 */
export function standardised({ values, n, columns }: RealRows, over: Uint32Array): RealRows {
  const result = new Float64Array(values.length);
  for (let c = 0; c < columns; c++) {
    let mean = 0;
    for (const row of over) mean += values[row * columns + c];
    mean /= over.length;
    let square = 0;
    for (const row of over) square += (values[row * columns + c] - mean) * (values[row * columns + c] - mean);
    const deviation = Math.sqrt(square / over.length) || 1;
    for (let i = 0; i < n; i++) result[i * columns + c] = (values[i * columns + c] - mean) / deviation;
  }
  return { values: result, n, columns };
}

/**
 * Batches without end: the rows in an order of their own in every epoch, cut into batches; what is left over at its end is not used.
 *
 * @param size At most the number of rows.
 */
export function* endlessBatches(rows: Uint32Array, size: number, stream: Stream): Generator<Uint32Array, never> {
  if (!(size >= 1 && size <= rows.length)) {
    throw new RangeError(`Cannot make batches as their size must be 1 to ${rows.length}: it is ${size}`);
  }
  for (let epoch = 0;; epoch++) {
    const order = shuffle(rows.slice(), stream.child(epoch));
    for (let at = 0; at + size <= order.length; at += size) yield order.subarray(at, at + size);
  }
}
