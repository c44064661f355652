import assert from "node:assert/strict";
import type { Dataset, LoadedDataset } from "../../../core/contracts/dataset.ts";
import { jointFacts } from "../../../core/numerics/mod.ts";
import { curveArcsDataset } from "../../../plugins/datasets/curve_arcs.ts";
import { finiteJointDataset } from "../../../plugins/datasets/finite_joint.ts";
import { gaussianMixtureDataset } from "../../../plugins/datasets/gaussian_mixture.ts";
import { ising } from "../../../plugins/datasets/ising.ts";
import { normalSignDataset } from "../../../plugins/datasets/normal_sign.ts";
import { loadAsSent, readDatasetOptions } from "./loading.ts";

function near(actual: number, expected: number, tolerance = 1e-10) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);
}

const h = (p: number) => p <= 0 || p >= 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p);

/** The values that inputs mean. */
const meant = ({ inputs: { data, scale = 1, offset = 0 } }: LoadedDataset) =>
  Array.from(data, (value) => value * scale + offset);

const JOINT = [[0.25, 0.25, 0], [0, 0, 0], [0, 0.125, 0.375]];
const ALL = [
  [finiteJointDataset, { joint: JOINT }],
  [ising, { spins: 6 }],
  [gaussianMixtureDataset, {}],
  [normalSignDataset, {}],
  [curveArcsDataset, {}],
] as unknown as [Dataset, object][];

for (const [dataset, options] of ALL) {
  Deno.test(`${dataset.id}: the same replicate is the same bytes, another has other labels and another split`, () => {
    const load = (replicate: number) => loadAsSent(dataset, options, replicate);
    assert.deepEqual(load(3), load(3));
    const others = [4, 5, 6, 7, 8, 9].map(load);
    for (const part of ["labels", "splits"] as const) {
      assert.ok(others.some((other) => JSON.stringify(other[part]) !== JSON.stringify(load(3)[part])), part);
    }
  });

  Deno.test(`${dataset.id}: options that were read are read again as they are`, () => {
    const once = readDatasetOptions(dataset, options);
    assert.deepEqual(readDatasetOptions(dataset, once), once);
    assert.throws(
      () => readDatasetOptions(dataset, { ...options, trainFractoin: 0.5 }),
      /did you mean "trainFraction"/,
    );
  });
}

Deno.test("finite-joint: p(x), p(y|x), H(X) and I(X;Y) are those of the matrix, without the row that never occurs", () => {
  const { joint, inputs, classes } = loadAsSent(finiteJointDataset, { joint: JOINT });
  assert.deepEqual([inputs.shape, [...inputs.data], classes], [[2, 2], [1, 0, 0, 1], 3]);
  assert.deepEqual([...joint!.px], [0.5, 0.5]);
  assert.deepEqual([...joint!.pyx], [0.5, 0.5, 0, 0, 0.25, 0.75]);
  const { hxBits, ixyBits } = jointFacts(joint!);
  assert.equal(hxBits, 1);
  // H(Y) − H(Y|X), p(y) = ¼, ⅜, ⅜.
  near(ixyBits, 0.5 + 2 * 0.375 * Math.log2(8 / 3) - 0.5 - 0.5 * h(0.25));
});

Deno.test("finite-joint: a matrix of counts, and the text of a CSV file, say the same", () => {
  const plain = loadAsSent(finiteJointDataset, { joint: [[0.4, 0.1], [0.1, 0.4]] });
  const counts = loadAsSent(finiteJointDataset, { joint: [[4, 1], [1, 4]], counts: true });
  assert.deepEqual(loadAsSent(finiteJointDataset, { joint: "0.4, 0.1\r\n0.1,0.4\n" }), plain);
  near(jointFacts(counts.joint!).ixyBits, 1 - h(0.2));
  near(jointFacts(plain.joint!).ixyBits, 1 - h(0.2));
});

Deno.test("finite-joint: labels are dealt by p(y|x)", () => {
  const ones = Array.from(
    { length: 600 },
    (_, replicate) => loadAsSent(finiteJointDataset, { joint: [[0.1, 0.4], [0.25, 0.25]] }, replicate).labels[0],
  ).reduce((sum, label) => sum + label, 0);
  assert.ok(Math.abs(ones / 600 - 0.8) < 5 * Math.sqrt(0.16 / 600), `${ones} of 600`);
});

const refused: [string, unknown, RegExp][] = [
  ["a joint that does not sum to 1", { joint: [[1, 1], [1, 1]] }, /"joint".*must sum to 1, unless counts is true/],
  ["rows of different length", { joint: [[0.5], [0.25, 0.25]] }, /must have rows of one length/],
  ["a negative probability", { joint: [[0.5, 0.6], [0, -0.1]] }, /must hold numbers >= 0/],
  ["a hole in a CSV text", { joint: "0.5,\n0.25,0.25" }, /must hold numbers >= 0/],
  ["a single row", { joint: [[0.5, 0.5]] }, /must have two rows/],
  ["a single row that occurs", { joint: [[0.5, 0.5], [0, 0]] }, /must have two rows that occur/],
  ["a single label", { joint: [[0.5], [0.5]] }, /must have 2 to 255 columns/],
  ["no joint", {}, /option "joint"/],
];
for (const [what, given, message] of refused) {
  Deno.test(`finite-joint refuses ${what}`, () => {
    assert.throws(() => readDatasetOptions(finiteJointDataset as unknown as Dataset, given), {
      name: "Problem",
      message,
    });
  });
}

Deno.test("ising: H(X) of a line is that of its Markov chain, and patterns are spins of −1 and 1", () => {
  const dataset = loadAsSent(ising, {});
  const { hxBits, hyBits, py } = jointFacts(dataset.joint!);
  near(hxBits, 1 + 11 * h(1 / (1 + Math.E)));
  near(hyBits, 1);
  near(py[1], 0.5);
  assert.deepEqual(dataset.inputs.shape, [4096, 12]);
  assert.deepEqual(meant(dataset).slice(12 * 2048, 12 * 2049), [1, ...new Array(11).fill(-1)]);
});

Deno.test("ising: the label is the majority, as sharp as γ, and tells what the law of the magnetisation tells", () => {
  const given = { spins: 7, coupling: 0.4, field: 0.1, boundary: "ring", gamma: 0.5 };
  const { joint, ...dataset } = loadAsSent(ising, given);
  const spins = meant({ ...dataset });
  const sums = Array.from({ length: 128 }, (_, x) => spins.slice(7 * x, 7 * x + 7).reduce((a, b) => a + b));
  sums.forEach((sum, x) => near(joint!.pyx[2 * x + 1], 1 / (1 + Math.exp(-0.5 * sum))));
  const byBonds = sums.map((sum, x) => {
    const s = spins.slice(7 * x, 7 * x + 7);
    return Math.exp(0.4 * s.reduce((bonds, one, i) => bonds + one * s[(i + 1) % 7], 0) + 0.1 * sum);
  });
  const Z = byBonds.reduce((a, b) => a + b);
  byBonds.forEach((weight, x) => near(joint!.px[x], weight / Z));

  const p1 = sums.reduce((total, sum, x) => total + byBonds[x] / Z / (1 + Math.exp(-0.5 * sum)), 0);
  const left = sums.reduce((total, sum, x) => total + byBonds[x] / Z * h(1 / (1 + Math.exp(-0.5 * sum))), 0);
  near(jointFacts(joint!).ixyBits, h(p1) - left);
});

Deno.test("ising: without bounds to γ an odd chain is decided, an even one tosses a coin where there is no majority", () => {
  near(jointFacts(loadAsSent(ising, { spins: 5, gamma: "infinite" }).joint!).ixyBits, 1);
  const { pyx } = loadAsSent(ising, { spins: 2, gamma: "infinite" }).joint!;
  assert.deepEqual([...pyx], [1, 0, 0.5, 0.5, 0.5, 0.5, 0, 1]);
});

Deno.test("datasets drawn from a law say its I(X;Y): two Gaussians, a sign, arcs of a curve", () => {
  assert.equal(loadAsSent(gaussianMixtureDataset, { distance: 20 }).ixyBits, 1);
  near(loadAsSent(normalSignDataset).ixyBits!, 0.384596, 1e-6);
  near(loadAsSent(curveArcsDataset, { classes: 4 }).ixyBits!, 2 - h(0.1) - 0.1 * Math.log2(3));
  assert.equal(loadAsSent(curveArcsDataset, { curve: "swiss-roll", rows: 50 }).inputs.shape[1], 3);
  assert.equal(loadAsSent(gaussianMixtureDataset, { dimensions: 5, rows: 50 }).inputs.shape[1], 5);
});

Deno.test("a dataset whose I(X;Y) is no information is refused", () => {
  for (const ixyBits of [-0.1, NaN, Infinity]) {
    const lying = { ...normalSignDataset, load: () => ({ ...loadAsSent(normalSignDataset), ixyBits }) };
    assert.throws(() => loadAsSent(lying), /I\(X;Y\) must be finite and >= 0: it is/);
  }
});
