import assert from "node:assert/strict";
import type { DeepLayerDescription, DeepNetDescription, Estimate, Estimator } from "@infoplane/core";
import { root, testContext } from "@infoplane/core/testing";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { measure } from "../../../core/measuring/measure.ts";
import { trialView } from "../../../core/measuring/trial_view.ts";
import { measuredLayers, parameterCount, parameterTensors } from "../../../core/training/net.ts";
import { binning } from "../../../plugins/estimators/binning.ts";
import { twinDeepDifferences } from "../../oracles/deep_twin.ts";

const weights = { distribution: "normal", sigma: 0.4 } as const;
const conv = (name: string): DeepLayerDescription => ({
  ...{ kind: "conv2d", name, filters: 3, kernelSize: 3, padding: "same", activation: "tanh", weights, bias: 0 },
});
/** Two convolutions lead into the first measured layer, one dense layer into the second. */
const NET: DeepNetDescription = {
  kind: "deep",
  inputShape: [4, 4, 1],
  layers: [
    conv("a"),
    conv("b"),
    { kind: "add", name: "sum", from: "a" },
    { kind: "averagePool2d", name: "pool", poolSize: 2 },
    { kind: "flatten", name: "flat" },
    { kind: "dense", name: "out", units: 3, activation: "softmax", weights, bias: 0 },
  ],
  taps: ["pool", "out"],
  backend: "kernels",
};
const ROWS = 21;
const stream = root(3).child("convolutions");
const parameters = Float32Array.from({ length: parameterCount(NET) }, () => 0.4 * stream.normal());
const inputs = Float32Array.from({ length: ROWS * 16 }, () => stream.normal());
const dataset = {
  inputs: { data: inputs, shape: [ROWS, 4, 4, 1] },
  labels: Uint8Array.from({ length: ROWS }, (_, row) => row % 3),
  classes: 3,
  splits: {
    train: Uint32Array.from({ length: 15 }, (_, i) => i),
    test: Uint32Array.from({ length: 6 }, (_, i) => 15 + i),
  },
};
const snapshots = [{ epoch: 0, parameters }];
const training = { optimiser: { id: "sgd", rate: 0.1 }, batch: 5, epochs: 0 } as const;

Deno.test("a measured layer's gradient is that of all weights below it down to the measured layer before, over single examples", async () => {
  const trial = { trial: "t", arm: "main", net: NET, training, chance: { replicate: 0 } };
  using view = await trialView(trial, dataset, snapshots, await loadKernels(), root(1));
  const found = view.gradients(0);
  assert.equal(found.length, measuredLayers(NET).length);
  const size = parameterTensors(NET).slice(-2).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const cut = parameters.length - size;
  const each = Array.from(
    dataset.splits.train,
    (row) =>
      twinDeepDifferences(NET, parameters, [Array.from(inputs.subarray(row * 16, (row + 1) * 16))], [
        dataset.labels[row],
      ], {}),
  );
  [[0, cut], [cut, parameters.length]].forEach(([from, to], k) => {
    const own = each.map((gradient) => gradient.subarray(from, to));
    const mean = own[0].map((_, i) => own.reduce((sum, gradient) => sum + gradient[i] / own.length, 0));
    const norm = Math.hypot(...mean);
    const variance = own.reduce((sum, gradient) => sum + gradient.reduce((s, g, i) => s + (g - mean[i]) ** 2, 0), 0) /
      own.length;
    assert.ok(Math.abs(found[k].meanNorm - norm) < 1e-4 * norm, `layer ${k + 1}: ${found[k].meanNorm}, not ${norm}`);
    assert.ok(
      Math.abs(found[k].variance - variance) < 1e-4 * variance,
      `layer ${k + 1}: ${found[k].variance}, not ${variance}`,
    );
    assert.ok(Math.abs(found[k].weightNorm - Math.hypot(...parameters.subarray(from, to))) < 1e-5);
  });
});

/** What an estimator is shown of the first layer under some choice of rows. */
async function shown(given: { on: "all" | "train" | "test"; probes?: number }, replicate = 0) {
  const seen: { labels: number[]; values: number[]; n: number; exact: boolean }[] = [];
  const estimator: Estimator = {
    ...binning as unknown as Estimator,
    estimateAll: undefined,
    usesReference: undefined,
    supports: () => true,
    estimate({ layer, labels, activations, meta }): Estimate {
      if (layer === 1) {
        seen.push({ labels: [...labels], values: [...activations.data], n: meta.n, exact: meta.exactJoint });
      }
      return { status: "measured", ixt: { bits: 0 }, ity: { bits: 0 }, ceilingBits: null };
    },
  };
  const { ctx } = testContext(root(7).child("replicate", replicate));
  await measure(NET, dataset, snapshots, estimator, [{}], given, await loadKernels(), ctx);
  return seen[0];
}

Deno.test("probes are so many rows of a split, drawn by the replicate, with the activations that all rows together give", async () => {
  const all = await shown({ on: "all" });
  const units = all.values.length / ROWS;
  const rowsOf = (values: number[]) =>
    Array.from({ length: values.length / units }, (_, i) => {
      const own = values.slice(i * units, (i + 1) * units);
      return Array.from({ length: ROWS }, (_, row) => row).find((row) =>
        own.every((value, u) => value === all.values[row * units + u])
      )!;
    });
  const few = await shown({ on: "train", probes: 4 });
  const rows = rowsOf(few.values);
  assert.equal(few.n, 4);
  assert.equal(few.exact, false);
  assert.ok(rows.every((row, i) => row < 15 && (i === 0 || row > rows[i - 1])), String(rows));
  assert.deepEqual(few.labels, rows.map((row) => dataset.labels[row]));
  assert.deepEqual(await shown({ on: "train", probes: 4 }), few);
  assert.notDeepEqual(rowsOf((await shown({ on: "train", probes: 4 }, 1)).values), rows);
  assert.deepEqual(rowsOf((await shown({ on: "test", probes: 100 })).values), [15, 16, 17, 18, 19, 20]);
});
