import assert from "node:assert/strict";
import { DOMParser } from "linkedom";
import { compare, type Comparison } from "../../../core/pipeline/comparison.ts";
import type { Expectation } from "../../../core/pipeline/expected.ts";
import { junitOf } from "../../../core/cli/comparison_junit.ts";
import { markdownOf } from "../../../core/cli/comparison_markdown.ts";
import { comparisonTable, differenceLines } from "../../../core/cli/comparison_text.ts";

const given: Expectation = {
  exact: { "bundle.json": "a".repeat(64) },
  numeric: {},
  statistical: { "two-phases": { median: 1, low: 0, high: 2 } },
  qualitative: { "two-phases": "supported", "a<b>|c": "supported" },
  info: { trials: 3 },
};
const changed: Expectation = {
  ...given,
  qualitative: { "two-phases": "contradicted", "a<b>|c": "undecided" },
  info: { trials: 4 },
};
const comparisons: Comparison[] = [
  compare({ study: "one", profile: "quick" }, given, given),
  compare({ study: "two", profile: "full" }, changed, given),
  compare({ study: "three", profile: "smoke" }, given, undefined),
];

Deno.test("the table has a line a study and a column a class", () => {
  assert.deepEqual(comparisonTable(comparisons), [
    "study  profile  verdicts  intervals  numbers  exact   info",
    "one    quick    2 of 2    1 of 1     –        1 of 1  1 of 1  as expected",
    "two    full     0 of 2    1 of 1     –        1 of 1  0 of 1  not as expected",
    "three  smoke    –         –          –        –       –       nothing expected: infoplane bless three keeps this result",
  ]);
  assert.deepEqual(comparisonTable([]), []);
});

Deno.test("differences are lines; of many in a class the first ten stand", () => {
  assert.deepEqual(differenceLines(comparisons[1]), [
    "verdicts · claim two-phases: expected supported, came contradicted",
    "verdicts · claim a<b>|c: expected supported, came undecided",
    "info · trials: expected 3, came 4, off by 1",
  ]);
  const many = Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`c${i}`, "supported"] as const));
  const lines = differenceLines(compare({ study: "s", profile: "full" }, given, { ...given, qualitative: many }));
  assert.equal(lines.length, 11);
  assert.match(lines[10], /^verdicts · 5 more$/);
});

Deno.test("JUnit: a suite a study, a case a class; what differs fails, what is not expected is skipped, failed work is an error", () => {
  const document = new DOMParser().parseFromString(
    junitOf(comparisons, ["ksg (main): it broke <here> & there"]),
    "text/xml",
  );
  const suites = [...document.querySelectorAll("testsuite")].map((suite) =>
    ["name", "tests", "failures", "errors", "skipped"].map((name) => suite.getAttribute(name))
  );
  assert.deepEqual(suites, [
    ["one quick", "4", "0", "0", "0"],
    ["two full", "4", "1", "0", "0"],
    ["three smoke", "1", "0", "0", "1"],
    ["work", "1", "0", "1", "0"],
  ]);
  const [failure] = document.querySelectorAll("failure");
  assert.match(failure.textContent, /claim a<b>\|c: expected supported, came undecided/);
  assert.equal(failure.parentNode.getAttribute("name"), "verdicts");
  assert.match(document.querySelector("error").textContent, /it broke <here> & there/);
  assert.match(document.querySelector("system-out").textContent, /trials: expected 3, came 4/);
});

Deno.test("Markdown: a table of studies, then what differs, with the marks of names harmless", () => {
  const text = markdownOf(comparisons, ["it broke"]);
  assert.match(text, /^## Reproduction\n\n\| study \| profile \|.*\n\| --- \|/);
  assert.match(text, /\| two \| full \| 0 of 2 \|.*\| not as expected \|/);
  assert.match(text, /### two, full\n\n- verdicts · claim two-phases: expected supported, came contradicted\n/);
  assert.ok(text.includes("claim a\\<b\\>\\|c"));
  assert.ok(!text.includes("### one"));
  assert.match(text, /### Work that failed\n\n- it broke\n$/);
});
