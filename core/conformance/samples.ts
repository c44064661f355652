/**
 * Samples whose truth is known: the least that tells right from wrong. Units are −1 or 1, or lie between, so that any codebook on [−1, 1]
 * takes them; every call makes new arrays.
 *
 * @module
 */
import type { Sample } from "../contracts/estimator.ts";
import type { Stream } from "../contracts/stream.ts";
import { root } from "../random/mod.ts";
import { entropyOfProbabilities, mutualInformationBits, tanh } from "../numerics/mod.ts";
import { additiveUniform, binormal, denseGaussian, drawSample, gaussianMixture, type Truth } from "../truths/mod.ts";

/** Rows of samples that are drawn. */
export const ROWS = 256;

/** Rows of samples for estimators that measure none of the others: those that train on some rows and hold out the rest. */
export const MANY_ROWS = 1024;

/** The source of a sample's chance. */
export function stream(name: string): Stream {
  return root(0).child("conformance", "samples", name);
}

/** A sample with what is true of it, in bits; null where it is not known or infinite. */
export interface Known {
  readonly name: string;
  readonly sample: Sample;
  /** I(X;T). */
  readonly ixt: number | null;
  /** I(T;Y). */
  readonly ity: number | null;
}

/** An input: the units that are on, its probability, p(y|x). */
interface Pattern {
  readonly on: readonly boolean[];
  readonly px: number;
  readonly py: readonly number[];
}

/** All patterns with exact probabilities; truths by counting codes. */
export function enumerated(name: string, patterns: readonly Pattern[]): Known {
  const [n, units, classes] = [patterns.length, patterns[0].on.length, patterns[0].py.length];
  const codes = new Map<string, Float64Array>();
  for (const { on, px, py } of patterns) {
    const code = on.join();
    const mass = codes.get(code) ?? new Float64Array(classes);
    py.forEach((p, y) => mass[y] += px * p);
    codes.set(code, mass);
  }
  const joint = [...codes.values()];
  return {
    name,
    ixt: entropyOfProbabilities(joint.map((mass) => mass.reduce((sum, p) => sum + p, 0))),
    ity: mutualInformationBits(joint.flatMap((mass) => [...mass]), classes),
    sample: {
      layer: 1,
      meta: { ...META, n, units, exactJoint: true, classes, deterministic: true, quantisedBits: 8 },
      activations: { data: Float32Array.from(patterns.flatMap(({ on }) => on.map(sign))), shape: [n, units] },
      labels: Uint8Array.from(patterns, ({ py }) => py.indexOf(Math.max(...py))),
      joint: {
        px: Float64Array.from(patterns, ({ px }) => px),
        pyx: Float64Array.from(patterns.flatMap(({ py }) => py)),
      },
      inputs: { data: Float64Array.from(patterns, (_, x) => x), shape: [n, 1] },
    },
  };
}

const META = { activation: "tanh", range: [-1, 1] } as const;
const sign = (on: boolean) => on ? 1 : -1;
const bitsOf = (x: number, units: number) => Array.from({ length: units }, (_, i) => ((x >> i) & 1) === 1);
const certain = (y: number, classes: number) => Array.from({ length: classes }, (_, label) => label === y ? 1 : 0);

/** k units that copy k fair bits; the label is all of them. */
export function copy(k: number): Known {
  const patterns = Array.from(
    { length: 1 << k },
    (_, x) => ({ on: bitsOf(x, k), px: 1 / (1 << k), py: certain(x, 1 << k) }),
  );
  return enumerated(`a copy of ${k} fair ${k === 1 ? "bit" : "bits"}`, patterns);
}

/** Eight inputs, equally likely, copied; the label is fair whatever the input. */
export function independent(): Known {
  const patterns = Array.from({ length: 8 }, (_, x) => ({ on: bitsOf(x, 3), px: 1 / 8, py: [0.5, 0.5] }));
  return enumerated("three fair bits and a label that knows nothing of them", patterns);
}

/** Finite joints, from the plainest to unequal probabilities, merged inputs and three uncertain labels. */
export function finiteJoints(): Known[] {
  const weights = [8, 5, 4, 4, 3, 3, 3, 2];
  const labels = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.25, 0.25, 0.5], [0, 1, 0]];
  const noisy = weights.map((weight, x) => ({
    on: bitsOf(x % 4, 2),
    px: weight / 32,
    py: labels[x % 3 + (x > 5 ? 1 : 0)],
  }));
  const first = Array.from({ length: 8 }, (_, x) => ({ on: bitsOf(x, 3), px: 1 / 8, py: certain(x & 1, 2) }));
  const channel = [[0.9, 0.1], [0.1, 0.9]].map((py, x) => ({ on: bitsOf(x, 1), px: 0.5, py }));
  return [
    copy(2),
    enumerated("three fair bits, the label is the first", first),
    enumerated("a symmetric channel of error 0.1", channel),
    enumerated("eight unequal inputs in four codes, three labels", noisy),
    independent(),
  ];
}

/** n rows of three fair units, the label a copy of the first. */
export function drawnCopy(n: number, chance: Stream): Known {
  return drawn("three units drawn, the label a copy of the first", n, 3, chance, (units) => units[0] ? 1 : 0);
}

/** n rows of fair units and fair labels, none of which knows of another; nor do the inputs. */
export function drawnIndependent(n: number, chance: Stream): Known {
  const coins = chance.child("coins");
  const inputs = chance.child("inputs");
  const { sample, ...known } = drawn("three units drawn, fair labels", n, 3, chance, () => coins.integer(2));
  const data = Float64Array.from({ length: n }, () => inputs.normal());
  const { deterministic: _, ...meta } = sample.meta;
  return { ...known, ixt: 0, ity: 0, sample: { ...sample, meta, inputs: { data, shape: [n, 1] } } };
}

/** n rows of one unit that is on with probability 0.3, the label through a symmetric channel of error 0.1. */
export function drawnChannel(n: number, chance: Stream): Known {
  const [inputs, channel] = [chance.child("inputs"), chance.child("channel")];
  const on = Array.from({ length: n }, () => inputs.uniform() < 0.3);
  const { ixt, ity } = enumerated("", [
    { on: [false], px: 0.7, py: [0.9, 0.1] },
    { on: [true], px: 0.3, py: [0.1, 0.9] },
  ]);
  const labels = Uint8Array.from(on, (bit) => Number(bit) ^ (channel.uniform() < 0.1 ? 1 : 0));
  return { ...rowsOf("a unit drawn, its label through a channel", on.map((bit) => [bit]), labels), ixt, ity };
}

function drawn(name: string, n: number, units: number, chance: Stream, label: (units: boolean[]) => number): Known {
  const bits = chance.child("units");
  const rows = Array.from({ length: n }, () => Array.from({ length: units }, () => bits.integer(2) === 1));
  return { ...rowsOf(name, rows, Uint8Array.from(rows, label)), ixt: units, ity: 1 };
}

function rowsOf(name: string, rows: readonly boolean[][], labels: Uint8Array): Omit<Known, "ixt" | "ity"> {
  const [n, units] = [rows.length, rows[0].length];
  return {
    name,
    sample: {
      layer: 1,
      meta: { ...META, n, units, exactJoint: false, classes: 2, deterministic: true, quantisedBits: 8 },
      activations: { data: Float32Array.from(rows.flatMap((row) => row.map(sign))), shape: [n, units] },
      labels,
      inputs: { data: Float64Array.from(rows.flatMap((row) => row.map(sign))), shape: [n, units] },
    },
  };
}

/** n rows of a truth, its activations brought into (−1, 1) by tanh, which changes no information. */
export function squashed(truth: Truth, n: number, chance: Stream): Known {
  const sample = drawSample(truth, n, chance);
  const { data, shape } = sample.activations;
  const activations = { data: Float64Array.from(data, (value) => tanh(value)), shape };
  return {
    name: truth.id,
    sample: { ...sample, meta: { ...sample.meta, ...META }, activations },
    ixt: truth.kind === "pair" ? truth.bits : null,
    ity: truth.kind === "pair" ? 0 : truth.bits,
  };
}

/** Samples on continuous units, whose truths are those of their laws; one where there are many rows, as they then take long. */
export function continuous(rows = ROWS): Known[] {
  const laws = [binormal(0.75), denseGaussian(2), additiveUniform(0.75), gaussianMixture(2)];
  return laws.slice(0, rows > ROWS ? 1 : undefined).map((truth) => squashed(truth, rows, stream(truth.id)));
}

/** Samples of every kind, for what must hold on any. */
export function samplesOfEveryKind(rows = ROWS): Known[] {
  return [
    ...finiteJoints(),
    drawnCopy(rows, stream("copy")),
    drawnIndependent(rows, stream("nothing")),
    ...continuous(rows),
  ];
}
