import assert from "node:assert/strict";
import { claimOf, judgeNets, outcomeOf, type Rule } from "../../core/claims/mod.ts";
import type { Bundle, Claim } from "../../core/contracts/bundle.ts";
import type { Study } from "../../core/contracts/study.ts";
import { cellsOf } from "../../core/pipeline/cells.ts";
import CIFAR from "../../reports/cifar-cnn/published/bundle.json" with { type: "json" };
import STUDY from "../../reports/relu/study.ts";
import {
  armsInOrder,
  armWords,
  controlsWords,
  decidingPart,
  margin,
  methods,
  ruleWords,
  thresholdWords,
} from "../../site/src/lib/words.ts";

const INSIDE: Rule = { side: "inside", delta: 0.8, upper: 1.2 };

function result(setting: string, middle: number, rule: Rule = INSIDE) {
  const nets = Array.from({ length: 12 }, (_, i) => {
    const theta = middle + (i - 5.5) / 500;
    return outcomeOf(i, { low: theta, high: theta });
  });
  return judgeNets(setting, "1", nets, rule);
}

function claim(middle: number, more: { parts?: number[]; controls?: number[]; decide?: boolean } = {}): Claim {
  const text = { id: "a", statement: "A.", rule: "R." };
  return claimOf(text, INSIDE, {
    primary: result("main", middle),
    others: [],
    on: { estimator: "binning", arithmetic: "portable" },
    sensitivity: [],
    ...more.parts && { parts: more.parts.map((part, i) => result(`part ${i}`, part)) },
    ...more.controls && { controls: more.controls.map((control, i) => result(`control ${i}`, control)) },
    controlsDecide: more.decide,
  }, "full");
}

Deno.test("what a rule needs is said of L and U", () => {
  assert.equal(ruleWords({ side: "above", delta: 0.25 }, "bits"), "L > 0.25 bits");
  assert.equal(ruleWords({ side: "below", delta: 1 }, "1"), "U < 1");
  assert.equal(ruleWords({ side: "at most", delta: 0.01 }, "1"), "U ≤ 0.01");
  assert.equal(ruleWords(INSIDE, "bits"), "0.8 ≤ L, U ≤ 1.2 bits");
  assert.equal(thresholdWords(claim(1)), "θ inside [0.8, 1.2]");
});

Deno.test("the margin of a rule that asks θ inside an interval is that to the nearer end", () => {
  assert.equal(
    margin(claim(1.1)),
    "The interval lies 0.089 within the range [0.8, 1.2] (main); the claim is supported until it leaves it.",
  );
  assert.match(
    margin(claim(1.5)),
    /^The interval begins 0.289 above the range .*; the claim is contradicted until it reaches it\.$/,
  );
  assert.match(margin(claim(0.5)), /^The interval ends 0.289 below the range /);
  assert.match(margin(claim(1.2)), /^The interval lies neither in the range \[0.8, 1.2\] nor apart from it /);
});

Deno.test("the part whose numbers are the claim's is the one that decides", () => {
  assert.equal(decidingPart(claim(1, { parts: [1, 2, 1.1] })), 1);
  assert.equal(decidingPart(claim(1, { parts: [1, 1.1] })), 0);
});

Deno.test("what follows from controls is said, whether they pass, fail or do not decide", () => {
  const words = (middle: number, controls: number[], decide?: boolean, parts?: number[]) =>
    controlsWords(claim(middle, { controls, decide, parts }));
  assert.match(words(1, [2, 3]), /same rule\. All do\.$/);
  assert.match(words(1, [1, 3]), /As control 0 passes it, no cause may be named\.$/);
  assert.match(words(1, [1, 1], true), /As control 0 and control 1 pass it, there is no verdict\.$/);
  assert.match(words(1, [1, 3], true, [1, 1.1]), /As control 0 passes it, there is no verdict\.$/);
  assert.match(words(1, [1.2, 3]), /As control 0 does not decide, no cause may be named\.$/);
  assert.match(words(2, [1, 3]), /As the claim does not hold without them, nothing hangs on them here\.$/);
});

Deno.test("an arm without a role is what the core takes it for: the one named main carries the claims, others stand beside", () => {
  const arms = {
    adam: { title: "Adam" },
    full: { role: "control" as const },
    known: { role: "main" as const },
    main: {},
  };
  const ordered = armsInOrder({ arms });
  assert.deepEqual(ordered.map(([name, { role }]) => [name, role]), [
    ["main", "main"],
    ["known", "main"],
    ["full", "control"],
    ["adam", "variant"],
  ]);
  assert.match(armWords(ordered[3][1]), /^a variant: Adam\./);
  assert.match(armWords(armsInOrder({ arms: { only: {} } })[0][1]), /^carries the claims/);
  const core = cellsOf({ ...STUDY, arms } as unknown as Study).map(({ arm, role }) => [arm, role]);
  assert.deepEqual(ordered.map(([name, { role }]) => [name, role]), core);
});

Deno.test("methods describe the layers and the rows of arms that leave the base as it is", () => {
  const { study, problems } = CIFAR as unknown as Bundle;
  // Whichever comes first.
  const rivalFirst = [...problems].sort((a, b) => a.arm < b.arm ? -1 : 1);
  assert.equal(rivalFirst[0].arm, "decreasing");
  const words = methods(study, rivalFirst).join(" ");
  assert.match(words, /filters 16-32-64, hidden \[64\]\): T₁ of 4096 relu, .*T₄ of 64 relu and T₅ of 10 softmax/);
  assert.doesNotMatch(words, /8192/);
  const otherNets = problems.filter(({ arm }) => arm === "decreasing");
  assert.doesNotMatch(methods(study, otherNets).join(" "), /T₁ of/);
});
