import * as Plot from "@observablehq/plot";
import { tickText } from "../furniture.ts";
import { colour } from "../palette.ts";
import { colourChannel, columnChannel, type MarkContext } from "./context.ts";

/** A text a row, with the paper's colour round it so that it reads over lines. */
export function textMark(context: MarkContext): Plot.Markish[] {
  const { mark, rows } = context;
  const text = columnChannel("text", context);
  return [Plot.text(rows, {
    x: columnChannel("x", context),
    y: columnChannel("y", context),
    text: text ? (row) => tickText(text(row) ?? "") : undefined,
    fill: colourChannel(mark.fill ?? mark.stroke, context),
    stroke: colour("paper"),
    strokeWidth: 3,
    fontSize: 11,
    dy: -9,
  })];
}
