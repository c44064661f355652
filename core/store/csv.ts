import { CsvError, parse } from "csv-parse/sync";
import { Problem } from "../contracts/problem.ts";
import type { Cell, Table } from "../contracts/rows.ts";
import { checkTable } from "./table_checks.ts";

/**
 * A table as CSV (RFC 4180): a line of column names, a line a row, each ended by CR LF.
 *
 * Null is an empty field, the empty text `""`; numbers stand in the shortest form that reads back the same.
 *
 * @throws {TypeError | RangeError} If a cell does not fit its column.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const columns = [{ name: "note", type: "string", unit: null, text: "A note.", nullable: true }] as const;
 * const rows = [{ note: 'say "I(X;T)", twice' }, { note: null }];
 * assert.equal(writeCsv({ name: "notes", title: "", columns, rows }), 'note\r\n"say ""I(X;T)"", twice"\r\n\r\n');
 * ```
 */
export function writeCsv(table: Table): string {
  checkTable(table);
  const { columns, rows } = table;
  const lines = [columns.map(({ name }) => field(name))];
  for (const row of rows) lines.push(columns.map(({ name }) => field(row[name])));
  return lines.map((fields) => `${fields.join()}\r\n`).join("");
}

function field(cell: Cell): string {
  if (cell === null) return "";
  const text = Object.is(cell, -0) ? "-0" : String(cell);
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A column of a table: its numbers, NaN where there is none, or what keeps it from being numbers. */
export type NumberColumn = Float64Array | { readonly odd: string };

/**
 * Reads columns of numbers from CSV (RFC 4180).
 *
 * The first line names the columns unless all its fields are numbers; then they are called 0, 1, …
 *
 * @param file What to call the bytes in a message: a path.
 * @returns Columns by name; of one that holds other texts, the first of them.
 * @throws {Problem} If there is no row, rows differ in length, a quote is left open, or names are empty or come twice.
 */
export function readCsv(bytes: Uint8Array, file: string): Map<string, NumberColumn> {
  const refuse = (need: string, found: string): never => {
    throw new Problem(`Cannot read ${file} as CSV as ${need}: ${found}`);
  };
  const records = recordsOf(bytes, refuse);
  const named = records.length > 0 && records[0].some((text) => numberOf(text) === undefined);
  const names = named ? records[0] : (records[0] ?? []).map((_, i) => String(i));
  const rows = named ? records.slice(1) : records;
  if (rows.length === 0) refuse("it must hold a row of numbers", "it holds none");
  const columns = new Map<string, NumberColumn>();
  names.forEach((name, i) => {
    if (name === "") refuse("each column must have a name", `that of column ${i} is empty, as of an index`);
    if (columns.has(name)) refuse("names of columns must differ", `"${name}" is there twice`);
    const numbers = rows.map((row) => numberOf(row[i]));
    const odd = numbers.indexOf(undefined);
    columns.set(
      name,
      odd < 0 ? Float64Array.from(numbers as number[]) : { odd: `row ${odd} is ${JSON.stringify(rows[odd][i])}` },
    );
  });
  return columns;
}

type Refuse = (need: string, found: string) => never;

function recordsOf(bytes: Uint8Array, refuse: Refuse): string[][] {
  try {
    return parse(bytes, { bom: true, trim: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (error.code !== "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH") return refuse("it must be well-formed", error.message);
    const { lines, record } = error as unknown as { lines: number; record: string[] };
    return refuse("rows must be of one length", `that of line ${lines} is ${record.length}`);
  }
}

/** The number a field stands for, NaN and infinities among them. */
function numberOf(text: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  if (/^[+-]?nan$/i.test(text)) return NaN;
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
}
