import type { MapRow } from "../contracts/analysis.ts";
import type { Estimate } from "../contracts/estimator.ts";
import { EXIT, Problem } from "../contracts/problem.ts";
import type { JsonObject } from "../contracts/tensor.ts";
import { readEstimates, readMapRows } from "../execution/checks.ts";
import {
  type Chance,
  type DataSource,
  type MeasuredEstimates,
  packDataset,
  type Request,
} from "../execution/messages.ts";
import type { Ask, Slots } from "../execution/slots.ts";
import { root } from "../random/mod.ts";
import { shuffle } from "../random/mod.ts";
import type { Entry, EntryKind, Store } from "../store/store.ts";
import { decodeMetrics, type Metrics } from "../store/trajectory.ts";
import {
  epochsOf,
  fetchDataset,
  mapKey,
  measuredEpochs,
  measureKey,
  plain,
  type Plan,
  type PlannedAnalysis,
  type PlannedCell,
  type PlannedItem,
  type PlannedMeasure,
  type PlannedTrial,
  prepareKey,
} from "./plan.ts";

/** What became of one planned net. */
export interface TrialResult {
  readonly trial: PlannedTrial;
  /** `failed` nets have no metrics and no estimates. */
  readonly outcome: "done" | "diverged" | "failed";
  readonly reason: string | null;
  /** Epochs whose snapshots exist. */
  readonly epochs: readonly number[];
  readonly metrics: Metrics | null;
  /** By planned measure: estimates by snapshot and layer with the snapshots' epochs, or why there are none. */
  readonly measured: readonly (Measured | { readonly failed: string })[];
  /** By planned analysis: what `map` found, or why it did not look. */
  readonly mapped: readonly (readonly MapRow[] | { readonly failed: string })[];
}

/** What one measurement found in one net. */
export interface Measured {
  readonly epochs: readonly number[];
  /** By epoch and layer 1…K. */
  readonly estimates: readonly (readonly Estimate[])[];
}

/** What became of a plan. */
export interface RunResult {
  readonly trials: readonly TrialResult[];
  /** By planned analysis and arm: what `prepare` returned. */
  readonly prepared: readonly { readonly [arm: string]: JsonObject[string] }[];
  /** One line for each piece of work that failed. */
  readonly failures: readonly string[];
  readonly trained: number;
  readonly reused: number;
}

/** How a plan is carried out. None of it shows in the results. */
export interface RunOptions {
  readonly store: Store;
  readonly slots: Slots;
  /** `random` visits trials in another order each time; for tests. */
  readonly order?: "planned" | "random";
  /** Told how many nets of how many are trained and measured, parts counted, and the same in words. */
  readonly onProgress?: (done: number, total: number, note: string) => void;
  /** Told in a line where a training goes on from a checkpoint, or why it does not. */
  readonly log?: (line: string) => void;
  /** Seconds from one checkpoint of a training to the next; 60 unless told. */
  readonly checkpointSeconds?: number;
}

/** Long enough that checkpoints cost nothing, short enough that what an interruption costs is little. */
const CHECKPOINT_SECONDS = 60;

/**
 * Trains and measures whatever of a plan the store does not hold, then returns all of it in the order of the plan.
 *
 * A piece of work that fails is reported, not stored, and does not stop the others.
 *
 * @throws {Problem} If the store cannot be written or the run is interrupted.
 */
export async function runPlan(plan: Plan, options: RunOptions): Promise<RunResult> {
  const { slots } = options;
  const failures: string[] = [];
  const counts = { trained: 0, reused: 0, measured: 0 };
  const nets = plan.trials.length;
  /** Of each net the share that is trained, and of each trial the share that is measured. */
  const shares = { trained: new Map<string, number>(), measured: new Float64Array(nets) };

  function tell(): void {
    let trained = 0;
    for (const trial of plan.trials) trained += shares.trained.get(sharedName(trial)) ?? 0;
    const measured = shares.measured.reduce((sum, share) => sum + share, 0);
    const note = `${counts.trained + counts.reused} of ${nets} nets trained, ${Math.floor(measured)} measured`;
    options.onProgress?.((trained + measured) / 2, nets, note);
  }

  const prepared = await prepareAll(plan, options, failures);
  const trajectories = new Map<string, Promise<Kept>>();
  /** Nets that still need a trajectory: the last one lets its bytes go. */
  const waiting = new Map<string, number>();
  for (const trial of plan.trials) waiting.set(sharedName(trial), (waiting.get(sharedName(trial)) ?? 0) + 1);
  const results: TrialResult[] = new Array(plan.trials.length);
  const order = Uint32Array.from(plan.trials, (_, index) => index);
  if (options.order === "random") shuffle(order, root(performance.timeOrigin | 0));

  await pool(order, slots.jobs * 2, async (index) => {
    const trial = plan.trials[index];
    const shared = sharedName(trial);
    let kept = trajectories.get(shared);
    if (kept) counts.reused++;
    else {
      kept = trajectoryOf(trial, plan.study.seed, options, (share) => {
        shares.trained.set(shared, share);
        tell();
      });
      trajectories.set(shared, kept);
      kept.then(({ fresh }) => fresh ? counts.trained++ : counts.reused++, () => {});
    }
    try {
      const trajectory = await kept;
      shares.trained.set(shared, 1);
      results[index] = await measureTrial(plan, trial, trajectory, prepared, options, failures, (share) => {
        shares.measured[index] = share;
        tell();
      });
    } catch (error) {
      const reason = reasonOf(error);
      failures.push(`trial ${trial.key.slice(0, 12)} (${trial.cell.arm}, replicate ${trial.replicate}): ${reason}`);
      results[index] = {
        trial,
        outcome: "failed",
        reason,
        epochs: [],
        metrics: null,
        measured: plan.measures.map(() => ({ failed: reason })),
        mapped: plan.analyses.map(() => ({ failed: reason })),
      };
    } finally {
      const left = waiting.get(shared)! - 1;
      waiting.set(shared, left);
      if (left === 0) trajectories.delete(shared);
    }
  });
  return { trials: results, prepared, failures, trained: counts.trained, reused: counts.reused };
}

/** Names what trials of the same net at the same length share. */
function sharedName({ key, cell }: PlannedTrial): string {
  return `${key} ${cell.training.epochs}`;
}

interface Kept {
  readonly bytes: Uint8Array;
  readonly outcome: "done" | "diverged";
  readonly lastEpoch: number;
  readonly reason: string | null;
  readonly fresh: boolean;
}

async function trajectoryOf(
  trial: PlannedTrial,
  seed: number,
  { store, slots, log = () => {}, checkpointSeconds = CHECKPOINT_SECONDS }: RunOptions,
  progress: (share: number) => void,
): Promise<Kept> {
  const { key, inputs, cell, replicate } = trial;
  const { epochs } = cell.training;
  const entry = await store.find("trial", key, epochs);
  const found = entry && await read(store, entry, "trajectory");
  if (entry && found) {
    const { lastEpoch = entry.extent } = entry.info as { lastEpoch?: number };
    const diverged = entry.outcome === "diverged" && lastEpoch < epochs;
    const reason = diverged ? entry.reason ?? null : null;
    return { bytes: found, outcome: diverged ? "diverged" : "done", lastEpoch, reason, fresh: false };
  }
  const chance: Chance = { seed, replicate };
  const source = cell.recorded ? cell.architecture.source : cell.dataset.source;
  const { data, parts: dataParts } = await dataFor(source, cell, chance, slots);
  const { net, training } = cell;
  const recorded = cell.recorded && (net.kind === "layers" || net.kind === "recorded");
  const from = recorded ? undefined : await checkpointOf(trial, store, log);
  const request: Request = recorded
    ? { verb: "replay", architecture: plain(cell.architecture), net, data, training, epochs: epochsOf(trial), chance }
    : { verb: "train", net, data, training, chance, resumes: from !== undefined, checkpointSeconds };
  const { value, parts, seconds } = await timed(slots, source, request, from ? [...dataParts, from] : dataParts, {
    progress,
    checkpoint: (epoch, bytes) => store.checkpoints.keep(key, epochs, { epoch, bytes }),
  });
  const { outcome, lastEpoch, reason } = readTrained(value, parts, trial);
  await store.put({
    kind: "trial",
    key,
    extent: outcome === "done" ? epochs : lastEpoch,
    outcome,
    reason,
    inputs,
    blobs: [{ name: "trajectory", bytes: parts[0] }],
    info: { lastEpoch, seconds },
  });
  await store.checkpoints.remove(key, epochs);
  return { bytes: parts[0], outcome, lastEpoch, reason: reason ?? null, fresh: true };
}

/** The checkpoint from which a training goes on, if there is one; the log hears of it. */
async function checkpointOf(
  { key, cell, replicate }: PlannedTrial,
  store: Store,
  log: (line: string) => void,
): Promise<Uint8Array | undefined> {
  const { epochs } = cell.training;
  const found = await store.checkpoints.read(key, epochs);
  if (found === undefined) return undefined;
  const name = `trial ${key.slice(0, 12)} (${cell.arm}, replicate ${replicate})`;
  if ("reason" in found) log(`${name}: its checkpoint is not used as ${found.reason}; training starts anew`);
  else log(`${name}: resumed in epoch ${found.epoch} of ${epochs}`);
  return "reason" in found ? undefined : found.bytes;
}

/** What training came to, as a slot sent it: it must be readable before it is stored. */
function readTrained(value: unknown, parts: readonly Uint8Array[], trial: PlannedTrial) {
  const refuse = (why: string): never => {
    throw new Problem(`Cannot take the net that was trained as ${why}`, EXIT.incomplete);
  };
  const trained = value as { outcome: "done" | "diverged"; lastEpoch: number; reason?: string } | null;
  const { outcome, lastEpoch } = trained ?? {};
  if (outcome !== "done" && outcome !== "diverged") return refuse(`it must be done or diverged: it is ${outcome}`);
  if (!Number.isInteger(lastEpoch)) return refuse(`its last epoch must be an integer: it is ${lastEpoch}`);
  try {
    decodeMetrics(parts[0], epochsOf(trial).filter((epoch) => epoch <= lastEpoch!));
  } catch (error) {
    return refuse(`it cannot be read: ${(error as Error).message}`);
  }
  return trained!;
}

async function measureTrial(
  plan: Plan,
  trial: PlannedTrial,
  trajectory: Kept,
  prepared: RunResult["prepared"],
  options: RunOptions,
  failures: string[],
  onProgress: (share: number) => void,
): Promise<TrialResult> {
  const epochs = epochsOf(trial).filter((epoch) => epoch <= trajectory.lastEpoch);
  const place = `${trial.cell.arm}, replicate ${trial.replicate}`;
  const measured: TrialResult["measured"][number][] = new Array(plan.measures.length);
  const together = ({ estimator, on, probes, transform, projection, perDecade }: PlannedMeasure) =>
    JSON.stringify(
      [estimator.source, estimator.id, on, probes, transform, projection, perDecade].map((part) => part ?? null),
    );
  const groups = groupBy(plan.measures, together);
  for (const [index, group] of groups.entries()) {
    try {
      const at = measuredEpochs(trial, group[0]).filter((epoch) => epoch <= trajectory.lastEpoch);
      const tell = (share: number) => onProgress((index + share) / groups.length);
      const found = await measuredGroup(plan.study.seed, trial, group, at, trajectory, options, tell);
      group.forEach((measure, i) => measured[plan.measures.indexOf(measure)] = { epochs: at, estimates: found[i] });
      const failed = found.flat(2).find(({ status }) => status === "failed");
      if (failed) failures.push(`${group[0].estimator.id} (${place}): ${(failed as { reason: string }).reason}`);
    } catch (error) {
      const reason = reasonOf(error);
      failures.push(`${group[0].estimator.id} (${place}): ${reason}`);
      for (const measure of group) measured[plan.measures.indexOf(measure)] = { failed: reason };
    }
  }
  onProgress(1);
  const mapped: TrialResult["mapped"][number][] = [];
  for (const [index, analysis] of plan.analyses.entries()) {
    if (analysis.needs.weights === true && trial.cell.net.kind === "recorded") {
      mapped.push({ failed: "it needs weights, and activations alone were recorded" });
      continue;
    }
    try {
      mapped.push(await mappedRows(plan.study.seed, trial, analysis, prepared[index], epochs, trajectory, options));
    } catch (error) {
      const reason = reasonOf(error);
      failures.push(`${analysis.id} (${place}): ${reason}`);
      mapped.push({ failed: reason });
    }
  }
  return {
    trial,
    outcome: trajectory.outcome,
    reason: trajectory.reason,
    epochs,
    metrics: decodeMetrics(trajectory.bytes, epochs),
    measured,
    mapped,
  };
}

/** Estimates of one estimator under several settings, all else alike: from the store, the missing ones from one request. */
async function measuredGroup(
  seed: number,
  trial: PlannedTrial,
  group: readonly PlannedMeasure[],
  epochs: readonly number[],
  trajectory: Kept,
  options: RunOptions,
  progress: (share: number) => void,
): Promise<MeasuredEstimates> {
  const { store, slots } = options;
  const last = epochs[epochs.length - 1];
  const keys = group.map((measure) => measureKey(trial, measure, last));
  const found = await Promise.all(keys.map(async ({ key }) => {
    const pack = await stored<{ epochs: number[]; estimates: Estimate[][] }>(store, "measure", key, last);
    return pack?.epochs.length! >= epochs.length ? pack!.estimates.slice(0, epochs.length) : undefined;
  }));
  const missing = group.flatMap((_, i) => found[i] === undefined ? [i] : []);
  if (missing.length > 0) {
    const { estimator, on, probes, transform, projection } = group[0];
    const { data, parts } = await dataFor(estimator.source, trial.cell, { seed, replicate: trial.replicate }, slots);
    const settings = missing.map((i) => group[i].estimator.options);
    const { value, seconds } = await timed(
      slots,
      estimator.source,
      {
        verb: "measure",
        net: trial.cell.net,
        data,
        estimator: estimator.id,
        settings,
        epochs,
        on,
        probes,
        transform,
        projection,
        chance: { seed, replicate: trial.replicate },
      },
      [trajectory.bytes, ...parts],
      { progress },
    );
    const shape = [missing.length, epochs.length, trial.cell.problem.layers.length] as const;
    const estimates = readEstimates(value, shape, estimator.id);
    for (const [j, i] of missing.entries()) {
      found[i] = estimates[j] as Estimate[][];
      if (estimates[j].flat().some(mayChange)) continue;
      await put(store, "measure", keys[i], last, { epochs, estimates: estimates[j] }, seconds / missing.length);
    }
  }
  return found as Estimate[][][];
}

/** True of an estimate that another time or another machine may give. */
function mayChange(estimate: Estimate): boolean {
  return estimate.status === "failed" || (estimate.status === "skipped" && estimate.unavailable === true);
}

async function mappedRows(
  seed: number,
  trial: PlannedTrial,
  analysis: PlannedAnalysis,
  prepared: { readonly [arm: string]: JsonObject[string] },
  epochs: readonly number[],
  trajectory: Kept,
  { store, slots }: RunOptions,
): Promise<readonly MapRow[]> {
  if (!analysis.maps) return [];
  const last = epochs[epochs.length - 1];
  const identity = mapKey(analysis, trial, last);
  const kept = await stored<MapRow[]>(store, "map", identity.key, last);
  if (kept) return kept;
  const { data, parts } = await dataFor(analysis.source, trial.cell, { seed, replicate: trial.replicate }, slots);
  const { value, seconds } = await timed(slots, analysis.source, {
    verb: "map",
    analysis: plain(analysis),
    prepared: prepared[trial.cell.arm] ?? null,
    net: trial.cell.net,
    training: trial.cell.training,
    data,
    arm: trial.cell.arm,
    trial: trial.key,
    epochs,
    chance: { seed, replicate: trial.replicate },
  }, [trajectory.bytes, ...parts]);
  const rows = readMapRows(value, analysis.id);
  await put(store, "map", identity, last, rows, seconds);
  return rows;
}

async function prepareAll(
  plan: Plan,
  { store, slots }: RunOptions,
  failures: string[],
): Promise<RunResult["prepared"]> {
  const all: Record<string, JsonObject[string]>[] = [];
  for (const analysis of plan.analyses) {
    const byArm: Record<string, JsonObject[string]> = {};
    all.push(byArm);
    if (!analysis.prepares) continue;
    for (const cell of plan.cells) {
      const { seed } = plan.study;
      const identity = prepareKey(analysis, cell.dataset, seed);
      const kept = await stored<{ value: JsonObject[string] }>(store, "prepare", identity.key, 0);
      if (kept) byArm[cell.arm] = kept.value;
      else {
        try {
          const { data, parts } = await dataFor(analysis.source, cell, { seed, replicate: 0 }, slots);
          const chance = { seed, replicate: 0 };
          const { value, seconds } = await timed(slots, analysis.source, {
            verb: "prepare",
            analysis: plain(analysis),
            data,
            chance,
          }, parts);
          await put(store, "prepare", identity, 0, { value }, seconds);
          byArm[cell.arm] = value as JsonObject[string];
        } catch (error) {
          failures.push(`${analysis.id} (${cell.arm}): ${reasonOf(error)}`);
        }
      }
    }
  }
  return all;
}

/** The dataset as a slot of `source` can have it: by name if the plugin is its own, else by value. */
async function dataFor(
  source: string,
  cell: PlannedCell,
  chance: Chance,
  slots: Slots,
): Promise<{ data: DataSource; parts: readonly Uint8Array[] }> {
  const dataset: PlannedItem = cell.dataset;
  if (dataset.source === source) return { data: { from: "plugin", dataset: plain(dataset) }, parts: [] };
  const { packed, parts } = packDataset(await fetchDataset(dataset, chance, slots));
  return { data: { from: "parts", shape: packed }, parts };
}

async function stored<Value>(store: Store, kind: EntryKind, key: string, extent: number): Promise<Value | undefined> {
  const entry = await store.find(kind, key, extent);
  const bytes = entry && await read(store, entry, "value");
  return bytes && JSON.parse(new TextDecoder().decode(bytes)) as Value;
}

async function put(
  store: Store,
  kind: EntryKind,
  { key, inputs }: { key: string; inputs: JsonObject },
  extent: number,
  value: unknown,
  seconds: number,
): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  await store.put({ kind, key, extent, outcome: "done", inputs, blobs: [{ name: "value", bytes }], info: { seconds } });
}

/** Asks a slot, and says how many seconds it took once the slot was free: what a later plan is judged by. */
async function timed(slots: Slots, source: string, ...request: Parameters<Ask>) {
  return await slots.hold(source, async (ask) => {
    const started = performance.now();
    const answer = await ask(...request);
    return { ...answer, seconds: Math.round(performance.now() - started) / 1000 };
  });
}

/** A blob, or undefined if it is damaged: the work is then done again. */
async function read(store: Store, entry: Entry, name: string): Promise<Uint8Array | undefined> {
  return await store.readBlob(entry, name);
}

/** Why a piece of work failed; what stops the whole run is thrown on. */
function reasonOf(error: unknown): string {
  if (error instanceof Problem && error.exitCode !== EXIT.interrupted && error.exitCode !== EXIT.usage) {
    return error.message;
  }
  throw error;
}

async function pool(order: Uint32Array, width: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const workers = Array.from({ length: Math.min(width, order.length) }, async () => {
    while (next < order.length) await work(order[next++]);
  });
  await Promise.all(workers);
}

function groupBy<Value>(values: readonly Value[], name: (value: Value) => string): Value[][] {
  const groups = new Map<string, Value[]>();
  for (const value of values) groups.set(name(value), [...groups.get(name(value)) ?? [], value]);
  return [...groups.values()];
}
