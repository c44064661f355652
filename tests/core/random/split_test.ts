import assert from "node:assert/strict";
import { root, splitRows } from "../../../core/random/mod.ts";

Deno.test("splitRows() puts every row in one part, ascending, and leaves neither empty", () => {
  for (const [n, fraction, m] of [[10, 0.8, 8], [2, 0.99, 1], [3, 0.01, 1], [4096, 0.8, 3277]]) {
    const { train, test } = splitRows(n, fraction, root(1).child("split"));
    assert.equal(train.length, m);
    assert.deepEqual([...train, ...test].sort((a, b) => a - b), Array.from({ length: n }, (_, row) => row));
    for (const part of [train, test]) assert.deepEqual(part, part.slice().sort());
  }
});

Deno.test("splitRows() gives another split for another stream and refuses a single row", () => {
  const split = (seed: number) => [...splitRows(100, 0.5, root(seed)).train];
  assert.deepEqual(split(1), split(1));
  assert.notDeepEqual(split(1), split(2));
  assert.throws(() => splitRows(1, 0.5, root(1)), /there must be two: there are 1/);
});
