import type { Cell, Row, Table } from "../contracts/rows.ts";
import { EXIT, Problem } from "../contracts/problem.ts";
import { readBundle, writeBundle } from "../store/bundle.ts";
import { writeTable } from "../store/parquet.ts";
import { canonical } from "../store/canonical.ts";
import { coarser } from "../training/snapshots.ts";

/** Bytes that a published bundle may take. */
export const PUBLISHED_BYTES = 2_000_000;

/** Tables with a row a snapshot. A verdict can be recomputed from the others and the claims. */
const THINNED = ["estimates", "series"];
/** Snapshots a decade to choose from, all of them first: the divisors of 40. */
const PER_DECADE = [40, 20, 10, 8, 5, 4, 2, 1];

/** How a bundle was published. */
export interface Published {
  /** SHA-256 of its bundle.json. */
  readonly digest: string;
  /** Size of bundle.json and tables. */
  readonly bytes: number;
  /** Snapshots a decade; 40 if nothing was left out. */
  readonly perDecade: number;
}

/** True if a published bundle may hold fewer rows of this table than the whole one. */
export function isThinned(table: string | undefined): boolean {
  return table !== undefined && THINNED.includes(table);
}

/**
 * The rows of a table at fewer snapshots. Of every sequence over epochs, that is rows alike but for epoch and layer, stay the first
 * at or after each point of the coarser grid, and the last.
 *
 * @param perDecade Points a decade of the grid, a divisor of 40.
 */
export function thinTable(table: Table, perDecade: number): Table {
  const names = ["trial", "estimator", "setting", "probe", "quantity"].filter((name) =>
    table.columns.some((column) => column.name === name)
  );
  const sequenceOf = (row: Row) => JSON.stringify(names.map((name) => row[name]));
  const epochs = new Map<string, Set<Cell>>();
  for (const row of table.rows) {
    const sequence = sequenceOf(row);
    epochs.set(sequence, (epochs.get(sequence) ?? new Set()).add(row.epoch));
  }
  const kept = new Map([...epochs].map(([sequence, all]) => {
    const ascending = ([...all] as number[]).sort((a, b) => a - b);
    const last = ascending[ascending.length - 1];
    return [sequence, new Set<Cell>([...coarser(ascending, last, perDecade), last])];
  }));
  return { ...table, rows: table.rows.filter((row) => kept.get(sequenceOf(row))!.has(row.epoch)) };
}

/**
 * Writes a bundle small enough to be kept beside its study: whole if it fits, else with as many snapshots a decade as fit.
 *
 * @param from Folder of the whole bundle.
 * @param to Folder of the published one.
 * @param limit Bytes that bundle.json and tables may take.
 * @throws {Problem} If one snapshot a decade is too much still: the message names what is large.
 */
export async function publishBundle(from: string, to: string, limit: number = PUBLISHED_BYTES): Promise<Published> {
  const { bundle, digest, run, table } = await readBundle(from);
  if (bundle.thinned) throw new Problem(`Cannot publish ${from} as it must be whole: it is thinned itself`);
  if (run === null) throw new Problem(`Cannot publish ${from} as it must hold run.json: it is missing`);
  const { format: _, version: __, files, ...facts } = bundle;
  const { digest: ___, ...record } = run;
  const tables = await Promise.all(files.flatMap((file) => file.table === undefined ? [] : [table(file.table)]));
  let sizes: [string, number][] = [];
  let bytes = Infinity;
  for (const perDecade of PER_DECADE) {
    const thinned = perDecade === PER_DECADE[0] ? undefined : { of: digest, perDecade };
    const kept = thinned ? tables.map((one) => isThinned(one.name) ? thinTable(one, perDecade) : one) : tables;
    sizes = [
      ["bundle.json", canonical({ ...bundle, ...(thinned && { thinned }) }).length],
      ...kept.map((one): [string, number] => [`table ${one.name}`, writeTable(one).length]),
    ];
    bytes = sizes.reduce((sum, [, size]) => sum + size, 0);
    if (bytes > limit) continue;
    return { digest: await writeBundle(to, { ...facts, tables: kept, thinned }, record), bytes, perDecade };
  }
  const largest = sizes.sort(([, a], [, b]) => b - a).slice(0, 3).map(([name, size]) => `${name} ${size}`).join(", ");
  throw new Problem(
    `Cannot publish ${from} as it must take at most ${limit} bytes: with one snapshot a decade it takes ${bytes}, ` +
      `the largest are ${largest}`,
    EXIT.incomplete,
  );
}
