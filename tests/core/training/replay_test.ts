import assert from "node:assert/strict";
import type { LoadedDataset } from "../../../core/contracts/dataset.ts";
import type { RecordedNetDescription, RecordedSnapshot } from "../../../core/contracts/recorded.ts";
import type { Training } from "../../../core/contracts/study.ts";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { decodeMetrics, decodeSnapshots, encodeTrajectory } from "../../../core/store/trajectory.ts";
import { root, testContext } from "../../../core/testing.ts";
import { replay } from "../../../core/training/replay.ts";
import { train } from "../../../core/training/trajectory.ts";
import { dense } from "../../../plugins/architectures/dense.ts";

const kernels = await loadKernels();
const DATA: LoadedDataset = {
  inputs: { data: Float32Array.from({ length: 20 }, (_, i) => ((i * 7) % 11) / 5 - 1), shape: [10, 2] },
  labels: Uint8Array.from({ length: 10 }, (_, i) => i % 2),
  classes: 2,
  splits: { train: Uint32Array.of(0, 1, 2, 3, 4, 5, 6), test: Uint32Array.of(7, 8, 9) },
};
const TRAINING: Training = { optimiser: { id: "recorded" }, batch: 3, epochs: 4 };
const NET: RecordedNetDescription = {
  kind: "recorded",
  rows: 10,
  layers: [{ name: "a", units: 1, activation: "tanh" }, { name: "b", units: 2, activation: "softmax" }],
};

function recorded(epoch: number, change: (values: Float32Array) => void = () => {}): RecordedSnapshot {
  const values = new Float32Array(30).fill(0.5);
  change(values);
  return { epoch, values };
}

Deno.test("replay() of a trained net's own weights is its trajectory, losses and accuracies with it", async () => {
  for (const output of ["softmax", "logistic"] as const) {
    for (const precision of ["float32", "float64"] as const) {
      const options = dense.options["~standard"].validate({ widths: [3], output, precision });
      const net = dense.build([2], 2, (options as { value: Parameters<typeof dense.build>[2] }).value);
      const { ctx } = testContext();
      const how: Training = { optimiser: { id: "sgd", rate: 0.5 }, batch: 3, epochs: 4 };
      const trained = await train(net, DATA, how, kernels, ctx);
      const snapshots = trained.snapshots.map(({ epoch, parameters: values }) => ({ epoch, values }));
      const replayed = await replay(net, DATA, snapshots, [0, 1, 2, 3, 4], TRAINING, kernels, root(0));
      const withoutOnline = trained.snapshots.map((snapshot) => ({ ...snapshot, onlineLossBits: null }));
      assert.deepEqual(replayed, { ...trained, snapshots: withoutOnline }, `${output} ${precision}`);
    }
  }
});

Deno.test("a recorded output that is a distribution says losses and accuracies: half a chance costs one bit", async () => {
  const { snapshots: [snapshot], updatesPerEpoch } = await replay(
    NET,
    DATA,
    [recorded(2)],
    [2],
    TRAINING,
    kernels,
    root(0),
  );
  assert.deepEqual([snapshot.trainLossBits, snapshot.testLossBits, snapshot.onlineLossBits], [1, 1, null]);
  assert.deepEqual([snapshot.trainAccuracy, snapshot.testAccuracy], [4 / 7, 1 / 3]);
  assert.equal(updatesPerEpoch, 3);
});

Deno.test("without such an output the recorded losses stand, or none", async () => {
  const net: RecordedNetDescription = { ...NET, layers: [NET.layers[0], { ...NET.layers[1], activation: "linear" }] };
  const first = { ...recorded(0), trainLossBits: 0.7, testAccuracy: 0.25 };
  const trajectory = await replay(net, DATA, [first, recorded(3)], [0, 3], TRAINING, kernels, root(0));
  const metrics = decodeMetrics(encodeTrajectory(net, trajectory), [0, 3]);
  assert.deepEqual(metrics.trainLossBits, [0.7, null]);
  assert.deepEqual(metrics.testAccuracy, [0.25, null]);
  assert.deepEqual(metrics.testAccuracySampled, [0.25, null]);
  assert.deepEqual(metrics.testLossBits, [null, null]);
  assert.deepEqual(metrics.onlineLossBits, [null, null]);
});

Deno.test("a stored trajectory of a recorded net gives back its activations", async () => {
  const trajectory = await replay(
    NET,
    DATA,
    [recorded(0), recorded(3, (v) => v[7] = 0.25)],
    [0, 3],
    TRAINING,
    kernels,
    root(0),
  );
  const [first, second] = decodeSnapshots(NET, encodeTrajectory(NET, trajectory));
  assert.deepEqual(first, { epoch: 0, parameters: recorded(0).values });
  assert.deepEqual(second, { epoch: 3, parameters: recorded(3, (values) => values[7] = 0.25).values });
});

Deno.test("replay() refuses other epochs, sizes and types, and names the place of what is not finite", async () => {
  const cases: [RecordedSnapshot[], string][] = [
    [[recorded(0)], "it must have epochs 0, 3: it has 0"],
    [[recorded(0), recorded(4)], "it must have epochs 0, 3: it has 0, 4"],
    [
      [recorded(0), { epoch: 3, values: new Float32Array(29) }],
      "epoch 3 must hold 30 values of float32: it holds 29 of Float32Array",
    ],
    [
      [recorded(0), { epoch: 3, values: new Float64Array(30) }],
      "epoch 3 must hold 30 values of float32: it holds 30 of Float64Array",
    ],
    [
      [recorded(0), recorded(3, (values) => values[10 + 2 * 6 + 1] = NaN)],
      "layer.2.activations of epoch 3 must be finite: [6, 1] is NaN",
    ],
    [
      [recorded(0, (values) => values[9] = Infinity), recorded(3)],
      "layer.1.activations of epoch 0 must be finite: [9, 0] is Infinity",
    ],
  ];
  for (const [snapshots, message] of cases) {
    await assert.rejects(replay(NET, DATA, snapshots, [0, 3], TRAINING, kernels, root(0)), {
      name: "Problem",
      exitCode: 2,
      message: `Cannot replay a run as ${message}`,
    });
  }
});
