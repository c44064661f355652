import assert from "node:assert/strict";
import { checkItem, CHECKS, type ConformanceReport, type ItemKind, type Items } from "../../../core/conformance/mod.ts";
import { readOptions } from "../../../core/execution/options.ts";
import analyses from "../../fixtures/plugins/broken_analyses.ts";
import architectures from "../../fixtures/plugins/broken_architectures.ts";
import datasets from "../../fixtures/plugins/broken_datasets.ts";

/** What each kind brings, by id without its namespace. */
const ITEMS: { readonly [Kind in "dataset" | "architecture" | "analysis"]: readonly Items[Kind][] } = {
  dataset: datasets.datasets!,
  architecture: architectures.architectures!,
  analysis: analyses.analyses!,
};

async function reportOf(kind: keyof typeof ITEMS, name: string): Promise<ConformanceReport> {
  const item = ITEMS[kind].find(({ id }) => id === `acme/${name}`);
  assert.ok(item, `there is no ${kind} "${name}"`);
  const options = readOptions(item.options, {}, name);
  return await checkItem(kind as "dataset", item as Items["dataset"], options);
}

/** Of each mistake: the check that names it, what it says, and what else the mistake breaks. */
type Caught = readonly (readonly [string, string, RegExp, ...string[]])[];

const STRICT = ["takes-any-option", "refuses an option it does not know", /it took "an-option-of-nobody"/] as const;

const DATASETS: Caught = [
  STRICT,
  [
    "one-label-short",
    "gives inputs of the shape it says, and a label for each row",
    /there must be 100 labels: there are 99/,
    "splits its rows into parts that share none",
    "gives probabilities that sum to 1",
    "deals labels as p(y|x) says",
  ],
  ["nan", "gives finite inputs", /a value of row 3 is NaN/],
  [
    "label-too-large",
    "labels rows from 0 to below the number of classes",
    /labels must be below 2: that of row 3 is 2/,
    "deals labels as p(y|x) says",
  ],
  [
    "tests-on-training-rows",
    "splits its rows into parts that share none",
    /a row may be in one part, once: row \d+ is in train and in test/,
  ],
  [
    "half-the-probability",
    "gives probabilities that sum to 1",
    /p\(x\) sums to 0\.5/,
    "knows an I(X;Y) that can be",
  ],
  [
    "labels-of-another-rule",
    "deals labels as p(y|x) says",
    /Σ p\(label\|x\) must be 544\.0 within 43\.5: it is 2\d\d\.\d/,
  ],
  [
    "information-of-another",
    "knows an I(X;Y) that can be",
    /it is 0\.278\d+ bits by p\(x\) and p\(y\|x\): it says 0\.5/,
  ],
  ["reads-the-clock", "gives a replicate the same bytes again, at any time", /value 0 of the inputs is \d+, then \d+/],
  [
    "draws-for-nothing",
    "gives each replicate chance of its own",
    /it draws from its stream, and yet 8 replicates are the same/,
  ],
  ["another-fingerprint-each-time", "names the files it reads by their content", /it must be the same again/],
];

const AGAIN = "starts a replicate from the same weights again, each from its own";
const ARCHITECTURES: Caught = [
  STRICT,
  [
    "linear-output",
    "gives nets that can be used",
    /the last layer must be softmax over 2 classes, .*: it is linear of 2/,
  ],
  ["another-each-time", "builds the same net again, at any time", /layers\[0\]\.units is \d, then \d/, AGAIN],
  [
    "unnamed-layers",
    "builds the same net again, at any time",
    /name is "hidden_\d+", then "hidden_\d+"/,
    AGAIN,
  ],
  ["one-name-for-all", "gives each layer a name of its own", /two layers are called "layer"/],
  [
    "weights-without-end",
    "hands out activations of every layer it names",
    /for inputs of \[12\] and 2 classes, layer "hidden" of tanh gives NaN/,
    AGAIN,
    "has the gradient that differences of its loss have",
  ],
  ["no-chance", AGAIN, /two replicates start from the same weights/],
  ["fails-at-its-bound", "builds at the ends of its options", /with units = 64, .* layer 1 has 0\.5/],
  ["unnamed-fingerprint", "names the files it reads by their content", /source must say who made the files/],
  ["epochs-fall", "names the runs and epochs it replays", /those of run 0 are 5, 0/],
];

const PURE = "gives the same result for the same rows, and leaves them as they were";
const ORDER = "does not depend on which net comes first";
const FIGURES = "gives figures that can be drawn, and read by those who do not see them";
const VERDICTS = "gives the verdicts that its rules give";
const NOTHING = "says why where there is nothing to say";
const NULL = "finds nothing where nothing is planted";
const TABLES = "explains every column of its tables";
const MAPS = "maps a net to the same rows again, of its own snapshots and layers";
const ANALYSES: Caught = [
  STRICT,
  ["sorts-its-rows", PURE, /rows that cannot be written to make it throw: Cannot assign to read only property/],
  ["reads-the-clock", PURE, /figures\[0\]\.caption is "As of \d+\.", then "As of \d+\."/, ORDER],
  ["takes-the-first-net", ORDER, /caption is "Such as main-0\.", then "Such as main-5\."/],
  ["no-text", TABLES, /table "falls": column "trial" does not say what a cell means/],
  ["no-unit", TABLES, /column "fall_bits" of numbers has no unit/],
  ["nats", TABLES, /column "fall_bits" must be in bits: its unit is nats/],
  ["always-supported", VERDICTS, /it is supported where θ lies in \[.*\] and δ is 0\.5/, NOTHING, NULL],
  ["narrow-interval", VERDICTS, /the interval for θ begins at -?\d.*: it says -?\d/],
  ["no-rule", VERDICTS, /claim "falls" has no rule/],
  ["no-alt", FIGURES, /figure "falls": it has no alt/],
  ["unknown-mark", FIGURES, /there is no mark "pie": there are dot, line, /],
  ["unknown-column", FIGURES, /its dot draws "rise_bits", which is no column of "falls"/],
  ["throws-on-nothing", NOTHING, /on a study of no net, Cannot read properties of undefined/, ORDER],
  [
    "sees-nothing",
    "finds what is planted",
    /on 12 nets that fall by 1 bit, there must be a claim "falls": there is none/,
    NULL,
  ],
  ["sees-it-always", NULL, /on 12 nets that stay, "falls" must be contradicted: it is supported, θ in \[1\.8/],
  ["maps-another-epoch", MAPS, /row 0 is \{"epoch":3\.5/],
  ["maps-another-row", MAPS, /rows of the dataset are 0 to 7: a row is \{.*"row":8/],
  ["maps-without-reason", MAPS, /a row without a value must say why/],
  ["prepares-by-the-clock", "prepares the same again for the same data", /of what is prepared it is \d+, then \d+/],
];

for (
  const [kind, caught] of [["dataset", DATASETS], ["architecture", ARCHITECTURES], ["analysis", ANALYSES]] as const
) {
  Deno.test(`of the ${kind} checks each is failed by a mistake of its own, in a sentence that says what came`, async () => {
    for (const [name, check, reason, ...others] of caught) {
      const { checks, conforms } = await reportOf(kind, name);
      const failed = checks.filter(({ status }) => status === "failed");
      assert.equal(conforms, false);
      assert.deepEqual(failed.map(({ name }) => name).sort(), [check, ...others].sort(), name);
      const named = failed.find((one) => one.name === check)!;
      assert.match((named as { reason: string }).reason, reason);
    }
    // The engine's gradients are right whatever net is described: a test of its own makes one wrong.
    const never = CHECKS[kind as ItemKind].map(({ name }) => name).filter((name) =>
      !caught.some(([, check]) => check === name) && name !== "has the gradient that differences of its loss have"
    );
    assert.deepEqual(never, []);
  });

  Deno.test(`the sound ${kind} beside them fails no check and skips none`, async () => {
    const names = kind === "architecture" ? ["sound", "recorded"] : ["sound"];
    for (const name of names) {
      const { checks, conforms, ran, applicable } = await reportOf(kind, name);
      assert.deepEqual(checks.filter(({ status }) => status === "failed"), []);
      assert.ok(conforms && ran === applicable && ran >= 5);
    }
  });

  Deno.test(`every ${kind} check has a name of its own and says how it is done`, () => {
    const checks = CHECKS[kind as ItemKind];
    assert.equal(new Set(checks.map(({ name }) => name)).size, checks.length);
    for (const { name, how } of checks) assert.ok(how.length > 20, name);
  });
}

Deno.test("an analysis that plants nothing is told so, and passes what can be tried", async () => {
  const { summary, conforms } = await reportOf("analysis", "plants-nothing");
  assert.ok(conforms);
  assert.match(
    summary,
    /^ran 9 of 11 applicable, skipped 2 because it has no planted case whose truth is "positive"; /,
  );
});

Deno.test("options that have no default are asked for, and what needs none is tried all the same", async () => {
  const [item] = datasets.datasets!;
  const { ran, applicable, summary } = await checkItem("dataset", item, undefined);
  assert.deepEqual([ran, applicable], [1, 11]);
  assert.match(summary, /skipped 10 because it has options without a default: name it with them/);
});
