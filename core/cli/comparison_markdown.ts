import { CLASSES, type Comparison } from "../pipeline/comparison.ts";
import { CLASS_TITLES, classCells, differenceLines, outcomeWords } from "./comparison_text.ts";

/** Comparisons as Markdown, for the summary of a build: a table, then what differs in each study. */
export function markdownOf(comparisons: readonly Comparison[], failures: readonly string[]): string {
  const header = ["study", "profile", ...CLASSES.map((one) => CLASS_TITLES[one]), "came out"];
  const rows = comparisons.map((comparison) => [
    comparison.study,
    comparison.profile,
    ...classCells(comparison),
    outcomeWords(comparison),
  ]);
  const parts = [table([header, header.map(() => "---"), ...rows])];
  for (const comparison of comparisons) {
    parts.push(section(`${comparison.study}, ${comparison.profile}`, differenceLines(comparison)));
  }
  parts.push(section("Work that failed", failures));
  return `${["## Reproduction", ...parts.filter((part) => part !== "")].join("\n\n")}\n`;
}

function table(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `| ${cells.map(escaped).join(" | ")} |`).join("\n");
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `### ${escaped(title)}\n\n${lines.map((line) => `- ${escaped(line)}`).join("\n")}`;
}

/** Text without what Markdown would take for marks, in one line. */
function escaped(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\|<>*_`[\]#]/g, (mark) => `\\${mark}`);
}
