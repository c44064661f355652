import * as Plot from "@observablehq/plot";
import { colourChannel, columnChannel, ends, type MarkContext } from "./context.ts";

/** A bar a row from zero to `y`, or from `y` to `y2`. */
export function barMark(context: MarkContext): Plot.Markish[] {
  const { mark, rows } = context;
  const [y1, y2] = ends("y", context);
  return [
    Plot.barY(rows, {
      x: columnChannel("x", context),
      y1,
      y2,
      fill: colourChannel(mark.fill ?? mark.stroke, context),
      inset: 0.5,
      title: mark.title,
    }),
    Plot.ruleY([0], { strokeWidth: 0.7 }),
  ];
}
