import type { Cell, Row } from "../contracts/rows.ts";

/** Rows as columns, for the way between processes: strings once each, numbers as f64. */
export interface PackedRows {
  readonly count: number;
  readonly columns: readonly PackedColumn[];
}

type PackedColumn =
  | { readonly name: string; readonly kind: "coded"; readonly values: readonly Cell[] }
  | { readonly name: string; readonly kind: "numbers" };

/** Packs rows that all have the same columns; the parts are in the order of the columns. */
export function packRows(rows: readonly Row[]): { packed: PackedRows; parts: Uint8Array[] } {
  const names = rows.length === 0 ? [] : Object.keys(rows[0]);
  const parts: Uint8Array[] = [];
  const columns = names.map((name): PackedColumn => {
    if (rows.every((row) => typeof row[name] === "number")) {
      parts.push(new Uint8Array(Float64Array.from(rows, (row) => row[name] as number).buffer));
      return { name, kind: "numbers" };
    }
    const codes = new Map<Cell, number>();
    const indices = new Uint32Array(rows.length);
    rows.forEach((row, i) => {
      const cell = row[name];
      let code = codes.get(cell);
      if (code === undefined) codes.set(cell, code = codes.size);
      indices[i] = code;
    });
    parts.push(new Uint8Array(indices.buffer));
    return { name, kind: "coded", values: [...codes.keys()] };
  });
  return { packed: { count: rows.length, columns }, parts };
}

/**
 * The rows again. A study has millions: each is a copy of the first, so that all share one shape, and whole numbers are read as integers,
 * which need no box of their own; together half of the memory.
 */
export function unpackRows(packed: PackedRows, parts: readonly Uint8Array[]): Row[] {
  const columns = packed.columns.map((column, index) => ({ name: column.name, at: readerOf(column, parts[index]) }));
  const first: Row = Object.fromEntries(columns.map(({ name, at }) => [name, packed.count > 0 ? at(0) : null]));
  return Array.from({ length: packed.count }, (_, i) => {
    const row: Record<string, Cell> = { ...first };
    for (const { name, at } of columns) row[name] = at(i);
    return row;
  });
}

function readerOf(column: PackedColumn, part: Uint8Array): (row: number) => Cell {
  const { buffer } = part.slice();
  if (column.kind === "coded") {
    const codes = new Uint32Array(buffer);
    const { values } = column;
    return (row) => values[codes[row]];
  }
  const numbers = new Float64Array(buffer);
  const whole = Int32Array.from(numbers);
  const isWhole = numbers.every((value, i) => Object.is(value, whole[i]));
  return isWhole ? (row) => whole[row] : (row) => numbers[row];
}
