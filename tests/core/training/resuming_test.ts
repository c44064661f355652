import assert from "node:assert/strict";
import type { Net } from "../../../core/contracts/architecture.ts";
import type { LoadedDataset } from "../../../core/contracts/dataset.ts";
import type { DeepLayerDescription } from "../../../core/contracts/deep_net.ts";
import type { Optimiser, Training } from "../../../core/contracts/study.ts";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../../core/store/checkpoint.ts";
import { encodeTrajectory } from "../../../core/store/trajectory.ts";
import { testContext } from "../../../core/testing.ts";
import { type Checkpoint, train, type Trajectory } from "../../../core/training/trajectory.ts";
import { dense } from "../../../plugins/architectures/dense.ts";
import { EVERY_LAYER, smallData } from "./tfjs/nets.ts";

const kernels = await loadKernels();
const INTERRUPTED = new Error("interrupted");
const EPOCHS = 4;
const UPDATES = 3;

const OPTIMISERS: { readonly [name: string]: Optimiser } = {
  "gradient descent": { id: "sgd", rate: 0.1 },
  "momentum": { id: "sgd", rate: 0.05, momentum: 0.9, weightDecay: 0.01 },
  "Adam": { id: "adam", rate: 0.01 },
  "Langevin dynamics": { id: "langevin", rate: 0.1, temperature: 1e-3 },
};

const weights = { distribution: "normal", sigma: 0.3 } as const;
const layers: DeepLayerDescription[] = [
  { kind: "conv2d", name: "a", filters: 3, kernelSize: 2, padding: "same", activation: "relu", weights, bias: 0.1 },
  { kind: "maxPool2d", name: "pool", poolSize: 2 },
  { kind: "flatten", name: "flat" },
  { kind: "dense", name: "out", units: 3, activation: "softmax", weights, bias: 0 },
];
const NETS: readonly { readonly what: string; readonly net: Net; readonly inputShape: readonly number[] }[] = [
  { what: "a dense net of float32", net: denseNet("float32"), inputShape: [5] },
  { what: "a dense net of float64", net: denseNet("float64"), inputShape: [5] },
  {
    what: "a convolutional net by the kernels",
    net: { kind: "deep", inputShape: [4, 4, 1], layers, backend: "kernels" } as Net,
    inputShape: [4, 4, 1],
  },
  { what: "a net on tfjs, with dropout and batch norms", net: EVERY_LAYER, inputShape: EVERY_LAYER.inputShape },
];

function denseNet(precision: "float32" | "float64"): Net {
  const options = dense.options["~standard"].validate({ widths: [4, 3], activation: "tanh", precision });
  return dense.build([5], 3, (options as { value: Parameters<typeof dense.build>[2] }).value);
}

function dataOf(inputShape: readonly number[]): LoadedDataset {
  const rows = Uint32Array.from({ length: 11 }, (_, i) => i);
  return { ...smallData(inputShape, 11, 3), splits: { train: rows.slice(0, 8), test: rows.slice(8) } };
}

function trainingBy(optimiser: Optimiser): Training {
  return { optimiser, batch: 3, epochs: EPOCHS };
}

/** Trains and is interrupted at every checkpoint, each of which goes through its bytes; also how often that was. */
async function trainedInPieces(
  net: Net,
  dataset: LoadedDataset,
  training: Training,
): Promise<{ trajectory: Trajectory; pieces: readonly Checkpoint[] }> {
  const pieces: Checkpoint[] = [];
  for (let bytes: Uint8Array | undefined;;) {
    const from = bytes && decodeCheckpoint(net, training, bytes);
    if (from) pieces.push(from);
    try {
      const trajectory = await train(net, dataset, training, kernels, testContext().ctx, {
        from,
        due: () => true,
        keep(checkpoint) {
          bytes = encodeCheckpoint(net, checkpoint);
          throw INTERRUPTED;
        },
      });
      return { trajectory, pieces };
    } catch (error) {
      if (error !== INTERRUPTED) throw error;
    }
  }
}

for (const { what, net, inputShape } of NETS) {
  for (const [name, optimiser] of Object.entries(OPTIMISERS)) {
    Deno.test(`${what} by ${name}, interrupted wherever it can be, ends in the bytes of one that was not`, async () => {
      const dataset = dataOf(inputShape);
      const training = trainingBy(optimiser);
      const whole = await train(net, dataset, training, kernels, testContext().ctx);
      const { trajectory, pieces } = await trainedInPieces(net, dataset, training);
      assert.deepEqual(trajectory, whole);
      assert.deepEqual(encodeTrajectory(net, trajectory), encodeTrajectory(net, whole));
      const within = net.kind === "layers" ? [UPDATES] : [1, 2, UPDATES];
      const places = Array.from({ length: EPOCHS }, (_, e) => within.map((updates) => [e + 1, updates])).flat();
      assert.deepEqual(pieces.map(({ epoch, updates }) => [epoch, updates]), places);
    });
  }
}

Deno.test("Langevin dynamics draws other noise for every update of an epoch", async () => {
  const { net, inputShape } = NETS[0];
  const training: Training = { optimiser: { id: "langevin", rate: 0.5, temperature: 1 }, batch: 4, epochs: 1 };
  const { snapshots: [start, end] } = await train(net, dataOf(inputShape), training, kernels, testContext().ctx);
  const noise = testContext().ctx.stream.child("langevin", 1);
  const steps = end.parameters.map((value, i) => value - start.parameters[i]);
  const draws = steps.map(() => noise.normal());
  const sums = draws.map((draw) => draw + noise.normal());
  const correlation = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    const dot = (x: ArrayLike<number>, y: ArrayLike<number>) => Array.from(x).reduce((sum, v, i) => sum + v * y[i], 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  assert.ok(
    correlation(steps, sums) > 0.99,
    `${correlation(steps, sums)}; of twice the same ${correlation(steps, draws)}`,
  );
});

Deno.test("a run that diverges says the same wherever it was interrupted", async () => {
  for (const [i, weightDecay] of [1e5, 1e40, 1e4].entries()) {
    const { net, inputShape } = NETS[i];
    const dataset = dataOf(inputShape);
    const training = trainingBy({ id: "sgd", rate: 1, weightDecay });
    const whole = await train(net, dataset, training, kernels, testContext().ctx);
    assert.ok(whole.outcome === "diverged" && whole.lastEpoch > 0);
    assert.deepEqual((await trainedInPieces(net, dataset, training)).trajectory, whole);
  }
});

Deno.test("an aborted signal ends a convolutional net between two updates, of which each is told", async () => {
  const { net, inputShape } = NETS[2];
  const { ctx } = testContext();
  const stop = new AbortController();
  const told: number[] = [];
  const progress = (done: number) => {
    told.push(done);
    if (told.length === 2) stop.abort(INTERRUPTED);
    return Promise.resolve();
  };
  const training = trainingBy(OPTIMISERS.momentum);
  const running = train(net, dataOf(inputShape), training, kernels, { ...ctx, progress, signal: stop.signal });
  await assert.rejects(running, INTERRUPTED);
  assert.deepEqual(told, [1 / UPDATES / EPOCHS, 2 / UPDATES / EPOCHS]);
});

Deno.test("a checkpoint of another net, optimiser or length is refused", async () => {
  const { net, inputShape } = NETS[0];
  const training = trainingBy(OPTIMISERS.momentum);
  const { pieces } = await trainedInPieces(net, dataOf(inputShape), training);
  const bytes = encodeCheckpoint(net, pieces[2]);
  assert.deepEqual(decodeCheckpoint(net, training, bytes), pieces[2]);
  const refused = (other: Net, otherTraining: Training, why: RegExp) =>
    assert.throws(() => decodeCheckpoint(other, otherTraining, bytes), why);
  refused(NETS[2].net, training, /"parameters" must be \d+ numbers: there are 51/);
  refused(net, trainingBy(OPTIMISERS.Adam), /"optimiser_state" must be \d+ numbers: there are \d+/);
  refused(net, { ...training, epochs: 2 }, /its epoch must be at most 2: it is 3/);
  const behind = encodeCheckpoint(net, { ...pieces[2], snapshots: pieces[2].snapshots.slice(1) });
  assert.throws(() => decodeCheckpoint(net, training, behind), /must be at 0,1,2: they are at 1,2/);
});
