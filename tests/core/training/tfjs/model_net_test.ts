import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { modelNet, type ModelNetDescription } from "../../../../core/tfjs.ts";
import type { ParameterInitialiser } from "../../../../core/contracts/model_net.ts";
import { root } from "../../../../core/testing.ts";
import type { DenseValues } from "../../../../core/training/dense.ts";
import { startBackend } from "../../../../core/training/tfjs/backend.ts";
import { createTfjsEngine, createTfjsForward } from "../../../../core/training/tfjs/engine.ts";
import { initialDeepParameters } from "../../../../core/training/initial_deep_parameters.ts";
import { checkModelNet } from "../../../../core/training/tfjs/model_net.ts";
import { EVERY_LAYER, first, smallData } from "./nets.ts";

const SGD = { id: "sgd", rate: 0.1 } as const;
const dropout = root(3).child("dropout");
const { layers } = tf;
const output = (units = 3) => layers.dense({ units, activation: units === 1 ? "sigmoid" : "softmax", name: "output" });

/** A sequential model of these layers under an output. */
function stacked(shape: readonly number[], between: readonly tf.layers.Layer[], units = 3): tf.LayersModel {
  const below = [layers.inputLayer({ inputShape: [...shape] }), ...between];
  return tf.sequential({ layers: [...below, output(units)] });
}

/** The net with every kind of layer, written as a model. */
async function everyLayer(): Promise<tf.LayersModel> {
  await startBackend("cpu");
  const same = { filters: 2, padding: "same" } as const;
  const input = tf.input({ shape: [5, 4, 2] });
  const on = (x: tf.SymbolicTensor | tf.SymbolicTensor[], ...stack: tf.layers.Layer[]) =>
    stack.reduce((below, layer) => layer.apply(below) as tf.SymbolicTensor, x as tf.SymbolicTensor);
  const conv1 = on(input, layers.conv2d({ ...same, kernelSize: 3, activation: "tanh", name: "conv_1" }));
  const conv2 = on(
    conv1,
    layers.batchNormalization({ momentum: 0.9 }),
    layers.activation({ activation: "softplus" }),
    layers.conv2d({ ...same, kernelSize: 2, name: "conv_2" }),
  );
  const wide = on(
    on([conv2, conv1], layers.add()),
    layers.activation({ activation: "sigmoid" }),
    layers.maxPooling2d({ poolSize: 2, strides: 1 }),
    layers.dropout({ rate: 0.25, name: "drop" }),
    layers.averagePooling2d({ poolSize: [2, 2], padding: "same", strides: [2, 1] }),
    layers.flatten(),
    layers.dense({ units: 4, name: "wide" }),
    layers.leakyReLU({ alpha: 0.01 }),
  );
  const residual = on(wide, layers.dense({ units: 4, activation: "tanh", name: "residual" }));
  const end = on([residual, wide], layers.add());
  const model = on(end, layers.dropout({ rate: 0.5, name: "drop_again" }), output());
  return tf.model({ inputs: input, outputs: model });
}

Deno.test("a model trains to the weights of the same net given as a list of layers, but for rounding", async () => {
  const model = modelNet(await everyLayer());
  const renamed = {
    ...EVERY_LAYER,
    layers: EVERY_LAYER.layers.map((layer) => layer.name === "drop again" ? { ...layer, name: "drop_again" } : layer),
  };
  const data = smallData([5, 4, 2], 12, 3);
  const start = initialDeepParameters(renamed, root(1));
  const ends: DenseValues[] = [];
  for (const net of [renamed, JSON.parse(JSON.stringify(model)) as ModelNetDescription]) {
    using engine = await createTfjsEngine(net, data, SGD, start, dropout);
    for (let i = 0; i < 5; i++) await engine.step(first(12));
    ends.push(engine.parameters());
  }
  ends[0].forEach((weight, i) => assert.ok(Math.abs(ends[1][i] - weight) < 1e-6, `${i}: ${ends[1][i]}, not ${weight}`));
  assert.deepEqual(model.taps.map(({ name, shape, activation }) => [name, shape, activation]), [
    ["conv_1", [5, 4, 2], "tanh"],
    ["conv_2", [5, 4, 2], "linear"],
    ["wide", [4], "linear"],
    ["residual", [4], "tanh"],
    ["output", [3], "softmax"],
  ]);
});

const STACKS: { readonly [what: string]: () => [readonly number[], tf.layers.Layer[]] } = {
  "convolutions along one axis": () => [
    [6, 2],
    [
      layers.conv1d({ filters: 3, kernelSize: 2, activation: "elu" }),
      layers.maxPooling1d({ poolSize: 2 }),
      layers.globalAveragePooling1d({}),
    ],
  ],
  "zeros around, doubled pixels and global means": () => [
    [3, 3, 2],
    [
      layers.zeroPadding2d({ padding: 1 }),
      layers.upSampling2d({ size: [2, 2] }),
      layers.conv2d({ filters: 3, kernelSize: 2, activation: "tanh" }),
      layers.globalAveragePooling2d({}),
    ],
  ],
  "global largest values": () => [
    [5, 5, 2],
    [layers.conv2d({ filters: 3, kernelSize: 2, activation: "tanh" }), layers.globalMaxPooling2d({})],
  ],
  "axes in another order and shape": () => [
    [2, 3],
    [layers.permute({ dims: [2, 1] }), layers.reshape({ targetShape: [6] }), layers.dense({ units: 4 }), layers.elu()],
  ],
  "layer norm, ReLU, swish and frozen weights": () => [
    [4],
    [
      layers.dense({ units: 5 }),
      layers.layerNormalization({}),
      layers.reLU({}),
      layers.dense({ units: 4, activation: "swish", trainable: false, useBias: false }),
    ],
  ],
};

for (const [what, build] of Object.entries(STACKS)) {
  Deno.test(`the gradient of a model with ${what} is that of differences of its loss`, async () => {
    await startBackend("cpu");
    const [shape, between] = build();
    const net = modelNet(stacked(shape, between));
    await checkModelNet(net);
    const data = smallData(shape, 8, 3);
    const start = initialDeepParameters(net, root(2)).map((value, i) => value + ((i * 5) % 7) / 40);
    using engine = await createTfjsEngine(net, data, { id: "sgd", rate: 1e-30 }, start, dropout);
    const gradient = await engine.gradient(first(8));
    const largest = Math.max(...gradient.map(Math.abs));
    let from = 0;
    for (const { shape, learned } of net.parameters) {
      const to = from + shape.reduce((a, b) => a * b, 1);
      for (let i = from; i < to; i++) {
        const difference = learned ? await differenceOf(net, data, start, i) : 0;
        assert.ok(Math.abs(gradient[i] - difference) < 5e-3 * largest, `${i}: ${gradient[i]}, not ${difference}`);
      }
      from = to;
    }
  });
}

async function differenceOf(net: ModelNetDescription, data: ReturnType<typeof smallData>, at: Float32Array, i: number) {
  const h = 1 / 256;
  const losses = [];
  for (const by of [h, -h]) {
    const moved = at.slice();
    moved[i] += by;
    using engine = await createTfjsEngine(net, data, SGD, moved, dropout);
    losses.push(await engine.step(first(8)));
  }
  return (losses[0] - losses[1]) / (2 * h);
}

Deno.test("a logistic model gives p(class 1), and an Activation layer may be the output", async () => {
  await startBackend("cpu");
  const data = smallData([4], 6, 2);
  const one = modelNet(stacked([4], [], 1));
  const two = modelNet(tf.sequential({
    layers: [
      layers.dense({ inputShape: [4], units: 1, name: "sum" }),
      layers.activation({ activation: "sigmoid", name: "end" }),
    ],
  }));
  assert.deepEqual(two.taps.map(({ name, activation }) => [name, activation]), [["sum", "linear"], ["end", "sigmoid"]]);
  const parameters = Float32Array.of(0.5, -1, 0.25, 2, 0.125);
  using a = await createTfjsForward(one, data.inputs);
  using b = await createTfjsForward(two, data.inputs);
  const [[p], [z, q]] = [a.at(parameters), b.at(parameters)];
  assert.deepEqual(p, q);
  z.forEach((value, n) => assert.ok(Math.abs(1 / (1 + Math.exp(-value)) - p[n]) < 1e-6));
});

Deno.test("first weights are drawn as each initialiser says, from the stream of layer and tensor", async () => {
  await startBackend("cpu");
  const { initializers } = tf;
  const drawn: readonly (readonly [ReturnType<typeof tf.initializers.zeros>, ParameterInitialiser])[] = [
    [initializers.zeros(), { distribution: "constant", value: 0 }],
    [initializers.ones(), { distribution: "constant", value: 1 }],
    [initializers.constant({ value: 0.25 }), { distribution: "constant", value: 0.25 }],
    [initializers.identity({ gain: 2 }), { distribution: "identity", gain: 2 }],
    [initializers.randomNormal({ mean: 1, stddev: 0.5 }), { distribution: "normal", sigma: 0.5, centre: 1 }],
    [initializers.truncatedNormal({ mean: 0, stddev: 2 }), { distribution: "truncated-normal", sigma: 2, centre: 0 }],
    [initializers.randomUniform({ minval: -1, maxval: 3 }), { distribution: "uniform", limit: 2, centre: 1 }],
    [initializers.glorotUniform({}), { distribution: "uniform", limit: Math.sqrt(6 / 8) }],
    [initializers.heNormal({}), { distribution: "truncated-normal", sigma: Math.sqrt(2 / 4) }],
    [initializers.leCunNormal({}), { distribution: "truncated-normal", sigma: 0.5 }],
  ];
  for (const [kernelInitializer, expected] of drawn) {
    const net = modelNet(stacked([4], [layers.dense({ units: 4, kernelInitializer, name: "hidden" })]));
    assert.deepEqual(net.parameters[0].initialiser, expected);
    const kernel = initialDeepParameters(net, root(9)).slice(0, 16);
    const stream = root(9).child("hidden", "kernel");
    if (expected.distribution === "uniform") {
      assert.equal(kernel[0], Math.fround((expected.centre ?? 0) + expected.limit * (2 * stream.uniform() - 1)));
    }
    if (expected.distribution === "normal") assert.equal(kernel[0], Math.fround(1 + 0.5 * stream.normal()));
    if (expected.distribution === "identity") {
      assert.deepEqual([...kernel], [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2]);
    }
  }
});

Deno.test("a kernel of filters has as many inputs as its window holds", async () => {
  await startBackend("cpu");
  const kernelInitializer = tf.initializers.heNormal({});
  const between = [layers.conv2d({ filters: 4, kernelSize: [2, 3], kernelInitializer }), layers.flatten()];
  const { initialiser } = modelNet(stacked([5, 5, 3], between)).parameters[0];
  assert.deepEqual(initialiser, { distribution: "truncated-normal", sigma: Math.sqrt(2 / (2 * 3 * 3)) });
});

Deno.test("modelNet() keeps no tensor, and its data say all: describing what they build gives them again", async () => {
  await startBackend("cpu");
  const before = tf.memory().numTensors;
  const net = modelNet(await everyLayer());
  await checkModelNet(JSON.parse(JSON.stringify(net)));
  assert.equal(tf.memory().numTensors, before);
  const wider = { ...net, taps: net.taps.map((tap) => ({ ...tap, shape: [99] })) };
  await assert.rejects(checkModelNet(wider), /must be described as modelNet\(\) does/);
});

const hidden = (options: object) => () => stacked([4], [layers.dense({ units: 4, name: "hidden", ...options })]);
const REFUSED: {
  readonly [what: string]: readonly [build: () => tf.LayersModel, message: RegExp, taps?: readonly string[]];
} = {
  "an initialiser that our streams do not have": [
    hidden({ kernelInitializer: "orthogonal" }),
    /"kernel" of layer "hidden" must start as one of Zeros, Ones, Constant, .*: it says Orthogonal/,
  ],
  "a seed of its own": [
    hidden({ kernelInitializer: tf.initializers.heNormal({ seed: 7 }) }),
    /layer "hidden" must leave chance to the study: it has a seed of its own/,
  ],
  "dropout with a seed": [
    () => stacked([4], [layers.dropout({ rate: 0.5, seed: 3, name: "drop" })]),
    /layer "drop" must leave chance to the study/,
  ],
  "dropout of whole columns": [
    () => stacked([4], [layers.dropout({ rate: 0.5, noiseShape: [1, 4], name: "drop" })]),
    /layer "drop" must drop each activation for itself/,
  ],
  "a penalty": [hidden({ kernelRegularizer: "l1l2" }), /weight decay is the study's: it has a kernel_regularizer/],
  "a constraint": [hidden({ kernelConstraint: "nonNeg" }), /layer "hidden" must be free: it has a kernel_constraint/],
  "windows with gaps": [
    () =>
      stacked([5, 2], [layers.conv1d({ filters: 1, kernelSize: 2, dilationRate: 2, name: "far" }), layers.flatten()]),
    /layer "far" must have windows without gaps, as tfjs has no gradient of the others: its dilation is \[2\]/,
  ],
  "noise of its own": [
    () => stacked([4], [layers.gaussianNoise({ stddev: 1, name: "noise" })]),
    /layer "noise" must be one that can be built again without other code .*: it is GaussianNoise/,
  ],
  "a layer used twice": [
    () => {
      const input = tf.input({ shape: [4] });
      const twice = layers.dense({ units: 4, name: "twice" });
      const x = twice.apply(twice.apply(input)) as tf.SymbolicTensor;
      return tf.model({ inputs: input, outputs: output().apply(x) as tf.SymbolicTensor });
    },
    /layer "twice" must be used once: it is used 2 times/,
  ],
  "an output that is no probability": [
    () => tf.sequential({ layers: [layers.dense({ inputShape: [4], units: 3, activation: "relu", name: "end" })] }),
    /its output must be .* softmax, or of one sigmoid unit: "end" is Dense of "relu", \[3\]/,
  ],
  "inputs of no fixed shape": [
    () =>
      tf.sequential({
        layers: [
          layers.conv1d({ inputShape: [null, 2], filters: 1, kernelSize: 1 }),
          layers.globalAveragePooling1d({}),
          output(),
        ],
      }),
    /its input must have a fixed shape/,
  ],
  "a tap that is no layer": [hidden({}), /taps must name layers there \(hidden, output\): "hiden" is none/, ["hiden"]],
  "taps that do not end with the output": [
    hidden({}),
    /taps must differ and end with the output, "output": they are output, hidden/,
    ["output", "hidden"],
  ],
};

for (const [what, [build, message, taps]] of Object.entries(REFUSED)) {
  Deno.test(`modelNet() refuses ${what}`, async () => {
    await startBackend("cpu");
    assert.throws(() => modelNet(build(), { taps }), { name: "RangeError", message });
  });
}
