import assert from "node:assert/strict";
import { compare, type Comparison, exitCodeOf } from "../../../core/pipeline/comparison.ts";
import type { Expectation } from "../../../core/pipeline/expected.ts";

const [a, b] = ["a".repeat(64), "b".repeat(64)];
const quick = { study: "s", profile: "quick" } as const;
const given: Expectation = {
  exact: { "bundle.json": a, "main: H(X) bits": 12 },
  numeric: {
    "main: train_loss": { value: 0.5, absolute: 0.01, relative: 0.02 },
    "main: test_loss": { value: null, absolute: 0.01, relative: 0 },
  },
  statistical: { "two-phases": { median: 1, low: 0.5, high: 2 } },
  qualitative: { "two-phases": "supported" },
  info: { trials: 3 },
};

/** The same result with other quantities of one class. */
function other<C extends keyof Expectation>(one: C, quantities: Expectation[C]): Expectation {
  return { ...given, [one]: { ...given[one] as object, ...quantities as object } };
}

const numeric = (value: number | null) => other("numeric", { "main: train_loss": { value, absolute: 9, relative: 9 } });
const statistical = (median: number, low: number | null, high: number | null) =>
  other("statistical", { "two-phases": { median, low, high } });

Deno.test("a result is what is expected of it in every class", () => {
  const { outcome, classes, differences } = compare(quick, given, given);
  assert.equal(outcome, "equal");
  assert.deepEqual(differences, []);
  assert.deepEqual(Object.entries(classes).map(([name, { equal, expected }]) => [name, equal, expected]), [
    ["qualitative", 1, 1],
    ["statistical", 1, 1],
    ["numeric", 2, 2],
    ["exact", 2, 2],
    ["info", 1, 1],
  ]);
});

Deno.test("exact: the last bit of a closed form and any digest count", () => {
  const off = compare(quick, other("exact", { "main: H(X) bits": 12 + 2 ** -49, "bundle.json": b }), given);
  assert.equal(off.outcome, "differs");
  assert.deepEqual(off.differences.map(({ name, expected, came, by }) => [name, expected, came, by]), [
    ["main: H(X) bits", "12", String(12 + 2 ** -49), 2 ** -49],
    ["bundle.json", "aaaaaaaaaaaa", "bbbbbbbbbbbb", null],
  ]);
});

Deno.test("numeric: within absolute + relative · |value| of what is expected, whatever tolerance came along", () => {
  assert.equal(compare(quick, numeric(0.5 + 0.0199), given).outcome, "equal");
  assert.equal(compare(quick, numeric(0.5 - 0.0199), given).outcome, "equal");
  const off = compare(quick, numeric(0.5201), given);
  assert.equal(off.outcome, "differs");
  assert.deepEqual([off.differences[0].expected, off.differences[0].came], ["0.5 ± 0.02", "0.5201"]);
  assert.equal(compare(quick, numeric(null), given).outcome, "differs");
});

Deno.test("statistical: each median lies within the other's interval; an end that is null is infinite", () => {
  const outcome = (...interval: [number, number | null, number | null]) =>
    compare(quick, statistical(...interval), given).outcome;
  assert.equal(outcome(1.9, 0.9, 3), "equal");
  assert.equal(outcome(2.1, 0.9, 3), "differs", "today's median is outside what is expected");
  assert.equal(outcome(1.9, 1.1, 3), "differs", "what is expected is outside today's interval");
  assert.equal(outcome(1.9, null, null), "equal");
  const [difference] = compare(quick, statistical(2.1, null, 3), given).differences;
  assert.deepEqual([difference.expected, difference.came], ["1 [0.5, 2]", "2.1 [−∞, 3]"]);
});

Deno.test("qualitative: a verdict that changed differs; info: it never does, and is shown", () => {
  assert.equal(compare(quick, other("qualitative", { "two-phases": "undecided" }), given).outcome, "differs");
  const info = compare(quick, other("info", { trials: 4 }), given);
  assert.equal(info.outcome, "equal");
  assert.deepEqual(info.differences.map(({ class: one, by }) => [one, by]), [["info", 1]]);
});

Deno.test("what is missing or new in any class differs, unless the expectation is partial", () => {
  const more = other("qualitative", { "gradient-phases": "supported" });
  assert.equal(compare(quick, more, given).outcome, "differs");
  assert.equal(compare(quick, given, more).outcome, "differs");
  const partial = compare(quick, more, { ...given, partial: true });
  assert.equal(partial.outcome, "equal");
  assert.match(partial.notes[0], /infoplane bless writes it whole/);
  assert.equal(compare(quick, given, { ...more, partial: true }).outcome, "differs");
});

Deno.test("another seed is held against intervals and verdicts alone", () => {
  const seeded = { ...quick, seed: 7 };
  const found = { ...statistical(1.9, 0.9, 3), exact: { "bundle.json": b }, numeric: {} };
  assert.equal(compare(seeded, found, given).outcome, "equal");
  assert.equal(compare(seeded, statistical(2.1, 0.9, 3), given).outcome, "differs");
  assert.equal(compare(seeded, other("qualitative", { "two-phases": "undecided" }), given).outcome, "differs");
  assert.equal(compare(seeded, given, { ...given, statistical: {}, qualitative: {} }).outcome, "differs");
  const bare = { ...given, statistical: {}, qualitative: {} };
  assert.equal(compare(seeded, bare, bare).outcome, "nothing expected");
});

Deno.test("differences stand in order: verdicts, intervals, numbers, exact; within a class the largest first", () => {
  const found: Expectation = {
    exact: { "bundle.json": b, "main: H(X) bits": 12 },
    numeric: {
      "main: train_loss": { value: 0.6, absolute: 0, relative: 0 },
      "main: test_loss": { value: null, absolute: 0, relative: 0 },
    },
    statistical: { "two-phases": { median: 5, low: 4, high: 6 } },
    qualitative: { "two-phases": "contradicted" },
    info: {},
  };
  const both = other("numeric", { "main: train_accuracy": { value: 0, absolute: 0, relative: 0 } });
  const far = {
    ...found,
    numeric: { ...found.numeric, "main: train_accuracy": { value: 1, absolute: 0, relative: 0 } },
  };
  assert.deepEqual(compare(quick, far, both).differences.map(({ name }) => name), [
    "two-phases",
    "two-phases",
    "main: train_accuracy",
    "main: train_loss",
    "bundle.json",
    "trials",
  ]);
});

Deno.test("exit codes: 1 if anything differs, 6 if nothing was compared, else 0", () => {
  const outcome = (outcome: Comparison["outcome"]) => ({ outcome }) as Comparison;
  assert.equal(exitCodeOf([outcome("equal"), outcome("nothing expected")]), 0);
  assert.equal(exitCodeOf([outcome("equal"), outcome("differs")]), 1);
  assert.equal(exitCodeOf([outcome("nothing expected")]), 6);
  assert.equal(exitCodeOf([]), 6);
  assert.equal(compare(quick, given, undefined).outcome, "nothing expected");
});
