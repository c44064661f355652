import { newDocument } from "./document.ts";
import type { Drawing } from "./drawing.ts";
import { richText } from "./furniture.ts";
import { colour } from "./palette.ts";
import { drawSymbol } from "./symbol.ts";

/**
 * A drawing as one SVG on paper that stands alone: panels side by side, the legend above; for files, not for pages.
 *
 * @throws {RangeError} If there is nothing to draw.
 */
export function standaloneSvg({ panels, across, empty, legend }: Drawing): string {
  if (panels.length === 0) throw new RangeError(`Cannot make an SVG as there must be something to draw: ${empty}`);
  const [{ width, height }] = panels;
  const top = legend ? 28 : 0;
  const key: string[] = [];
  let x = 4;
  for (const entry of legend?.entries ?? []) {
    const text = richText(newDocument(), entry.label, { x: x + 18, y: 18, "font-size": 12, fill: "currentColor" });
    key.push(drawSymbol(entry).replace("<svg ", `<svg x="${x}" y="7" `), text.outerHTML);
    x += 32 + 7 * entry.label.length;
  }
  const placed = panels.map(({ svg }, i) =>
    svg.replace("<svg ", `<svg x="${(i % across) * width}" y="${top + Math.floor(i / across) * height}" `)
  );
  const size = [Math.min(across, panels.length) * width, top + Math.ceil(panels.length / across) * height];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size[0]}" height="${size[1]}" ` +
    `viewBox="0 0 ${size.join(" ")}" style="color:${colour("ink")};background:${colour("paper")}" ` +
    `font-family="Inter Variable, Inter, system-ui, sans-serif">`;
  // Programs that draw SVG files know no variables of a page.
  return `${svg}${key.join("")}${placed.join("")}</svg>\n`.replace(/var\(--[\w-]+, ([^)]*)\)/g, "$1");
}
