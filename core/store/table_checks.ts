import type { Cell, Column, Table } from "../contracts/rows.ts";
import { canonical } from "./canonical.ts";

/**
 * Holds every cell of a table against its column.
 *
 * @throws {TypeError} If a cell is missing, of another type, or null where the column is not nullable, or a row has a cell
 * that no column names.
 * @throws {RangeError} If a number is not finite or not an int32, a text is not well-formed Unicode, a json cell is not
 * canonical JSON, or the names of table or columns are empty, doubled or unfit for a path.
 */
export function checkTable({ name, columns, rows }: Table): void {
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(name)) {
    throw new RangeError(
      `Cannot write a table as its name must be of a–z, 0–9, "_" and "-": it is ${JSON.stringify(name)}`,
    );
  }
  const names = new Set(columns.map((column) => column.name));
  if (names.size !== columns.length || names.size === 0 || names.has("") || names.has("__proto__")) {
    throw new RangeError(
      `Cannot write table "${name}" as columns must have names that differ: they are ${JSON.stringify([...names])}`,
    );
  }
  rows.forEach((row, i) => {
    for (const cell in row) {
      if (!names.has(cell)) {
        throw new TypeError(`Cannot write table "${name}" as every cell must have a column: row ${i} has "${cell}"`);
      }
    }
  });
  for (const column of columns) {
    const isFit = fitness(column);
    rows.forEach((row, i) => {
      const cell = row[column.name];
      if (!isFit(cell)) throw refusal(name, column, i, cell);
    });
  }
}

/** Whether a cell fits its column. */
function fitness({ type, nullable = false }: Column): (cell: Cell | undefined) => boolean {
  const known = new Set<Cell | undefined>();
  return (cell) => {
    if (cell === null) return nullable;
    if (type === "float64") return Number.isFinite(cell);
    if (type === "int32") return Number.isInteger(cell) && ((cell as number) | 0) === cell;
    if (type === "boolean") return typeof cell === "boolean";
    if (known.has(cell)) return true;
    const fits = typeof cell === "string" && cell.isWellFormed() && (type === "string" || isCanonical(cell));
    if (fits) known.add(cell);
    return fits;
  };
}

function isCanonical(text: string): boolean {
  try {
    return canonical(JSON.parse(text)) === text;
  } catch {
    return false;
  }
}

const NEEDS = {
  string: "well-formed text",
  json: "canonical JSON text",
  float64: "a finite number",
  int32: "an integer of 32 bits",
  boolean: "true or false",
} as const;

function refusal(table: string, { name, type, nullable }: Column, row: number, cell: unknown): Error {
  const found = typeof cell === "string" ? JSON.stringify(cell.slice(0, 40)) : String(cell);
  const message = `Cannot write table "${table}" as column "${name}" must hold ${NEEDS[type]}${
    nullable ? " or null" : ""
  }: row ${row} has ${found}`;
  const isText = type === "string" || type === "json";
  const isOfType = isText ? typeof cell === "string" : type !== "boolean" && typeof cell === "number";
  return isOfType ? new RangeError(message) : new TypeError(message);
}
