import assert from "node:assert/strict";
import type { FrozenLayers, NetDescription } from "../../../core/contracts/architecture.ts";
import type { LoadedDataset } from "../../../core/contracts/dataset.ts";
import type { Optimiser, Training } from "../../../core/contracts/study.ts";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { testContext } from "../../../core/testing.ts";
import { createDenseEngine } from "../../../core/training/dense.ts";
import { train } from "../../../core/training/trajectory.ts";
import { dense } from "../../../plugins/architectures/dense.ts";
import { lcg, netOf, settingOf } from "./some_nets.ts";

const kernels = await loadKernels();
const next = lcg(3);
const DATA: LoadedDataset = {
  inputs: { data: Float32Array.from({ length: 60 }, () => next()), shape: [20, 3] },
  labels: Uint8Array.from({ length: 20 }, (_, i) => i % 2),
  classes: 2,
  splits: { train: Uint32Array.from({ length: 15 }, (_, i) => i), test: Uint32Array.of(15, 16, 17, 18, 19) },
};
const OPTIMISERS: { readonly [name: string]: Optimiser } = {
  sgd: { id: "sgd", rate: 0.5, weightDecay: 0.1 },
  momentum: { id: "sgd", rate: 0.2, momentum: 0.9 },
  adam: { id: "adam", rate: 0.05 },
  langevin: { id: "langevin", rate: 0.2, temperature: 0.01 },
};
/** Numbers in the first one and two of the hidden layers of 3-5-4-3-2. */
const BELOW = [0, 20, 44];

function netWith(frozen: FrozenLayers | undefined, precision?: "float32" | "float64"): NetDescription {
  const options = dense.options["~standard"].validate({ widths: [5, 4, 3], frozen, precision });
  return dense.build([3], 2, (options as { value: Parameters<typeof dense.build>[2] }).value);
}

function trained(frozen: FrozenLayers | undefined, optimiser: Optimiser, precision?: "float32" | "float64") {
  const batch = optimiser.id === "langevin" ? "full" : 4;
  const training: Training = { optimiser, batch, epochs: 6 };
  return train(netWith(frozen, precision), DATA, training, kernels, testContext().ctx);
}

for (const [name, optimiser] of Object.entries(OPTIMISERS)) {
  for (const precision of ["float32", "float64"] as const) {
    Deno.test(`${name}, ${precision}: frozen layers stay as they are at every snapshot, every other number moves`, async () => {
      for (const layers of [1, 2]) {
        for (const frozen of [{ layers, from: "random" }, { layers, from: "trained", epochs: 4 }] as const) {
          const { snapshots } = await trained(frozen, optimiser, precision);
          const [first, last] = [snapshots[0].parameters, snapshots.at(-1)!.parameters];
          for (const { parameters } of snapshots) {
            assert.deepEqual(parameters.subarray(0, BELOW[layers]), first.subarray(0, BELOW[layers]));
          }
          first.subarray(BELOW[layers]).forEach((value, i) => assert.notEqual(last[BELOW[layers] + i], value));
        }
      }
    });
  }
}

Deno.test("random layers are the replicate's own, trained ones those of its net after as many epochs", async () => {
  const whole = (await trained(undefined, OPTIMISERS.adam)).snapshots;
  const random = (await trained({ layers: 2, from: "random" }, OPTIMISERS.adam)).snapshots[0].parameters;
  const frozen = await trained({ layers: 2, from: "trained", epochs: 4 }, OPTIMISERS.adam);
  const [start] = frozen.snapshots;
  assert.deepEqual(random.subarray(0, 44), whole[0].parameters.subarray(0, 44));
  assert.deepEqual(
    start.parameters.subarray(0, 44),
    whole.find(({ epoch }) => epoch === 4)!.parameters.subarray(0, 44),
  );
  assert.deepEqual(start.parameters.subarray(44), random.subarray(44), "the layers above start alike");
  assert.notDeepEqual(
    random.subarray(44),
    whole[0].parameters.subarray(44),
    "and otherwise than the net below them did",
  );
});

Deno.test("a net whose lower layers diverge before they are frozen has diverged in epoch 0", async () => {
  const { outcome, reason, lastEpoch, snapshots } = await train(
    netWith({ layers: 1, from: "trained", epochs: 50 }),
    DATA,
    { optimiser: { id: "sgd", rate: 1e38 }, batch: 4, epochs: 6 },
    kernels,
    testContext().ctx,
  );
  assert.deepEqual([outcome, lastEpoch, snapshots.length], ["diverged", 0, 1]);
  assert.match(reason!, /before its lower layers were frozen it diverged in epoch \d/);
});

Deno.test("the layers above frozen ones move as in a net whose lower layers are put back after every update", () => {
  const { net, data, start } = settingOf(netOf(5, [4, 3], "tanh", 2), 30, 7);
  const rows = Uint32Array.from({ length: 30 }, (_, i) => i);
  const below = 24;
  for (
    const optimiser of [
      { id: "sgd", rate: 0.3 },
      { id: "sgd", rate: 0.1, momentum: 0.9, weightDecay: 0.01 },
      { id: "adam", rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    ] as const
  ) {
    const [frozen, free] = [1, 0].map((frozen) => createDenseEngine(kernels, net, { optimiser, maxBatch: 30, frozen }));
    for (const engine of [frozen, free]) {
      engine.setData(data.inputs, data.labels);
      engine.setParameters(start);
    }
    for (let t = 0; t < 20; t++) {
      assert.equal(frozen.step(rows), free.step(rows));
      const moved = free.parameters();
      moved.set(start.slice(0, below));
      free.setParameters(moved);
      assert.deepEqual(frozen.parameters(), moved);
    }
    assert.deepEqual(frozen.gradient(rows), free.gradient(rows), "frozen layers have a gradient like any");
    const state = frozen.optimiserState();
    for (let moment = 0; moment < state.length; moment += frozen.parameterCount) {
      assert.ok(state.subarray(moment, moment + below).every((value) => value === 0), "their moments stay 0");
    }
  }
});

Deno.test("a net with nothing left to train is refused", () => {
  const { net } = settingOf(netOf(5, [4], "tanh", 2), 3, 1);
  for (const frozen of [2, -1, 0.5]) {
    const options = { optimiser: { id: "sgd", rate: 1 }, maxBatch: 3, frozen } as const;
    assert.throws(
      () => createDenseEngine(kernels, net, options),
      new RegExp(`0 to 1 of its layers may be frozen: it is ${frozen}`),
    );
  }
});
