import { CLASSES, type Comparison, type Difference } from "../pipeline/comparison.ts";
import { columns } from "./text.ts";

/** What the classes are called where people read. */
export const CLASS_TITLES = {
  qualitative: "verdicts",
  statistical: "intervals",
  numeric: "numbers",
  exact: "exact",
  info: "info",
} as const;

/** How a comparison came out, in words. */
export function outcomeWords({ outcome, study }: Comparison): string {
  if (outcome === "nothing expected") return `nothing expected: infoplane bless ${study} keeps this result`;
  return outcome === "equal" ? "as expected" : "not as expected";
}

/** How many quantities of each class are as expected; `–` where none is expected. */
export function classCells({ classes }: Comparison): string[] {
  return CLASSES.map((one) => classes[one].expected === 0 ? "–" : `${classes[one].equal} of ${classes[one].expected}`);
}

/** A difference in a line. */
export function differenceWords({ class: one, name, expected, came, by, detail }: Difference): string {
  const title = one === "qualitative" || one === "statistical" ? `claim ${name}` : name;
  const off = by === null ? "" : `, off by ${Number(by.toPrecision(3))}`;
  const said = expected === null
    ? `not expected, came ${came}`
    : `expected ${expected}, came ${came ?? "nothing"}${off}`;
  return `${title}: ${said}${detail === undefined ? "" : ` · ${detail}`}`;
}

/** What differs in a comparison, a line each; of many in one class, the largest ten. */
export function differenceLines({ differences, notes }: Comparison): string[] {
  const lines = CLASSES.flatMap((one) => {
    const own = differences.filter((difference) => difference.class === one);
    const shown = own.slice(0, 10).map((difference) => `${CLASS_TITLES[one]} · ${differenceWords(difference)}`);
    return own.length > 10 ? [...shown, `${CLASS_TITLES[one]} · ${own.length - 10} more`] : shown;
  });
  return [...lines, ...notes];
}

/** A table of comparisons, a line a study. */
export function comparisonTable(comparisons: readonly Comparison[]): string[] {
  if (comparisons.length === 0) return [];
  return columns([
    ["study", "profile", ...CLASSES.map((one) => CLASS_TITLES[one]), ""],
    ...comparisons.map((comparison) => [
      comparison.study,
      comparison.profile,
      ...classCells(comparison),
      outcomeWords(comparison),
    ]),
  ]);
}
