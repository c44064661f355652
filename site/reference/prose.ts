import { createMarkdownProcessor } from "@astrojs/markdown-remark";
import { runs } from "../../reports/figures/mod.ts";

/** Where a name is documented, if it is. */
export type Find = (name: string) => string | undefined;

const markdown = await createMarkdownProcessor({ syntaxHighlight: false, smartypants: false });

/** Text as it stands, safe within HTML. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/**
 * A doc comment, which is Markdown, as HTML: `{@link X}` and code that is an exported name lead to where it is documented.
 */
export async function proseOf(text: string, find: Find): Promise<string> {
  const plain = text.replace(/\{@link ([\w.]+)\}/g, "`$1`");
  const { code } = await markdown.render(guarded(plain));
  return withRuns(code)
    .replace(/<code>([A-Za-z_$][\w$.]*)<\/code>/g, (whole, name) => {
      const href = find(name) ?? (name.includes(".") ? find(name.split(".")[0]) : undefined);
      return href === undefined ? whole : `<a href="${href}">${whole}</a>`;
    })
    .replaceAll("<pre>", '<pre tabindex="0">')
    .replace(/<table>[^]*?<\/table>/g, (table) => `<div class="scroll" tabindex="0">${table}</div>`);
}

/** As {@link proseOf}, for a single paragraph that stands within another element. */
export async function lineOf(text: string, find: Find): Promise<string> {
  return (await proseOf(text, find)).replace(/^<p>([^]*)<\/p>\s*$/, "$1");
}

/** The first sentence of a comment. */
export function firstSentence(text: string): string {
  const [paragraph] = text.split("\n\n");
  return /^[^]*?[.:](?=\s|$)/.exec(paragraph.replaceAll("\n", " "))?.[0].replace(/:$/, ".") ?? paragraph;
}

/** Code as HTML: names of types that are documented are links, comments stand back. */
export function codeOf(code: string, find: Find): string {
  const parts = /(\/\*\*[^]*?\*\/|\/\/[^\n]*)|("(?:[^"\\]|\\.)*")|([A-Za-z_$][\w$]*)/g;
  let html = "";
  let from = 0;
  for (const match of code.matchAll(parts)) {
    const [whole, comment, , name] = match;
    html += escaped(code.slice(from, match.index));
    from = match.index + whole.length;
    const href = name && /^[A-Z]/.test(name) ? find(name) : undefined;
    if (comment) html += `<span class="comment">${escaped(whole)}</span>`;
    else html += href ? `<a href="${href}">${whole}</a>` : escaped(whole);
  }
  return html + escaped(code.slice(from));
}

/** Lowered and raised characters outside code, set as such. */
function withRuns(html: string): string {
  const parts = html.split(/(<pre[^]*?<\/pre>|<code>[^]*?<\/code>|<[^>]+>)/);
  const tags = { line: ["", ""], sub: ["<sub>", "</sub>"], super: ["<sup>", "</sup>"] } as const;
  return parts.map((part, i) => {
    if (i % 2 === 1) return part;
    return runs(part).map(({ text, place }) => tags[place].join(text)).join("");
  }).join("");
}

/** Outside code, an angle bracket is a bracket and no tag. */
function guarded(text: string): string {
  return text.split(/(```[^]*?```|`[^`]*`)/).map((part, i) =>
    i % 2 === 1 ? part : part.replaceAll("<", "&lt;").replaceAll(">", "&gt;")
  ).join(
    "",
  );
}
