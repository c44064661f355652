import assert from "node:assert/strict";
import {
  claimOf,
  judgeNets,
  type NetOutcome,
  outcomeOf,
  outcomesOf,
  pairedOutcomes,
  type Rule,
  seriesPaths,
  trialsOf,
  UNKNOWN,
} from "../../../core/claims/mod.ts";
import type { SeriesRow, TrialRow } from "../../../core/contracts/rows.ts";
import { verdictAgain } from "../../oracles/verdict_twin.ts";

const ABOVE: Rule = { side: "above", delta: 0 };
const nets = (...values: number[]): NetOutcome[] =>
  values.map((value, replicate) => outcomeOf(replicate, { low: value, high: value }));
const around = (middle: number) => nets(...[-2, -1, 0, 1, 2].map((step) => middle + step / 10));
const judged = (middle: number, setting = "main", rule = ABOVE) => judgeNets(setting, "1", around(middle), rule);
const TEXT = { id: "a-claim", statement: "It holds.", rule: "θ > 0." };
const ON = { estimator: "binning", arithmetic: "portable" } as const;
const REST = { on: ON, others: [], sensitivity: [] };

Deno.test("a result carries its rule and θ of every net that counts, from which a twin finds the same verdict", () => {
  const outcomes: NetOutcome[] = [
    { replicate: 12, state: "diverged", reason: "loss is not finite" },
    { replicate: 11, state: "left out", reason: "it does not compress" },
    ...nets(...Array.from({ length: 11 }, (_, i) => i / 10)),
  ];
  const inside: Rule = { side: "inside", delta: -1, upper: 2 };
  const gap = { side: "above", delta: 3, against: 1 } as const;
  for (
    const rule of [ABOVE, gap, inside, { side: "below", delta: 3 } as const, { side: "at most", delta: 1 } as const]
  ) {
    const result = judgeNets("binning, main", "1", outcomes, rule);
    assert.deepEqual(result.test, rule);
    assert.equal(result.counted!.length, 12);
    assert.deepEqual(result.counted!.at(-1), { replicate: 12, low: null, high: null });
    assert.deepEqual(result.theta.slice(-2), [null, null]);
    assert.equal(verdictAgain(result), result.verdict);
  }
  assert.equal(judgeNets("binning, main", "1", outcomes, ABOVE).censored, 2);
});

Deno.test("a failed net forbids a verdict; one that was left out does not", () => {
  const failed: NetOutcome = { replicate: 9, state: "failed", reason: "out of memory" };
  const { verdict, reason } = judgeNets("main", "1", [...around(5), failed], ABOVE);
  assert.equal(verdict, "undecided");
  assert.match(reason!, /1 of 6 nets failed: out of memory/);
  const out: NetOutcome = { replicate: 9, state: "left out", reason: "no peak" };
  assert.equal(judgeNets("main", "1", [...around(5), out], ABOVE).verdict, "supported");
  assert.match(judgeNets("main", "1", [...around(5), out], ABOVE, 0.9).reason!, /only 5 of 6 nets have a θ/);
});

Deno.test("a claim of two parts takes the numbers of the one that decides", () => {
  const [yes, no, open] = [judged(5, "timing"), judged(-5, "order"), judged(0, "rank")];
  const claim = (...parts: (typeof yes)[]) => claimOf(TEXT, ABOVE, { ...REST, primary: parts[0], parts }, "full");
  assert.equal(claim(yes, yes).verdict, "supported");
  assert.equal(claim(yes, open).verdict, "undecided");
  assert.equal(claim(yes, open).setting, "rank");
  assert.equal(claim(open, no).verdict, "contradicted");
  assert.equal(claim(open, no).setting, "order");
  assert.deepEqual(claim(yes, no).parts!.map(({ setting }) => setting), ["timing", "order"]);
});

Deno.test("a control that passes forbids to name a cause, and the verdict itself where the rule says so", () => {
  const primary = judged(5);
  const claim = (middle: number, controlsDecide: boolean, main = primary) =>
    claimOf(TEXT, ABOVE, { ...REST, primary: main, controls: [judged(middle, "full-batch")], controlsDecide }, "full");
  assert.equal(claim(5, false).verdict, "supported");
  assert.match(claim(5, false).reason!, /no cause may be named as a control passes the same rule: full-batch/);
  assert.equal(claim(5, true).verdict, "undecided");
  assert.match(claim(5, true).reason!, /no verdict as a control passes/);
  assert.equal(claim(-5, true).verdict, "supported");
  assert.match(claim(-5, true).reason!, /every control fails the same rule/);
  assert.match(claim(0, false).reason!, /a control does not decide: full-batch/);
  assert.equal(claim(5, true, judged(-5)).verdict, "contradicted");
  assert.equal(claim(5, true, judged(-5)).reason, undefined);
});

const trial = (arm: string, replicate: number, outcome: TrialRow["outcome"] = "done"): TrialRow => ({
  ...{ trial: `${arm}-${replicate}`, arm, role: "main", axes: "{}", replicate, outcome, epochs: 10, updates: 70 },
  ...{ reason: outcome === "done" ? null : `it ${outcome}`, train_loss_bits: 0, test_loss_bits: 0, train_accuracy: 1 },
  ...{ test_accuracy: 1, test_accuracy_sampled: 1, best_test_accuracy: 1, best_epoch: 10, arithmetic: "portable" },
});

Deno.test("nets of one replicate are compared across arms; the worst end of any of them is the replicate's", () => {
  const trials = [
    ...[0, 1, 2, 3].map((replicate) => trial("a", replicate, replicate === 1 ? "diverged" : "done")),
    ...[2, 1, 0].map((replicate) => trial("b", replicate, replicate === 2 ? "failed" : "done")),
  ];
  const outcomes = pairedOutcomes(["a", "b"].map((arm) => trialsOf({ trials }, arm)), ([a, b]) => {
    assert.deepEqual([a.arm, b.arm], ["a", "b"]);
    assert.equal(a.replicate, b.replicate);
    return { low: 1, high: 1 };
  });
  assert.deepEqual(outcomes.map(({ state }) => state), ["counted", "diverged", "failed", "left out"]);
  assert.deepEqual(outcomesOf(trialsOf({ trials }, "a"), () => UNKNOWN).map(({ state }) => state), [
    ...["counted", "diverged", "counted", "counted"],
  ]);
});

Deno.test("seriesPaths() takes one quantity of one layer of one arm, in order of epochs, without rows that have no value", () => {
  const row = (epoch: number, value: number | null, more: Partial<SeriesRow> = {}): SeriesRow => ({
    ...{ trial: "t", arm: "main", axes: "{}", replicate: 0, epoch, layer: 2, quantity: "snr", unit: "1", value },
    ...{ arithmetic: "portable", reason: value === null ? "none" : null, ...more },
  });
  const series = [row(3, 9), row(1, 4), row(2, null), row(1, 7, { layer: 1 }), row(1, 8, { arm: "adam" })];
  assert.deepEqual(seriesPaths({ series }, "main", "snr", 2), new Map([["t", { epochs: [1, 3], values: [4, 9] }]]));
});
