import type { Net, NetDescription } from "../contracts/architecture.ts";
import type { Context } from "../contracts/context.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Training } from "../contracts/study.ts";
import type { Kernels } from "../kernels/mod.ts";
import { shuffle } from "../random/mod.ts";
import { isByKernels } from "./arithmetic.ts";
import { batchesOf } from "./batches.ts";
import { convolutionTraining } from "./convolution_training.ts";
import type { DenseValues } from "./dense.ts";
import { denseTraining, optimiserOf } from "./dense_training.ts";
import { evaluate, type Evaluation, type Prediction } from "./evaluation.ts";
import { initialDeepParameters } from "./initial_deep_parameters.ts";
import { initialParameters } from "./initial_weights.ts";
import { parameterTensors } from "./net.ts";
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

/** What training asks of an engine that holds a net and its data; `using` frees what it holds. */
export interface TrainingEngine extends Disposable {
  /** Numbers in the parameters. */
  readonly parameterCount: number;
  /** Called before the updates of epoch 1…; for nets that draw noise. */
  startEpoch?(epoch: number): void;
  /** One update on the listed rows; the mean cross-entropy in nats before it. */
  step(rows: Uint32Array, noise?: Float64Array): number | Promise<number>;
  /** A copy, in the engine's layout. */
  parameters(): DenseValues;
  /** A copy of the optimiser's moments, one after the other, each in the engine's layout. */
  optimiserState(): DenseValues;
  /** Goes on from what `parameters` and `optimiserState` gave after so many updates. */
  resume(parameters: DenseValues, optimiserState: DenseValues, steps: number): void;
  /** What the net says of every row of the data now, at the end of an epoch. */
  prediction(epoch: number): Prediction | Promise<Prediction>;
}

/** Where a training stands within an epoch: with the net, its data and its streams, everything that the rest of it rests on. */
export interface Checkpoint {
  /** The epoch under way, from 1. */
  readonly epoch: number;
  /** Updates of it that are made, at least one. */
  readonly updates: number;
  /** Σ over these updates of mean cross-entropy in nats × rows. */
  readonly lossSum: number;
  /** Mean loss in bits of the epoch before; in the first, of the training rows at epoch 0. */
  readonly lastLossBits: number;
  /** As the engine gives them. */
  readonly parameters: DenseValues;
  /** As the engine gives it. */
  readonly optimiserState: DenseValues;
  /** Of the epochs before this one. */
  readonly snapshots: readonly Snapshot[];
}

/** How a training survives its process. None of it shows in the trajectory. */
export interface Resuming {
  /** Where to go on; from the start unless told. */
  readonly from?: Checkpoint;
  /** True when it is time for another checkpoint; asked at the end of an epoch, and after each update of an engine that answers later. */
  readonly due?: () => boolean;
  /** Takes a checkpoint; training waits for it. */
  readonly keep?: (checkpoint: Checkpoint) => Promise<void>;
}

const BITS_PER_NAT = 1.4426950408889634;

/**
 * Trains one net and keeps its weights at the snapshot epochs.
 *
 * Initial weights come from `stream.child("weights", k)`, those of layers above frozen ones from `stream.child("weights-above", k)`, the
 * order of the rows in epoch e from `stream.child("batches", e)`:
 * a shuffle of the training rows in ascending order, cut into batches. Full batch visits them in ascending order. The noise of
 * Langevin dynamics in epoch e comes from `stream.child("langevin", e)`, one update after the other, masks of a dropout layer in update t from
 * `stream.child("dropout", name, t)`, the noise of noisy layers from `stream.child("layer-noise", …)`. Losses and accuracies of a net with
 * such noise are those of one draw for each row.
 *
 * A training that goes on from a checkpoint ends in the bytes of one that was never interrupted.
 *
 * @param ctx `stream` is the replicate's; `signal` ends the training between epochs, of an engine that answers later between updates.
 */
export async function train(
  net: Net,
  dataset: LoadedDataset,
  training: Training,
  kernels: Kernels,
  ctx: Context,
  { from, due = () => false, keep }: Resuming = {},
): Promise<Trajectory> {
  const rows = Uint32Array.from(dataset.splits.train).sort();
  if (rows.length === 0) throw new RangeError("Cannot train a net as the training split is empty");
  const cut = batchesOf(rows, training);
  const updatesPerEpoch = cut.length;
  const rowsPerEpoch = cut.reduce((sum, batch) => sum + batch.length, 0);

  const start = net.kind === "layers" ? await startOf(net, dataset, training, kernels, ctx) : undefined;
  using engine = await engineOf(net, dataset, training, start?.parameters, cut[0].length, kernels, ctx.stream);

  const grid = snapshotEpochs(training.epochs);
  if (from) engine.resume(from.parameters, from.optimiserState, (from.epoch - 1) * updatesPerEpoch + from.updates);
  const snapshots = [...from?.snapshots ?? [snapshotOf(await engine.prediction(0), engine, dataset, 0, null)]];
  if (start?.diverged !== undefined) {
    return { outcome: "diverged", reason: start.diverged, lastEpoch: 0, updatesPerEpoch, snapshots };
  }
  const batches = ctx.stream.child("batches");
  const noise = ctx.stream.child("langevin");
  const xi = training.optimiser.id === "langevin" ? new Float64Array(engine.parameterCount) : undefined;
  let lastLossBits = from?.lastLossBits ?? snapshots[0].trainLossBits ?? NaN;

  for (let epoch = from?.epoch ?? 1; epoch <= training.epochs; epoch++) {
    const order = training.batch === "full" ? rows : shuffle(rows.slice(), batches.child(epoch));
    engine.startEpoch?.(epoch);
    const resumed = from?.epoch === epoch ? from : undefined;
    let lossSum = resumed?.lossSum ?? 0;
    let updates = resumed?.updates ?? 0;
    const draw = xi && normals(xi, noise.child(epoch));
    // Past what the updates before the checkpoint drew.
    for (let i = 0; i < updates; i++) draw?.();
    for (const batch of batchesOf(order, training).slice(updates)) {
      const mean = engine.step(batch, draw?.());
      updates++;
      if (typeof mean === "number") {
        lossSum += mean * batch.length;
        if (updates < updatesPerEpoch) continue;
      } else {
        lossSum += await mean * batch.length;
        // An engine that answers later may take minutes for an epoch.
        await ctx.progress((epoch - 1 + updates / updatesPerEpoch) / training.epochs);
      }
      if (ctx.signal.aborted) throw ctx.signal.reason;
      if (keep === undefined || !due()) continue;
      const [parameters, optimiserState] = [engine.parameters(), engine.optimiserState()];
      await keep({ epoch, updates, lossSum, lastLossBits, parameters, optimiserState, snapshots: [...snapshots] });
    }
    const onlineLossBits = lossSum / rowsPerEpoch * BITS_PER_NAT;
    const atSnapshot = epoch === grid[snapshots.length];
    if (!Number.isFinite(onlineLossBits) || (atSnapshot && !engine.parameters().every(Number.isFinite))) {
      const reason = `diverged in epoch ${epoch}; last finite mean loss ${lastLossBits} bits`;
      return { outcome: "diverged", reason, lastEpoch: epoch - 1, updatesPerEpoch, snapshots };
    }
    lastLossBits = onlineLossBits;
    if (atSnapshot) snapshots.push(snapshotOf(await engine.prediction(epoch), engine, dataset, epoch, onlineLossBits));
    if (epoch % 64 === 0) await ctx.progress(epoch / training.epochs);
  }
  return { outcome: "done", lastEpoch: training.epochs, updatesPerEpoch, snapshots };
}

/** Where a dense net starts, or why the net whose lower layers it takes has diverged. */
async function startOf(
  net: NetDescription,
  dataset: LoadedDataset,
  training: Training,
  kernels: Kernels,
  ctx: Context,
): Promise<{ readonly parameters: DenseValues; readonly diverged?: string }> {
  const parameters = initialParameters(net, ctx.stream.child("weights"));
  const { frozen, ...whole } = net;
  if (frozen === undefined) return { parameters };
  const above = initialParameters(net, ctx.stream.child("weights-above"));
  const kept = parameterTensors(net).slice(0, 2 * frozen.layers)
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  parameters.set(above.subarray(kept), kept);
  if (frozen.from === "random") return { parameters };
  const before: Training = { ...training, epochs: frozen.epochs };
  const quiet: Context = { ...ctx, progress: () => ctx.progress(0) };
  const { outcome, reason, snapshots } = await train(whole, dataset, before, kernels, quiet);
  if (outcome === "diverged") return { parameters, diverged: `before its lower layers were frozen it ${reason}` };
  parameters.set(snapshots[snapshots.length - 1].parameters.subarray(0, kept));
  return { parameters };
}

/** The engine that trains nets of this kind, from first parameters of the replicate. */
async function engineOf(
  net: Net,
  dataset: LoadedDataset,
  training: Training,
  dense: DenseValues | undefined,
  batch: number,
  kernels: Kernels,
  replicate: Stream,
): Promise<TrainingEngine> {
  const weights = replicate.child("weights");
  if (net.kind === "layers") return denseTraining(net, dataset, training, dense!, batch, kernels, replicate);
  if (net.kind === "recorded") throw new RangeError("Cannot train a net as its activations were recorded");
  const start = initialDeepParameters(net, weights);
  if (isByKernels(net)) return convolutionTraining(net, dataset, training, start, batch, kernels);
  // Studies of other nets never load tfjs.
  const { createTfjsEngine } = await import("./tfjs/engine.ts");
  return await createTfjsEngine(net, dataset, optimiserOf(training), start, replicate.child("dropout"));
}

/** Fills values with the next normal draws, each time it is called. */
function normals(values: Float64Array, stream: Stream): () => Float64Array {
  return () => {
    for (let i = 0; i < values.length; i++) values[i] = stream.normal();
    return values;
  };
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
