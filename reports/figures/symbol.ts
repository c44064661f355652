import * as Plot from "@observablehq/plot";
import { finish, newDocument, type SvgNode } from "./document.ts";
import type { LegendEntry } from "./drawing.ts";

/** The mark of a legend's entry, as figures draw it, 14 pixels square. */
export function drawSymbol({ symbol, colour }: LegendEntry): string {
  const svg = Plot.plot({
    document: newDocument(),
    width: 14,
    height: 14,
    margin: 0,
    axis: null,
    marks: [Plot.dot([0], { frameAnchor: "middle", symbol: symbol as Plot.SymbolType, r: 4.2, fill: colour })],
  }) as unknown as SvgNode;
  return finish(svg, { prefix: "symbol", label: symbol }).replace(/ (role|aria-label)="[^"]*"/g, "")
    .replace("<svg ", '<svg aria-hidden="true" ');
}
