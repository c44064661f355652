import * as Plot from "@observablehq/plot";
import { colourChannel, columnChannel, type MarkContext } from "./context.ts";

/** A rule across the figure at fixed values or at a column, or a stroke from one end of an interval to the other. */
export function ruleMark(context: MarkContext): Plot.Markish[] {
  const { mark, rows } = context;
  const across = mark.mark === "rule-y";
  const rule = across ? Plot.ruleY : Plot.ruleX;
  const stroke = colourChannel(mark.stroke, context);
  if (mark.values) {
    return [rule([...mark.values], { stroke: stroke as string, strokeWidth: 0.8, strokeDasharray: "3 3" })];
  }
  const at = columnChannel(across ? "y" : "x", context);
  const [from, to] = across
    ? [columnChannel("x", context), columnChannel("x2", context)]
    : [columnChannel("y", context), columnChannel("y2", context)];
  const interval = to !== undefined;
  return [rule(
    rows,
    {
      ...(across
        ? { y: at, x1: interval ? from : undefined, x2: to }
        : { x: at, y1: interval ? from : undefined, y2: to }),
      stroke,
      strokeWidth: interval ? 5 : 0.8,
      strokeOpacity: interval ? 0.35 : 1,
      clip: interval,
    } as Plot.RuleYOptions & Plot.RuleXOptions,
  )];
}
