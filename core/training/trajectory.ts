import type { NetDescription } from "../contracts/architecture.ts";
import type { Context } from "../contracts/context.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Training } from "../contracts/study.ts";
import type { Kernels } from "../kernels/mod.ts";
import { shuffle } from "../random/mod.ts";
import { batchesOf } from "./batches.ts";
import { createDenseEngine, type DenseEngine, type DenseNet, type DenseOptimiser } from "./dense.ts";
import { evaluate, type Evaluation, logisticPrediction, softmaxPrediction } from "./evaluation.ts";
import { initialParameters } from "./initial_weights.ts";
import { float32Of } from "./inputs.ts";
import { snapshotEpochs } from "./snapshots.ts";

/** What training leaves: weights at snapshots with the losses and accuracies there. */
export interface Trajectory {
  readonly outcome: "done" | "diverged";
  /** Why it diverged. */
  readonly reason?: string;
  /** Epochs covered: those asked for, or the last one before a loss or weight that is not finite. */
  readonly lastEpoch: number;
  readonly updatesPerEpoch: number;
  readonly snapshots: readonly Snapshot[];
}

/** A net at one epoch. */
export interface Snapshot extends Evaluation {
  readonly epoch: number;
  /** Mean cross-entropy in bits over the updates of the epoch that ends here, each before its update; null at epoch 0. */
  readonly onlineLossBits: number | null;
  /** In the engine's layout: per layer weights [in, out], then biases. */
  readonly parameters: Float32Array;
}

const BITS_PER_NAT = 1.4426950408889634;

/**
 * Trains one net and keeps its weights at the snapshot epochs.
 *
 * Initial weights come from `stream.child("weights", k)`, the order of the rows in epoch e from `stream.child("batches", e)`:
 * a shuffle of the training rows in ascending order, cut into batches. Full batch visits them in ascending order. The noise of
 * Langevin dynamics in epoch e comes from `stream.child("langevin", e)`.
 *
 * @param ctx `stream` is the replicate's.
 */
export async function train(
  net: NetDescription,
  dataset: LoadedDataset,
  training: Training,
  kernels: Kernels,
  ctx: Context,
): Promise<Trajectory> {
  const rows = Uint32Array.from(dataset.splits.train).sort();
  if (rows.length === 0) throw new RangeError("Cannot train a net as the training split is empty");
  const cut = batchesOf(rows, training);
  const updatesPerEpoch = cut.length;

  const engine = createDenseEngine(kernels, denseNet(net), {
    optimiser: optimiserOf(training),
    maxBatch: cut[0].length,
  });
  engine.setData(float32Of(dataset.inputs), dataset.labels);
  engine.setParameters(initialParameters(net, ctx.stream.child("weights")));

  const grid = snapshotEpochs(training.epochs);
  const snapshots: Snapshot[] = [snapshotOf(engine, dataset, 0, null)];
  const batches = ctx.stream.child("batches");
  const noise = ctx.stream.child("langevin");
  const xi = training.optimiser.id === "langevin" ? new Float64Array(engine.parameterCount) : undefined;
  let next = 1;
  let lastLoss = snapshots[0].trainLossBits;

  for (let epoch = 1; epoch <= training.epochs; epoch++) {
    const order = training.batch === "full" ? rows : shuffle(rows.slice(), batches.child(epoch));
    let loss = 0;
    let used = 0;
    for (const batch of batchesOf(order, training)) {
      loss += engine.step(batch, xi && normals(xi, noise.child(epoch))) * batch.length;
      used += batch.length;
    }
    const onlineLossBits = loss / used * BITS_PER_NAT;
    const atSnapshot = epoch === grid[next];
    if (!Number.isFinite(onlineLossBits) || (atSnapshot && !engine.parameters().every(Number.isFinite))) {
      const reason = `diverged in epoch ${epoch}; last finite mean loss ${lastLoss} bits`;
      return { outcome: "diverged", reason, lastEpoch: epoch - 1, updatesPerEpoch, snapshots };
    }
    lastLoss = onlineLossBits;
    if (atSnapshot) {
      snapshots.push(snapshotOf(engine, dataset, epoch, onlineLossBits));
      next++;
    }
    if (epoch % 64 === 0) await ctx.progress(epoch / training.epochs);
    if (ctx.signal.aborted) throw ctx.signal.reason;
  }
  return { outcome: "done", lastEpoch: training.epochs, updatesPerEpoch, snapshots };
}

function normals(values: Float64Array, stream: Stream): Float64Array {
  for (let i = 0; i < values.length; i++) values[i] = stream.normal();
  return values;
}

/** The engine's form of a net described as data. */
export function denseNet(net: NetDescription): DenseNet {
  return {
    inputs: net.inputShape.reduce((a, b) => a * b, 1),
    layers: net.layers.map(({ units, activation, slope, residual, quantisedBits }) => ({
      ...{ units, activation, slope, residual, quantisedBits },
    })),
  };
}

function optimiserOf({ optimiser }: Training): DenseOptimiser {
  if (optimiser.id !== "adam") return optimiser;
  const { rate, weightDecay, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = optimiser;
  return { id: "adam", rate, beta1, beta2, epsilon, weightDecay };
}

function snapshotOf(
  engine: DenseEngine,
  dataset: LoadedDataset,
  epoch: number,
  onlineLossBits: number | null,
): Snapshot {
  const layers = engine.forwardData();
  const parameters = engine.parameters();
  const output = layers[layers.length - 1];
  const rows = dataset.labels.length;
  const below = layers[layers.length - 2] ?? float32Of(dataset.inputs);
  const prediction = output.length === rows
    ? logisticPrediction(below, parameters.subarray(-below.length / rows - 1))
    : softmaxPrediction(output, dataset.classes);
  return { epoch, onlineLossBits, ...evaluate(prediction, dataset), parameters };
}
