import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import type { LoadedDataset } from "../../../core/contracts/dataset.ts";
import { readOptions } from "../../../core/execution/options.ts";
import { entropyOfProbabilities, jointFacts, mutualInformationBits, pairCounts } from "../../../core/numerics/mod.ts";
import { root, testContext } from "../../../core/testing.ts";
import { symmetricRule } from "../../../plugins/datasets/symmetric_rule.ts";

type Options = Parameters<typeof symmetricRule.load>[0];

const read = (given: unknown) => readOptions(symmetricRule.options, given, `dataset "symmetric-rule"`);

function load(given: unknown = {}, replicate = 0): LoadedDataset {
  const { ctx } = testContext(root(2018).child("replicate", replicate));
  return symmetricRule.load(read(given) as unknown as Options, ctx) as LoadedDataset;
}

function factsOf(given: unknown) {
  const facts = jointFacts(load(given).joint!);
  return { ...facts, ones: facts.py[1] };
}

function near(actual: number, expected: number, tolerance: number, what = "it") {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} is ${actual}, not ${expected} ± ${tolerance}`);
}

const digest = (bytes: Uint8Array | Uint32Array) => createHash("sha256").update(bytes).digest("hex");
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value / values.length, 0);
const DEFAULTS = { form: "stochastic", gamma: 12, encoding: "zero-one", trainFraction: 0.8, split: "shuffled" };

Deno.test("the default is the stochastic rule with γ = 12; the hard rule's default is γ = ∞", () => {
  assert.deepEqual(read({}), DEFAULTS);
  assert.deepEqual(read({ form: "hard" }), { ...DEFAULTS, form: "hard", gamma: "infinite" });
  assert.deepEqual(read({ form: "hard", gamma: 10 }), { ...DEFAULTS, form: "hard", gamma: 10 });
});

Deno.test("options that were read are read again as they are, so that one trial has one key", () => {
  const given = fc.record({
    form: fc.constantFrom("stochastic", "hard"),
    gamma: fc.oneof(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.constant("infinite")),
    encoding: fc.constantFrom("zero-one", "plus-minus-one"),
    trainFraction: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
    split: fc.constantFrom("shuffled", "as-published"),
  }, { requiredKeys: [] });
  fc.assert(fc.property(given, (options) => {
    const once = read(options);
    assert.deepEqual(read(once), once);
    assert.deepEqual(once, { ...once, ...options });
  }));
});

const refused: readonly (readonly [string, unknown, RegExp])[] = [
  ["an unknown key", { gama: 12 }, /Cannot find option "gama" of dataset "symmetric-rule": did you mean "gamma"\?/],
  ["an unknown form", { form: "soft" }, /option "form" .*it is "soft"/],
  ["γ = 0", { gamma: 0 }, /option "gamma" .*it is 0/],
  ["a negative γ", { gamma: -12 }, /option "gamma" .*it is -12/],
  ["γ as NaN", { gamma: NaN }, /option "gamma"/],
  ["γ as text", { gamma: "12" }, /option "gamma" .*it is "12"/],
  ["γ = Infinity, which JSON cannot hold", { gamma: Infinity }, /option "gamma"/],
  ["an unknown encoding", { encoding: "one-hot" }, /option "encoding" .*it is "one-hot"/],
  ["a training share of 0", { trainFraction: 0 }, /option "trainFraction" .*it is 0/],
  ["a training share of 1", { trainFraction: 1 }, /option "trainFraction" .*it is 1/],
  ["a training share that leaves no row", { trainFraction: 1e-5 }, /option "trainFraction" .*must leave a row/],
  ["a test share that leaves no row", { trainFraction: 0.99999 }, /option "trainFraction" .*must leave a row/],
  ["a training share as text", { trainFraction: "0.8" }, /option "trainFraction" .*it is "0.8"/],
  ["an unknown split", { split: "sorted" }, /option "split" .*it is "sorted"/],
  ["unknown labels", { labels: "shuffled" }, /option "labels" .*it is "shuffled"/],
];

for (const [what, given, message] of refused) {
  Deno.test(`the symmetric rule refuses ${what}`, () => {
    assert.throws(() => read(given), { name: "Problem", message });
  });
}

Deno.test("the options have a JSON Schema that names and describes each, and closes the list", () => {
  const schema = symmetricRule.options["~standard"].jsonSchema!.input({ target: "draft-2020-12" });
  const properties = schema.properties as Record<string, { description?: string }>;
  assert.deepEqual(Object.keys(properties).sort(), ["encoding", "form", "gamma", "labels", "split", "trainFraction"]);
  for (const [name, { description }] of Object.entries(properties)) assert.ok(description, name);
  assert.equal(schema.additionalProperties, false);
  assert.deepEqual(schema.required ?? [], []);
});

Deno.test("row n holds the twelve bits of n, highest first", () => {
  const { inputs } = load();
  assert.deepEqual(inputs.shape, [4096, 12]);
  assert.equal(inputs.data.length, 4096 * 12);
  for (let row = 0; row < 4096; row++) {
    assert.equal(inputs.data.subarray(row * 12, row * 12 + 12).join(""), row.toString(2).padStart(12, "0"));
  }
});

Deno.test("plus-minus-one shows the same bits as −1 and +1, by scale and offset alone", () => {
  const [zeroOne, plusMinus] = [load(), load({ encoding: "plus-minus-one" })];
  assert.deepEqual(plusMinus.inputs.data, zeroOne.inputs.data);
  const seen = ({ inputs: { scale = 1, offset = 0 } }: LoadedDataset) => [0, 1].map((bit) => bit * scale + offset);
  assert.deepEqual(seen(zeroOne), [0, 1]);
  assert.deepEqual(seen(plusMinus), [-1, 1]);
  assert.deepEqual({ ...plusMinus, inputs: undefined }, { ...zeroOne, inputs: undefined });
});

Deno.test("p(x) and every row of p(y|x) sum to 1 without rounding, whatever γ", () => {
  for (const given of [{}, { gamma: 0.01 }, { form: "hard", gamma: 10 }, { form: "hard" }]) {
    const { px, pyx } = load(given).joint!;
    assert.equal(px.length, 4096);
    assert.equal(pyx.length, 2 * 4096);
    assert.equal(px.reduce((sum, p) => sum + p, 0), 1);
    assert.ok(px.every((p) => p === px[0]));
    for (let row = 0; row < 4096; row++) assert.equal(pyx[2 * row] + pyx[2 * row + 1], 1);
  }
});

Deno.test("the stochastic rule: p(y=1) = 0.5009201, I(X;Y) = 0.8994828 bits, Bayes accuracy .977454", () => {
  const { hxBits, ones, ixyBits, bayesAccuracy } = factsOf({});
  near(hxBits, 12, 1e-12, "H(X)");
  near(ones, 0.5009201, 5e-8, "p(y=1)");
  near(ixyBits, 0.8994828, 5e-8, "I(X;Y)");
  near(bayesAccuracy, 0.977454, 5e-7, "the Bayes accuracy");
});

Deno.test("the stochastic rule carries .9900 bits at γ = 41.642", () => {
  near(factsOf({ gamma: 41.642 }).ixyBits, 0.99, 5e-7);
});

Deno.test("the stochastic rule with γ = ∞ has 2098 ones and 0.999570 bits", () => {
  const { ones, ixyBits, hyBits, bayesAccuracy } = factsOf({ gamma: "infinite" });
  assert.equal(ones * 4096, 2098);
  near(ixyBits, 0.99957, 5e-7, "I(X;Y)");
  assert.deepEqual([hyBits, bayesAccuracy], [ixyBits, 1]);
});

Deno.test("the hard rule carries .896679 bits at γ = 10 and .990000 at γ = 54.478", () => {
  near(factsOf({ form: "hard", gamma: 10 }).ixyBits, 0.896679, 5e-7);
  near(factsOf({ form: "hard", gamma: 54.478 }).ixyBits, 0.99, 5e-7);
});

Deno.test("the hard rule has 2118 ones, H(Y) = I(X;Y) = 0.9991571 bits, and one label for each pattern", () => {
  const { ones, ixyBits, hyBits, bayesAccuracy } = factsOf({ form: "hard" });
  assert.equal(ones * 4096, 2118);
  near(ixyBits, 0.9991571, 5e-8, "I(X;Y)");
  assert.deepEqual([hyBits, bayesAccuracy], [ixyBits, 1]);
});

Deno.test("the hard rule gives the labels in circulation to every replicate", () => {
  for (const replicate of [0, 1, 17]) {
    const { labels } = load({ form: "hard" }, replicate);
    assert.equal(digest(labels), "77732f16f85e91b49d3997196b56163b3bd362d8cf631468a8de3f986e88359f");
  }
});

Deno.test("I(X;Y) rises with γ in both families, and stays below that of γ = ∞", () => {
  for (const form of ["stochastic", "hard"]) {
    const informations = [1, 5, 12, 40, 200, "infinite"].map((gamma) => factsOf({ form, gamma }).ixyBits);
    assert.ok(informations.every((bits, k) => k === 0 || bits > informations[k - 1]), informations.join(" "));
  }
});

Deno.test("the 64 classes say of the label what the 4096 patterns say: I(class;Y) = I(X;Y)", () => {
  const { px, pyx } = load().joint!;
  const classes = new Map<string, [number, number]>();
  px.forEach((p, row) => {
    const name = Object.values(pairCounts(row)).join(" ");
    const [zeros, ones] = classes.get(name) ?? [0, 0];
    classes.set(name, [zeros + p * pyx[2 * row], ones + p * pyx[2 * row + 1]]);
  });
  const table = [...classes.values()];
  assert.equal(table.length, 64);
  near(mutualInformationBits(table.flat(), 2), factsOf({}).ixyBits, 1e-12);
  near(entropyOfProbabilities(table.map(([zeros, ones]) => zeros + ones)), 5.5695224, 5e-8);
});

Deno.test("a split is a partition into ascending training and test rows, of the rounded sizes", () => {
  const sizes = [[0.8, 3277], [0.5, 2048], [0.3, 1229], [0.9, 3686]] as const;
  for (const split of ["shuffled", "as-published"]) {
    for (const [trainFraction, size] of sizes) {
      const { train, test } = load({ split, trainFraction }).splits;
      assert.deepEqual([train.length, test.length], [size, 4096 - size]);
      for (const rows of [train, test]) assert.ok(rows.every((row, k) => k === 0 || row > rows[k - 1]));
      assert.equal(new Set([...train, ...test]).size, 4096);
      assert.ok([...train, ...test].every((row) => row < 4096));
    }
  }
});

Deno.test("as-published trains on the first 3277 rows: mean hard label .437 there and .836 in test", () => {
  const { splits, labels } = load({ form: "hard", split: "as-published" });
  assert.deepEqual([...splits.train], Array.from({ length: 3277 }, (_, row) => row));
  assert.deepEqual([...splits.test], Array.from({ length: 819 }, (_, row) => 3277 + row));
  near(mean(labels.subarray(0, 3277)), 0.437, 5e-4, "mean training label");
  near(mean(labels.subarray(3277)), 0.836, 5e-4, "mean test label");
});

Deno.test("a shuffled split draws every row for training in about its share of 200 replicates", () => {
  const drawn = new Float64Array(4096);
  for (let replicate = 0; replicate < 200; replicate++) {
    for (const row of load({}, replicate).splits.train) drawn[row]++;
  }
  const share = 3277 / 4096;
  const variance = mean(drawn.map((count) => (count - 200 * share) ** 2));
  near(variance / (200 * share * (1 - share)), 1, 5 * Math.sqrt(2 / 4096), "the variance ratio");
});

Deno.test("labels repeat with the stream and change with the replicate; so do splits", () => {
  const [first, again, other] = [load(), load(), load({}, 1)];
  assert.deepEqual(again, first);
  const differing = first.labels.filter((label, row) => label !== other.labels[row]).length;
  assert.ok(differing > 0);
  const { pyx } = first.joint!;
  assert.ok(first.labels.every((label, row) => label === other.labels[row] || Math.abs(pyx[2 * row] - 0.5) < 0.5));
  assert.notDeepEqual(first.splits, other.splits);
});

Deno.test("labels do not move with the split, nor the split with the rule", () => {
  const first = load();
  for (const given of [{ split: "as-published" }, { trainFraction: 0.3 }, { encoding: "plus-minus-one" }]) {
    assert.deepEqual(load(given).labels, first.labels);
  }
  for (const given of [{ gamma: 40 }, { form: "hard" }, { encoding: "plus-minus-one" }]) {
    assert.deepEqual(load(given).splits, first.splits);
  }
});

Deno.test("a smaller γ only turns labels: the same uniform numbers are compared with other probabilities", () => {
  const [soft, steep] = [load({ gamma: 5 }), load({ gamma: 50 })];
  soft.labels.forEach((label, row) => {
    const rises = steep.joint!.pyx[2 * row + 1] >= soft.joint!.pyx[2 * row + 1];
    assert.ok(rises ? steep.labels[row] >= label : steep.labels[row] <= label);
  });
});

Deno.test("label 1 comes as often as p(y=1|x) says in 200 replicates, overall and in the 18 open classes, within 4 σ", () => {
  const { pyx } = load().joint!;
  const tallies = new Map<string, { seen: number; expected: number; variance: number }>();
  for (let replicate = 0; replicate < 200; replicate++) {
    load({}, replicate).labels.forEach((label, row) => {
      const p = pyx[2 * row + 1];
      for (const name of ["all", String(p)]) {
        const tally = tallies.get(name) ?? { seen: 0, expected: 0, variance: 0 };
        tallies.set(name, tally);
        tally.seen += label;
        tally.expected += p;
        tally.variance += p * (1 - p);
      }
    });
  }
  const judged = [...tallies].filter(([, { variance }]) => variance > 9);
  assert.equal(judged.length, 1 + 18);
  for (const [name, { seen, expected, variance }] of judged) {
    near(seen, expected, 4 * Math.sqrt(variance), `class ${name}`);
  }
});

Deno.test("replicate 0 of seed 2018 is pinned, so that no refactoring moves a study", () => {
  // Computed by another program: tests/fixtures/symmetric_rule/replicate_0.py.
  const { labels, splits } = load();
  assert.equal(labels.reduce((sum, label) => sum + label, 0), PINNED.ones);
  assert.equal(digest(labels), PINNED.labels);
  assert.deepEqual([...splits.test.subarray(0, 8)], PINNED.test);
  assert.equal(digest(splits.train), PINNED.train);
});

const PINNED = {
  ones: 2045,
  labels: "1d79d400ce5874965c8fdd56c94f4e0500e618b0f76bd390c3577bb1f3cd385d",
  test: [5, 6, 11, 13, 18, 25, 45, 47],
  train: "5c4d80394c12513822db9bddd46a5a04ddecfefa44a23eecd30911695fe9cb99",
};

Deno.test("random labels keep the rule's balance and split, know nothing of the pattern, and differ between replicates", () => {
  const rule = load();
  const random = load({ labels: "random" });
  const { ones, ixyBits } = factsOf({ labels: "random" });
  near(ones, factsOf({}).ones, 1e-12, "p(y = 1)");
  near(ixyBits, 0, 1e-12, "I(X;Y)");
  assert.deepEqual(random.splits, rule.splits);
  assert.notDeepEqual(random.labels, load({ labels: "random" }, 1).labels);
  // 4096 fair draws have a standard deviation of 32; agreement with the rule's own labels is chance too.
  near(mean(random.labels), 0.5009201, 4 * 32 / 4096, "share of ones");
  near(
    mean(Array.from(random.labels, (label, row) => label === rule.labels[row] ? 1 : 0)),
    0.5,
    4 * 32 / 4096,
    "agreement",
  );
});
