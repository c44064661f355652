import type { Analysis, EstimateRow } from "@infoplane/core";
import assert from "node:assert/strict";
import { notInvariant } from "../../../plugins/analyses/not_invariant.ts";
import { plantedRows, reduceOf } from "./planted.ts";

const analysis = notInvariant as unknown as Analysis<never>;
const plain = plantedRows([{ ixt: [[3, 4], [1, 2]], ity: [[0.5, 0.6], [0.7, 0.8]] }], { epochs: [0, 10] });
const mapped = (map: string, ixt: number, ity: number | null): EstimateRow[] =>
  plain.estimates.map((row) => ({
    ...row,
    probe: `all · ${map}`,
    ixt_bits: row.ixt_bits! + ixt * row.layer,
    ity_bits: ity === null ? null : row.ity_bits! + ity,
  }));

Deno.test("the change of every estimate stands beside its layer and epoch, its size by estimator and map", async () => {
  const estimates = [...plain.estimates, ...mapped("rotation", -0.5, 0.25), ...mapped("monotone", 0, null)];
  const { tables, figures, claims } = await reduceOf(analysis, { ...plain, estimates });
  assert.equal(claims, undefined);
  const [changes, summary] = tables!;
  assert.deepEqual(
    changes.rows.map(({ map, layer, epoch, ixt_change_bits }) => [map, layer, epoch, ixt_change_bits]),
    [
      ...[["rotation", 1, 0, -0.5], ["rotation", 1, 10, -0.5], ["rotation", 2, 0, -1], ["rotation", 2, 10, -1]],
      ...[["monotone", 1, 0, 0], ["monotone", 1, 10, 0], ["monotone", 2, 0, 0], ["monotone", 2, 10, 0]],
    ],
  );
  assert.deepEqual(summary.rows.map((row) => Object.values(row).slice(1)), [
    ["rotation", 4, 0.75, 1, 0.25, 0.25],
    ["monotone", 4, 0, 0, null, null],
  ]);
  assert.equal(figures!.length, 1);
});

Deno.test("without a mapped measurement, or without its plain one, there is nothing to compare", async () => {
  assert.deepEqual((await reduceOf(analysis, plain)).figures, []);
  const alone = { ...plain, estimates: mapped("rotation", 1, 1) };
  assert.deepEqual((await reduceOf(analysis, alone)).tables![0].rows, []);
});
