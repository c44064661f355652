import assert from "node:assert/strict";
import fc from "fast-check";
import { readOptions } from "../../../core/execution/options.ts";
import { dense } from "../../../plugins/architectures/dense.ts";

type Options = Parameters<typeof dense.build>[2];

const read = (given: unknown) => readOptions(dense.options, given, `architecture "dense"`);
const build = (given: unknown, inputShape: readonly number[] = [12], classes = 2) =>
  dense.build(inputShape, classes, read(given) as unknown as Options);

const someOptions = fc.record({
  widths: fc.array(fc.integer({ min: 1, max: 65536 }), { maxLength: 8 }),
  activation: fc.constantFrom("tanh", "relu", "sigmoid", "linear"),
  initialisation: fc.constantFrom("fan-in", "fan-out"),
}, { requiredKeys: [] });

Deno.test("the default net is 12-10-7-5-4-3-2: five tanh layers and a softmax, σ = 1/√fan-in, biases 0", () => {
  const sigmas = [12, 10, 7, 5, 4, 3].map((fanIn) => 1 / Math.sqrt(fanIn));
  const layer = (name: string, units: number, activation: string, sigma: number) => ({
    kind: "dense",
    name,
    units,
    activation,
    weights: { distribution: "truncated-normal", sigma },
    bias: 0,
  });
  assert.deepEqual(build({}), {
    kind: "layers",
    inputShape: [12],
    layers: [
      layer("hidden 1", 10, "tanh", sigmas[0]),
      layer("hidden 2", 7, "tanh", sigmas[1]),
      layer("hidden 3", 5, "tanh", sigmas[2]),
      layer("hidden 4", 4, "tanh", sigmas[3]),
      layer("hidden 5", 3, "tanh", sigmas[4]),
      layer("output", 2, "softmax", sigmas[5]),
    ],
  });
});

Deno.test("every net has its widths in order under one activation, then a softmax with a unit for each class", () => {
  fc.assert(fc.property(someOptions, fc.integer({ min: 2, max: 100 }), (given, classes) => {
    const { layers } = build(given, [12], classes);
    const hidden = layers.slice(0, -1);
    assert.deepEqual(hidden.map(({ units }) => units), given.widths ?? [10, 7, 5, 4, 3]);
    assert.ok(hidden.every(({ activation }) => activation === (given.activation ?? "tanh")));
    assert.equal(layers.at(-1)!.units, classes);
    assert.equal(layers.at(-1)!.activation, "softmax");
    assert.equal(new Set(layers.map(({ name }) => name)).size, layers.length);
    assert.ok(layers.every(({ bias }) => bias === 0));
  }));
});

Deno.test("fan-in σ is that of what comes into a layer, fan-out σ that of its units", () => {
  const sigmas = (initialisation: string) =>
    build({ widths: [16, 4], initialisation }, [25], 9).layers.map(({ weights }) =>
      weights.distribution === "truncated-normal" ? weights.sigma : NaN
    );
  assert.deepEqual(sigmas("fan-in"), [1 / 5, 1 / 4, 1 / 2]);
  assert.deepEqual(sigmas("fan-out"), [1 / 4, 1 / 2, 1 / 3]);
});

Deno.test("the fan-in of an image is its number of pixels; its shape is kept", () => {
  const net = build({ widths: [] }, [28, 28], 10);
  assert.deepEqual(net.inputShape, [28, 28]);
  assert.deepEqual(net.layers[0].weights, { distribution: "truncated-normal", sigma: 1 / 28 });
});

Deno.test("no widths give softmax regression: one layer, the output", () => {
  const { layers } = build({ widths: [] }, [12], 3);
  assert.deepEqual(layers.map(({ name, units, activation }) => [name, units, activation]), [["output", 3, "softmax"]]);
});

Deno.test("build() gives the same net twice from the same options, which it leaves as they were", () => {
  fc.assert(fc.property(someOptions, (given) => {
    const options = read(given) as unknown as Options;
    const kept = structuredClone(options);
    assert.deepEqual(dense.build([12], 2, options), dense.build([12], 2, options));
    assert.deepEqual(options, kept);
  }));
});

Deno.test("options that were read are read again as they are", () => {
  fc.assert(fc.property(someOptions, (given) => {
    const once = read(given);
    assert.deepEqual(read(once), once);
    assert.deepEqual(once, { ...once, ...given });
  }));
});

const refused: readonly (readonly [string, unknown, RegExp])[] = [
  ["a width of 0", { widths: [10, 0] }, /option "widths\.1" .*it is 0/],
  ["a negative width", { widths: [-1] }, /option "widths\.0" .*it is -1/],
  ["a width of NaN", { widths: [NaN] }, /option "widths\.0"/],
  ["a width that is no integer", { widths: [2.5] }, /option "widths\.0" .*it is 2\.5/],
  ["an infinite width", { widths: [Infinity] }, /option "widths\.0"/],
  ["a width above 65536", { widths: [65537] }, /option "widths\.0" .*it is 65537/],
  ["a width as text", { widths: ["10"] }, /option "widths\.0" .*it is "10"/],
  ["widths that are no list", { widths: 10 }, /option "widths" .*it is 10/],
  ["an unknown activation", { activation: "gelu" }, /option "activation" .*it is "gelu"/],
  ["softmax in a hidden layer", { activation: "softmax" }, /option "activation" .*it is "softmax"/],
  ["an unknown initialisation", { initialisation: "xavier" }, /option "initialisation" .*it is "xavier"/],
  ["noise of 0, which is none", { noise: 0 }, /option "noise" .*it is 0/],
  ["noise below 0", { noise: -0.1 }, /option "noise" .*it is -0\.1/],
  [
    "an unknown key",
    { width: [10] },
    /Cannot find option "width" of architecture "dense": did you mean "widths"\?/,
  ],
];

for (const [what, given, message] of refused) {
  Deno.test(`the dense architecture refuses ${what}`, () => {
    assert.throws(() => read(given), { name: "Problem", message });
  });
}

Deno.test("the options have a JSON Schema that names and describes each, and closes the list", () => {
  const schema = dense.options["~standard"].jsonSchema!.input({ target: "draft-2020-12" });
  const properties = schema.properties as Record<string, { description?: string }>;
  assert.deepEqual(Object.keys(properties).sort(), [
    "activation",
    "frozen",
    "initialisation",
    "noise",
    "output",
    "precision",
    "quantisedBits",
    "residual",
    "slope",
    "widths",
  ]);
  for (const [name, { description }] of Object.entries(properties)) assert.ok(description, name);
  assert.equal(schema.additionalProperties, false);
});

Deno.test("residual layers stand where the widths allow, quantised ones everywhere but at the output", () => {
  const { layers } = build({ widths: [12, 12, 7, 7], residual: true, quantisedBits: 6 });
  assert.deepEqual(layers.map(({ residual }) => residual === true), [true, true, false, true, false]);
  assert.deepEqual(layers.map(({ quantisedBits }) => quantisedBits), [6, 6, 6, 6, undefined]);
});

Deno.test("noise stands in every hidden layer, and in no output", () => {
  assert.deepEqual(build({ widths: [3, 2], noise: 0.1 }).layers.map(({ noise }) => noise), [0.1, 0.1, undefined]);
});

Deno.test("a logistic output is one sigmoid unit for two classes, and refused for more", () => {
  const given = { widths: [3], output: "logistic" };
  assert.deepEqual(build(given, [2]).layers.map(({ units, activation }) => [units, activation]), [
    [3, "tanh"],
    [1, "sigmoid"],
  ]);
  assert.throws(() => build(given, [2], 3), /tells two classes apart: there are 3/);
});

Deno.test("frozen layers are hidden ones, at most all of them", () => {
  const trained = { layers: 2, from: "trained", epochs: 30 };
  assert.deepEqual(build({ widths: [3, 3], frozen: trained }).frozen, trained);
  assert.throws(() => build({ widths: [3], frozen: trained }), /its 1 hidden layers may be frozen: frozen.layers is 2/);
  assert.throws(() => read({ frozen: { layers: 1, from: "trained" } }), /option "frozen/);
  assert.throws(() => read({ frozen: { layers: 1, from: "random", epochs: 3 } }), /epochs/);
});

Deno.test("a net without the optional options is described without them, so that its key stays", () => {
  const net = build({ widths: [3] }, [2]);
  assert.deepEqual(Object.keys(net).sort(), ["inputShape", "kind", "layers"]);
  assert.deepEqual(Object.keys(net.layers[0]).sort(), ["activation", "bias", "kind", "name", "units", "weights"]);
});
