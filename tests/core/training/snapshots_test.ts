import assert from "node:assert/strict";
import fc from "fast-check";
import { snapshotEpochs } from "../../../core/training/snapshots.ts";

Deno.test("snapshotEpochs() is round(10^(k/40)) merged with the first integers", () => {
  const powers = Array.from({ length: 241 }, (_, k) => Math.round(10 ** (k / 40)));
  const expected = [...new Set([0, ...powers])].sort((a, b) => a - b);
  assert.deepEqual(snapshotEpochs(1_000_000), expected);
  assert.deepEqual(expected.slice(0, 18), Array.from({ length: 18 }, (_, i) => i));
});

Deno.test("snapshotEpochs() of a shorter run are the first of a longer run's", () => {
  const long = snapshotEpochs(20_000);
  fc.assert(fc.property(fc.nat(20_000), (epochs) => {
    assert.deepEqual(snapshotEpochs(epochs), long.filter((epoch) => epoch <= epochs));
  }));
});

Deno.test("snapshotEpochs() refuses what is no length", () => {
  for (const epochs of [-1, 1.5, NaN, Infinity]) assert.throws(() => snapshotEpochs(epochs), RangeError);
});

Deno.test("a coarser grid's snapshots are among those of the full one, and about as many a decade as asked for", () => {
  for (const perDecade of [1, 2, 4, 5, 8, 10, 20]) {
    const full = new Set(snapshotEpochs(10_000));
    const coarse = snapshotEpochs(10_000, perDecade);
    assert.ok(coarse.every((epoch) => full.has(epoch)));
    assert.equal(coarse.filter((epoch) => epoch > 1000).length, perDecade);
    assert.deepEqual(coarse.filter((epoch) => epoch <= 700), snapshotEpochs(700, perDecade));
  }
  assert.ok(snapshotEpochs(3000, 10).length <= 40);
});
