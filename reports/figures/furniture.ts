import * as Plot from "@observablehq/plot";
import { type SvgDocument, svgElement, type SvgNode } from "./document.ts";
import { colour } from "./palette.ts";
import { runs, short } from "./words.ts";

/** From values to coordinates. */
export interface Scales {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/** Size of a drawing and its margins. */
interface Frame {
  readonly width: number;
  readonly height: number;
  readonly marginTop: number;
  readonly marginRight: number;
  readonly marginBottom: number;
  readonly marginLeft: number;
}

/** A mark of our own: draws with the plot's scales. */
export function markAt(draw: (scales: Scales, document: SvgDocument, frame: Frame) => SvgNode): Plot.RenderFunction {
  return (_index, scales, _values, dimensions, context) =>
    draw(scales as unknown as Scales, context.document, dimensions as Frame) as never;
}

interface AxisOptions {
  readonly ticks?: readonly (number | string)[] | number;
  readonly format?: (value: unknown) => string;
}

const TICK = {
  tickSize: 4,
  tickPadding: 4,
  fontSize: 11,
  fill: "currentColor",
  label: null,
  className: "ticks",
  fontVariant: "tabular-nums",
};

/** Hairline ticks and numbers below. */
export function bottomAxis({ ticks, format = tickText }: AxisOptions): Plot.Markish {
  return Plot.axisX({
    ...TICK,
    ticks: ticks as number[],
    tickFormat: format,
    stroke: colour("muted"),
    anchor: "bottom",
  });
}

/** Hairline ticks and numbers at the left. */
export function leftAxis({ ticks, format = tickText }: AxisOptions): Plot.Markish {
  return Plot.axisY({ ...TICK, ticks: ticks as number[], tickFormat: format, stroke: colour("muted"), anchor: "left" });
}

/** A tick's number. */
export function tickText(value: unknown): string {
  return typeof value === "number" ? short(value, 4) : String(value);
}

/** Text with raised and lowered stretches. */
export function richText(
  document: SvgDocument,
  text: string,
  attributes: { readonly [name: string]: string | number | undefined },
): SvgNode {
  const element = svgElement(document, "text", attributes);
  appendRuns(document, element, text);
  return element;
}

/** The title of an axis: the quantity and its unit, then how it was found, which gives way where there is no room. */
export function axisTitle(
  document: SvgDocument,
  quantity: string,
  how: string,
  attributes: { readonly [name: string]: string | number | undefined },
): SvgNode {
  const element = svgElement(document, "text", {
    class: "axis-title",
    "font-size": 11,
    fill: "currentColor",
    ...attributes,
  });
  appendRuns(document, element, quantity);
  if (how) {
    const aside = svgElement(document, "tspan", { class: "aside", fill: colour("muted") });
    appendRuns(document, aside, how);
    element.append(aside);
  }
  return element;
}

function appendRuns(document: SvgDocument, element: SvgNode, text: string): void {
  let shift = 0;
  for (const { text: part, place } of runs(text)) {
    const level = place === "sub" ? 0.3 : place === "super" ? -0.4 : 0;
    if (level === 0 && shift === 0) element.append(part);
    else {
      const small = level !== 0;
      element.append(svgElement(document, "tspan", {
        // dy counts in the size of the piece's own letters.
        dy: small ? `${level}em` : `${(-shift * 0.75).toFixed(3)}em`,
        "font-size": small ? "75%" : undefined,
      }, part));
    }
    shift = level;
  }
}
