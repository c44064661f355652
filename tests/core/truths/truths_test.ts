import assert from "node:assert/strict";
import { root } from "../../../core/random/mod.ts";
import {
  additiveUniform,
  binormal,
  curveArcs,
  denseGaussian,
  drawDataset,
  drawSample,
  embedded,
  finiteJoint,
  gaussianMixture,
  type LabelTruth,
  mapped,
  MONOTONE_MAPS,
  normalSign,
  overlappingUniforms,
  type PairTruth,
  sparseGaussian,
  student,
  TRUTHS,
} from "../../../core/truths/mod.ts";

const N = 20_000;

/** Row i of a tensor. */
const rowOf = ({ data, shape }: { data: ArrayLike<number>; shape: readonly number[] }, i: number) =>
  Array.from({ length: shape[1] }, (_, j) => data[i * shape[1] + j]);

/**
 * The mean of log₂ p(x,y)/p(x)p(y) over drawn rows is I(X;Y), within five of its own standard errors. Densities are written anew here.
 */
function assertMean(id: string, bits: number, surprises: readonly number[]) {
  const mean = surprises.reduce((sum, value) => sum + value, 0) / surprises.length;
  const variance = surprises.reduce((sum, value) => sum + (value - mean) ** 2, 0) / surprises.length;
  const error = 5 * Math.sqrt(variance / surprises.length) + 1e-9;
  assert.ok(Math.abs(mean - bits) <= error, `${id}: ${mean} is not ${bits} ± ${error}`);
}

function assertPairs(truth: PairTruth, ratio: (x: number[], y: number[]) => number) {
  const { x, y } = truth.sample(N, root(7).child(truth.id));
  assert.deepEqual([x.shape[0], y.shape[0]], [N, N]);
  assertMean(truth.id, truth.bits, Array.from({ length: N }, (_, i) => Math.log2(ratio(rowOf(x, i), rowOf(y, i)))));
}

/** @param posterior p(y|x) over p(y). */
function assertLabels(truth: LabelTruth, posterior: (x: number[], label: number) => number) {
  const { x, labels } = truth.sample(N, root(7).child(truth.id));
  assert.ok(labels.every((label) => label < truth.classes));
  assertMean(truth.id, truth.bits, Array.from(labels, (label, i) => Math.log2(posterior(rowOf(x, i), label))));
}

/** Density of zero-mean variables of unit variance and equal covariances c. */
function equalNormal(z: readonly number[], c: number): number {
  const d = z.length;
  const squares = z.reduce((sum, value) => sum + value * value, 0);
  const total = z.reduce((sum, value) => sum + value, 0);
  const det = (1 - c) ** (d - 1) * (1 + (d - 1) * c);
  const form = (squares - c / (1 + (d - 1) * c) * total * total) / (1 - c);
  return Math.exp(-form / 2) / Math.sqrt((2 * Math.PI) ** d * det);
}

/** ln Γ of halves of integers. */
function lnGamma(x: number): number {
  let sum = x % 1 === 0 ? 0 : Math.log(Math.PI) / 2;
  for (let at = x % 1 === 0 ? 1 : 0.5; at < x; at++) sum += Math.log(at);
  return sum;
}

function studentDensity(z: readonly number[], df: number): number {
  const d = z.length;
  const squares = z.reduce((sum, value) => sum + value * value, 0);
  const ln = lnGamma((df + d) / 2) - lnGamma(df / 2) - d / 2 * Math.log(df * Math.PI);
  return Math.exp(ln - (df + d) / 2 * Math.log1p(squares / df));
}

Deno.test("binormal pairs hold what their densities say", () => {
  assertPairs(binormal(0.75), ([x], [y]) => equalNormal([x, y], 0.75) / equalNormal([x], 0) / equalNormal([y], 0));
});

Deno.test("dense Gaussians hold what their densities say", () => {
  for (const d of [2, 3, 5]) {
    assertPairs(
      denseGaussian(d),
      (x, y) => equalNormal([...x, ...y], 0.5) / equalNormal(x, 0.5) / equalNormal(y, 0.5),
    );
  }
});

Deno.test("sparse Gaussians hold the information of their pairs, and nothing in the rest", () => {
  const truth = sparseGaussian(5, 2, 0.8);
  const one = (x: number, y: number) => equalNormal([x, y], 0.8) / equalNormal([x], 0) / equalNormal([y], 0);
  assertPairs(truth, (x, y) => one(x[0], y[0]) * one(x[1], y[1]));
  const { x, y } = truth.sample(N, root(3));
  let product = 0;
  for (let i = 0; i < N; i++) product += x.data[5 * i + 2] * y.data[5 * i + 2] / N;
  assert.ok(Math.abs(product) < 5 / Math.sqrt(N));
});

Deno.test("Student variables hold what their densities say", () => {
  for (const [m, n, df] of [[2, 2, 1], [3, 3, 2]]) {
    assertPairs(
      student(m, n, df),
      (x, y) => studentDensity([...x, ...y], df) / studentDensity(x, df) / studentDensity(y, df),
    );
  }
});

Deno.test("additive uniform noise holds what its densities say", () => {
  for (const epsilon of [0.1, 0.75]) {
    assertPairs(additiveUniform(epsilon), ([x], [y]) => {
      assert.ok(x >= 0 && x < 1 && Math.abs(y - x) <= epsilon);
      return 1 / (Math.min(1, y + epsilon) - Math.max(0, y - epsilon));
    });
  }
});

Deno.test("a monotone map moves the numbers and keeps their order; the truth is that of the pair it maps", () => {
  for (const name of Object.keys(MONOTONE_MAPS) as (keyof typeof MONOTONE_MAPS)[]) {
    const f = MONOTONE_MAPS[name];
    for (let x = -6; x < 6; x += 0.01) assert.ok(f(x + 0.01) > f(x), `${name} rises at ${x}`);
    const [plain, seen] = [binormal(0.75), mapped(binormal(0.75), name, "identity")];
    assert.equal(seen.bits, plain.bits);
    const stream = () => root(5).child("maps");
    assert.deepEqual(seen.sample(50, stream()).x.data, plain.sample(50, stream()).x.data.map((x) => f(x)));
    assert.deepEqual(seen.sample(50, stream()).y.data, plain.sample(50, stream()).y.data);
  }
  assert.ok(Math.abs(MONOTONE_MAPS.asinh(-2) - Math.asinh(-2)) < 1e-15);
  assert.equal(MONOTONE_MAPS["half-cube"](-4), -8);
});

Deno.test("on a spiral or a swiss roll the variable can be read off the radius, so nothing is lost", () => {
  for (const curve of ["spiral", "swiss-roll"] as const) {
    const plain = additiveUniform(0.1).sample(100, root(2));
    const { x, y } = embedded(additiveUniform(0.1), curve).sample(100, root(2));
    assert.deepEqual([x.shape[1], y.data], [curve === "spiral" ? 2 : 3, plain.y.data]);
    for (let i = 0; i < 100; i++) {
      const [a, b, height] = rowOf(x, i);
      assert.ok(Math.abs(2 * Math.hypot(a, b) - 1 - plain.x.data[i]) < 1e-14);
      assert.ok(height === undefined || (height >= 0 && height < 1));
    }
  }
});

Deno.test("two Gaussians hold what their densities say, in the first dimension alone", () => {
  for (const [distance, dimensions] of [[2, 1], [2, 3], [20, 1]]) {
    assertLabels(gaussianMixture(distance, dimensions), ([x], label) => {
      const [own, other] = [label, 1 - label].map((side) => Math.exp(-((x - (side - 0.5) * distance) ** 2) / 2));
      return 2 * own / (own + other);
    });
  }
});

Deno.test("the sign of a correlated normal number is known as well as its posterior says", () => {
  const cdf = (x: number) => {
    let sum = 0;
    for (let i = 0; i < 400; i++) sum += Math.exp(-(((i + 0.5) / 400 * x) ** 2) / 2) * x / 400;
    return 0.5 + sum / Math.sqrt(2 * Math.PI);
  };
  assertLabels(normalSign(0.8), ([x], label) => {
    const one = cdf(0.8 * x / 0.6);
    return 2 * Math.max(label === 1 ? one : 1 - one, 1e-12);
  });
});

Deno.test("overlapping uniforms, arcs of a curve and finite joints hold what their posteriors say", () => {
  assertLabels(overlappingUniforms(5), ([x], label) => {
    assert.ok(x >= label && x <= label + 2);
    return x < 1 || x > 5 ? 5 : 2.5;
  });
  assertLabels(curveArcs("spiral", 4, 0.1), ([a, b], label) => {
    const arc = Math.floor(4 * (2 * Math.hypot(a, b) - 1));
    return 4 * (label === arc ? 0.9 : 0.1 / 3);
  });
  const joint = [[0.5, 0, 0.125], [0.125, 0.25, 0]];
  const py = [0.625, 0.25, 0.125];
  assertLabels(finiteJoint(joint), ([x], label) => joint[x][label] / joint[x].reduce((a, b) => a + b) / py[label]);
});

Deno.test("a larger sample of a truth begins with the smaller one, and another stream gives another", () => {
  for (const truth of TRUTHS) {
    const draw = (n: number, seed: number) => {
      const { activations, inputs, labels } = drawSample(truth, n, root(seed));
      return [...activations.data.slice(0, 3), ...inputs?.data.slice(0, 1) ?? [], ...labels.slice(0, 3)];
    };
    assert.deepEqual(draw(3, 1), draw(50, 1), truth.id);
    assert.notDeepEqual(draw(3, 1), draw(3, 2), truth.id);
  }
});

Deno.test("every truth has an id of its own and finite bits >= 0", () => {
  assert.equal(new Set(TRUTHS.map(({ id }) => id)).size, TRUTHS.length);
  for (const { id, bits } of TRUTHS) assert.ok(bits > 0 && bits < 10, id);
});

Deno.test("a pair is drawn as inputs and activations with labels that know nothing; labelled rows as activations", () => {
  const pair = drawSample(binormal(0.5), 1000, root(1));
  assert.deepEqual([pair.inputs?.shape, pair.activations.shape, pair.meta.classes], [[1000, 1], [1000, 1], 2]);
  const ones = pair.labels.reduce((sum, label) => sum + label, 0);
  assert.ok(Math.abs(ones - 500) < 80);
  const labelled = drawSample(overlappingUniforms(5), 10, root(1));
  assert.deepEqual([labelled.inputs, labelled.meta.classes, labelled.meta.units], [undefined, 5, 1]);
});

Deno.test("a dataset drawn from a truth says what I(X;Y) is and splits its rows", () => {
  const { inputs, labels, classes, splits, ixyBits } = drawDataset(gaussianMixture(2, 3), 50, 0.8, root(1));
  assert.deepEqual([inputs.shape, labels.length, classes, splits.train.length, splits.test.length], [
    [50, 3],
    50,
    2,
    40,
    10,
  ]);
  assert.equal(ixyBits, gaussianMixture(2).bits);
});

Deno.test("truths refuse parameters that have none", () => {
  assert.throws(() => binormal(1), /ρ must lie in/);
  assert.throws(() => denseGaussian(2, 1), /covariance must lie in \[0, 1\): it is 1/);
  assert.throws(() => sparseGaussian(2, 3, 0.5), /pairs must be 0 to 2: they are 3/);
  assert.throws(() => finiteJoint([[0.5, 0.6]]), /must sum to 1/);
});
