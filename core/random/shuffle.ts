import type { Stream } from "../contracts/stream.ts";

/**
 * Shuffles in place: every order is equally likely (Fisher and Yates, in Durstenfeld's form, from the last element down).
 *
 * @returns The array given.
 *
 * @example
 * ```ts
 * import { root } from "./stream.ts";
 * const order = shuffle(Uint32Array.of(0, 1, 2, 3), root(1).child("batches"));
 * ```
 */
export function shuffle<Values extends Uint32Array | Int32Array | Float64Array | unknown[]>(
  values: Values,
  stream: Stream,
): Values {
  for (let i = values.length - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    const kept = values[i];
    values[i] = values[j];
    values[j] = kept;
  }
  return values;
}
