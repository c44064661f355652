import assert from "node:assert/strict";
import type { EstimateRow, StudyRows } from "@infoplane/core";
import { checkItem } from "@infoplane/core/conformance";
import { testContext } from "@infoplane/core/testing";
import { analysis } from "./mod.ts";

/** I(X;T) of one layer of one net at epochs 0, 1, 2, …; null where it was not measured. */
function rowsOf(bits: readonly (number | null)[], layer = 1): EstimateRow[] {
  return bits.map((ixt_bits, epoch) =>
    ({
      trial: "net",
      arm: "main",
      axes: "{}",
      replicate: 0,
      epoch,
      layer,
      estimator: "counts",
      setting: "{}",
      probe: "all",
      ixt_bits,
    }) as EstimateRow
  );
}

async function tableOf(estimates: readonly EstimateRow[], fromEpoch = 0) {
  const { tables } = await analysis.reduce({ estimates } as StudyRows, { fromEpoch }, testContext().ctx);
  return tables![0];
}

async function forgotten(estimates: readonly EstimateRow[], fromEpoch?: number) {
  const { rows } = await tableOf(estimates, fromEpoch);
  return rows.map(({ layer, largest_epoch, forgotten_bits }) => [layer, largest_epoch, forgotten_bits]);
}

Deno.test("what falls from three bits to one forgets two, and what only rises forgets nothing", async () => {
  assert.deepEqual(await forgotten([...rowsOf([1, 3, 2, 1]), ...rowsOf([0, 1, 2, 2], 2)]), [[1, 1, 2], [2, 2, 0]]);
});

Deno.test("snapshots before the epoch asked for, and those without a number, are passed over", async () => {
  assert.deepEqual(await forgotten(rowsOf([9, null, 3, 2]), 1), [[1, 2, 1]]);
});

Deno.test("a row has a cell for every column", async () => {
  const { columns, rows } = await tableOf(rowsOf([1]));
  assert.deepEqual(Object.keys(rows[0]), columns.map(({ name }) => name));
});

Deno.test("it keeps what every analysis promises", async () => {
  const { checks, conforms } = await checkItem("analysis", analysis, { fromEpoch: 0 });
  assert.deepEqual(checks.filter(({ status }) => status === "failed"), []);
  assert.ok(conforms);
});
