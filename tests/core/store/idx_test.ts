import assert from "node:assert/strict";
import { readIdx } from "../../../core/images.ts";

const header = (
  ...extents: number[]
) => [0, 0, 8, extents.length, ...extents.flatMap((extent) => [0, 0, extent >> 8, extent & 255])];

Deno.test("readIdx() gives the bytes with their shape, from the middle of a buffer too", () => {
  const file = Uint8Array.of(9, ...header(2, 3), 1, 2, 3, 4, 5, 6);
  const { data, shape } = readIdx(file.subarray(1), "six.idx");
  assert.deepEqual(shape, [2, 3]);
  assert.deepEqual([...data], [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(readIdx(Uint8Array.from(header(0)), "none.idx").data.length, 0);
});

const refused: readonly (readonly [string, readonly number[], RegExp])[] = [
  [
    "another magic number",
    [1, 0, 8, 1, 0, 0, 0, 0],
    /Cannot read a\.idx as an \.idx file must begin with two zero bytes: it begins with 1 0/,
  ],
  ["an empty file", [], /must begin with two zero bytes: it begins with $/],
  ["values that are no bytes", [0, 0, 13, 1, 0, 0, 0, 0], /must be unsigned bytes, type 8: its type is 13/],
  ["no axis", [0, 0, 8, 0], /must name an extent for each axis: it ends after 4 bytes/],
  ["a header cut short", [0, 0, 8, 2, 0, 0, 0, 1], /it ends after 8 bytes/],
  ["too few bytes", [...header(2, 2), 1, 2, 3], /must hold 2 × 2 bytes after its header: it holds 3/],
  ["too many bytes", [...header(1), 1, 2], /it holds 2/],
];
for (const [what, bytes, message] of refused) {
  Deno.test(`readIdx() refuses ${what}`, () => {
    assert.throws(() => readIdx(Uint8Array.from(bytes), "a.idx"), { name: "Problem", message });
  });
}
