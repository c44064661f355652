import * as Plot from "@observablehq/plot";
import { colourChannel, columnChannel, type MarkContext } from "./context.ts";

/** A rectangle a row, from (x, y) to (x2, y2). */
export function rectMark(context: MarkContext): Plot.Markish[] {
  const { mark, rows } = context;
  return [Plot.rect(rows, {
    x1: columnChannel("x", context),
    x2: columnChannel("x2", context),
    y1: columnChannel("y", context),
    y2: columnChannel("y2", context),
    fill: colourChannel(mark.fill ?? mark.stroke, context),
    fillOpacity: mark.fill === undefined ? 0.2 : 0.8,
    title: mark.title,
  })];
}
