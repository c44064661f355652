import { parseHTML } from "linkedom";

/** What drawing needs of an element; the engine's programs are checked without the types of a browser. */
export interface SvgNode {
  id: string;
  textContent: string;
  readonly outerHTML: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  append(...children: (SvgNode | string)[]): void;
  prepend(...children: (SvgNode | string)[]): void;
  remove(): void;
  querySelector(selector: string): SvgNode | null;
  querySelectorAll(selector: string): Iterable<SvgNode>;
}

/** What drawing needs of a page. */
export interface SvgDocument {
  createElementNS(namespace: string, name: string): SvgNode;
}

/** A page that is never shown: Plot draws on it. */
export function newDocument(): SvgDocument {
  const { document } = parseHTML("<!doctype html><html><body></body></html>") as unknown as { document: SvgDocument };
  return document;
}

/** An SVG element with attributes. */
export function svgElement(
  document: SvgDocument,
  name: string,
  attributes: { readonly [name: string]: string | number | undefined },
  text?: string,
): SvgNode {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(key, String(value));
  }
  if (text !== undefined) element.textContent = text;
  return element;
}

/**
 * Makes a drawing of Plot's ours: no style sheet of its own, coordinates rounded to 0.01, ids under a prefix, one label for
 * the whole and none on its groups.
 */
export function finish(svg: SvgNode, options: { readonly prefix: string; readonly label: string }): string {
  for (const style of [...svg.querySelectorAll("style")]) style.remove();
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", options.label);
  svg.setAttribute("font-family", "Inter Variable, Inter, system-ui, sans-serif");
  svg.setAttribute("class", "drawing");
  svg.removeAttribute("xmlns:xlink");
  const ids = new Map<string, string>();
  for (const element of [...svg.querySelectorAll("[id]")]) {
    ids.set(element.id, `${options.prefix}-${ids.size + 1}`);
    element.id = ids.get(element.id)!;
  }
  for (const element of [svg, ...svg.querySelectorAll("*")]) {
    for (const { name, value } of [...element.attributes]) {
      if (name === "aria-label" && element !== svg) element.removeAttribute(name);
      else if (name === "aria-hidden" || name === "aria-description") element.removeAttribute(name);
      else if (!/^(data-|aria-|id$|class$|href$|xmlns)/.test(name)) {
        const found = value.replace(/url\(#([^)]*)\)/g, (_, id) => `url(#${ids.get(id) ?? id})`)
          .replace(/-?\d*\.\d{3,}(?:e-?\d+)?|-?\d+e-\d+/g, round);
        if (found !== value) element.setAttribute(name, found);
      }
    }
  }
  return svg.outerHTML.replace(/<(\w+)([^>]*)><\/\1>/g, "<$1$2/>");
}

function round(text: string): string {
  const value = Math.round(Number(text) * 100) / 100;
  return String(value === 0 ? 0 : value);
}
