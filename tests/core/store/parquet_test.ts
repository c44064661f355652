import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { Problem } from "../../../core/contracts/problem.ts";
import {
  type Cell,
  type Column,
  type ColumnType,
  ESTIMATE_COLUMNS,
  type Row,
  type Table,
} from "../../../core/contracts/rows.ts";
import { canonical } from "../../../core/store/canonical.ts";
import { writeCsv } from "../../../core/store/csv.ts";
import { columnsOf, readTable, writeTable } from "../../../core/store/parquet.ts";
import { golden } from "./golden.ts";
import { fixture, python, pythonTest } from "./python.ts";
import { temporary } from "./temporary.ts";

Deno.test("readTable() gives back what writeTable() got: every type, nulls, −0, any text", async () => {
  await fc.assert(
    fc.asyncProperty(tables(), async (table) => {
      assert.deepEqual(await readTable(writeTable(table), "t.parquet"), table);
    }),
    { numRuns: 300 },
  );
});

Deno.test("readTable() gives back repeated values and runs of nulls, where dictionaries and run lengths are used", async () => {
  const columns = COLUMNS.map((column) => ({ ...column, nullable: true }));
  const rows = Array.from({ length: 5000 }, (_, i): Row => ({
    text: i % 7 === 0 ? null : `layer ${i % 5}`,
    number: i % 11 === 0 ? null : (i % 3) / 3,
    integer: i < 2500 ? null : i % 2,
    flag: i % 13 === 0 ? null : i % 2 === 0,
    object: i % 17 === 0 ? null : canonical({ a: i % 4 }),
  }));
  const table: Table = { name: "t", title: "T", columns, rows };
  const bytes = writeTable(table);
  assert.deepEqual(await readTable(bytes, "t.parquet"), table);
  assert.ok(bytes.length < 20_000, `${bytes.length} bytes`);
});

Deno.test("writeTable() gives the same bytes whatever was written before", () => {
  fc.assert(
    fc.property(tables(), tables(), (table, other) => {
      const first = writeTable(table);
      writeTable(other);
      assert.deepEqual(writeTable(structuredClone(table)), first);
    }),
    { numRuns: 50 },
  );
});

Deno.test("writeTable() gives pinned bytes", async () => {
  const rows = Array.from({ length: 40 }, (_, i): Row => ({
    text: ["", "π", 'a "b",\n'][i % 3],
    number: i / 3,
    integer: i - 20,
    flag: i % 2 === 0,
    object: i % 4 === 0 ? null : '{"a":[1,null]}',
  }));
  const columns = COLUMNS.map((column) => column.name === "object" ? { ...column, nullable: true } : column);
  const table: Table = { name: "pinned", title: "Pinned", columns, rows };
  await golden("table.parquet", writeTable(table));
  await golden("table.csv", new TextEncoder().encode(writeCsv(table)));
});

Deno.test("writeTable() writes tables without rows, and more rows than one group", async () => {
  const empty: Table = { name: "t", title: "", columns: COLUMNS, rows: [] };
  assert.deepEqual(await readTable(writeTable(empty), "t.parquet"), empty);
  const columns = [COLUMNS[2]];
  const long: Table = {
    name: "t",
    title: "",
    columns,
    rows: Array.from({ length: 100_001 }, (_, integer) => ({ integer })),
  };
  assert.deepEqual(await readTable(writeTable(long), "t.parquet"), long);
});

Deno.test("a table refuses a cell that does not fit its column, and says which", () => {
  const refused: [Partial<Column>, unknown, string, string][] = [
    [{ type: "float64" }, NaN, "RangeError", "a finite number: row 1 has NaN"],
    [{ type: "float64" }, Infinity, "RangeError", "a finite number: row 1 has Infinity"],
    [{ type: "float64" }, undefined, "TypeError", "a finite number: row 1 has undefined"],
    [{ type: "float64" }, null, "TypeError", "a finite number: row 1 has null"],
    [{ type: "float64", nullable: true }, "1", "TypeError", 'a finite number or null: row 1 has "1"'],
    [{ type: "float64" }, 1n, "TypeError", "a finite number: row 1 has 1"],
    [{ type: "int32" }, 0.5, "RangeError", "an integer of 32 bits: row 1 has 0.5"],
    [{ type: "int32" }, 2 ** 31, "RangeError", "an integer of 32 bits: row 1 has 2147483648"],
    [{ type: "int32" }, true, "TypeError", "an integer of 32 bits: row 1 has true"],
    [{ type: "boolean" }, 0, "TypeError", "true or false: row 1 has 0"],
    [{ type: "string" }, 3, "TypeError", "well-formed text: row 1 has 3"],
    [{ type: "string" }, "\ud800", "RangeError", 'well-formed text: row 1 has "\\ud800"'],
    [{ type: "json" }, "{", "RangeError", 'canonical JSON text: row 1 has "{"'],
    [{ type: "json" }, '{"b":1, "a":2}', "RangeError", 'canonical JSON text: row 1 has "{\\"b\\":1, \\"a\\":2}"'],
  ];
  for (const [part, cell, name, message] of refused) {
    const column = { name: "c", type: "string", unit: null, text: "", ...part } as Column;
    const good = { string: "", json: "{}", float64: 0, int32: 0, boolean: true }[column.type];
    const rows = [{ c: good }, { c: cell as Cell }];
    const table: Table = { name: "estimates", title: "", columns: [column], rows };
    const expected = { name, message: `Cannot write table "estimates" as column "c" must hold ${message}` };
    assert.throws(() => writeTable(table), expected);
    assert.throws(() => writeCsv(table), expected);
  }
});

Deno.test("a table refuses cells without a column, and names that do not fit", () => {
  const table: Table = { name: "t", title: "", columns: [COLUMNS[2]], rows: [{ integer: 1 }] };
  assert.throws(() => writeTable({ ...table, rows: [{ integer: 1, more: 2 }] }), {
    name: "TypeError",
    message: 'Cannot write table "t" as every cell must have a column: row 0 has "more"',
  });
  assert.throws(
    () => writeTable({ ...table, name: "../t" }),
    /its name must be of a–z, 0–9, "_" and "-": it is "\.\.\/t"$/,
  );
  assert.throws(
    () => writeTable({ ...table, columns: [COLUMNS[2], COLUMNS[2]] }),
    /columns must have names that differ/,
  );
  assert.throws(() => writeTable({ ...table, columns: [], rows: [] }), /columns must have names that differ/);
});

Deno.test("readTable() refuses bytes that are no table, in a line", async () => {
  const bytes = writeTable({ name: "t", title: "", columns: COLUMNS, rows: [] });
  const cases = [new Uint8Array(0), new Uint8Array(100), bytes.slice(0, 60), bytes.slice(8)];
  for (const broken of cases) {
    await assert.rejects(readTable(broken, "t.parquet"), (error: Error) => {
      assert.ok(error instanceof Problem && !error.message.includes("\n"), String(error));
      return error.message.startsWith("Cannot read t.parquet as it must be a Parquet table: ");
    });
  }
});

Deno.test("readTable() reads what pandas wrote", async () => {
  const { name, columns, rows } = await readTable(
    new Uint8Array(await readFile(fixture("pandas.parquet"))),
    "a/Pandas.parquet",
  );
  assert.equal(name, "pandas");
  assert.deepEqual(columns.map(({ name, type }) => [name, type]), [
    ["trial", "string"],
    ["epoch", "float64"],
    ["layer", "int32"],
    ["ixt_bits", "float64"],
    ["ok", "boolean"],
  ]);
  assert.deepEqual(rows, [
    { trial: "a", epoch: 0, layer: 1, ixt_bits: 0.5, ok: true },
    { trial: "b", epoch: 1, layer: 2, ixt_bits: -0, ok: false },
    { trial: null, epoch: null, layer: 3, ixt_bits: null, ok: true },
    { trial: "ü𝕏", epoch: 2 ** 40, layer: -4, ixt_bits: 1e-300, ok: true },
  ]);
});

/** Rows of every type with nulls in every column. */
const ROWS_WITH_NULLS = Array.from({ length: 300 }, (_, i): Row => ({
  text: i % 7 === 0 ? null : `π ${i % 5}`,
  number: i % 11 === 0 ? null : i / 3,
  integer: i % 5 === 0 ? null : i - 150,
  flag: i % 3 === 0 ? null : i % 2 === 0,
  object: i % 2 === 0 ? null : '{"a":1}',
}));

async function readBack(kind: string): Promise<{ types: { [column: string]: string }; rows: Row[] }> {
  await using scratch = await temporary();
  const path = join(scratch.dir, "ours.parquet");
  const columns = COLUMNS.map((column) => ({ ...column, nullable: true }));
  await writeFile(path, writeTable({ name: "t", title: "", columns, rows: ROWS_WITH_NULLS }));
  return JSON.parse(await python("read_back.py", kind, path));
}

pythonTest(["pyarrow"], "pyarrow reads what writeTable() wrote", async () => {
  const { types, rows } = await readBack("parquet");
  assert.deepEqual(types, { text: "string", number: "double", integer: "int32", flag: "bool", object: "string" });
  assert.deepEqual(rows, ROWS_WITH_NULLS);
});

pythonTest(["pandas", "pyarrow"], "pandas reads what writeTable() wrote", async () => {
  const { types, rows } = await readBack("pandas");
  assert.equal(types.number, "float64");
  assert.deepEqual(rows, ROWS_WITH_NULLS);
});

Deno.test("writeCsv() follows RFC 4180, and tells null from the empty text", () => {
  const [text, number] = COLUMNS.map((column) => ({ ...column, nullable: true }));
  const columns = [{ ...text, name: "a,b" }, number];
  const rows: Row[] = [
    { "a,b": "", number: 1e21 },
    { "a,b": null, number: null },
    { "a,b": 'x "y"', number: -0 },
    { "a,b": "1\r\n2", number: 0.1 },
    { "a,b": " plain; π ", number: 5e-324 },
  ];
  assert.equal(
    writeCsv({ name: "t", title: "", columns, rows }),
    '"a,b",number\r\n"",1e+21\r\n,\r\n"x ""y""",-0\r\n"1\r\n2",0.1\r\n plain; π ,5e-324\r\n',
  );
});

Deno.test("columnsOf() turns rows into columns", () => {
  const rows = [{ integer: 1 }, { integer: 2 }];
  assert.deepEqual(columnsOf({ name: "t", title: "", columns: [COLUMNS[2]], rows }), { integer: [1, 2] });
});

Deno.test("the columns of estimates are columns of a table", () => {
  writeTable({ name: "estimates", title: "", columns: ESTIMATE_COLUMNS, rows: [] });
});

const COLUMNS: readonly Column[] = [
  { name: "text", type: "string", unit: null, text: "A text." },
  { name: "number", type: "float64", unit: "bits", text: "A number." },
  { name: "integer", type: "int32", unit: "1", text: "An integer." },
  { name: "flag", type: "boolean", unit: null, text: "Yes or no." },
  { name: "object", type: "json", unit: null, text: "Anything." },
];

const CELLS: { readonly [T in ColumnType]: fc.Arbitrary<Cell> } = {
  string: fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("", "a", "\ufeffbom", "\0")),
  float64: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, -0, 1, 5e-324)),
  int32: fc.oneof(fc.integer(), fc.constantFrom(0, 2 ** 31 - 1, -(2 ** 31))),
  boolean: fc.boolean(),
  json: fc.jsonValue().map((value) => canonical(value)),
};

function tables(): fc.Arbitrary<Table> {
  const column = fc.record({
    type: fc.constantFrom<ColumnType>("string", "float64", "int32", "boolean", "json"),
    unit: fc.option(fc.string()),
    text: fc.string(),
    nullable: fc.boolean(),
  }, { noNullPrototype: true }).map(({ nullable, ...column }) => nullable ? { ...column, nullable } : column);
  const named = fc.tuple(
    fc.uniqueArray(fc.string({ minLength: 1, unit: "binary" }).filter((name) => name !== "__proto__"), {
      minLength: 1,
      maxLength: 6,
    }),
    column,
    fc.array(column),
  )
    .map(([names, first, rest]) =>
      names.map((name, i): Column => ({ name, ...[first, ...rest][i % (rest.length + 1)] }))
    );
  return named.chain((columns) => {
    const cells = columns.map(({ name, type, nullable }) =>
      fc.tuple(fc.constant(name), nullable ? fc.option(CELLS[type]) : CELLS[type])
    );
    const row = fc.tuple(...cells).map((entries) => Object.fromEntries(entries) as Row);
    return fc.record({
      name: fc.constantFrom("t", "0-a_b"),
      title: fc.string(),
      columns: fc.constant(columns),
      rows: fc.array(row, { maxLength: 60, size: "max" }),
    }, { noNullPrototype: true });
  });
}
