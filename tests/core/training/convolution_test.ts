import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { DeepLayerDescription, DeepNetDescription } from "../../../core/contracts/deep_net.ts";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { root } from "../../../core/random/mod.ts";
import {
  CONVOLUTION_ARITHMETIC,
  createConvolutionEngine,
  whyNotByKernels,
} from "../../../core/training/convolution.ts";
import type { DenseOptimiser } from "../../../core/training/dense.ts";
import { measuredLayers, parameterCount, tapsOf } from "../../../core/training/net.ts";
import { twinDeepDifferences, twinDeepLoss, twinLayers } from "../../oracles/deep_twin.ts";

const kernels = await loadKernels();
const weights = { distribution: "normal", sigma: 0.3 } as const;
const SGD: DenseOptimiser = { id: "sgd", rate: 0.1 };

const conv = (name: string, filters: number, kernelSize: number | [number, number], more: object = {}) =>
  ({
    kind: "conv2d",
    name,
    filters,
    kernelSize,
    activation: "relu",
    weights,
    bias: 0.1,
    ...more,
  }) as DeepLayerDescription;
const dense = (name: string, units: number, activation: string) =>
  ({ kind: "dense", name, units, activation, weights, bias: 0 }) as DeepLayerDescription;
const flat: DeepLayerDescription = { kind: "flatten", name: "flat" };
const net = (inputShape: number[], ...layers: DeepLayerDescription[]): DeepNetDescription => ({
  kind: "deep",
  inputShape,
  layers,
});

const NETS: { readonly [what: string]: DeepNetDescription } = {
  "convolutions without padding and a largest value": net(
    [6, 5, 2],
    conv("a", 3, 3),
    { kind: "maxPool2d", name: "pool", poolSize: 2, strides: 1 },
    conv("b", 7, [2, 1], { activation: "tanh" }),
    flat,
    dense("hidden", 6, "tanh"),
    dense("out", 3, "softmax"),
  ),
  "convolutions with padding and steps": net(
    [7, 6, 3],
    conv("a", 6, 3, { padding: "same", activation: "softplus" }),
    conv("b", 5, 3, { padding: "same", strides: 2, activation: "leaky-relu" }),
    conv("c", 4, [2, 3], { strides: [1, 2], activation: "sigmoid" }),
    flat,
    dense("out", 4, "softmax"),
  ),
  "pools with padding, windows that overlap, and a mean": net(
    [5, 7, 1],
    conv("a", 4, 2, { padding: "same" }),
    { kind: "maxPool2d", name: "largest", poolSize: 3, strides: 2, padding: "same" },
    { kind: "averagePool2d", name: "mean", poolSize: [2, 3], strides: 1, padding: "same" },
    flat,
    dense("out", 2, "softmax"),
  ),
  "a residual sum, twice the same layer, and a logistic unit": net(
    [4, 4, 2],
    conv("a", 5, 3, { padding: "same" }),
    conv("b", 5, 3, { padding: "same", activation: "linear" }),
    { kind: "add", name: "sum", from: "a", activation: "relu" },
    conv("c", 5, 1, { activation: "linear" }),
    { kind: "add", name: "again", from: "a" },
    { kind: "averagePool2d", name: "mean", poolSize: 4 },
    flat,
    dense("out", 1, "sigmoid"),
  ),
  "dense layers alone": net([9], dense("a", 11, "tanh"), dense("b", 4, "relu"), dense("out", 3, "softmax")),
};

/** Convolutions and hidden layers of these bits, with all that may stand between them. */
const quantised = (activation: "tanh" | "sigmoid", quantisedBits: number): DeepNetDescription => ({
  ...net(
    [6, 5, 2],
    conv("a", 3, 3, { padding: "same", activation, quantisedBits }),
    { kind: "maxPool2d", name: "largest", poolSize: 2, strides: 1 },
    conv("b", 4, 2, { strides: [2, 1], activation, quantisedBits }),
    { kind: "averagePool2d", name: "mean", poolSize: [1, 2], padding: "same" },
    conv("c", 4, 1, { activation: "linear" }),
    { kind: "add", name: "sum", from: "mean" },
    flat,
    { ...dense("hidden", 6, activation), quantisedBits } as DeepLayerDescription,
    dense("out", 3, "softmax"),
  ),
  backend: "kernels",
});
const QUANTISED: { readonly [what: string]: DeepNetDescription } = {
  "tanh of 2 bits": quantised("tanh", 2),
  "tanh of 4 bits": quantised("tanh", 4),
  "sigmoids of 3 bits": quantised("sigmoid", 3),
};

type Row = ArrayLike<number>;
const forwardTwin = (description: DeepNetDescription, parameters: Row, row: Row) => {
  const layers = twinLayers(description, parameters, [Array.from(row)]);
  return new Map([...layers].map(([name, { rows }]) => [name, rows[0]]));
};
const lossTwin = (description: DeepNetDescription, parameters: Row, row: Row, label: number) =>
  twinDeepLoss(description, parameters, [Array.from(row)], [label], {});
const gradientTwin = (description: DeepNetDescription, parameters: Row, row: Row, label: number) =>
  twinDeepDifferences(description, parameters, [Array.from(row)], [label], {});

function problemOf(description: DeepNetDescription, n: number) {
  const stream = root(5).child("problem");
  const size = description.inputShape.reduce((a, b) => a * b, 1);
  const last = description.layers[description.layers.length - 1];
  const classes = "units" in last && last.units > 1 ? last.units : 2;
  const inputs = Float32Array.from({ length: n * size }, () => stream.normal());
  const labels = Uint8Array.from({ length: n }, () => Math.floor(stream.uniform() * classes));
  const parameters = Float32Array.from({ length: parameterCount(description) }, () => 0.3 * stream.normal());
  const row = (i: number) => inputs.subarray(i * size, (i + 1) * size);
  return { data: { inputs: { data: inputs, shape: [n, ...description.inputShape] }, labels }, parameters, row };
}

function engineOf(description: DeepNetDescription, n: number, optimiser = SGD, maxBatch = 32) {
  const problem = problemOf(description, n);
  const engine = createConvolutionEngine(kernels, description, problem.data, { optimiser, maxBatch });
  engine.setParameters(problem.parameters);
  return { ...problem, engine };
}

function near(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string) {
  assert.equal(actual.length, expected.length, what);
  const scale = Math.max(1e-3, ...Array.from(expected, Math.abs));
  for (let i = 0; i < actual.length; i++) {
    assert.ok(
      Math.abs(actual[i] - expected[i]) <= tolerance * scale,
      `${what}[${i}] is ${actual[i]}, not ${expected[i]}`,
    );
  }
}

for (const [what, description] of Object.entries({ ...NETS, ...QUANTISED })) {
  Deno.test(`${what}: activations, loss and gradient are those of plain loops and central differences`, () => {
    const { engine, data: { labels }, parameters, row } = engineOf(description, 13);
    const rows = Uint32Array.of(12, 3, 0, 7, 5, 1, 9, 11, 2, 8, 4);
    const taps = tapsOf(description);
    const into = taps.map((name) =>
      new Float32Array(13 * forwardTwin(description, parameters, row(0)).get(name)!.length)
    );
    engine.forward(rows, into, 0);
    rows.forEach((r, i) => {
      const twin = forwardTwin(description, parameters, row(r));
      taps.slice(0, -1).forEach((name, k) => {
        const units = into[k].length / 13;
        near(into[k].subarray(i * units, (i + 1) * units), twin.get(name)!, 1e-5, `${name} of row ${r}`);
      });
      const logits = twin.get(taps[taps.length - 1])!;
      near(engine.logits().subarray(i * logits.length, (i + 1) * logits.length), logits, 1e-5, `logits of row ${r}`);
      const output = logits.length === 1
        ? [1 / (1 + Math.exp(-logits[0]))]
        : [...logits].map((z) => Math.exp(z) / logits.reduce((sum, other) => sum + Math.exp(other), 0));
      near(
        into[taps.length - 1].subarray(i * output.length, (i + 1) * output.length),
        output,
        1e-5,
        `output of row ${r}`,
      );
    });

    const mean = new Float64Array(parameters.length);
    const squares = new Float64Array(engine.parts.length);
    let loss = 0;
    for (const r of rows) {
      const gradient = gradientTwin(description, parameters, row(r), labels[r]);
      gradient.forEach((g, i) => mean[i] += g / rows.length);
      engine.parts.forEach(({ from, to }, k) => {
        squares[k] += gradient.subarray(from, to).reduce((sum, g) => sum + g * g, 0);
      });
      loss += lossTwin(description, parameters, row(r), labels[r]) / rows.length;
    }
    near(engine.gradient(rows), mean, 1e-4, "gradient");
    const both = engine.gradientSquares(rows);
    assert.deepEqual(both.gradient, engine.gradient(rows));
    near(both.squares, squares, 1e-4, "squares");
    assert.ok(Math.abs(engine.step(rows) - loss) < 1e-5 * Math.max(1, loss));
    near(engine.parameters(), Array.from(parameters, (p, i) => p - 0.1 * mean[i]), 1e-5, "parameters after a step");
  });
}

const RESIDUAL = NETS["a residual sum, twice the same layer, and a logistic unit"];

Deno.test("a batch's bytes do not depend on the room for it, nor on what was computed before", () => {
  for (const description of Object.values({ ...NETS, ...QUANTISED })) {
    const rows = Uint32Array.of(4, 1, 9, 6, 0);
    const bytesWith = (maxBatch: number, before: boolean) => {
      const { engine } = engineOf(description, 13, SGD, maxBatch);
      if (before) engine.gradient(Uint32Array.from({ length: 13 }, (_, i) => i));
      return { gradient: engine.gradient(rows), loss: engine.step(rows), parameters: engine.parameters() };
    };
    assert.deepEqual(bytesWith(32, true), bytesWith(5, false));
  }
});

Deno.test("every optimiser descends, Langevin with the noise it is given", () => {
  const rows = Uint32Array.from({ length: 13 }, (_, i) => i);
  const optimisers: DenseOptimiser[] = [
    { id: "sgd", rate: 0.05, momentum: 0.9 },
    { id: "adam", rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-4 },
  ];
  for (const optimiser of optimisers) {
    const { engine } = engineOf(NETS["convolutions with padding and steps"], 13, optimiser);
    const first = engine.step(rows);
    let last = first;
    for (let step = 0; step < 60; step++) last = engine.step(rows);
    assert.ok(last < 0.5 * first, `${optimiser.id}: from ${first} to ${last}`);
  }
  const { engine, parameters } = engineOf(RESIDUAL, 13, { id: "langevin", rate: 0, temperature: 1 });
  assert.throws(() => engine.step(rows), /needs noise/);
  engine.step(rows, new Float64Array(parameters.length).fill(1));
  assert.deepEqual(engine.parameters(), parameters);
});

for (const [what, description] of Object.entries(QUANTISED)) {
  Deno.test(`${what}: outputs are middles of so many cells, those of largest values too, and training descends`, () => {
    const tapped = { ...description, taps: ["a", "largest", "b", "mean", "hidden", "out"] };
    const { engine } = engineOf(tapped, 13, { id: "adam", rate: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
    const rows = Uint32Array.from({ length: 13 }, (_, i) => i);
    const layers = measuredLayers(tapped);
    const bits = layers[0].quantisedBits!;
    const low = layers[0].activation === "tanh" ? -1 : 0;
    const middles = Array.from({ length: 2 ** bits }, (_, cell) => low + (1 - low) * (cell + 0.5) / 2 ** bits);
    assert.deepEqual(layers.map(({ quantisedBits }) => quantisedBits), [bits, bits, bits, undefined, bits, undefined]);
    const loss = engine.step(rows);
    for (let step = 0; step < 80; step++) engine.step(rows);
    const into = layers.map(({ units }) => new Float32Array(13 * units));
    engine.forward(rows, into, 0);
    into.forEach((values, k) => {
      const inCells = values.every((value) => middles.includes(value));
      assert.equal(inCells, layers[k].quantisedBits !== undefined, layers[k].name);
    });
    const last = engine.step(rows);
    assert.ok(last < 0.6 * loss, `from ${loss} to ${last}`);
  });
}

Deno.test("bytes with a scale are read as the numbers they mean", () => {
  const description = NETS["convolutions without padding and a largest value"];
  const bytes = Uint8Array.from({ length: 3 * 60 }, (_, i) => i * 7 % 256);
  const labels = Uint8Array.of(0, 2, 1);
  const shape = [3, 6, 5, 2];
  const { parameters } = problemOf(description, 1);
  const gradients = [
    { data: bytes, shape, scale: 1 / 255, offset: -0.5 },
    { data: Float32Array.from(bytes, (byte) => byte / 255 - 0.5), shape },
  ].map((inputs) => {
    const engine = createConvolutionEngine(kernels, description, { inputs, labels }, { optimiser: SGD, maxBatch: 3 });
    engine.setParameters(parameters);
    return engine.gradient(Uint32Array.of(0, 1, 2));
  });
  near(gradients[0], gradients[1], 1e-6, "gradient");
});

Deno.test("what the kernels cannot train is refused by name", () => {
  const with_ = (layer: DeepLayerDescription) =>
    net([4, 4, 1], conv("a", 2, 3), layer, flat, dense("out", 2, "softmax"));
  assert.equal(whyNotByKernels(with_(conv("b", 2, 1))), undefined);
  assert.match(whyNotByKernels(with_({ kind: "dropout", name: "drop", rate: 0.5 }))!, /"drop" is dropout/);
  assert.match(whyNotByKernels(with_({ kind: "batchNorm", name: "norm" }))!, /"norm" is batchNorm/);
  const build = (description: DeepNetDescription, maxBatch = 1, labels = Uint8Array.of(0)) =>
    createConvolutionEngine(kernels, description, {
      inputs: { data: new Float32Array(16), shape: [1, 4, 4, 1] },
      labels,
    }, {
      optimiser: SGD,
      maxBatch,
    });
  assert.throws(
    () => build(with_({ kind: "batchNorm", name: "norm" })),
    /Cannot train a net by the kernels as layers must be/,
  );
  assert.throws(() => build(with_(conv("b", 2, 1)), 0), /maxBatch must be >= 1: it is 0/);
  assert.throws(() => build(with_(conv("b", 2, 1)), 1, Uint8Array.of(2)), /labels\[0\] is 2/);
  assert.throws(() => build(with_(conv("b", 2, 1)), 1, Uint8Array.of(0, 0)), /2 rows of 16 numbers/);
  assert.throws(
    () => build(with_(conv("b", 2, 1))).step(Uint32Array.of(1)),
    /there are 1 rows of data: a batch asks for row 1/,
  );
});

// Forward 2 has the bytes of forward 1: since then a pool is known to lie in the range of the layer it pools, so that measurements tell
// its saturation, and those stored before do not.
Deno.test(`arithmetic ${CONVOLUTION_ARITHMETIC.train}, ${CONVOLUTION_ARITHMETIC.forward}: the bytes that ten steps end with, and their activations`, () => {
  assert.deepEqual(CONVOLUTION_ARITHMETIC, { train: 1, forward: 2 });
  const hash = createHash("sha256");
  const forward = createHash("sha256");
  for (const description of Object.values(NETS)) {
    const { engine } = engineOf(description, 13);
    for (let step = 0; step < 10; step++) engine.step(Uint32Array.from({ length: 11 }, (_, i) => (i * 5 + step) % 13));
    hash.update(new Uint8Array(engine.parameters().buffer));
    const taps = tapsOf(description);
    const { parameters, row } = problemOf(description, 13);
    const units = taps.map((name) => forwardTwin(description, parameters, row(0)).get(name)!.length);
    const into = units.map((count) => new Float32Array(13 * count));
    engine.forward(Uint32Array.from({ length: 13 }, (_, i) => i), into, 0);
    into.forEach((values) => forward.update(new Uint8Array(values.buffer)));
  }
  assert.equal(hash.digest("hex"), "44027ed62aed896bc7c5fc54c845eafd4286a9e87d50b452cdc18659725d7bd6");
  assert.equal(forward.digest("hex"), "3eb55d1c06f054f8b3494aa6a143554a92fa76c6d475abfda9c9fd7b86457b29");
});
