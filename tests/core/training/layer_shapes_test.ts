import assert from "node:assert/strict";
import type { DeepLayerDescription, DeepNetDescription, TfjsBackend } from "../../../core/contracts/deep_net.ts";
import { layerShapes } from "../../../core/training/layer_shapes.ts";
import { measuredLayers } from "../../../core/training/net.ts";
import { twinLayers } from "../../oracles/deep_twin.ts";
import { conv, deep, dense, EVERY_LAYER, WEIGHTS } from "./tfjs/nets.ts";

const flat: DeepLayerDescription = { kind: "flatten", name: "flat" };
const output = dense("output", 3, "softmax");
const pool = { kind: "maxPool2d", name: "pool", poolSize: 2 } as const;
const drop = { kind: "dropout", name: "drop", rate: 0.5 } as const;
const norm = { kind: "batchNorm", name: "norm" } as const;

Deno.test("every layer's shape is that of what the slow twin computes", () => {
  const inputs = [new Array(5 * 4 * 2).fill(1)];
  const twins = twinLayers(EVERY_LAYER, new Float64Array(1000), inputs);
  for (const [name, shape] of layerShapes(EVERY_LAYER)) {
    assert.deepEqual(shape, twins.get(name)!.shape, name);
    assert.equal(shape.reduce((a, b) => a * b, 1), twins.get(name)!.rows[0].length, name);
  }
});

/** A list of layers over an image, and an output. */
const image = (...layers: object[]) => deep([5, 4, 2], [...layers as DeepLayerDescription[], flat, output]);
/** A list of layers over a vector, and an output. */
const vector = (...layers: object[]) => deep([4], [...layers as DeepLayerDescription[], output]);

const kernels = (net: DeepNetDescription): DeepNetDescription => ({ ...net, backend: "kernels" });
/** A quantised hidden layer, and an output. */
const quantised = (more: object) => kernels(vector({ ...dense("hidden", 4, "tanh"), quantisedBits: 2, ...more }));

const REFUSED: readonly (readonly [string, DeepNetDescription, RegExp])[] = [
  [
    "inputs of two axes",
    deep([5, 4], [output]),
    /inputShape must be \[d\] or \[height, width, channels\].*: it is \[5, 4\]/,
  ],
  ["inputs of no extent", deep([0], [output]), /inputShape .* each >= 1: it is \[0\]/],
  ["no layers", deep([4], []), /it must have >= 1 layer: there is none/],
  ["a layer without a name", vector({ ...drop, name: "" }), /every layer must have a name: layer 1 has none/],
  ["two layers of one name", vector(drop, drop), /names of layers must differ: "drop" stands twice/],
  [
    "a kind of layer that is not there",
    vector({ kind: "lstm", name: "l" }),
    /of a kind there is \(conv2d, .*\): it is "lstm"/,
  ],
  [
    "what a kind of layer does not have",
    vector({ ...drop, slope: 0.1 }),
    /must say of a dropout only name, rate: it says slope/,
  ],
  [
    "no activation",
    vector({ ...dense("hidden", 2, "tanh"), activation: undefined }),
    /an activation there is .*: it is undefined/,
  ],
  ["no filters", image(conv("conv", "tanh", { filters: 0 })), /layer "conv" must have >= 1 filter: it has 0/],
  ["half a unit", vector(dense("hidden", 2.5, "tanh")), /layer "hidden" must have >= 1 unit: it has 2\.5/],
  [
    "a convolution of a vector",
    vector(conv("conv", "tanh")),
    /must have inputs \[height, width, channels\]: they are \[4\]/,
  ],
  [
    "a dense layer on an image",
    deep([5, 4, 2], [output]),
    /inputs on one axis, as a flatten gives them: they are \[5, 4, 2\]/,
  ],
  ["a window that does not fit", image({ ...pool, poolSize: [2, 5] }), /they are \[2, 5\] on \[5, 4\]/],
  [
    "a stride of 0",
    image({ ...pool, strides: 0 }),
    /windows and strides of whole numbers >= 1: they are \[2, 2\] and \[0, 0\]/,
  ],
  ["an unknown padding", image({ ...pool, padding: "full" }), /padding valid or same: it is "full"/],
  ["a rate of 1", vector({ ...drop, rate: 1 }), /layer "drop" must have its rate in \[0, 1\): it is 1/],
  ["a momentum of 1", vector({ ...norm, momentum: 1 }), /its momentum in \[0, 1\): it is 1/],
  ["an epsilon of 0", vector({ ...norm, epsilon: 0 }), /a finite epsilon > 0: it is 0/],
  [
    "a residual layer of another width",
    vector(dense("hidden", 5, "tanh", true)),
    /as many units as inputs to be residual: it has 5 and 4/,
  ],
  [
    "a sum with no layer",
    vector({ kind: "add", name: "sum", from: "x" }),
    /"from" of layer "sum" must name layers there \(\): "x" is none/,
  ],
  [
    "a sum of two shapes",
    vector(dense("a", 3, "tanh"), dense("b", 2, "tanh"), { kind: "add", name: "sum", from: "a" }),
    /must add equal shapes: "a" gives \[3\], the layer before \[2\]/,
  ],
  [
    "an unknown activation",
    vector(dense("hidden", 2, "gelu" as "tanh")),
    /an activation there is \(tanh, .*\): it is "gelu"/,
  ],
  ["a softmax below the output", vector(dense("hidden", 2, "softmax")), /must be the last to be softmax/],
  ["an output that is no layer of units", deep([4], [drop]), /the last layer must be dense: "drop" is dropout/],
  ["an output of tanh", deep([4], [dense("output", 2, "tanh")]), /must be softmax or sigmoid: "output" is tanh/],
  ["a softmax of one unit", deep([4], [dense("output", 1, "softmax")]), /2 to 256 units to be softmax: "output" has 1/],
  ["two sigmoid units", deep([4], [dense("output", 2, "sigmoid")]), /one unit to be sigmoid: "output" has 2/],
  ["no bits", quantised({ quantisedBits: 0 }), /layer "hidden" must be quantised to 1 to 16 bits: it has 0/],
  ["too many bits", quantised({ quantisedBits: 17 }), /1 to 16 bits: it has 17/],
  ["cells without a range", quantised({ activation: "relu" }), /must be tanh or sigmoid.* to be quantised: it is relu/],
  ["quantised sums", quantised({ residual: true }), /layer "hidden" must not be residual to be quantised/],
  [
    "a quantised output",
    kernels(deep([4], [{ ...output, quantisedBits: 2 } as DeepLayerDescription])),
    /layer "output" must not be quantised as the last: it has 2 bits/,
  ],
  [
    "quantised layers on tfjs",
    { ...quantised({}), backend: undefined },
    /layer "hidden" must be trained by the kernels to be quantised: the backend is wasm/,
  ],
  [
    "a quantised convolution on tfjs",
    { ...image(conv("conv", "tanh", { quantisedBits: 3 })), backend: "cpu" },
    /layer "conv" must be trained by the kernels to be quantised: the backend is cpu/,
  ],
  ["a quantised pool", image({ ...pool, quantisedBits: 3 }), /must say of a maxPool2d only .*: it says quantisedBits/],
  ["a residual output", deep([4], [dense("output", 4, "softmax", true)]), /must not be residual: "output" is/],
  [
    "an unknown distribution",
    vector({ ...dense("hidden", 2, "tanh"), weights: { distribution: "cauchy", sigma: 1 } }),
    /truncated-normal, normal or uniform: it says "cauchy"/,
  ],
  [
    "weights of no width",
    vector({ ...dense("hidden", 2, "tanh"), weights: { ...WEIGHTS, sigma: NaN } }),
    /weights of a finite width >= 0: it is NaN/,
  ],
  ["a bias without end", vector({ ...dense("hidden", 2, "tanh"), bias: Infinity }), /a finite bias: it is Infinity/],
  [
    "a tap that is no layer",
    { ...vector(drop), taps: ["x"] },
    /taps must name layers there \(drop, output\): "x" is none/,
  ],
  [
    "taps out of order",
    { ...vector(drop), taps: ["output", "drop"] },
    /from the input up to the last layer, "output": they are output, drop/,
  ],
  ["taps that stand twice", { ...vector(drop), taps: ["drop", "drop", "output"] }, /they are drop, drop, output/],
  ["taps without the output", { ...vector(drop), taps: ["drop"] }, /"output": they are drop/],
  [
    "an unknown backend",
    { ...vector(drop), backend: "webgl" as TfjsBackend },
    /backends are wasm, webgpu, cpu: "webgl" is none/,
  ],
];

for (const [what, net, message] of REFUSED) {
  Deno.test(`a deep net is refused for ${what}`, () => {
    assert.throws(() => layerShapes(net), { name: "RangeError", message });
  });
}

Deno.test("a pool's values are bounded as those it pools are, and quantised if they are the largest of quantised ones", () => {
  const layers = [
    conv("conv", "tanh", { quantisedBits: 3 }),
    { ...pool, poolSize: 1 },
    { kind: "averagePool2d", name: "mean", poolSize: 1 },
    { ...pool, name: "of means", poolSize: 1 },
    conv("plain", "sigmoid"),
    { kind: "averagePool2d", name: "same", poolSize: 2, padding: "same" },
    { kind: "add", name: "sum", from: "same" },
    { ...pool, name: "of sums", poolSize: 1 },
  ] as const;
  const tap = (net: DeepNetDescription) => ({ ...net, taps: net.layers.map(({ name }) => name) });
  const known = (net: DeepNetDescription) =>
    measuredLayers(tap(net)).map(({ name, activation, quantisedBits = "none" }) =>
      `${name}: ${activation} ${quantisedBits}`
    );
  assert.deepEqual(known(kernels(image(...layers))), [
    "conv: tanh 3",
    "pool: tanh 3",
    "mean: tanh none",
    "of means: tanh none",
    "plain: sigmoid none",
    "same: sigmoid none",
    "sum: unknown none",
    "of sums: unknown none",
    "flat: unknown none",
    "output: softmax none",
  ]);
  // tfjs divides twice at the border, so that a mean of ones may be beyond 1 by a rounding.
  assert.equal(known(image(...layers.slice(4)))[1], "same: unknown none");
  assert.deepEqual(known(image(conv("conv", "tanh"), pool)).slice(0, 3), [
    "conv: tanh none",
    "pool: tanh none",
    "flat: tanh none",
  ]);
  // The data have no range that is known.
  assert.deepEqual(known(image({ ...pool }, drop)).slice(0, 3), [
    "pool: unknown none",
    "drop: unknown none",
    "flat: unknown none",
  ]);
});
