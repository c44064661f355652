import assert from "node:assert/strict";
import type { DeepLayerDescription, DeepNetDescription } from "../../../../core/contracts/deep_net.ts";
import { root } from "../../../../core/testing.ts";
import { dropoutMask } from "../../../../core/training/tfjs/dropout.ts";
import { createTfjsEngine, createTfjsForward } from "../../../../core/training/tfjs/engine.ts";
import { initialDeepParameters } from "../../../../core/training/initial_deep_parameters.ts";
import { layerShapes } from "../../../../core/training/layer_shapes.ts";
import { twinDeepDifferences, twinDeepLoss, twinLayers, type TwinMasks } from "../../../oracles/deep_twin.ts";
import { conv, deep, dense, EVERY_LAYER, first, rowsOf, smallData } from "./nets.ts";

const ROWS = 6;
const SGD = { id: "sgd", rate: 0.1 } as const;
const dropout = root(3).child("dropout");
const IMAGE = [5, 4, 2] as const;
const flat: DeepLayerDescription = { kind: "flatten", name: "flat" };
const output = dense("output", 3, "softmax");
const ACTIVATIONS = ["tanh", "relu", "leaky-relu", "sigmoid", "softplus", "linear"] as const;
const average = { kind: "averagePool2d", name: "pool" } as const;
const largest = { kind: "maxPool2d", name: "pool" } as const;

const NETS: { readonly [what: string]: DeepNetDescription } = {
  ...Object.fromEntries(ACTIVATIONS.map((activation) => [
    `dense layers of ${activation} under a softmax`,
    deep([4], [dense("hidden", 5, activation), output]),
  ])),
  ...Object.fromEntries(ACTIVATIONS.map((activation) => [
    `convolutions of ${activation}`,
    deep(IMAGE, [conv("conv", activation), flat, output]),
  ])),
  "a logistic unit": deep([4], [dense("hidden", 5, "tanh"), dense("output", 1, "sigmoid")]),
  "a residual dense layer": deep([4], [dense("hidden", 4, "tanh", true), output]),
  "a convolution with strides and zeros around": deep(IMAGE, [
    conv("conv", "tanh", { kernelSize: [3, 2], strides: [2, 1], padding: "same" }),
    flat,
    output,
  ]),
  "a pool of largest values": deep(IMAGE, [conv("conv", "tanh"), { ...largest, poolSize: 2 }, flat, output]),
  "a pool of largest values, zeros around": deep(IMAGE, [
    conv("conv", "tanh"),
    { ...largest, poolSize: [3, 2], strides: 2, padding: "same" },
    flat,
    output,
  ]),
  "a pool of means": deep(IMAGE, [conv("conv", "tanh"), { ...average, poolSize: [2, 3], strides: 1 }, flat, output]),
  "a pool of means, padding left out": deep(IMAGE, [
    conv("conv", "tanh"),
    { ...average, poolSize: 3, strides: 2, padding: "same" },
    flat,
    output,
  ]),
  "a batch norm of images": deep(IMAGE, [
    conv("conv", "linear"),
    { kind: "batchNorm", name: "norm", activation: "tanh", epsilon: 0.01 },
    flat,
    output,
  ]),
  "a batch norm of vectors": deep([4], [dense("hidden", 5, "linear"), { kind: "batchNorm", name: "norm" }, output]),
  "dropout": deep([4], [dense("hidden", 5, "tanh"), { kind: "dropout", name: "drop", rate: 0.4 }, output]),
  "a residual sum": deep(IMAGE, [
    conv("first", "tanh", { padding: "same" }),
    conv("second", "tanh", { padding: "same" }),
    { kind: "add", name: "sum", from: "first", activation: "softplus" },
    flat,
    output,
  ]),
  "every kind of layer": EVERY_LAYER,
};

/** The masks of the first update. */
function masksOf(net: DeepNetDescription): TwinMasks {
  const shapes = layerShapes(net);
  return Object.fromEntries(net.layers.flatMap((layer) => {
    if (layer.kind !== "dropout") return [];
    const size = ROWS * shapes.get(layer.name)!.reduce((a, b) => a * b, 1);
    return [[layer.name, dropoutMask(size, layer.rate, dropout.child(layer.name, 1))]];
  }));
}

/** Largest difference over the largest value. */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.equal(actual.length, expected.length);
  const size = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...Array.from(expected, (value, i) => Math.abs(actual[i] - value))) / size;
}

for (const [what, net] of Object.entries(NETS)) {
  for (const backend of ["wasm", "cpu"] as const) {
    Deno.test(`loss, gradient and layers of ${what} are those of the slow twin, on ${backend}`, async () => {
      const data = smallData(
        net.inputShape,
        ROWS,
        net.layers.at(-1)!.kind === "dense" && what === "a logistic unit" ? 2 : 3,
      );
      const parameters = initialDeepParameters(net, root(7)).map((value, i) => value + (i % 7) / 50);
      using engine = await createTfjsEngine({ ...net, backend }, data, SGD, parameters, dropout);
      const masks = masksOf(net);
      const inputs = rowsOf(data);
      const gradient = await engine.gradient(first(ROWS));
      const differences = twinDeepDifferences(net, parameters, inputs, data.labels, masks);
      assert.ok(distance(gradient, differences) < 2e-5, `gradient: ${distance(gradient, differences)}`);
      const loss = await engine.step(first(ROWS));
      const expected = twinDeepLoss(net, parameters, inputs, data.labels, masks);
      assert.ok(Math.abs(loss - expected) < 1e-6 * expected, `loss: ${loss}, not ${expected}`);

      using forward = await createTfjsForward({ ...net, taps: net.layers.map(({ name }) => name) }, data.inputs);
      const layers = forward.at(parameters);
      const twins = twinLayers(net, parameters, inputs);
      net.layers.slice(0, -1).forEach(({ name }, k) => {
        const far = distance(layers[k], twins.get(name)!.rows.flat());
        assert.ok(far < 2e-6, `layer "${name}": ${far}`);
      });
      const q = twins.get("output")!.rows.map((row) => {
        const e = (row.length === 1 ? [0, row[0]] : row).map(Math.exp);
        const total = e.reduce((a, b) => a + b, 0);
        return (row.length === 1 ? [e[1]] : e).map((value) => value / total);
      });
      assert.ok(distance(layers.at(-1)!, q.flat()) < 2e-6, "the output");
    });
  }
}
