import * as Plot from "@observablehq/plot";
import { isColumn } from "../colours.ts";
import { colourChannel, columnChannel, ends, type MarkContext } from "./context.ts";

/** A band between `y` and `y2`, or between zero and `y`. */
export function areaMark(context: MarkContext): Plot.Markish[] {
  const { mark, rows } = context;
  const [y1, y2] = ends("y", context);
  const by = mark.fill ?? mark.stroke;
  return [Plot.areaY(rows, {
    x: columnChannel("x", context),
    y1,
    y2,
    z: mark.z ?? (isColumn(by, rows) ? by : null),
    fill: colourChannel(by, context),
    fillOpacity: 0.2,
  })];
}
