import * as Plot from "@observablehq/plot";
import { isColumn } from "../colours.ts";
import { svgElement } from "../document.ts";
import { markAt } from "../furniture.ts";
import { grouped } from "../rows.ts";
import { colourChannel, columnChannel, type MarkContext } from "./context.ts";

/** More dots than this are drawn as one path a colour, of zero-length strokes with round ends. */
const MANY = 300;

/** A dot a row; filled where `fill` is given, else a ring. Values of a column have marks of their own besides colours. */
export function dotMark(context: MarkContext): Plot.Markish[] {
  const { mark, rows, looks } = context;
  const [x, y] = [columnChannel("x", context), columnChannel("y", context)];
  const by = mark.fill ?? mark.stroke;
  const look = isColumn(by, rows) ? looks.get(by) : undefined;
  if (rows.length > MANY && mark.title === undefined && x && y) return [manyDots(context)];
  const colour = colourChannel(by, context);
  const bySymbol = grouped(rows, (row) => look?.symbolOf(row[by!]) ?? "circle");
  return [...bySymbol].map(([symbol, rows]) =>
    Plot.dot(rows, {
      x,
      y,
      r: 3.2,
      symbol: symbol as Plot.SymbolType,
      fill: mark.fill === undefined ? "none" : colour,
      stroke: mark.fill === undefined ? colour : undefined,
      title: isColumn(mark.title, rows) ? mark.title : undefined,
    })
  );
}

function manyDots(context: MarkContext): Plot.Markish {
  const { mark, rows } = context;
  const [x, y] = [columnChannel("x", context)!, columnChannel("y", context)!];
  const by = mark.fill ?? mark.stroke;
  const colour = colourChannel(by, context);
  const drawn = rows.filter((row) => x(row) !== null && y(row) !== null);
  const groups = grouped(
    drawn,
    (row) => by === "epoch" ? String(row.epoch) : typeof colour === "string" ? "" : colour(row),
  );
  // An unseen mark gives the axes the extent of the data.
  return [
    Plot.dot(drawn, { x, y, r: 0, render: () => null as never }),
    markAt((scales, document) => {
      const group = svgElement(document, "g", {
        class: "many",
        fill: "none",
        "stroke-linecap": "round",
        "stroke-width": 3,
      });
      for (const rows of groups.values()) {
        const d = rows.map((row) => {
          const [cx, cy] = [scales.x(x(row) as number), scales.y(y(row) as number)];
          return Number.isFinite(cx + cy) ? `M${cx.toFixed(1)} ${cy.toFixed(1)}h0` : "";
        }).join("");
        group.append(svgElement(document, "path", {
          class: "dots",
          "data-epoch": by === "epoch" ? String(rows[0].epoch) : undefined,
          stroke: typeof colour === "string" ? colour : colour(rows[0]),
          d,
        }));
      }
      return group;
    }),
  ];
}
