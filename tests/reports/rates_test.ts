import { parse } from "csv-parse/sync";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Analysis, Cell, Row } from "@infoplane/core";
import { writeTable } from "../../core/store/parquet.ts";
import { rateChoice } from "../../plugins/analyses/rate_choice.ts";
import { RATES } from "../../reports/hidden-layers/study.ts";
import { reduceOf } from "../plugins/analyses/planted.ts";
import { plantedArms } from "../plugins/analyses/planted_arms.ts";

const PUBLISHED = new URL("../../reports/rate-per-depth/", import.meta.url);

/** The table as the analysis gives it, with the rows that were published. */
async function published() {
  const nothing = plantedArms([0, 1], []);
  const { tables } = await reduceOf(rateChoice as unknown as Analysis<never>, nothing);
  const [table] = tables!;
  const text = await readFile(new URL("rate-choice.csv", PUBLISHED), "utf8");
  const lines: { [column: string]: string }[] = parse(text, { columns: true });
  const read = (type: string, field: string): Cell => {
    if (type === "boolean") return field === "true";
    if (type === "string" || type === "json") return field;
    return field === "" ? null : Number(field);
  };
  const rows = lines.map((line): Row =>
    Object.fromEntries(table.columns.map(({ name, type }) => [name, read(type, line[name])]))
  );
  return { ...table, rows };
}

Deno.test("the rates of hidden-layers are those that rate-per-depth chose", async () => {
  const { rows } = await published();
  const chosen = rows.filter((row) => row.chosen);
  assert.equal(rows.length, 48);
  assert.deepEqual(
    Object.fromEntries(chosen.map(({ arm, rate }) => [arm, rate])),
    Object.fromEntries(
      Object.entries(RATES).flatMap(([family, rates]) => rates.map((rate, last) => [`${family}-${last + 1}`, rate])),
    ),
  );
});

const expected: { profiles: { full?: { exact: { [path: string]: string } } } } = JSON.parse(
  await readFile(new URL("expected.json", PUBLISHED), "utf8").catch(() => '{"profiles":{}}'),
);

Deno.test({
  name: "the published choice is the table of the blessed run, to the byte",
  ignore: expected.profiles.full === undefined,
  async fn() {
    const digest = createHash("sha256").update(writeTable(await published())).digest("hex");
    assert.equal(digest, expected.profiles.full!.exact["tables/rate-choice.parquet"]);
  },
});
