import assert from "node:assert/strict";
import type { DeepNetDescription } from "@infoplane/core";
import { readOptions } from "../../../core/execution/options.ts";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { createConvolutionEngine } from "../../../core/training/convolution.ts";
import { measuredLayers, parameterCount } from "../../../core/training/net.ts";
import { layerShapes } from "../../../core/training/layer_shapes.ts";
import { cnn, CNN_PRESETS } from "../../../plugins/architectures/cnn.ts";

type Options = Parameters<typeof cnn.build>[2];
const MNIST = [28, 28, 1];
const CIFAR = [32, 32, 3];

const build = (given: object = {}, shape = MNIST, classes = 10): DeepNetDescription =>
  cnn.build(shape, classes, readOptions(cnn.options, given, `architecture "cnn"`) as unknown as Options);

const unitsOf = (net: DeepNetDescription) => measuredLayers(net).map(({ name, units }) => `${name} ${units}`);

/** Multiplications of one forward pass. */
function products(net: DeepNetDescription): number {
  const shapes = layerShapes(net);
  let input = net.inputShape;
  return net.layers.reduce((sum, layer) => {
    const output = shapes.get(layer.name)!;
    const places = output.reduce((a, b) => a * b, 1);
    const each = layer.kind === "conv2d"
      ? (layer.kernelSize as number) ** 2 * input[2]
      : layer.kind === "dense"
      ? input.reduce((a, b) => a * b, 1)
      : 0;
    input = output;
    return sum + places * each;
  }, 0);
}

Deno.test("the default is two rectified blocks, a hidden layer and a softmax, measured after pools and dense layers", () => {
  const net = build();
  assert.deepEqual(unitsOf(net), ["pool 1 1568", "pool 2 784", "hidden 1 32", "output 10"]);
  assert.equal(net.backend, "kernels");
  assert.equal(parameterCount(net), (9 + 1) * 8 + (72 + 1) * 16 + (784 + 1) * 32 + 33 * 10);
  const [first] = net.layers;
  assert.deepEqual(first.kind === "conv2d" && first.weights, { distribution: "normal", sigma: Math.sqrt(2 / 9) });
});

Deno.test("σ is 1/√fan-in for what is no rectifier, and for the output", () => {
  const sigma = (net: DeepNetDescription, name: string) => {
    const layer = net.layers.find((one) => one.name === name)!;
    return "weights" in layer && layer.weights.distribution === "normal" && layer.weights.sigma;
  };
  assert.equal(sigma(build({ activation: "tanh" }), "convolution 2"), Math.sqrt(1 / 72));
  assert.equal(sigma(build(), "output"), Math.sqrt(1 / 32));
});

Deno.test("blocks may be halved by means or strides or not at all, be residual, and end in a mean over places", () => {
  assert.deepEqual(unitsOf(build({ reduction: "strides", padding: "valid" })).slice(0, 2), [
    "convolution 1 1352",
    "convolution 2 576",
  ]);
  assert.deepEqual(unitsOf(build({ reduction: "none" })).slice(0, 2), ["convolution 1 6272", "convolution 2 12544"]);
  const residual = build({ residual: true, head: "mean", hidden: [] });
  assert.deepEqual(residual.layers.map(({ kind }) => kind), [
    ...[
      "conv2d",
      "conv2d",
      "add",
      "maxPool2d",
      "conv2d",
      "conv2d",
      "add",
      "maxPool2d",
      "averagePool2d",
      "flatten",
      "dense",
    ],
  ]);
  assert.deepEqual(unitsOf(residual), ["pool 1 1568", "pool 2 784", "output 10"]);
});

Deno.test("the nets of the CIFAR-10 study multiply at most three million times forward", () => {
  for (const options of [CNN_PRESETS.cifar10, CNN_PRESETS.cifar10Decreasing]) {
    const count = products(build(options, CIFAR));
    assert.ok(count <= 3e6, `${JSON.stringify(options)}: ${count}`);
  }
});

Deno.test("every variant trains by the kernels", async () => {
  const kernels = await loadKernels();
  const variants = [{}, { residual: true, head: "mean" }, { reduction: "strides", filters: [4, 4, 4] }, {
    padding: "valid",
    kernelSize: 5,
  }];
  for (const options of variants) {
    const net = build(options);
    const data = {
      inputs: { data: new Uint8Array(784), shape: [1, ...MNIST], scale: 1 / 255 },
      labels: Uint8Array.of(3),
    };
    const engine = createConvolutionEngine(kernels, net, data, { optimiser: { id: "sgd", rate: 0.1 }, maxBatch: 1 });
    assert.equal(engine.parameterCount, parameterCount(net));
    assert.ok(Math.abs(engine.step(Uint32Array.of(0)) - Math.log(10)) < 1e-6);
  }
});

Deno.test("inputs that are no images are refused, and images that shrink to nothing", () => {
  assert.throws(
    () => build({}, [12]),
    /Cannot build a convolutional net as inputs must be \[height, width, channels\]: they are \[12\]/,
  );
  assert.throws(() => layerShapes(build({ padding: "valid" }, [4, 4, 1])), /must have windows that fit its inputs/);
});

Deno.test("quantised nets are so in every convolution and hidden layer, and in pools of the largest alone", () => {
  const bitsOf = (options: object) =>
    measuredLayers(build({ activation: "tanh", quantisedBits: 5, ...options })).map(({ quantisedBits }) =>
      quantisedBits
    );
  assert.deepEqual(bitsOf({}), [5, 5, 5, undefined]);
  assert.deepEqual(bitsOf({ reduction: "strides", activation: "sigmoid", hidden: [9, 8] }), [5, 5, 5, 5, undefined]);
  assert.deepEqual(bitsOf({ reduction: "mean", head: "mean" }), [undefined, undefined, 5, undefined]);
  assert.equal(layerShapes(build({ activation: "tanh", quantisedBits: 5 })).size, 7);
});

Deno.test("a net without quantised layers has the options and layers it always had", () => {
  const options = readOptions(cnn.options, { activation: "tanh" }, 'architecture "cnn"');
  assert.ok(!("quantisedBits" in options));
  const { layers } = build({ activation: "tanh" });
  assert.ok(layers.every((layer) => !("quantisedBits" in layer)));
});

Deno.test("quantised layers are refused with another activation, sums, tfjs or a number of bits that cannot be, in a sentence", () => {
  const given = (options: object) => () => build({ activation: "tanh", quantisedBits: 4, ...options });
  assert.throws(
    given({ activation: "relu" }),
    /Cannot read option "activation" of architecture "cnn": quantised layers must be tanh or sigmoid.*: it is "relu"/,
  );
  assert.throws(given({ residual: true }), /option "residual" .*: quantised layers must not be residual.*: it is true/);
  assert.throws(given({ backend: "wasm" }), /option "backend" .* must be trained by the kernels: it is "wasm"/);
  assert.throws(given({ quantisedBits: 0 }), /option "quantisedBits"/);
  assert.throws(given({ quantisedBits: 17 }), /option "quantisedBits"/);
});

Deno.test("every preset builds small nets of the kernels, on images of either kind", () => {
  for (const [name, options] of Object.entries(CNN_PRESETS)) {
    const shape = name.startsWith("cifar10") ? CIFAR : MNIST;
    const net = build(options, shape);
    assert.equal(net.backend, "kernels", name);
    assert.ok(products(net) <= 3e6, `${name}: ${products(net)}`);
    assert.equal(measuredLayers(net).at(-1)!.units, 10);
  }
  const kinds = ({ layers }: DeepNetDescription) => new Set(layers.map(({ kind }) => kind));
  assert.ok(kinds(build(CNN_PRESETS.residual)).has("add"));
  assert.ok(!kinds(build(CNN_PRESETS.allConvolutional)).has("maxPool2d"));
});
