import type { Mark } from "../../../core/contracts/bundle.ts";
import type { Cell, Row } from "../../../core/contracts/rows.ts";
import { constantColour, isColumn, type Look } from "../colours.ts";

/** What a mark is drawn with. */
export interface MarkContext {
  readonly mark: Mark;
  /** Rows of this mark in this panel. */
  readonly rows: readonly Row[];
  readonly looks: ReadonlyMap<string, Look>;
  /** True if x has bands for values rather than a line of numbers. */
  readonly bands: boolean;
}

/** The colour of a channel, for each row. */
export function colourChannel(name: string | undefined, { rows, looks }: MarkContext): string | ((row: Row) => string) {
  const look = isColumn(name, rows) ? looks.get(name) : undefined;
  return look ? (row: Row) => look.colourOf(row[name!]) : constantColour(name);
}

/** The column of a channel. */
export function columnChannel(channel: "x" | "y" | "x2" | "y2" | "text", { mark }: MarkContext) {
  const name = mark[channel];
  return name === undefined ? undefined : (row: Row): Cell => row[name];
}

/** Both ends of an interval: from `y` to `y2`, or from zero to `y`. */
export function ends(axis: "x" | "y", context: MarkContext) {
  const to = columnChannel(axis, context);
  const from = columnChannel(axis === "x" ? "x2" : "y2", context);
  return from ? [to, from] : [() => 0, to];
}
