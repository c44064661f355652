/**
 * Checks of what every dataset promises: parts that fit together, chance that is the replicate's, probabilities that are those of its
 * labels.
 *
 * @module
 */
import type { Dataset, LoadedDataset } from "../contracts/dataset.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Tensor } from "../contracts/tensor.ts";
import { entropyOfProbabilities, log, log2 } from "../numerics/mod.ts";
import { root } from "../random/mod.ts";
import { type Check, failed, inapplicable, outcomeOf, PASSED, type Subject } from "./check.ts";
import { elsewhen } from "./elsewhen.ts";
import { FINGERPRINT_CHECK, OPTIONS_CHECK } from "./option_checks.ts";
import { watched } from "./watched_stream.ts";

type DatasetCheck = Check<Dataset>;

/** Replicates that are looked at for a difference, and whose labels are counted. */
const REPLICATES = 8;

/** A sound dataset fails the count of its labels with at most this probability, were its streams others. */
const FALSE_ALARM = 1e-6;

function streamOf(replicate: number): Stream {
  return root(0).child("conformance", "replicate", replicate);
}

/** The examples of a replicate. */
async function load(
  { item, options, ctx }: Subject<Dataset>,
  replicate = 0,
  stream = streamOf(replicate),
): Promise<LoadedDataset> {
  await ctx.progress(0);
  return await item.load(options, { ...ctx, stream });
}

/** A check of one replicate on its own. */
function ofOne(name: string, how: string, wrong: (data: LoadedDataset) => string | undefined): DatasetCheck {
  return { name, how, run: async (subject) => outcomeOf(wrong(await load(subject))) };
}

const shapes = ofOne(
  "gives inputs of the shape it says, and a label for each row",
  "The product of the shape is the number of values; its first extent, at least 2, the number of labels.",
  ({ inputs: { data, shape }, labels }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    if (shape.length < 2 || !shape.every((extent) => Number.isInteger(extent) && extent >= 1)) {
      return `the shape must be [rows, …features]: it is [${shape.join(", ")}]`;
    }
    if (shape[0] < 2) return `there must be two rows: there is ${shape[0]}`;
    if (size !== data.length) {
      return `inputs of [${shape.join(", ")}] must hold ${size} values: they hold ${data.length}`;
    }
    return labels.length === shape[0] ? undefined : `there must be ${shape[0]} labels: there are ${labels.length}`;
  },
);

const finite = ofOne(
  "gives finite inputs",
  "No value, nor scale or offset, is NaN or infinite.",
  ({ inputs: { data, shape, scale = 1, offset = 0 } }) => {
    if (!Number.isFinite(scale) || !Number.isFinite(offset)) return `scale is ${scale}, offset ${offset}`;
    const at = data.findIndex((value: number) => !Number.isFinite(value));
    return at < 0 ? undefined : `a value of row ${Math.floor(at * shape[0] / data.length)} is ${data[at]}`;
  },
);

const labels = ofOne(
  "labels rows from 0 to below the number of classes",
  "classes is an integer from 2 to 256, and every label is below it.",
  ({ labels, classes }) => {
    if (!Number.isInteger(classes) || classes < 2 || classes > 256) return `classes must be 2 to 256: it is ${classes}`;
    const at = labels.findIndex((label) => !(label < classes));
    return at < 0 ? undefined : `labels must be below ${classes}: that of row ${at} is ${labels[at]}`;
  },
);

const splits = ofOne(
  "splits its rows into parts that share none",
  "Rows of train and test are among those there are, none is in both or twice, and there is one to train on.",
  ({ splits, labels: { length: n } }) => {
    const where = new Map<number, string>();
    for (const part of ["train", "test"] as const) {
      for (const row of splits[part]) {
        if (!(row < n)) return `rows must be below ${n}: one of ${part} is ${row}`;
        if (where.has(row)) return `a row may be in one part, once: row ${row} is in ${where.get(row)} and in ${part}`;
        where.set(row, part);
      }
    }
    return splits.train.length > 0 ? undefined : "there must be a row to train on: there is none";
  },
);

const probabilities: DatasetCheck = {
  name: "gives probabilities that sum to 1",
  how:
    "p(x) over all rows, and p(y|x) of each row, are >= 0 and sum to 1 within 1e-9; there are as many as rows and classes ask for.",
  async run(subject) {
    const { joint, classes, labels: { length: n } } = await load(subject);
    if (joint === undefined) return inapplicable("it gives no p(x) and p(y|x)");
    const { px, pyx } = joint;
    if (px.length !== n) return failed(`p(x) must have ${n} values: it has ${px.length}`);
    if (pyx.length !== n * classes) return failed(`p(y|x) must have ${n} × ${classes} values: it has ${pyx.length}`);
    const wrong = (p: Float64Array) => {
      const below = p.find((value) => !(value >= 0));
      const sum = p.reduce((a, b) => a + b, 0);
      if (below !== undefined) return `holds ${below}`;
      return Math.abs(sum - 1) <= 1e-9 ? undefined : `sums to ${sum}`;
    };
    const ofX = wrong(px);
    if (ofX) return failed(`p(x) ${ofX}`);
    for (let row = 0; row < n; row++) {
      const ofY = wrong(pyx.subarray(row * classes, (row + 1) * classes));
      if (ofY) return failed(`p(y|x) of row ${row} ${ofY}`);
    }
    return PASSED;
  },
};

const dealt: DatasetCheck = {
  name: "deals labels as p(y|x) says",
  how:
    `No label has probability 0. Over ${REPLICATES} replicates (one, if all are dealt the same) the number of labels of each class, and ` +
    "Σ p(label|x), lie as close to what p(y|x) expects as Bernstein's inequality says, which a sound dataset fails with probability " +
    `${FALSE_ALARM} at most.`,
  async run(subject) {
    const first = await load(subject);
    if (first.joint === undefined) return inapplicable("it gives no p(x) and p(y|x)");
    const dealt = [first];
    while (dealt.length < REPLICATES) dealt.push(await load(subject, dealt.length));
    const alike = dealt.every(({ labels }) => labels.every((label, row) => label === first.labels[row]));
    return outcomeOf(farFrom(alike ? [first] : dealt));
  },
};

/** What of the labels is too far from what their probabilities say. */
function farFrom(replicates: readonly LoadedDataset[]): string | undefined {
  const { classes } = replicates[0];
  /** Found, expected and variance of each count; the last is Σ p(label|x). */
  const sums = Array.from({ length: classes + 1 }, () => ({ found: 0, expected: 0, variance: 0 }));
  for (const [replicate, { labels, joint }] of replicates.entries()) {
    for (const [row, label] of labels.entries()) {
      const p = joint!.pyx.subarray(row * classes, (row + 1) * classes);
      if (!(p[label] > 0)) {
        return `row ${row} of replicate ${replicate} has label ${label}, whose probability is ${p[label]}`;
      }
      let [square, cube] = [0, 0];
      p.forEach((probability, y) => {
        const count = sums[y];
        count.found += label === y ? 1 : 0;
        count.expected += probability;
        count.variance += probability * (1 - probability);
        square += probability * probability;
        cube += probability * probability * probability;
      });
      const agreement = sums[classes];
      agreement.found += p[label];
      agreement.expected += square;
      agreement.variance += cube - square * square;
    }
  }
  const level = log(2 * sums.length / FALSE_ALARM);
  for (const [i, { found, expected, variance }] of sums.entries()) {
    const reach = level / 3 + Math.sqrt(level * level / 9 + 2 * Math.max(0, variance) * level);
    if (Math.abs(found - expected) <= reach) continue;
    const what = i < classes ? `the number of labels ${i}` : "Σ p(label|x)";
    return `${what} must be ${expected.toFixed(1)} within ${reach.toFixed(1)}: it is ${found.toFixed(1)}`;
  }
  return undefined;
}

const knowledge: DatasetCheck = {
  name: "knows an I(X;Y) that can be",
  how:
    "I(X;Y) in bits is at least 0 and at most log₂ of the number of classes; given with p(x) and p(y|x), it is theirs within 1e-6.",
  async run(subject) {
    const { ixyBits, classes, joint } = await load(subject);
    if (ixyBits === undefined) return inapplicable("it does not say I(X;Y) but by p(x) and p(y|x), if at all");
    if (!(ixyBits >= 0 && ixyBits <= log2(classes) + 1e-9)) {
      return failed(`it must lie from 0 to ${log2(classes)}: it is ${ixyBits}`);
    }
    if (joint === undefined) return PASSED;
    const py = new Float64Array(classes);
    let conditional = 0;
    joint.px.forEach((p, row) => {
      const ofRow = joint.pyx.subarray(row * classes, (row + 1) * classes);
      ofRow.forEach((q, y) => py[y] += p * q);
      conditional += p * entropyOfProbabilities(ofRow);
    });
    const exact = entropyOfProbabilities(py) - conditional;
    return outcomeOf(
      Math.abs(exact - ixyBits) <= 1e-6 ? undefined : `it is ${exact} bits by p(x) and p(y|x): it says ${ixyBits}`,
    );
  },
};

const repeatable: DatasetCheck = {
  name: "gives a replicate the same bytes again, at any time",
  how:
    "Loaded twice from one stream, the second time on another day: inputs, labels, splits and probabilities hold the same bytes.",
  async run(subject) {
    const first = await load(subject);
    const again = await elsewhen(() => load(subject));
    return outcomeOf(difference(first, again));
  },
};

const chance: DatasetCheck = {
  name: "gives each replicate chance of its own",
  how: `Of ${REPLICATES} replicates two differ, if it draws from its stream at all.`,
  async run(subject) {
    const own = streamOf(0);
    const drawn = new Set<string>();
    const first = await load(subject, 0, watched(own, (path) => drawn.add(path.slice(own.path.length).join("."))));
    if (drawn.size === 0) return inapplicable("it draws nothing from its stream, so that all replicates see the same");
    const certain = first.joint?.pyx.every((p) => p === 0 || p === 1) ?? false;
    if (certain && drawn.size === 1 && drawn.has("labels")) {
      return inapplicable("it draws labels alone, which are certain");
    }
    for (let replicate = 1; replicate < REPLICATES; replicate++) {
      if (difference(first, await load(subject, replicate)) !== undefined) return PASSED;
    }
    return failed(`it draws from its stream, and yet ${REPLICATES} replicates are the same`);
  },
};

/** The first part in which two replicates differ; undefined if none. */
function difference(one: LoadedDataset, other: LoadedDataset): string | undefined {
  const [a, b] = [one, other].map(partsOf);
  for (const part of Object.keys(a)) {
    const [x, y] = [a[part], b[part]];
    if (x === undefined || y === undefined || typeof x !== "object" || typeof y !== "object") {
      if (x !== y) return `${part} is ${x ?? "not there"}, then ${y ?? "not there"}`;
      continue;
    }
    if (x.length !== y.length) return `${part} holds ${x.length} values, then ${y.length}`;
    const at = x.findIndex((value: number, i: number) => !Object.is(value, y[i]));
    if (at >= 0) return `value ${at} of ${part} is ${x[at]}, then ${y[at]}`;
  }
  return undefined;
}

type Part = Tensor["data"] | Uint32Array | number | string | undefined;

function partsOf({ inputs, labels, classes, splits, joint, ixyBits }: LoadedDataset): Record<string, Part> {
  const { data, shape, scale = 1, offset = 0 } = inputs;
  return {
    ...{ "the inputs": data, "their shape": shape.join(" × "), "their scale": scale, "their offset": offset },
    ...{ "the labels": labels, "the number of classes": classes, "I(X;Y)": ixyBits },
    ...{ "the training rows": splits.train, "the test rows": splits.test, "p(x)": joint?.px, "p(y|x)": joint?.pyx },
  };
}

/** Every check of a dataset, in the order they are run. */
export const DATASET_CHECKS: readonly DatasetCheck[] = [
  OPTIONS_CHECK as DatasetCheck,
  shapes,
  finite,
  labels,
  splits,
  probabilities,
  dealt,
  knowledge,
  repeatable,
  chance,
  FINGERPRINT_CHECK as DatasetCheck,
];
