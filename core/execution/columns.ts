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

/** The rows again. */
export function unpackRows(packed: PackedRows, parts: readonly Uint8Array[]): Row[] {
  const read = packed.columns.map((column, index) => {
    const part = parts[index].slice();
    if (column.kind === "numbers") {
      const numbers = new Float64Array(part.buffer);
      return { name: column.name, at: (i: number): Cell => numbers[i] };
    }
    const codes = new Uint32Array(part.buffer);
    return { name: column.name, at: (i: number): Cell => column.values[codes[i]] };
  });
  return Array.from({ length: packed.count }, (_, i) => {
    const row: Record<string, Cell> = {};
    for (const { name, at } of read) row[name] = at(i);
    return row;
  });
}
