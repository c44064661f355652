import type { Figure, ProblemFacts } from "../../core/contracts/bundle.ts";
import type { Cell, Row } from "../../core/contracts/rows.ts";
import type { LegendEntry } from "./drawing.ts";
import { ARM_SYMBOLS, armColour, colour, epochColour, layerColour, LIGHT, VERDICTS } from "./palette.ts";
import { distinct } from "./rows.ts";
import { lowered, short } from "./words.ts";

/** How the values of a column look. */
export interface Look {
  readonly scheme: "epoch" | "layer" | "arm" | "verdict" | "ramp";
  readonly colourOf: (value: Cell) => string;
  readonly symbolOf: (value: Cell) => string;
  /** Values to name, in order; none for ramps. */
  readonly entries: readonly LegendEntry[];
}

/** Looks of the columns that give colour, by column. */
export function looksOf(
  figure: Figure,
  rows: readonly Row[],
  problems: readonly ProblemFacts[],
  lastEpoch: number | undefined,
): ReadonlyMap<string, Look> {
  const columns = distinct(
    (figure.marks ?? []).flatMap(({ stroke, fill }) => [stroke, fill]).filter((name) => isColumn(name, rows)),
  ) as string[];
  return new Map(columns.map((column) => [column, lookOf(column, figure, rows, problems, lastEpoch)]));
}

/** True if a channel names a column of the rows rather than a constant. */
export function isColumn(name: string | undefined, rows: readonly Row[]): name is string {
  return name !== undefined && rows.length > 0 && name in rows[0];
}

function lookOf(
  column: string,
  figure: Figure,
  rows: readonly Row[],
  problems: readonly ProblemFacts[],
  lastEpoch: number | undefined,
): Look {
  const scale = figure.scales?.color;
  const present = distinct(rows.map((row) => row[column] ?? null)).filter((value) => value !== null);
  const named = (["epoch", "layer", "arm", "verdict"] as const).find((scheme) => scheme === column);
  const numeric = present.every((value) => typeof value === "number");
  const scheme = scale?.scheme ?? named ??
    (numeric && (present.length > 8 || scale?.type === "linear") ? "ramp" : "arm");
  if (scheme === "epoch" || scheme === "ramp") {
    const values = [...present, ...scheme === "ramp" ? scale?.domain ?? [] : []].map(Number);
    const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    const low = values.reduce((a, b) => Math.min(a, b), Infinity);
    const last = lastEpoch ?? high;
    const at = (value: number) => epochColour((value - low) / (high - low || 1) * 1000, 1000);
    return {
      scheme,
      colourOf: scheme === "epoch" ? (value) => epochColour(Number(value), last) : (value) => at(Number(value)),
      symbolOf: () => "circle",
      entries: scheme === "epoch" ? [] : distinct([low, (low + high) / 2, high]).map((value) => ({
        label: short(value),
        colour: at(value),
        symbol: "circle",
      })),
    };
  }
  if (scheme === "verdict") {
    const look = (value: Cell) => VERDICTS[value as keyof typeof VERDICTS] ?? VERDICTS.undecided;
    return {
      scheme,
      colourOf: (value) => look(value).colour,
      symbolOf: (value) => look(value).symbol,
      entries: present.map((value) => ({
        label: String(value),
        colour: look(value).colour,
        symbol: look(value).symbol,
      })),
    };
  }
  const order = scale?.domain ?? (column === "arm" ? problems.map(({ arm }) => arm) : []);
  const sorted = numeric ? present.map(Number).sort((a, b) => a - b) : present;
  const values: Cell[] = distinct([...order, ...sorted]).filter((value) => present.includes(value));
  const colourAt = (i: number) => scheme === "layer" ? layerColour(i, values.length) : armColour(i);
  const symbolAt = (i: number) => scheme === "layer" ? "circle" : ARM_SYMBOLS[Math.min(i, ARM_SYMBOLS.length - 1)];
  return {
    scheme,
    colourOf: (value) => colourAt(Math.max(0, values.indexOf(value))),
    symbolOf: (value) => symbolAt(Math.max(0, values.indexOf(value))),
    entries: values.map((value, i) => ({ label: valueWords(column, value), colour: colourAt(i), symbol: symbolAt(i) })),
  };
}

/** A value of a column as a word of its own. */
export function valueWords(column: string, value: Cell): string {
  if (column === "layer" && typeof value === "number") return `T${lowered(value)}`;
  if (typeof value === "number") return `${column.replaceAll("_", " ")} ${short(value, 6)}`;
  return String(value);
}

/**
 * A constant colour: a name of the palette, or a plain colour; ink where none is given.
 *
 * @throws {TypeError} If it cannot be a colour, as when the name of a column is misspelt.
 */
export function constantColour(name: string | undefined): string {
  if (name === undefined) return colour("ink");
  if (name in LIGHT) return colour(name);
  if (/^(#[0-9a-f]{3,8}|[a-z]{3,20})$/i.test(name)) return name;
  throw new TypeError(`Cannot draw in "${name}" as it must be a column or a colour: it is neither`);
}
