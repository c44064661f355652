import * as Plot from "@observablehq/plot";
import { isColumn } from "../colours.ts";
import { grouped } from "../rows.ts";
import { colourChannel, columnChannel, type MarkContext } from "./context.ts";

/** A line for each value of `z`, broken where a value is missing; thin and translucent where there are many. */
export function lineMark(context: MarkContext): Plot.Markish[] {
  const { mark, rows } = context;
  const z = mark.z ?? (isColumn(mark.stroke, rows) ? mark.stroke : undefined);
  const lines = z === undefined ? 1 : grouped(rows, (row) => row[z]).size;
  return [Plot.line(rows, {
    x: columnChannel("x", context),
    y: columnChannel("y", context),
    z: z ?? null,
    stroke: colourChannel(mark.stroke, context),
    strokeWidth: lines > 12 ? 0.8 : 1.6,
    strokeOpacity: lines > 40 ? 0.4 : lines > 12 ? 0.6 : 1,
  })];
}
