import { readFile, writeFile } from "node:fs/promises";
import { type Bound, type Figure, keeps } from "./figure.ts";

const PAGE = new URL("../../core/ENGINE.md", import.meta.url);
const BEGIN = "<!-- bench: begin -->";
const END = "<!-- bench: end -->";

/** Puts the figures between the marks of `core/ENGINE.md`. */
export async function writeTable(figures: readonly Figure[]): Promise<void> {
  const page = await readFile(PAGE, "utf8");
  const [head, rest] = page.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (tail === undefined) throw new Error(`Cannot write the table as core/ENGINE.md must hold ${BEGIN} and ${END}`);
  await writeFile(PAGE, `${head}${BEGIN}\n\n${tableOf(figures)}\n\n${END}${tail}`);
}

/** The figures as a Markdown table, laid out as the formatter has it. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, must, aim }) => [
    name,
    `${value.toPrecision(3)}${unit === "1" ? "" : ` ${unit}`}`,
    told(value, must),
    told(value, aim),
  ]);
  const table = [["figure", "median of five", "must", "aim"], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  const [head, ...body] = table.map(line);
  return [head, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body].join("\n");
}

function told(value: number, bound?: Bound): string {
  return bound ? `${bound.relation === ">=" ? "≥" : "≤"} ${bound.bound}${keeps(value, bound) ? "" : ", missed"}` : "";
}
