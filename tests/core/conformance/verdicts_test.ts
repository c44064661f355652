import fc from "fast-check";
import assert from "node:assert/strict";
import { claimOf, judge, type Rule, type Setting, type Theta } from "../../../core/claims/mod.ts";
import { wrongVerdict } from "../../../core/conformance/verdicts.ts";
import type { Claim } from "../../../core/contracts/bundle.ts";

const TEXT = { id: "a-claim", statement: "It holds.", rule: "θ > δ." };

/** A claim on nets of these θ; null for one that failed, undefined for one that diverged. */
function claim(thetas: readonly (Theta | null | undefined)[], rule: Rule): Claim {
  const nets = thetas.map((theta, replicate) => {
    const net = { trial: `net-${replicate}`, replicate, epochs: [0], layers: [] };
    if (theta === null) return { ...net, state: "failed", reason: "planted" };
    return theta === undefined ? { ...net, state: "diverged", reason: "planted" } : { ...net, state: "measured" };
  });
  const on = { label: "binning, main", estimator: "binning", arithmetic: "portable", nets } as unknown as Setting;
  const given = thetas.filter((theta): theta is Theta => theta !== null && theta !== undefined);
  const primary = judge(on, { unit: "bits", thetas: () => given }, rule);
  return claimOf(TEXT, rule, { on, primary, others: [], sensitivity: [] }, "full");
}

const exact = (value: number): Theta => ({ low: value, high: value });
const values = fc.double({ min: -1, max: 1, noNaN: true });
const wide = fc.tuple(values, fc.double({ min: 0, max: 1, noNaN: true })).map(([low, more]) => ({
  low,
  high: low + more,
}));
const censored = values.map((low) => ({ low, high: Infinity }));
const rules: fc.Arbitrary<Rule> = fc.oneof(
  fc.record({ side: fc.constantFrom("above", "below", "at most"), delta: fc.double({ min: -1, max: 1, noNaN: true }) }),
  fc.record({
    side: fc.constant("inside" as const),
    delta: fc.double({ min: -1, max: 0, noNaN: true }),
    upper: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
);

Deno.test("what judge() says is found again: of values, pairs of ends, censored, diverged and failed nets, any rule", () => {
  for (
    const theta of [values.map(exact), wide, censored, fc.oneof(values.map(exact), fc.constantFrom(null, undefined))]
  ) {
    const study = fc.array(theta, { minLength: 1, maxLength: 24 });
    fc.assert(fc.property(study, rules, (thetas, rule) => {
      assert.equal(wrongVerdict(claim(thetas, rule)), undefined);
    }));
  }
});

const sound = claim([0.8, 0.9, 1, 1.1, 1.2, 0.85, 0.95, 1.05, 1.15, 1.01, 0.99, 1.02].map(exact), {
  side: "above",
  delta: 0.5,
});

Deno.test("another verdict, interval, median or number of nets than θ gives is named", () => {
  const faults: readonly (readonly [Partial<Claim>, RegExp])[] = [
    [{ theta: sound.theta.slice(1) }, /there must be a θ, or null, for each of 12 nets: there are 11/],
    [{ failed: 1 }, /it is supported though 1 nets failed/],
    [{ interval: "none" }, /the interval of 12 nets is by order statistics: it says none/],
    [{ median: 2 }, /the median of θ is 1\.00?5?.*: it says 2/],
    [{ low: 0.9 }, /the interval for θ begins at 0\.8: it says 0\.9/],
    [{ high: 1 }, /the interval for θ ends at 1\.2: it says 1$/],
    [{ delta: 1 }, /its δ is 1, that of its rule 0\.5/],
    [
      { delta: 1, test: { side: "above", delta: 1 }, verdict: "supported" },
      /it is supported where θ lies in \[0\.8, 1\.2\] and δ is 1/,
    ],
    [{ theta: [], planned: 12 }, /it is supported without a θ, and fewer than two of its settings are decided/],
    [
      { test: undefined, settings: [{ ...sound, test: undefined, setting: "ksg, main", verdict: "contradicted" }] },
      /different sides of δ = 0\.5/,
    ],
  ];
  assert.equal(sound.verdict, "supported");
  for (const [change, said] of faults) assert.match(String(wrongVerdict({ ...sound, ...change })), said);
});

Deno.test("a claim that rests on its settings needs two that are decided", () => {
  const resting = { ...sound, theta: [], interval: "none", low: null, high: null, median: null };
  assert.equal(wrongVerdict({ ...resting, settings: [sound, { ...sound, setting: "ksg, main" }] }), undefined);
});

Deno.test("one number over all nets must lie within its intervals, come from nets enough, and be judged by its rule", () => {
  const over: Claim = {
    ...sound,
    ...{ theta: [], counted: [], interval: "permutations of the replicates", median: 0.7 },
    ...{ low: 0.55, low95: 0.6, high95: 0.8, high: 0.9, planned: 15 },
  };
  assert.equal(wrongVerdict(over), undefined);
  assert.match(wrongVerdict({ ...over, low95: 0.5 })!, /must lie within its intervals/);
  assert.match(wrongVerdict({ ...over, median: null })!, /must lie within its intervals/);
  assert.match(wrongVerdict({ ...over, censored: 1 })!, /though 1 nets have none/);
  assert.match(wrongVerdict({ ...over, planned: 4 })!, /from 4 nets: the protocol asks for 5/);
  assert.match(wrongVerdict({ ...over, low: 0.4 })!, /it is supported where θ lies in \[0\.4, 0\.9\] and δ is 0\.5/);
});
