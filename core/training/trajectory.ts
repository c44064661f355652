import type { Net } from "../contracts/architecture.ts";
import type { Context } from "../contracts/context.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Training } from "../contracts/study.ts";
import type { Kernels } from "../kernels/mod.ts";
import { shuffle } from "../random/mod.ts";
import type { DenseValues } from "./dense.ts";
import { denseTraining } from "./dense_training.ts";
import { evaluate, type Evaluation, type Prediction } from "./evaluation.ts";
import { initialParameters } from "./initial_weights.ts";
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

/** Losses and accuracies; null where nothing says them, NaN where there are no rows. */
type KnownEvaluation = { readonly [Name in keyof Evaluation]: Evaluation[Name] | null };

/** A net at one epoch. */
export interface Snapshot extends KnownEvaluation {
  readonly epoch: number;
  /** Mean cross-entropy in bits over the updates of the epoch that ends here, each before its update; null at epoch 0 and in recordings. */
  readonly onlineLossBits: number | null;
  /** In the engine's layout, the order of {@link parameterTensors}. */
  readonly parameters: DenseValues;
}

/** What training asks of an engine that holds a net and its data. */
export interface TrainingEngine {
  /** Numbers in the parameters. */
  readonly parameterCount: number;
  /** One update on the listed rows; the mean cross-entropy in nats before it. */
  step(rows: Uint32Array, noise?: Float64Array): number | Promise<number>;
  /** A copy, in the engine's layout. */
  parameters(): DenseValues;
  /** What the net says of every row of the data now. */
  prediction(): Prediction | Promise<Prediction>;
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
  net: Net,
  dataset: LoadedDataset,
  training: Training,
  kernels: Kernels,
  ctx: Context,
): Promise<Trajectory> {
  const rows = Uint32Array.from(dataset.splits.train).sort();
  if (rows.length === 0) throw new RangeError("Cannot train a net as the training split is empty");
  const batch = training.batch === "full" ? rows.length : Math.min(training.batch, rows.length);
  const dropped = training.partialBatch === "drop" ? rows.length % batch : 0;
  const used = rows.length - dropped;

  if (net.kind !== "layers") throw new RangeError(`Cannot train a net of kind "${net.kind}"`);
  const start = initialParameters(net, ctx.stream.child("weights"));
  const engine = denseTraining(net, dataset, training, start, batch, kernels);

  const grid = snapshotEpochs(training.epochs);
  const snapshots: Snapshot[] = [snapshotOf(await engine.prediction(), engine, dataset, 0, null)];
  const batches = ctx.stream.child("batches");
  const noise = ctx.stream.child("langevin");
  const xi = training.optimiser.id === "langevin" ? new Float64Array(engine.parameterCount) : undefined;
  const updatesPerEpoch = Math.ceil(used / batch);
  let next = 1;
  let lastLoss = snapshots[0].trainLossBits;

  for (let epoch = 1; epoch <= training.epochs; epoch++) {
    const order = training.batch === "full" ? rows : shuffle(rows.slice(), batches.child(epoch));
    let loss = 0;
    for (let from = 0; from < used; from += batch) {
      const to = Math.min(from + batch, used);
      const mean = engine.step(order.subarray(from, to), xi && normals(xi, noise.child(epoch)));
      loss += (typeof mean === "number" ? mean : await mean) * (to - from);
    }
    const onlineLossBits = loss / used * BITS_PER_NAT;
    const atSnapshot = epoch === grid[next];
    if (!Number.isFinite(onlineLossBits) || (atSnapshot && !engine.parameters().every(Number.isFinite))) {
      const reason = `diverged in epoch ${epoch}; last finite mean loss ${lastLoss} bits`;
      return { outcome: "diverged", reason, lastEpoch: epoch - 1, updatesPerEpoch, snapshots };
    }
    lastLoss = onlineLossBits;
    if (atSnapshot) {
      snapshots.push(snapshotOf(await engine.prediction(), engine, dataset, epoch, onlineLossBits));
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

function snapshotOf(
  prediction: Prediction,
  engine: TrainingEngine,
  dataset: LoadedDataset,
  epoch: number,
  onlineLossBits: number | null,
): Snapshot {
  return { epoch, onlineLossBits, ...evaluate(prediction, dataset), parameters: engine.parameters() };
}
