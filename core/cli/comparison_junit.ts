import { CLASSES, type Comparison, type Difference } from "../pipeline/comparison.ts";
import { CLASS_TITLES, differenceWords, outcomeWords } from "./comparison_text.ts";

/**
 * Comparisons as JUnit XML, which build servers show: a suite a study and profile, a case a class of quantities, an error for each
 * piece of work that failed.
 */
export function junitOf(comparisons: readonly Comparison[], failures: readonly string[]): string {
  const suites = comparisons.map((comparison) => {
    const { study, profile, outcome, classes, differences } = comparison;
    const suite = `${study} ${profile}`;
    const cases = outcome === "nothing expected"
      ? [caseOf(suite, "expected", element("skipped", outcomeWords(comparison)))]
      : CLASSES.filter((one) => classes[one].expected > 0 || differences.some((other) => other.class === one)).map((
        one,
      ) => caseOf(suite, CLASS_TITLES[one], resultOf(one, differences.filter((other) => other.class === one))));
    return suiteOf(suite, cases);
  });
  if (failures.length > 0) {
    suites.push(suiteOf("work", failures.map((failure, i) => caseOf("work", `${i + 1}`, element("error", failure)))));
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="infoplane">\n${suites.join("")}</testsuites>\n`;
}

function resultOf(one: Difference["class"], differences: readonly Difference[]): string {
  if (differences.length === 0) return "";
  const text = differences.map(differenceWords).join("\n");
  if (one === "info") return `<system-out>${escaped(text)}</system-out>`;
  return element("failure", `${differences.length} not as expected`, text);
}

function suiteOf(name: string, cases: readonly string[]): string {
  const count = (tag: string) => cases.filter((one) => one.includes(`<${tag} `)).length;
  const counts = `tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}" skipped="${
    count("skipped")
  }"`;
  return `  <testsuite name="${escaped(name)}" ${counts}>\n${cases.join("")}  </testsuite>\n`;
}

function caseOf(suite: string, name: string, result: string): string {
  const start = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}"`;
  return result === "" ? `${start}/>\n` : `${start}>${result}</testcase>\n`;
}

function element(tag: string, message: string, text = message): string {
  return `<${tag} message="${escaped(message)}">${escaped(text)}</${tag}>`;
}

const ENTITIES: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

/** Text as XML may hold it. */
function escaped(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "").replace(
    /[&<>"\n]/g,
    (c) => ENTITIES[c],
  );
}
