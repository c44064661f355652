import type { Net } from "../contracts/architecture.ts";
import type { Context } from "../contracts/context.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import type { Estimate, Estimator, Sample, SampleMeta } from "../contracts/estimator.ts";
import type { Projection, Transform } from "../contracts/study.ts";
import type { Tensor } from "../contracts/tensor.ts";
import type { Kernels } from "../kernels/mod.ts";
import type { DenseValues } from "../training/dense.ts";
import { isByKernels } from "../training/arithmetic.ts";
import { createForward } from "../training/forward.ts";
import { layerNoiseStream } from "../training/layer_noise.ts";
import { measuredShapes } from "../training/net.ts";
import { whyNoEstimate } from "./answers.ts";
import { projected, projectionDiagnostics } from "./projections.ts";
import { propagate } from "./propagation.ts";
import { type Probe, probeSet, samplesOf } from "./samples.ts";
import { transformed } from "./transforms.ts";
import { digestsOf, writtenTo } from "./untouched.ts";

/** Weights to measure, at their epoch. */
export interface WeightedSnapshot {
  readonly epoch: number;
  /** In the engine's layout. */
  readonly parameters: DenseValues;
}

/** Which rows are measured, and what their layers are seen through. */
export interface MeasuredRows {
  readonly on: Probe;
  readonly probes?: number;
  readonly transform?: Transform;
  readonly projection?: Projection;
}

/**
 * Runs one estimator under several settings over all layers of the given snapshots. Activations are recomputed from weights; those
 * of the last snapshot are what settings with a fixed ruler refer to, and are then computed first and kept.
 *
 * @param on Which rows, and with `probes` how many of them, drawn from the replicate's child `probes`; `transform` is a map each layer goes
 * through first, drawn from the replicate's child `transform`, its name and the layer; `projection` is one that leaves fewer numbers, whose
 * iterations start from the child `projection` and the layer.
 * @param ctx `stream` is the replicate's; an estimator that needs chance gets its child `noise`, estimator id, epoch. Noisy layers draw from
 * its child `layer-noise`: every estimator sees the same draw of T, and the first passes are those of fewer passes.
 * @returns Estimates by setting, snapshot, layer 1…K.
 * @throws {TypeError} If the estimator wrote to its sample: to what all snapshots share, or to the last one's activations, by
 * whatever name it knew them.
 */
export async function measure(
  net: Net,
  dataset: LoadedDataset,
  snapshots: readonly WeightedSnapshot[],
  estimator: Estimator,
  settings: readonly unknown[],
  { on, probes, transform, projection }: MeasuredRows,
  kernels: Kernels,
  ctx: Context,
): Promise<Estimate[][][]> {
  const chosen = probeSet(dataset, on, probes, ctx.stream.child("probes"));
  // Through a convolutional net go the rows measured alone: its kernels give a row the same activations in any company.
  const alone = isByKernels(net);
  using forward = await createForward(net, alone ? chosen.inputs : dataset.inputs, kernels);
  const probe = alone ? { ...chosen, rows: undefined } : chosen;
  const found: Estimate[][][] = settings.map(() => []);
  const maps = ctx.stream.child("transform");
  const dealt = () =>
    digestsOf({ labels: probe.labels, "p(x)": probe.joint?.px, "p(y|x)": probe.joint?.pyx, inputs: probe.inputs.data });
  const before = dealt();
  let activations: DenseValues[] | undefined;
  function samplesAt({ epoch, parameters }: WeightedSnapshot): Sample[] {
    const noise = (pass: number) => layerNoiseStream(ctx.stream, "measuring", epoch, pass);
    activations = forward.at(parameters, activations, noise(0));
    const samples = samplesOf(net, activations, probe, dataset.classes);
    if (transform) return samples.map((sample) => transformed(sample, transform, maps.child(transform, sample.layer)));
    if (projection) {
      const shapes = measuredShapes(net);
      const starts = ctx.stream.child("projection");
      return samples.map((sample, k) => projected(sample, shapes[k], projection, starts.child(sample.layer)));
    }
    const passes = Math.max(0, ...settings.map((options) => estimator.passes?.(options) ?? 0));
    const wanted = (meta: SampleMeta) =>
      meta.noise && passes > 0 && settings.some((options) => answerOf(estimator, meta, options) === true);
    const layers = samples.flatMap(({ meta }, k) => wanted(meta) ? [k] : []);
    if (layers.length === 0) return samples;
    const n = dataset.labels.length;
    const centres = propagate(net, layers, passes, activations, n, probe.rows, (pass, into, without) => {
      forward.at(parameters, into, noise(pass), without);
    });
    return samples.map((sample, k) => centres.has(k) ? { ...sample, centres: centres.get(k) } : sample);
  }

  const last = snapshots[snapshots.length - 1];
  let references: Sample[] | undefined;
  if (settings.some((options) => estimator.usesReference?.(options))) {
    references = samplesAt(last);
    activations = undefined;
  }
  let unread = references && layersOf(references);
  for (const [index, snapshot] of snapshots.entries()) {
    const seen = snapshot === last && references ? references : samplesAt(snapshot);
    const samples = seen.map((sample, k) => withReference(sample, references?.[k]));
    const stream = ctx.stream.child("noise", estimator.id, snapshot.epoch);
    const progress = (done: number) => ctx.progress((index + done) / snapshots.length);
    const own = snapshot === last ? undefined : references?.map(({ activations }) => activations);
    if (snapshot === last) unread ??= layersOf(samples);
    const estimates = await estimateSamples(estimator, samples, settings, { ...ctx, stream, progress }, own);
    const written = unread && snapshot === last &&
      (writtenTo(before, dealt()) ?? writtenTo(unread, layersOf(samples)));
    if (written) {
      throw new TypeError(
        `Cannot use estimator "${estimator.id}" as it must leave its sample as it was: it wrote to ${written}`,
      );
    }
    const told = samples.map(projectionDiagnostics);
    settings.forEach((_, s) => found[s].push(estimates.map((ofSample, k) => withDiagnostics(ofSample[s], told[k]))));
    await ctx.progress((index + 1) / snapshots.length);
    if (ctx.signal.aborted) throw ctx.signal.reason;
  }
  return found;
}

/** Digests of what stands in the layers, to tell whether anybody wrote there. */
function layersOf(samples: readonly Sample[]): ReturnType<typeof digestsOf> {
  return digestsOf(Object.fromEntries(samples.flatMap(({ layer, activations, centres }) => [
    [`activations of layer ${layer}`, activations.data],
    [`centres of layer ${layer}`, centres?.data],
  ])));
}

/** The scale of a projected layer at the last snapshot, beside that at its own. */
function withReference(sample: Sample, reference: Sample | undefined): Sample {
  if (sample.whole === undefined || reference?.whole === undefined) return sample;
  return { ...sample, whole: { ...sample.whole, referenceMeanSquare: reference.whole.meanSquare } };
}

function withDiagnostics(estimate: Estimate, more: ReturnType<typeof projectionDiagnostics>): Estimate {
  if (more === undefined || estimate.status !== "measured") return estimate;
  return { ...estimate, diagnostics: { ...estimate.diagnostics, ...more } };
}

/**
 * Estimates of each sample under each setting; what the estimator does not support is skipped with its reason.
 *
 * @param references Activations at the last snapshot, for settings that use them; the samples' own unless told.
 */
export async function estimateSamples(
  estimator: Estimator,
  samples: readonly Sample[],
  settings: readonly unknown[],
  ctx: Context,
  references: readonly Tensor[] = samples.map(({ activations }) => activations),
): Promise<Estimate[][]> {
  const fixed = settings.map((options) => estimator.usesReference?.(options) ?? false);
  const referring = samples.map((sample, i) => ({ ...sample, reference: references[i] }));
  if (estimator.mixesReferences && fixed.includes(true)) return estimateAlike(estimator, referring, settings, ctx);
  const found = samples.map((): Estimate[] => []);
  for (const uses of [true, false]) {
    const chosen = settings.flatMap((_, s) => fixed[s] === uses ? [s] : []);
    if (chosen.length === 0) continue;
    const seen = uses ? referring : samples;
    const estimates = await estimateAlike(estimator, seen, chosen.map((s) => settings[s]), ctx);
    estimates.forEach((ofSample, i) => chosen.forEach((s, j) => found[i][s] = ofSample[j]));
  }
  return found;
}

/** The same for settings that all see the samples as they are. */
async function estimateAlike(
  estimator: Estimator,
  samples: readonly Sample[],
  settings: readonly unknown[],
  ctx: Context,
): Promise<Estimate[][]> {
  const supported = samples.map(({ meta }) => settings.map((options) => answerOf(estimator, meta, options)));
  const skipped = (reason: string): Estimate => ({ status: "skipped", reason });
  if (estimator.estimateAll && supported.flat().every((answer) => answer === true)) {
    const all = await estimator.estimateAll(samples, settings, ctx);
    if (all.length !== samples.length || all.some((row) => row.length !== settings.length)) {
      throw new TypeError(
        `Cannot use estimateAll of "${estimator.id}" as it must give ${samples.length} × ${settings.length} estimates: ` +
          `it gave ${all.length} × ${all[0]?.length ?? 0}`,
      );
    }
    return all.map((row) => row.map((estimate) => checked(estimate, estimator.id)));
  }
  const estimates: Estimate[][] = [];
  for (const [i, sample] of samples.entries()) {
    const row: Estimate[] = [];
    for (const [j, options] of settings.entries()) {
      const answer = supported[i][j];
      if (answer !== true) row.push(skipped(answer));
      else row.push(checked(await estimator.estimate(sample, options, ctx), estimator.id));
    }
    estimates.push(row);
  }
  return estimates;
}

/** True, or why a sample is not measured: what the estimator says, and a word for those that say nothing of nets with noise. */
function answerOf(estimator: Estimator, meta: SampleMeta, options: unknown): true | string {
  if (meta.noise !== undefined && estimator.passes === undefined) {
    return "the net is noisy up to this layer: T is no function of X, and this estimator does not allow for that";
  }
  return estimator.supports(meta, options);
}

/** What must not reach a table becomes a failed estimate. */
function checked(estimate: Estimate, id: string): Estimate {
  const why = whyNoEstimate(estimate);
  return why === undefined ? estimate : { status: "failed", reason: `estimator "${id}" ${why}` };
}
