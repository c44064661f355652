import type { Check } from "../conformance/check.ts";
import type { Analysis, StudyRows } from "../contracts/analysis.ts";
import type { Architecture, Net } from "../contracts/architecture.ts";
import type { Context } from "../contracts/context.ts";
import type { Dataset, LoadedDataset } from "../contracts/dataset.ts";
import type { Estimator, Sample } from "../contracts/estimator.ts";
import type { ItemKind, Plugin } from "../contracts/plugin.ts";
import { whyNewer } from "../contracts/newer.ts";
import { EXIT, Problem } from "../contracts/problem.ts";
import type { RecordedArchitecture } from "../contracts/recorded.ts";
import type { EstimateRow, PointRow, Row, SeriesRow, TrialRow } from "../contracts/rows.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Arithmetic, Json, JsonObject } from "../contracts/tensor.ts";
import { type Kernels, loadKernels } from "../kernels/mod.ts";
import { measure } from "../measuring/measure.ts";
import { estimateResampled } from "../measuring/resampling.ts";
import { rangeOf } from "../measuring/samples.ts";
import { trialView } from "../measuring/trial_view.ts";
import { root } from "../random/mod.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../store/checkpoint.ts";
import { decodeSnapshots, encodeTrajectory } from "../store/trajectory.ts";
import { replay } from "../training/replay.ts";
import { type Checkpoint, type Resuming, train } from "../training/trajectory.ts";
import { type PackedRows, unpackRows } from "./columns.ts";
import { checkDataset, checkNet } from "./checks.ts";
import {
  type Chance,
  type DataSource,
  type ItemDescription,
  packDataset,
  type PluginDescription,
  type ReadOptions,
  type Request,
  type Resolved,
  unpackDataset,
  unpackTensor,
} from "./messages.ts";
import { suggest } from "./nearest.ts";
import { readOptions } from "./options.ts";

/** The answer to a request: JSON, and binary parts beside it. */
export interface Answer {
  readonly value: unknown;
  readonly parts?: readonly Uint8Array[];
}

/** What a slot can do with its plugin. */
export interface Work {
  /**
   * Answers a request.
   *
   * @param keep Takes the checkpoints of a training, with the epoch under way.
   */
  do(
    request: Request,
    parts: readonly Uint8Array[],
    progress: (done: number) => Promise<void>,
    keep?: (epoch: number, bytes: Uint8Array) => Promise<void>,
  ): Promise<Answer>;
}

type Item = { readonly id: string; readonly options: unknown; readonly [property: string]: unknown };

/** Version of the contracts that plugins are written for. */
const API = 1;
/** Datasets that a slot keeps for its next request. */
const MOST_KEPT = 2;
/** Bytes of inputs from which a dataset is not kept beside another. */
const LARGEST_KEPT = 2 ** 26;

const LISTS: Record<ItemKind, "datasets" | "architectures" | "estimators" | "analyses"> = {
  dataset: "datasets",
  architecture: "architectures",
  estimator: "estimators",
  analysis: "analyses",
};

/**
 * Makes a plugin ready to work.
 *
 * @param plugin The default export of the module; whatever it may be.
 * @param given What every context holds: folders of data, granted programs, the log.
 * @throws {Problem} If it is no plugin of a version this core knows.
 */
export function createWork(plugin: unknown, given: Pick<Context, "data" | "programs" | "log">): Work {
  const described = describe(plugin);
  const items = plugin as Plugin;
  let kernels: Kernels | undefined;
  const loaded = new Map<string, LoadedDataset>();
  let rows: Omit<StudyRows, "prepared"> | undefined;

  function find<Kind>(kind: ItemKind, id: string): Kind {
    const list = (items[LISTS[kind]] ?? []) as unknown as readonly Item[];
    const item = list.find((candidate) => candidate.id === id);
    if (item === undefined) {
      throw new Problem(`Cannot find ${kind} "${id}"${suggest(id, list.map((candidate) => candidate.id))}`);
    }
    return item as Kind;
  }

  function context(stream: Stream, who: string, progress: (done: number) => Promise<void>): Context {
    const log = (line: string) => given.log(`${who}: ${line}`);
    return { ...given, stream, signal: new AbortController().signal, progress, log };
  }

  function optionsOf({ id, options }: Resolved, kind: ItemKind): unknown {
    const schema = find<{ options: Parameters<typeof readOptions>[0] }>(kind, id).options;
    readOptions(schema, options, `${kind} "${id}"`);
    const result = schema["~standard"].validate(options);
    return (result as { value: unknown }).value;
  }

  async function datasetOf(
    source: DataSource,
    parts: readonly Uint8Array[],
    chance: Chance,
    progress: (done: number) => Promise<void>,
  ): Promise<LoadedDataset> {
    if (source.from === "parts") return unpackDataset(source.shape, parts);
    const name = JSON.stringify([source.dataset, chance]);
    const kept = loaded.get(name);
    if (kept) return kept;
    // Large ones go before the next one comes: there is room for one of them alone.
    for (const [other, { inputs }] of loaded) {
      if (loaded.size >= MOST_KEPT || inputs.data.byteLength > LARGEST_KEPT) loaded.delete(other);
    }
    const plugin = find<{ load: (options: unknown, ctx: Context) => LoadedDataset | Promise<LoadedDataset> }>(
      "dataset",
      source.dataset.id,
    );
    const stream = replicateStream(chance);
    const dataset = await plugin.load(
      optionsOf(source.dataset, "dataset"),
      context(stream, source.dataset.id, progress),
    );
    checkDataset(dataset, source.dataset.id);
    loaded.set(name, dataset);
    return dataset;
  }

  return {
    async do(request, parts, progress, keep) {
      kernels ??= await loadKernels();
      switch (request.verb) {
        case "describe":
          return { value: described };

        case "options": {
          const { kind, item: id } = request;
          const item = find<Pick<Estimator, "options" | "usesReference">>(kind, id);
          const options = readOptions(item.options, request.options, `${kind} "${id}"`);
          const usesReference = item.usesReference?.(optionsOf({ id, options }, kind)) ?? false;
          return { value: { options, usesReference } satisfies ReadOptions };
        }

        case "fingerprint": {
          const { fingerprint } = find<Dataset>(request.kind, request.item.id);
          const ctx = context(root(0), request.item.id, progress);
          return { value: await fingerprint!(optionsOf(request.item, request.kind), ctx) };
        }

        case "dataset": {
          const source: DataSource = { from: "plugin", dataset: request.dataset };
          const dataset = await datasetOf(source, parts, request.chance, progress);
          const { inputs } = dataset;
          const sent = request.withoutInputs ? { ...inputs, data: inputs.data.slice(0, 0) } : inputs;
          const { packed, parts: own } = packDataset({ ...dataset, inputs: sent });
          return { value: packed, parts: own };
        }

        case "build": {
          const { id } = request.architecture;
          const architecture = find<Architecture | RecordedArchitecture>("architecture", id);
          const options = optionsOf(request.architecture, "architecture");
          const { inputShape, classes, rows } = request;
          if ("build" in architecture) {
            const build = () => architecture.build(inputShape, classes, options);
            return { value: { net: await checkNet(build, inputShape, classes, id) } };
          }
          const recording = await architecture.replay(options, context(root(0), id, progress));
          const net = await checkNet(() => recording.net(inputShape, classes, rows), inputShape, classes, id);
          return { value: { net, recorded: recording.runs } };
        }

        case "train": {
          const { net, training } = request;
          const dataset = await datasetOf(request.data, parts, request.chance, progress);
          const ctx = context(replicateStream(request.chance), "train", progress);
          const resuming = {
            from: request.resumes ? checkpointIn(request, parts[parts.length - 1], ctx) : undefined,
            ...keep && checkpointsBy(net, request.checkpointSeconds, keep),
          };
          const trajectory = await train(net, dataset, training, kernels, ctx, resuming);
          const { snapshots: _, ...outcome } = trajectory;
          return { value: outcome, parts: [encodeTrajectory(net, trajectory)] };
        }

        case "replay": {
          const { id } = request.architecture;
          const architecture = find<RecordedArchitecture>("architecture", id);
          const dataset = await datasetOf(request.data, parts, request.chance, progress);
          const ctx = context(replicateStream(request.chance), id, progress);
          const recording = await architecture.replay(optionsOf(request.architecture, "architecture"), ctx);
          const { net, epochs, training } = request;
          const snapshots = await recording.snapshots(net, request.chance.replicate, epochs, dataset);
          const trajectory = await replay(net, dataset, snapshots, epochs, training, kernels, ctx.stream);
          const { snapshots: _, ...outcome } = trajectory;
          return { value: outcome, parts: [encodeTrajectory(net, trajectory)] };
        }

        case "measure": {
          const estimator = find<Estimator>("estimator", request.estimator);
          const dataset = await datasetOf(request.data, parts.slice(1), request.chance, progress);
          const snapshots = decodeSnapshots(request.net, parts[0]).filter(({ epoch }) =>
            request.epochs.includes(epoch)
          );
          const settings = request.settings.map((options) => optionsOf({ id: estimator.id, options }, "estimator"));
          const ctx = context(replicateStream(request.chance), estimator.id, progress);
          return {
            value: await measure(request.net, dataset, snapshots, estimator, settings, request, kernels, ctx),
          };
        }

        case "prepare": {
          const analysis = find<Analysis>("analysis", request.analysis.id);
          if (!analysis.prepare) return { value: null };
          const dataset = await datasetOf(request.data, parts, request.chance, progress);
          const ctx = context(analysisStream(request.chance, analysis.id), analysis.id, progress);
          return { value: await analysis.prepare(dataset, optionsOf(request.analysis, "analysis"), ctx) };
        }

        case "map": {
          const analysis = find<Analysis>("analysis", request.analysis.id);
          if (!analysis.map) return { value: [] };
          const dataset = await datasetOf(request.data, parts.slice(1), request.chance, progress);
          const snapshots = decodeSnapshots(request.net, parts[0]).filter(({ epoch }) =>
            request.epochs.includes(epoch)
          );
          using view = await trialView(request, dataset, snapshots, kernels, replicateStream(request.chance));
          const ctx = context(analysisStream(request.chance, analysis.id), analysis.id, progress);
          return { value: await analysis.map(view, optionsOf(request.analysis, "analysis"), request.prepared, ctx) };
        }

        case "rows": {
          const { trials, estimates, series, points } = request.tables;
          const left = [...parts];
          const read = <Of extends Row>(table: PackedRows) =>
            unpackRows(table, left.splice(0, table.columns.length)) as Of[];
          rows = {
            study: request.study,
            profile: request.profile,
            problems: request.problems,
            trials: read<TrialRow>(trials),
            estimates: read<EstimateRow>(estimates),
            series: read<SeriesRow>(series),
            ...(points.count > 0 ? { points: read<PointRow>(points) } : {}),
          };
          return { value: null };
        }

        case "reduce": {
          if (rows === undefined) throw new Problem("Cannot reduce as no rows were given");
          const analysis = find<Analysis>("analysis", request.analysis.id);
          const stream = root(rows.study.seed).child("analysis", analysis.id);
          const ctx = context(stream, analysis.id, progress);
          const all: StudyRows = { ...rows, prepared: request.prepared };
          return { value: await analysis.reduce(all, optionsOf(request.analysis, "analysis"), ctx) };
        }

        case "estimate": {
          const estimator = find<Estimator>("estimator", request.estimator.id);
          const activations = unpackTensor(request.activations, parts[0]);
          const inputs = request.inputs && unpackTensor(request.inputs, parts[2]);
          const joint = parts.slice(inputs ? 3 : 2).map((part) => new Float64Array(part.slice().buffer));
          const sample: Sample = {
            layer: request.layer,
            meta: {
              n: activations.shape[0],
              units: activations.shape[1],
              activation: request.activation,
              range: request.activation === "unknown" ? undefined : rangeOf(request.activation),
              exactJoint: request.exactJoint,
              classes: request.classes,
            },
            activations,
            labels: parts[1].slice(),
            joint: joint.length === 2 ? { px: joint[0], pyx: joint[1] } : undefined,
            inputs,
          };
          const ctx = context(root(0).child("noise", estimator.id, 0), estimator.id, progress);
          const options = optionsOf(request.estimator, "estimator");
          return { value: await estimateResampled(estimator, sample, options, request.resampling ?? {}, ctx) };
        }

        case "conform": {
          // Only who checks loads the checks: a slot should start at once.
          const { CHECKS, runCheck } = await import("../conformance/mod.ts");
          const { kind, item: { id, options }, check: name } = request;
          const item = find<never>(kind, id);
          const check = (CHECKS[kind] as readonly Check<never>[]).find((one) => one.name === name)!;
          const read = options === null ? undefined : optionsOf({ id, options }, kind);
          return { value: await runCheck(check, item, read, context(root(0), id, progress)) };
        }
      }
    },
  };
}

/** What to go on from, or undefined with a line in the log: a checkpoint never stands in the way of its training. */
function checkpointIn(
  { net, training }: Extract<Request, { verb: "train" }>,
  bytes: Uint8Array,
  ctx: Context,
): Checkpoint | undefined {
  try {
    return decodeCheckpoint(net, training, bytes);
  } catch (error) {
    ctx.log(`${(error as Error).message}; training starts anew`);
    return undefined;
  }
}

/** Checkpoints so many seconds apart, counted from the end of one to the start of the next. */
function checkpointsBy(net: Net, seconds: number, keep: (epoch: number, bytes: Uint8Array) => Promise<void>): Resuming {
  let kept = performance.now();
  return {
    due: () => performance.now() - kept >= 1000 * seconds,
    async keep(checkpoint) {
      await keep(checkpoint.epoch, encodeCheckpoint(net, checkpoint));
      kept = performance.now();
    },
  };
}

function replicateStream({ seed, replicate }: Chance): Stream {
  return root(seed).child("replicate", replicate);
}

function analysisStream(chance: Chance, id: string): Stream {
  return replicateStream(chance).child("analysis", id);
}

function describe(plugin: unknown): PluginDescription {
  if (plugin === null || typeof plugin !== "object") {
    throw new Problem(
      "Cannot use the module as it must export a plugin by default: export default definePlugin({…})",
      3,
    );
  }
  const { name, version, api } = plugin as Partial<Plugin>;
  if (typeof name !== "string" || typeof version !== "string") {
    throw new Problem("Cannot use the plugin as it must have a name and a version", EXIT.plugin);
  }
  if (api !== API) {
    const why = typeof api === "number" && api > API
      ? whyNewer(API, api, "its plugin API")
      : `its plugin API must be ${API}: it is ${api}`;
    throw new Problem(`Cannot use plugin "${name}" as ${why}`, EXIT.plugin);
  }
  const items: ItemDescription[] = [];
  for (const [kind, list] of Object.entries(LISTS) as [ItemKind, (typeof LISTS)[ItemKind]][]) {
    for (const item of (plugin as Plugin)[list] ?? []) items.push(describeItem(kind, item as unknown as Item, name));
  }
  return { name, version, api, items };
}

function describeItem(kind: ItemKind, item: Item, plugin: string): ItemDescription {
  const space = plugin.includes("/") ? `${plugin.split("/")[0]}/` : "";
  if (typeof item.id !== "string" || !item.id.startsWith(space) || (plugin !== "infoplane" && space === "")) {
    throw new Problem(
      `Cannot use plugin "${plugin}" as ids of third parties start with their namespace, "${space || "name/"}": ` +
        `${kind} is "${item.id}"`,
      EXIT.plugin,
    );
  }
  const schema = (item.options as Parameters<typeof readOptions>[0] | undefined)?.["~standard"];
  if (schema === undefined || typeof schema.validate !== "function") {
    throw new Problem(
      `Cannot use ${kind} "${item.id}" as its options must be a Standard Schema, such as z.strictObject({…})`,
      EXIT.plugin,
    );
  }
  const extra: Record<string, Json> = {};
  if (kind === "estimator") extra.claims = (item.claims ?? {}) as Json;
  if (typeof item.fingerprint === "function") extra.fingerprints = true;
  if (kind === "analysis") {
    Object.assign(extra, { needs: item.needs ?? {}, maps: "map" in item, prepares: "prepare" in item });
  }
  return {
    kind,
    id: item.id,
    title: String(item.title ?? item.id),
    description: String(item.description ?? ""),
    version: Number(item.version ?? 1),
    arithmetic: (item.arithmetic ?? "portable") as Arithmetic,
    options: (schema.jsonSchema?.input({ target: "draft-2020-12" }) ?? null) as JsonObject | null,
    extra,
  };
}
