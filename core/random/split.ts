import type { Stream } from "../contracts/stream.ts";
import { shuffle } from "./shuffle.ts";

/**
 * Divides rows 0…n−1 by chance into those to train on and those to test on; each is a set, listed ascending.
 *
 * @param fraction Share to train on, in (0, 1); rounded, and neither part is left empty.
 * @throws {RangeError} If there are fewer than two rows.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { root } from "./stream.ts";
 * const { train, test } = splitRows(10, 0.8, root(1).child("split"));
 * assert.deepEqual([...train, ...test].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
 * assert.equal(train.length, 8);
 * ```
 */
export function splitRows(
  n: number,
  fraction: number,
  stream: Stream,
): { readonly train: Uint32Array; readonly test: Uint32Array } {
  if (!(n >= 2)) throw new RangeError(`Cannot split rows as there must be two: there are ${n}`);
  const order = shuffle(Uint32Array.from({ length: n }, (_, row) => row), stream);
  const m = Math.max(1, Math.min(n - 1, Math.round(fraction * n)));
  return { train: order.slice(0, m).sort(), test: order.slice(m).sort() };
}
