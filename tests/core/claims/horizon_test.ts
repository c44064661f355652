import assert from "node:assert/strict";
import fc from "fast-check";
import { endOf, horizonsOf, pathUntil, settingsOf, settingUntil } from "../../../core/claims/mod.ts";
import { plantedRows } from "../../plugins/analyses/planted.ts";

Deno.test("horizons give every arm as many updates, or epochs, as the arm with fewest; diverged nets do not shorten them", () => {
  const arm = (name: string, outcome: "done" | "diverged", epochs: number, updates: number) => ({
    ...{ arm: name, axes: "{}", replicate: 0, outcome, epochs, updates },
  });
  const trials = [
    arm("small", "done", 300, 61_500),
    arm("full", "done", 2000, 2000),
    arm("lost", "diverged", 10, 10),
    { ...arm("full", "diverged", 5, 5), replicate: -1 },
  ] as never;
  const rows = { trials };
  const updates = horizonsOf(rows, ["small", "full", "lost"], "updates");
  assert.deepEqual([...updates.keys()], ["small", "full"]);
  assert.ok(Math.abs(updates.get("small")! * 205 - 2000) < 1e-9 && updates.get("full") === 2000);
  assert.deepEqual([...horizonsOf(rows, ["small", "full"], "epochs").values()], [300, 300]);
});

Deno.test("a setting cut at an epoch is the setting of nets that were trained so far", () => {
  const epochs = [0, 1, 2, 4, 8, 16, 32];
  const net = (last: number) => {
    const path = epochs.filter((epoch) => epoch <= last).map((epoch) => 3 + epoch);
    return { ixt: [path, path], ity: [path, path] };
  };
  fc.assert(fc.property(fc.constantFrom(...epochs), fc.double({ min: 0, max: 0.99, noNaN: true }), (last, beyond) => {
    const rows = (until: number) => plantedRows([net(until), { outcome: "diverged" }], { epochs });
    const [whole] = settingsOf(rows(32));
    const [short] = settingsOf(rows(last));
    assert.deepEqual(settingUntil(whole, last + beyond).nets, short.nets);
    const { values } = pathUntil({ epochs, values: epochs }, last + beyond);
    assert.equal(values.at(-1), last);
    assert.ok(endOf(values) <= last);
  }));
});
