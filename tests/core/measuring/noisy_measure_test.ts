import type { Estimator, LoadedDataset, NetDescription } from "@infoplane/core";
import { root, testContext } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { readOptions } from "../../../core/execution/options.ts";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { measure } from "../../../core/measuring/measure.ts";
import { createDenseEngine } from "../../../core/training/dense.ts";
import { denseNet } from "../../../core/training/dense_training.ts";
import { train } from "../../../core/training/trajectory.ts";
import plugin from "../../../plugins/mod.ts";
import { range } from "../training/some_nets.ts";

const kernels = await loadKernels();
const weights = { distribution: "normal", sigma: 1 } as const;
const NET: NetDescription = {
  kind: "layers",
  inputShape: [5],
  layers: [
    { kind: "dense", name: "still", units: 4, activation: "tanh", weights, bias: 0 },
    { kind: "dense", name: "noisy", units: 3, activation: "tanh", noise: 0.2, weights, bias: 0 },
    { kind: "dense", name: "output", units: 2, activation: "softmax", weights, bias: 0 },
  ],
};
const DATA: LoadedDataset = {
  inputs: { data: Float32Array.from(range(0, 160), (i) => (i >> (i % 5)) & 1), shape: [32, 5] },
  labels: Uint8Array.from(range(0, 32), (x) => x & 1),
  classes: 2,
  splits: { train: Uint32Array.from(range(0, 24)), test: Uint32Array.from(range(24, 32)) },
};
const trained = (net: NetDescription, epochs: number) => {
  const training = { optimiser: { id: "sgd", rate: 0.1 }, batch: 7, epochs } as const;
  return train(net, DATA, training, kernels, testContext(root(2).child("replicate", 0)).ctx);
};

const { snapshots } = await trained(NET, 12);

Deno.test("a shorter run of a noisy net is the start of a longer one, losses and all", async () => {
  const shorter = await trained(NET, 5);
  assert.deepEqual(shorter.snapshots, snapshots.slice(0, shorter.snapshots.length));
  const still = { ...NET, layers: NET.layers.map(({ noise: _, ...layer }) => layer) };
  assert.notDeepEqual((await trained(still, 5)).snapshots[5].parameters, shorter.snapshots[5].parameters);
});

Deno.test("the noise of an epoch's updates is its own, whether or not the net was looked at before", async () => {
  const replicate = root(2).child("replicate", 0);
  const training = { optimiser: { id: "sgd", rate: 0.1 }, batch: "full", epochs: 3 } as const;
  const { snapshots } = await train(NET, DATA, training, kernels, testContext(replicate).ctx);
  const engine = createDenseEngine(kernels, denseNet(NET), { optimiser: { id: "sgd", rate: 0.1 }, maxBatch: 24 });
  engine.setData(DATA.inputs.data, DATA.labels);
  engine.setParameters(snapshots[0].parameters);
  for (const epoch of [1, 2, 3]) {
    engine.setNoise(replicate.child("layer-noise", "training", epoch, 0));
    engine.step(DATA.splits.train);
  }
  assert.deepEqual(engine.parameters(), snapshots[3].parameters);
});

for (const estimator of plugin.estimators! as readonly Estimator[]) {
  Deno.test(`${estimator.id} measures layers below all noise; above, it refuses or knows of noise`, async () => {
    const setting = readOptions(estimator.options, {}, `estimator "${estimator.id}"`);
    const options = [estimator.options["~standard"].validate(setting)].map((read) =>
      (read as { value: unknown }).value
    );
    const at = async (epochs: readonly number[], on: "all" | "train" = "all") => {
      const chosen = epochs.map((epoch) => snapshots.find((one) => one.epoch === epoch)!);
      const { ctx } = testContext(root(2).child("replicate", 0));
      return (await measure(NET, DATA, chosen, estimator, options, { on }, kernels, ctx))[0];
    };
    const [, [still, ...above]] = await at([2, 12]);
    assert.doesNotMatch(JSON.stringify(still), /the net is noisy/);
    assert.deepEqual((await at([12]))[0].slice(1), above, "another snapshot moves nothing");
    for (const found of above) {
      if (estimator.passes) assert.doesNotMatch(JSON.stringify(found), /this estimator does not allow/);
      else {
        assert.deepEqual(found, {
          status: "skipped",
          reason:
            "the net is noisy up to this layer: T is no function of X, and this estimator does not allow for that",
        });
      }
    }
    if (estimator.id !== "noise-propagation") return;
    assert.deepEqual([still.status, ...above.map(({ status }) => status)], ["skipped", "measured", "skipped"]);
    const [, onTrain] = (await at([12], "train"))[0];
    assert.ok(onTrain.status === "measured" && onTrain.ceilingBits === Math.log2(24));
  });
}

Deno.test("a noisy layer seen through a map is told from the layer", async () => {
  const estimator = plugin.estimators!.find(({ id }) => id === "noise-propagation") as Estimator;
  const { ctx } = testContext(root(2).child("replicate", 0));
  const on = { on: "all", transform: "rotation" } as const;
  const found = await measure(NET, DATA, snapshots.slice(-1), estimator, [{ passes: 4, draws: 100 }], on, kernels, ctx);
  assert.match(JSON.stringify(found[0][0][1]), /skipped.*seen through a map/);
});
