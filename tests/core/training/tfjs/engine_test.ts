import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { NetDescription } from "../../../../core/contracts/architecture.ts";
import type { DeepNetDescription } from "../../../../core/contracts/deep_net.ts";
import { loadKernels } from "../../../../core/kernels/mod.ts";
import { root, shuffle, testContext } from "../../../../core/testing.ts";
import { createDenseEngine, type DenseOptimiser, type DenseValues } from "../../../../core/training/dense.ts";
import { denseNet } from "../../../../core/training/dense_training.ts";
import { createForward } from "../../../../core/training/forward.ts";
import { initialParameters } from "../../../../core/training/initial_weights.ts";
import { dropoutMask } from "../../../../core/training/tfjs/dropout.ts";
import { createTfjsEngine } from "../../../../core/training/tfjs/engine.ts";
import { initialDeepParameters } from "../../../../core/training/initial_deep_parameters.ts";
import { train } from "../../../../core/training/trajectory.ts";
import { conv, deep, dense, EVERY_LAYER, first, smallData, WEIGHTS } from "./nets.ts";

const dropout = root(3).child("dropout");
const kernels = await loadKernels();

/** A net for the dense engine, and the same for tfjs. */
function twoDescriptions(output: "softmax" | "sigmoid"): [NetDescription, DeepNetDescription] {
  const layers = [
    dense("hidden 1", 10, "tanh"),
    dense("hidden 2", 7, "softplus"),
    dense("hidden 3", 7, "sigmoid", true),
    dense("hidden 4", 5, "leaky-relu"),
    dense("output", output === "softmax" ? 2 : 1, output),
  ];
  return [{ kind: "layers", inputShape: [12], layers: layers as NetDescription["layers"] }, deep([12], layers)];
}

const ADAM: DenseOptimiser = { id: "adam", rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const RUNS: readonly (readonly [string, DenseOptimiser, "softmax" | "sigmoid", "wasm" | "cpu", readonly number[]])[] = [
  ["SGD", { id: "sgd", rate: 0.1 }, "softmax", "wasm", [1, 2, 3]],
  ["SGD", { id: "sgd", rate: 0.1 }, "softmax", "cpu", [1]],
  ["SGD under a logistic unit", { id: "sgd", rate: 0.1 }, "sigmoid", "wasm", [1]],
  ["momentum with decay", { id: "sgd", rate: 0.02, momentum: 0.9, weightDecay: 0.01 }, "softmax", "wasm", [1]],
  ["Langevin dynamics", { id: "langevin", rate: 0.1, temperature: 1e-4 }, "softmax", "wasm", [1]],
  ["Adam with decay", { ...ADAM, epsilon: 1e-3, weightDecay: 0.01 }, "softmax", "wasm", [1]],
];

for (const [what, optimiser, output, backend, seeds] of RUNS) {
  Deno.test(`after 200 steps of ${what} on ${backend} a dense net is the dense engine's`, async () => {
    const [plain, described] = twoDescriptions(output);
    for (const seed of seeds) {
      const data = smallData([12], 256, 2, seed);
      const start = initialParameters(plain, root(seed));
      assert.deepEqual(initialDeepParameters(described, root(seed)), start, "both start from the same numbers");
      const ours = createDenseEngine(kernels, denseNet(plain), { optimiser, maxBatch: 64 });
      ours.setData(data.inputs.data, data.labels);
      ours.setParameters(start);
      using theirs = await createTfjsEngine({ ...described, backend }, data, optimiser, start, dropout);
      const chance = root(seed).child("batches");
      for (let step = 0; step < 200; step++) {
        const rows = shuffle(first(256), chance).slice(0, 64);
        const noise = optimiser.id === "langevin"
          ? Float64Array.from({ length: start.length }, () => chance.normal())
          : undefined;
        const [a, b] = [ours.step(rows, noise), await theirs.step(rows, noise)];
        assert.ok(Math.abs(a - b) < 1e-4, `loss before update ${step + 1}: ${a} and ${b}`);
      }
      const [a, b] = [ours.parameters(), theirs.parameters()];
      const largest = Math.max(...a.map(Math.abs));
      const far = Math.max(...a.map((value, i) => Math.abs(value - b[i]))) / largest;
      assert.ok(far < 1e-5, `seed ${seed}: weights differ by ${far}`);
    }
  });
}

Deno.test("fifty updates and evaluations leave no tensor behind, and an engine that ends none at all", async () => {
  const data = smallData(EVERY_LAYER.inputShape, 20, 3);
  const before = tf.memory().numTensors;
  {
    const start = initialDeepParameters(EVERY_LAYER, root(1));
    using engine = await createTfjsEngine(EVERY_LAYER, data, ADAM, start, dropout);
    using forward = await createForward(EVERY_LAYER, data.inputs, kernels);
    await engine.step(first(8));
    const held = tf.memory().numTensors;
    for (let i = 0; i < 50; i++) {
      await engine.step(first(8));
      if (i % 10 === 0) await engine.prediction(0);
      forward.at(engine.parameters());
    }
    assert.equal(tf.memory().numTensors, held);
  }
  assert.equal(tf.memory().numTensors, before);
});

/** Trains the net with every layer for a few epochs; the bytes of its last snapshot. */
async function trained(seed: number): Promise<string> {
  const { inputs, labels, classes } = smallData(EVERY_LAYER.inputShape, 40, 3);
  const rows = first(40);
  const dataset = { inputs, labels, classes, splits: { train: rows.slice(0, 30), test: rows.slice(30) } };
  const training = { optimiser: { id: "adam", rate: 0.01 }, batch: 8, epochs: 3 } as const;
  const { snapshots } = await train(EVERY_LAYER, dataset, training, kernels, testContext(root(seed)).ctx);
  const { parameters } = snapshots.at(-1)!;
  using forward = await createForward(EVERY_LAYER, inputs, kernels);
  const hash = createHash("sha256").update(parameters);
  for (const layer of forward.at(parameters)) hash.update(layer);
  return hash.digest("hex");
}

/** Raise `TFJS_ARITHMETIC` with it: equal keys must mean equal bytes. */
const GOLDEN = "7f8d30948059c06dbc68047e89bb42774d10e405caffd8238cf1adde177d0a7c";

Deno.test("the same seed gives the same bytes, twice and in another process; another seed does not", async () => {
  const once = await trained(1);
  assert.equal(await trained(1), once);
  assert.notEqual(await trained(2), once);
  assert.equal(once, GOLDEN);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", import.meta.filename!],
    cwd: join(import.meta.dirname!, "../../../.."),
  }).output();
  assert.equal(new TextDecoder().decode(stdout).trim(), once);
});

Deno.test("a mask drops the share its rate says, keeps the mean, and is its layer's and update's own", () => {
  const mask = dropoutMask(40_000, 0.3, dropout.child("a", 1));
  const dropped = mask.filter((value) => value === 0).length / mask.length;
  assert.ok(Math.abs(dropped - 0.3) < 5 * Math.sqrt(0.21 / mask.length), `${dropped}`);
  assert.ok(mask.every((value) => value === 0 || value === Math.fround(1 / 0.7)));
  assert.notDeepEqual(dropoutMask(40, 0.3, dropout.child("a", 2)), mask.slice(0, 40));
  assert.notDeepEqual(dropoutMask(40, 0.3, dropout.child("b", 1)), mask.slice(0, 40));
  assert.deepEqual(dropoutMask(40, 0.3, dropout.child("a", 1)), mask.slice(0, 40));
});

Deno.test("a dropout layer's masks stay when another layer with dropout comes before it", async () => {
  // With rate 0 before it, the added layer changes nothing but the draws that a shared stream would lose.
  const drop = { kind: "dropout", name: "drop", rate: 0.5 } as const;
  const alone = deep([4], [dense("hidden", 6, "tanh"), drop, dense("output", 3, "softmax")]);
  const [hidden, , output] = alone.layers;
  const both = deep([4], [hidden, { kind: "dropout", name: "earlier", rate: 0 }, drop, output]);
  const data = smallData([4], 10, 3);
  const start = initialDeepParameters(alone, root(1));
  const ends = await Promise.all([alone, both].map(async (net) => {
    using engine = await createTfjsEngine(net, data, { id: "sgd", rate: 0.1 }, start, dropout);
    for (let i = 0; i < 3; i++) await engine.step(first(10));
    return engine.parameters();
  }));
  assert.deepEqual(ends[1], ends[0]);
});

Deno.test("moving averages keep their share of themselves and take the rest from the batch; others move by gradients alone", async () => {
  const norm = { kind: "batchNorm", name: "norm", momentum: 0.75 } as const;
  const net = deep([2], [norm, dense("output", 2, "softmax")]);
  const data = smallData([2], 16, 2);
  const start = initialDeepParameters(net, root(1));
  using engine = await createTfjsEngine(net, data, { id: "sgd", rate: 0.1, weightDecay: 0.5 }, start, dropout);
  assert.ok((await engine.gradient(first(16))).subarray(4, 8).every((value) => value === 0));
  assert.deepEqual(engine.parameters(), start, "a gradient moves nothing, and no average");
  await engine.step(first(16));
  const moving = engine.parameters().subarray(4, 8);
  for (const c of [0, 1]) {
    const values = Array.from(first(16), (n) => data.inputs.data[2 * n + c]);
    const mean = values.reduce((a, b) => a + b) / 16;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 16;
    assert.ok(Math.abs(moving[c] - 0.25 * mean) < 1e-6);
    assert.ok(Math.abs(moving[2 + c] - (0.75 + 0.25 * variance)) < 1e-6);
  }
});

Deno.test("a rate far too large is an outcome: diverged, with its epoch and the last finite loss", async () => {
  const net = deep([4, 4, 1], [
    conv("conv", "linear"),
    { kind: "flatten", name: "flat" },
    dense("output", 2, "softmax"),
  ]);
  const data = smallData([4, 4, 1], 20, 2);
  const dataset = { ...data, splits: { train: first(16), test: Uint32Array.of(16, 17, 18, 19) } };
  const training = { optimiser: { id: "sgd", rate: 1e30 }, batch: 4, epochs: 5 } as const;
  const { outcome, reason, snapshots } = await train(net, dataset, training, kernels, testContext().ctx);
  assert.equal(outcome, "diverged");
  assert.match(reason!, /^diverged in epoch 1; last finite mean loss \d/);
  assert.equal(snapshots.length, 1);
});

Deno.test("engines on two backends take turns, each to the bytes it has alone", async () => {
  const data = smallData(EVERY_LAYER.inputShape, 8, 3);
  const start = initialDeepParameters(EVERY_LAYER, root(1));
  const backends = ["wasm", "cpu"] as const;
  const open = (backend: "wasm" | "cpu") => createTfjsEngine({ ...EVERY_LAYER, backend }, data, ADAM, start, dropout);
  const alone: DenseValues[] = [];
  for (const backend of backends) {
    using engine = await open(backend);
    for (let step = 0; step < 5; step++) await engine.step(first(8));
    alone.push(engine.parameters());
  }
  assert.notDeepEqual(alone[0], alone[1], "the bytes tell the backends apart");
  using wasm = await open("wasm");
  using cpu = await open("cpu");
  for (let step = 0; step < 5; step++) {
    await wasm.step(first(8));
    await cpu.step(first(8));
  }
  assert.deepEqual([wasm.parameters(), cpu.parameters()], alone);
});

Deno.test("rows go through a net by themselves, however many there are", async () => {
  const data = smallData(EVERY_LAYER.inputShape, 1100, 3);
  const parameters = initialDeepParameters(EVERY_LAYER, root(1));
  const { data: values, shape: [n, ...shape] } = data.inputs;
  const few = { data: values.slice(-76 * (values.length / n)), shape: [76, ...shape] };
  using all = await createForward(EVERY_LAYER, data.inputs, kernels);
  using last = await createForward(EVERY_LAYER, few, kernels);
  const layers = all.at(parameters);
  last.at(parameters).forEach((layer, k) => assert.deepEqual(layers[k].slice(-layer.length), layer));
  const given = all.at(parameters, layers);
  assert.equal(given, layers, "arrays given are written over");
});

Deno.test("bytes with a scale are the numbers they mean", async () => {
  const net = deep([2, 2, 1], [conv("conv", "tanh"), { kind: "flatten", name: "flat" }, dense("output", 2, "softmax")]);
  const data = Uint8Array.of(0, 51, 102, 255, 255, 7, 0, 128);
  const meant = Float32Array.from(data, (value) => value * (1 / 255) - 0.5);
  const parameters = initialDeepParameters(net, root(1));
  using bytes = await createForward(net, { data, shape: [2, 2, 2, 1], scale: 1 / 255, offset: -0.5 }, kernels);
  using numbers = await createForward(net, { data: meant, shape: [2, 2, 2, 1] }, kernels);
  assert.deepEqual(bytes.at(parameters), numbers.at(parameters));
});

Deno.test("weights of a convolution are drawn by the place of its layer, [height, width, in, out] and then biases", () => {
  const flat = { kind: "flatten", name: "flat" } as const;
  const net = deep([4, 4, 3], [conv("conv", "tanh"), flat, dense("output", 2, "softmax")]);
  const stream = root(1).child(1);
  const expected = Float32Array.from(
    { length: 2 * 2 * 3 * 2 },
    () => (WEIGHTS as { sigma: number }).sigma * stream.normal(),
  );
  const parameters = initialDeepParameters(net, root(1));
  assert.deepEqual(parameters.slice(0, 24), expected);
  assert.deepEqual(parameters.slice(24, 26), Float32Array.of(0.1, 0.1));
  const output = root(1).child(3);
  assert.equal(parameters[26], Math.fround(0.5 * output.normal()));
});

if (import.meta.main) console.log(await trained(1));
