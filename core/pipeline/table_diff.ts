import type { Cell, Row, Table } from "../contracts/rows.ts";

/** A column in which rows of two tables differ. */
export interface ColumnDifference {
  readonly column: string;
  readonly unit: string | null;
  /** Rows of both tables whose cells differ. */
  readonly rows: number;
  /** Largest difference between two numbers of it; null if none are. */
  readonly largest: number | null;
}

/** How two tables of one name differ. */
export interface TableDifference {
  readonly table: string;
  /** Rows of the first, and of the second. */
  readonly rows: readonly [number, number];
  /** Rows that only the first has, and only the second. */
  readonly alone: readonly [number, number];
  /** Rows that both have, with a cell that differs. */
  readonly changed: number;
  /** Columns that only the first has, and only the second. */
  readonly missing: readonly [readonly string[], readonly string[]];
  /** Columns of both that differ, the largest difference first. */
  readonly columns: readonly ColumnDifference[];
}

/** Columns that say of what a row is, if a table has them. Keys of trials change with whatever a net is made from. */
const IDENTITY = ["arm", "axes", "replicate", "epoch", "layer", "estimator", "setting", "probe", "quantity"];

/**
 * How two tables differ, row by row: rows of the same arm, replicate, epoch, layer, setting and so on are held against each other, in
 * the order in which they stand where several are alike. Null if they are equal.
 *
 * @example One cell is another
 * ```ts
 * import assert from "node:assert/strict";
 * const table = (bits: number) => ({
 *   name: "t",
 *   title: "",
 *   columns: [{ name: "bits", type: "float64", unit: "bits", text: "" } as const],
 *   rows: [{ bits: 1 }, { bits }],
 * });
 * assert.equal(diffTables(table(2), table(2)), null);
 * assert.deepEqual(diffTables(table(2), table(2.5))!.columns, [{ column: "bits", unit: "bits", rows: 1, largest: 0.5 }]);
 * ```
 */
export function diffTables(a: Table, b: Table): TableDifference | null {
  const names = [a, b].map(({ columns }) => columns.map(({ name }) => name));
  const shared = a.columns.filter(({ name }) => names[1].includes(name));
  const missing = [without(names[0], names[1]), without(names[1], names[0])] as const;
  const identity = IDENTITY.filter((name) => shared.some((column) => column.name === name));

  const others = byIdentity(b.rows, identity);
  const counts = new Map<string, { rows: number; largest: number | null }>();
  let [found, changed] = [0, 0];
  for (const [name, row] of byIdentity(a.rows, identity)) {
    const other = others.get(name);
    if (other === undefined) continue;
    found++;
    let same = true;
    for (const { name: column } of shared) {
      if (Object.is(row[column], other[column])) continue;
      same = false;
      const count = counts.get(column) ?? { rows: 0, largest: null };
      const apart = distance(row[column], other[column]);
      counts.set(column, {
        rows: count.rows + 1,
        largest: apart === null ? count.largest : Math.max(count.largest ?? 0, apart),
      });
    }
    if (!same) changed++;
  }
  const alone = [a.rows.length - found, b.rows.length - found] as const;
  if (changed === 0 && [...alone, missing[0].length, missing[1].length].every((count) => count === 0)) return null;
  const columns = shared.flatMap(({ name, unit }) => {
    const count = counts.get(name);
    return count ? [{ column: name, unit, ...count }] : [];
  }).sort((one, other) => (other.largest ?? -1) - (one.largest ?? -1) || other.rows - one.rows);
  return { table: a.name, rows: [a.rows.length, b.rows.length], alone, changed, missing, columns };
}

/** A difference of two tables in a line. */
export function tableDifferenceWords({ rows, alone, changed, missing, columns }: TableDifference): string {
  const parts = [`${changed} of ${rows[0]} rows differ`];
  if (alone[0] > 0) parts.push(`${alone[0]} are gone`);
  if (alone[1] > 0) parts.push(`${alone[1]} are new`);
  if (missing[0].length > 0) parts.push(`columns gone: ${missing[0].join(", ")}`);
  if (missing[1].length > 0) parts.push(`new columns: ${missing[1].join(", ")}`);
  const named = columns.slice(0, 4).map(({ column, unit, rows, largest }) => {
    const unitWord = unit === null || unit === "1" ? "" : ` ${unit}`;
    return `${column} in ${rows}${largest === null ? "" : `, at most by ${Number(largest.toPrecision(3))}${unitWord}`}`;
  });
  if (columns.length > 4) named.push(`${columns.length - 4} columns more`);
  return `${parts.join(", ")}${named.length > 0 ? `: ${named.join("; ")}` : ""}`;
}

function without(names: readonly string[], others: readonly string[]): string[] {
  return names.filter((name) => !others.includes(name));
}

/** Rows by what they are of; the second of two alike has another name. */
function byIdentity(rows: readonly Row[], identity: readonly string[]): Map<string, Row> {
  const named = new Map<string, Row>();
  const seen = new Map<string, number>();
  for (const row of rows) {
    const name = identity.map((column) => String(row[column])).join("\n");
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    named.set(`${name}\n${count}`, row);
  }
  return named;
}

function distance(a: Cell, b: Cell): number | null {
  return typeof a === "number" && typeof b === "number" ? Math.abs(a - b) : null;
}
