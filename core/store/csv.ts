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
