import fc from "fast-check";
import assert from "node:assert/strict";
import { root } from "../../../core/random/mod.ts";
import { endlessBatches, holdOut, standardised } from "../../../core/training/held_out.ts";

Deno.test("three parts share no row and leave none out", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 200 }), (n) => {
    const { train, validation, test } = holdOut(n, root(n));
    const fifth = Math.floor(n / 5);
    assert.deepEqual([validation.length, test.length], [fifth, fifth]);
    assert.deepEqual([...train, ...validation, ...test].sort((a, b) => a - b), Array.from({ length: n }, (_, i) => i));
  }));
});

Deno.test("an epoch of batches visits every row at most once, and the next in another order", () => {
  const rows = Uint32Array.from({ length: 10 }, (_, i) => 3 * i);
  const batches = endlessBatches(rows, 4, root(1));
  const epochs = [0, 1].map(() => [...batches.next().value, ...batches.next().value]);
  for (const epoch of epochs) assert.equal(new Set(epoch).size, 8);
  assert.notDeepEqual(epochs[0], epochs[1]);
  assert.throws(() => endlessBatches(rows, 11, root(1)).next(), /size must be 1 to 10: it is 11/);
});

Deno.test("columns have mean 0 and deviation 1 over the rows listed, whatever the others hold", () => {
  const stream = root(2);
  const rows = { values: Float64Array.from({ length: 60 }, () => 5 + 3 * stream.normal()), n: 30, columns: 2 };
  const over = Uint32Array.of(3, 4, 5, 9, 20);
  const { values } = standardised(rows, over);
  for (const c of [0, 1]) {
    const own = Array.from(over, (row) => values[2 * row + c]);
    assert.ok(Math.abs(own.reduce((a, b) => a + b)) < 1e-12);
    assert.ok(Math.abs(own.reduce((a, b) => a + b * b, 0) / 5 - 1) < 1e-12);
  }
  const constant = standardised({ values: Float64Array.of(2, 2, 7), n: 3, columns: 1 }, Uint32Array.of(0, 1));
  assert.deepEqual(constant.values, Float64Array.of(0, 0, 5));
});
