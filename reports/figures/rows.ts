import type { Cell, Row } from "../../core/contracts/rows.ts";
import type { Json, JsonObject } from "../../core/contracts/tensor.ts";

/** The rows whose cells equal what is asked of them; a list asks for one of its members. */
export function matching(rows: readonly Row[], where: JsonObject | undefined): readonly Row[] {
  const wanted = Object.entries(where ?? {});
  if (wanted.length === 0) return rows;
  return rows.filter((row) => wanted.every(([column, value]) => equals(row[column], value)));
}

function equals(cell: Cell | undefined, value: Json): boolean {
  if (Array.isArray(value)) return value.includes(cell as Json);
  if (typeof value === "object" && value !== null) return cell === JSON.stringify(value);
  return (cell ?? null) === value;
}

/** What was asked of rows, in words. */
export function whereWords(where: JsonObject | undefined): string {
  const wanted = Object.entries(where ?? {});
  return wanted.map(([column, value]) => `${column} = ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}

/** Distinct values in the order in which they first come. */
export function distinct<T>(values: Iterable<T>): T[] {
  return [...new Set(values)];
}

/** Groups in the order in which their keys first come. */
export function grouped<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const at = key(item);
    const group = groups.get(at);
    if (group) group.push(item);
    else groups.set(at, [item]);
  }
  return groups;
}
