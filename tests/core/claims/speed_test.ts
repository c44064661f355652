import fc from "fast-check";
import assert from "node:assert/strict";
import { epochReached, speedUp } from "../../../core/claims/speed.ts";

const path = fc.array(fc.constantFrom(0.5, 0.94, 0.95, 0.97), { minLength: 1, maxLength: 20 }).map((values) => ({
  epochs: values.map((_, i) => i === 0 ? 0 : 2 ** i),
  values,
}));

Deno.test("epochReached() is the first epoch of the first run long enough; a run cut short by the end leaves it open", () => {
  fc.assert(fc.property(path, fc.integer({ min: 1, max: 6 }), ({ epochs, values }, snapshots) => {
    const runs = epochs.filter((_, i) =>
      i + snapshots <= values.length && values.slice(i, i + snapshots).every((value) => value >= 0.95)
    );
    const { low, high } = epochReached({ epochs, values }, 0.95, snapshots);
    if (runs.length > 0) return assert.deepEqual([low, high], [runs[0], runs[0]]);
    const open = epochs.findIndex((_, i) => values.slice(i).every((value) => value >= 0.95));
    assert.deepEqual([low, high], [open < 0 ? epochs.at(-1) : epochs[open], Infinity]);
  }));
});

Deno.test("a target that is asked for longer, or is higher, is reached no sooner", () => {
  fc.assert(fc.property(path, fc.integer({ min: 1, max: 6 }), (given, snapshots) => {
    const { low, high } = epochReached(given, 0.95, snapshots);
    assert.ok(
      epochReached(given, 0.95, snapshots + 1).low >= low && epochReached(given, 0.95, snapshots + 1).high >= high,
    );
    assert.ok(epochReached(given, 0.97, snapshots).high >= high);
  }));
});

Deno.test("speedUp() holds every ratio that its ends allow, and changes sign when the nets change places", () => {
  const ends = fc.tuple(fc.integer({ min: 1, max: 1e4 }), fc.constantFrom(0, 5, Infinity))
    .map(([low, more]) => ({ low, high: low + more }));
  fc.assert(fc.property(ends, ends, (slow, fast) => {
    const { low, high } = speedUp(slow, fast);
    assert.ok(low <= Math.log2(slow.low / fast.low) + 1e-12 && high >= Math.log2(slow.low / fast.low) - 1e-12);
    const turned = speedUp(fast, slow);
    assert.ok(Math.abs(turned.low + high) < 1e-12 || turned.low === -high);
    assert.ok(Math.abs(turned.high + low) < 1e-12 || turned.high === -low);
  }));
});
