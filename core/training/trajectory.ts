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
  /** What the net says of every row of the data now, at the end of an epoch. */
  prediction(epoch: number): Prediction | Promise<Prediction>;
}

const BITS_PER_NAT = 1.4426950408889634;

/**
 * Trains one net and keeps its weights at the snapshot epochs.
 *
 * Initial weights come from `stream.child("weights", k)`, those of layers above frozen ones from `stream.child("weights-above", k)`, the
 * order of the rows in epoch e from `stream.child("batches", e)`:
 * a shuffle of the training rows in ascending order, cut into batches. Full batch visits them in ascending order. The noise of
 * Langevin dynamics in epoch e comes from `stream.child("langevin", e)`, masks of a dropout layer in update t from
 * `stream.child("dropout", name, t)`, the noise of noisy layers from `stream.child("layer-noise", …)`. Losses and accuracies of a net with
 * such noise are those of one draw for each row.
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
  const cut = batchesOf(rows, training);
  const updatesPerEpoch = cut.length;

  const start = net.kind === "layers" ? await startOf(net, dataset, training, kernels, ctx) : undefined;
  using engine = await engineOf(net, dataset, training, start?.parameters, cut[0].length, kernels, ctx.stream);

  const grid = snapshotEpochs(training.epochs);
  const snapshots: Snapshot[] = [snapshotOf(await engine.prediction(0), engine, dataset, 0, null)];
  if (start?.diverged !== undefined) {
    return { outcome: "diverged", reason: start.diverged, lastEpoch: 0, updatesPerEpoch, snapshots };
  }
  const batches = ctx.stream.child("batches");
  const noise = ctx.stream.child("langevin");
  const xi = training.optimiser.id === "langevin" ? new Float64Array(engine.parameterCount) : undefined;
  let next = 1;
  let lastLoss = snapshots[0].trainLossBits;

  for (let epoch = 1; epoch <= training.epochs; epoch++) {
    const order = training.batch === "full" ? rows : shuffle(rows.slice(), batches.child(epoch));
    engine.startEpoch?.(epoch);
    let loss = 0;
    let used = 0;
    for (const batch of batchesOf(order, training)) {
      const mean = engine.step(batch, xi && normals(xi, noise.child(epoch)));
      used += batch.length;
      if (typeof mean === "number") loss += mean * batch.length;
      else {
        loss += await mean * batch.length;
        // An engine that answers later may take seconds for an epoch.
        await ctx.progress((epoch - 1 + used / rows.length) / training.epochs);
      }
    }
    const onlineLossBits = loss / used * BITS_PER_NAT;
    const atSnapshot = epoch === grid[next];
    if (!Number.isFinite(onlineLossBits) || (atSnapshot && !engine.parameters().every(Number.isFinite))) {
      const reason = `diverged in epoch ${epoch}; last finite mean loss ${lastLoss} bits`;
      return { outcome: "diverged", reason, lastEpoch: epoch - 1, updatesPerEpoch, snapshots };
    }
    lastLoss = onlineLossBits;
    if (atSnapshot) {
      snapshots.push(snapshotOf(await engine.prediction(epoch), engine, dataset, epoch, onlineLossBits));
      next++;
    }
    if (epoch % 64 === 0) await ctx.progress(epoch / training.epochs);
    if (ctx.signal.aborted) throw ctx.signal.reason;
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
