/** Arrays by what they hold. */
type Arrays = { readonly [name: string]: Uint8Array | Float32Array | Float64Array | undefined };

/**
 * A hash of each array, to see afterwards whether somebody wrote to it (FNV-1a over 32-bit words).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const labels = Uint8Array.of(0, 1);
 * const before = digestsOf({ labels });
 * assert.equal(writtenTo(before, digestsOf({ labels })), undefined);
 * labels[0] = 1;
 * assert.equal(writtenTo(before, digestsOf({ labels })), "labels");
 * ```
 */
export function digestsOf(arrays: Arrays): ReadonlyMap<string, number> {
  return new Map(Object.entries(arrays).map(([name, array]) => [name, array === undefined ? 0 : digest(array)]));
}

/** Name of the first array that is not as it was; undefined if all are. */
export function writtenTo(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string | undefined {
  return [...before.keys()].find((name) => before.get(name) !== after.get(name));
}

function digest(array: Uint8Array | Float32Array | Float64Array): number {
  const words = array instanceof Uint8Array
    ? array
    : new Uint32Array(array.buffer, array.byteOffset, array.byteLength / 4);
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i], 0x01000193);
  return hash;
}
