import assert from "node:assert/strict";
import { ESTIMATE_COLUMNS, type Row, type Table } from "../../../core/contracts/rows.ts";
import { diffTables, tableDifferenceWords } from "../../../core/pipeline/table_diff.ts";

const rows = (change: (row: Row) => Row = (row) => row): Row[] =>
  [0, 1].flatMap((replicate) =>
    [0, 1, 2].map((epoch) =>
      change({
        trial: "k",
        arm: "main",
        axes: "{}",
        replicate,
        epoch,
        layer: 1,
        ixt_bits: epoch / 3,
        status: "measured",
      })
    )
  );
const table = (rows: Row[], without: string[] = []): Table => ({
  name: "estimates",
  title: "",
  columns: ESTIMATE_COLUMNS.filter(({ name }) => name in rows[0] && !without.includes(name)),
  rows,
});

Deno.test("diffTables() of equal tables is null, in whatever order their rows stand", () => {
  assert.equal(diffTables(table(rows()), table(rows())), null);
  assert.equal(diffTables(table(rows()), table(rows().reverse())), null);
});

Deno.test("diffTables() counts cells that differ by column, and says the largest difference", () => {
  const other = rows((row) =>
    row.epoch === 1 ? { ...row, ixt_bits: 1 / 3 + (row.replicate === 0 ? 0.25 : -0.5) } : row
  );
  const difference = diffTables(table(rows()), table(other))!;
  assert.deepEqual([difference.changed, difference.alone], [2, [0, 0]]);
  assert.deepEqual(difference.columns, [{ column: "ixt_bits", unit: "bits", rows: 2, largest: 0.5 }]);
  assert.equal(tableDifferenceWords(difference), "2 of 6 rows differ: ixt_bits in 2, at most by 0.5 bits");
});

Deno.test("diffTables() tells −0 from 0 and null from a number, which have no distance", () => {
  const [zero, none] = [table([{ arm: "main", ixt_bits: 0 }]), table([{ arm: "main", ixt_bits: null }])];
  assert.equal(diffTables(zero, table([{ arm: "main", ixt_bits: -0 }]))!.changed, 1);
  assert.deepEqual(diffTables(zero, none)!.columns, [{ column: "ixt_bits", unit: "bits", rows: 1, largest: null }]);
});

Deno.test("diffTables() says which rows only one has: a row that is gone moves no other", () => {
  const difference = diffTables(table(rows()), table(rows().slice(1)))!;
  assert.deepEqual([difference.alone, difference.changed], [[1, 0], 0]);
  assert.match(tableDifferenceWords(difference), /0 of 6 rows differ, 1 are gone$/);
});

Deno.test("diffTables() says which columns only one has, and compares the others", () => {
  const difference = diffTables(table(rows()), table(rows(), ["status"]))!;
  assert.deepEqual([difference.missing, difference.changed], [[["status"], []], 0]);
});

Deno.test("diffTables() holds rows alike in identity against each other in their order", () => {
  const twice = (a: number, b: number) => table([{ arm: "main", ixt_bits: a }, { arm: "main", ixt_bits: b }]);
  assert.equal(diffTables(twice(1, 2), twice(1, 2)), null);
  assert.equal(diffTables(twice(1, 2), twice(1, 3))!.changed, 1);
});
