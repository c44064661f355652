/**
 * Whether a figure can be drawn, and read by those who do not see it.
 *
 * @module
 */
import { type Figure, type Mark, MARKS } from "../contracts/bundle.ts";
import { ESTIMATE_COLUMNS, type Row, SERIES_COLUMNS, type Table, TRIAL_COLUMNS } from "../contracts/rows.ts";
import type { JsonObject } from "../contracts/tensor.ts";

/** Channels that name a column; stroke and fill may also be a colour. */
const CHANNELS = ["x", "y", "x2", "y2", "z", "fx", "fy", "text", "title"] as const;

/** Columns of the tables that every bundle has. */
const STANDARD = { estimates: ESTIMATE_COLUMNS, series: SERIES_COLUMNS, trials: TRIAL_COLUMNS };

/** What keeps a figure from being drawn or read; undefined if nothing. */
export function wrongFigure(figure: Figure, own: readonly Table[]): string | undefined {
  for (const part of ["id", "title", "caption", "alt"] as const) {
    if (typeof figure[part] !== "string" || figure[part].trim() === "") return `it has no ${part}`;
  }
  const tables = Object.entries(STANDARD).map(([name, columns]) => ({ name, columns }));
  const table = [...tables, ...own].find(({ name }) => name === figure.table);
  if (table === undefined) return `it draws the table "${figure.table}", which is not there`;
  const absent = (columns: readonly string[]) =>
    columns.find((name) => !table.columns.some((column) => column.name === name));
  const { view, marks = [], where = {}, controls = [] } = figure;
  const odd = absent([...Object.keys(where), ...controls.map(({ column }) => column)]);
  if (odd !== undefined) return `it chooses rows by "${odd}", which is no column of "${figure.table}"`;
  if (view !== undefined) return view === "information-plane" ? undefined : `there is no view "${view}"`;
  if (marks.length === 0) return "it has neither a view nor marks";
  for (const mark of marks) {
    if (!MARKS.includes(mark.mark)) return `there is no mark "${mark.mark}": there are ${MARKS.join(", ")}`;
    const column = absent([...CHANNELS.flatMap((channel) => mark[channel] ?? []), ...Object.keys(mark.where ?? {})]);
    if (column !== undefined) return `its ${mark.mark} draws "${column}", which is no column of "${figure.table}"`;
    if (!hasPlace(mark)) return `its ${mark.mark} has no place: neither x, y nor values`;
  }
  return undefined;
}

function hasPlace({ x, y, values }: Mark): boolean {
  return x !== undefined || y !== undefined || values !== undefined;
}

/** Rows whose cells are what is asked of them; a list asks for one of its members. */
export function chosenRows(rows: readonly Row[], where: JsonObject = {}): readonly Row[] {
  return rows.filter((row) =>
    Object.entries(where).every(([column, value]) =>
      Array.isArray(value) ? value.includes(row[column]) : row[column] === value
    )
  );
}
