import assert from "node:assert/strict";
import type { LoadedDataset } from "../../../core/contracts/dataset.ts";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { trialView } from "../../../core/measuring/trial_view.ts";
import { decodeSnapshots, encodeTrajectory } from "../../../core/store/trajectory.ts";
import { root, testContext } from "../../../core/testing.ts";
import { measuredLayers, parameterCount } from "../../../core/training/net.ts";
import { createTfjsForward } from "../../../core/training/tfjs/engine.ts";
import { train } from "../../../core/training/trajectory.ts";
import { EVERY_LAYER, first, smallData } from "../training/tfjs/nets.ts";

Deno.test("what is stored of a deep net is seen again: named tensors of each layer, activations of each tap", async () => {
  const kernels = await loadKernels();
  const rows = first(20);
  const splits = { train: rows.slice(0, 16), test: rows.slice(16) };
  const dataset: LoadedDataset = { ...smallData(EVERY_LAYER.inputShape, 20, 3), splits };
  const training = { optimiser: { id: "sgd", rate: 0.1 }, batch: 8, epochs: 2 } as const;
  const trajectory = await train(EVERY_LAYER, dataset, training, kernels, testContext().ctx);
  const snapshots = decodeSnapshots(EVERY_LAYER, encodeTrajectory(EVERY_LAYER, trajectory));
  const last = trajectory.snapshots[2].parameters;
  assert.deepEqual(snapshots[2], { epoch: 2, parameters: last });

  const trial = { trial: "key", arm: "main", net: EVERY_LAYER, training, chance: { replicate: 0 } };
  using view = await trialView(trial, dataset, snapshots, kernels, root(0));
  const seen = view.weights(2).map((tensors) =>
    Object.entries(tensors).map(([as, { name, shape }]) => [as, name, shape])
  );
  assert.deepEqual(seen.slice(0, 2), [
    [["weights", "conv 1.weights", [3, 3, 2, 2]], ["biases", "conv 1.biases", [2]]],
    [
      ["gamma", "norm.gamma", [2]],
      ["beta", "norm.beta", [2]],
      ["moving_mean", "norm.moving_mean", [2]],
      ["moving_variance", "norm.moving_variance", [2]],
    ],
  ]);
  assert.equal(seen.length, 6);
  const flat = view.weights(2).flatMap((tensors) => Object.values(tensors).flatMap(({ data }) => [...data]));
  assert.deepEqual(Float32Array.from(flat), last);
  assert.equal(flat.length, parameterCount(EVERY_LAYER));

  using forward = await createTfjsForward(EVERY_LAYER, dataset.inputs);
  forward.at(last).forEach((data, k) => {
    const shape = [20, measuredLayers(EVERY_LAYER)[k].units];
    assert.deepEqual(view.activations(2, k + 1), { data, shape });
  });
});
