import assert from "node:assert/strict";
import { phasesOf, primaryOf, settingsOf } from "../../../core/claims/mod.ts";
import { noisy, plantedNets, plantedPath, plantedRows, plantedSeries, together } from "../../../core/testing.ts";

const EPOCHS = Array.from({ length: 40 }, (_, e) => 10 * e);

Deno.test("a planted path rises and falls by what was planted, and peaks and settles where it was", () => {
  const { fit, own, peak, settle } = phasesOf(
    plantedPath(EPOCHS, { from: 2, rise: 1, peak: 100, fall: 0.5, settle: 300 }),
  );
  assert.ok(Math.abs(fit - 1) < 0.15 && Math.abs(own - 0.5) < 0.05, `${fit}, ${own}`);
  assert.ok(Math.abs(peak - 10) <= 2 && Math.abs(settle - 28) <= 3, `${peak}, ${settle}`);
  assert.deepEqual(plantedPath([0, 5], {}), [0, 0]);
  assert.deepEqual(plantedPath([0, 10, 20], { from: 1, fall: 1, settle: 20 }), [1, 0.5, 0]);
});

Deno.test("planted nets have chance of their own, the same every time", () => {
  const nets = () => plantedNets(3, (chance) => ({ ixt: [noisy([1, 1], 0.1, chance)], ity: [[0, 0]] }));
  assert.deepEqual(nets(), nets());
  assert.equal(new Set(nets().map((net) => JSON.stringify(net))).size, 3);
});

Deno.test("planted settings are found by what was asked of them, whatever the order of their options", () => {
  const nets = plantedNets(2, () => ({ ixt: [[1, 2]], ity: [[0, 0.5]] }));
  const rows = together(
    plantedRows(nets, { epochs: [0, 10], estimator: "bins", options: { range: [-1, 1], count: 30 } }),
    plantedRows(nets, { epochs: [0, 10], estimator: "pairs" }),
    plantedRows([...nets, { outcome: "diverged" }], { epochs: [0, 10], arm: "other", role: "control" }),
  );
  const settings = settingsOf(rows);
  assert.deepEqual(settings.map(({ arm, estimator, nets }) => [arm, estimator, nets.length]), [
    ["main", "bins", 2],
    ["main", "pairs", 2],
    ["other", "planted", 3],
  ]);
  assert.equal(settings[0].setting, '{"count":30,"range":[-1,1]}');
  assert.equal(primaryOf(settings, { estimator: "bins", options: { count: 30, range: [-1, 1] } }), settings[0]);
  assert.deepEqual([rows.trials.length, rows.problems.length, Object.keys(rows.study.arms!)], [5, 2, [
    "main",
    "other",
  ]]);
});

Deno.test("a planted series has a row for each net, layer and snapshot, and a reason where it has no number", () => {
  const rows = plantedSeries("a_number", [[[1, null]], [[3, 4]]], { epochs: [0, 10], unit: "1" });
  assert.deepEqual(rows.map(({ trial, epoch, value }) => [trial, epoch, value]), [
    ["main-0", 0, 1],
    ["main-0", 10, null],
    ["main-1", 0, 3],
    ["main-1", 10, 4],
  ]);
  assert.deepEqual(rows.map(({ reason }) => reason === null), [true, false, true, true]);
});

Deno.test("together() keeps the points of all, and makes none", () => {
  const rows = (arm: string) => plantedRows([], { epochs: [0], arm });
  const [point] = plantedSeries("component_1", [[[2]]], { epochs: [0], unit: "1" });
  const points = [3, 4].map((row) => ({ ...point, row }));
  const all = together(rows("a"), { ...rows("b"), points: [points[0]] }, { ...rows("c"), points: [points[1]] });
  assert.deepEqual(all.points, points);
  assert.equal(together(rows("a"), rows("b")).points, undefined);
});
