import type { Net } from "../contracts/architecture.ts";
import type { ProblemFacts } from "../contracts/bundle.ts";
import type { Fingerprint } from "../contracts/fingerprint.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import type { ProfileName, Projection, Study, Training, Transform } from "../contracts/study.ts";
import type { Json, JsonObject } from "../contracts/tensor.ts";
import { EXIT, Problem } from "../contracts/problem.ts";
import { checkDataset } from "../execution/checks.ts";
import { type PackedDataset, type ReadOptions, type Resolved, unpackDataset } from "../execution/messages.ts";
import type { Slots } from "../execution/slots.ts";
import { GRADIENT_ARITHMETIC } from "../measuring/gradients.ts";
import { jointFacts } from "../numerics/mod.ts";
import { canonical, keyOf } from "../store/canonical.ts";
import { keyedArithmetic } from "../training/arithmetic.ts";
import { ARITHMETIC } from "../training/dense.ts";
import { measuredLayers, parameterCount } from "../training/net.ts";
import { coarser, snapshotEpochs } from "../training/snapshots.ts";
import type { Catalogue, CatalogueItem } from "./catalogue.ts";
import { cellsOf } from "./cells.ts";
import { readTraining } from "./study_schema.ts";

/** An item chosen by a study, with its options after defaults. */
export interface PlannedItem extends Resolved {
  readonly source: string;
  /** What it reads from files, if any. */
  readonly fingerprint?: Fingerprint;
  /** What stands for it in keys. */
  readonly identity: JsonObject;
  /** True for an estimator that measures every snapshot with the scale of the last one. */
  readonly usesReference: boolean;
}

/** An arm at one point of the axes, ready to train. */
export interface PlannedCell {
  readonly arm: string;
  readonly role: "main" | "control" | "variant";
  readonly axes: string;
  readonly dataset: PlannedItem;
  readonly architecture: PlannedItem;
  readonly training: Training;
  readonly net: Net;
  readonly problem: ProblemFacts;
  /** Epochs of each run, if the nets were trained elsewhere. */
  readonly recorded?: readonly (readonly number[])[];
}

/** One net to train, or trained already. */
export interface PlannedTrial {
  readonly key: string;
  /** The object hashed into the key. */
  readonly inputs: JsonObject;
  readonly cell: PlannedCell;
  readonly replicate: number;
}

/** One estimator setting, measured on every snapshot of every net. */
export interface PlannedMeasure {
  readonly estimator: PlannedItem;
  readonly on: "all" | "train" | "test";
  readonly probes?: number;
  readonly transform?: Transform;
  readonly projection?: Projection;
  readonly perDecade?: number;
  /** Canonical JSON of the options. */
  readonly setting: string;
  readonly arithmetic: "portable" | "pinned" | "host";
}

/** An analysis of the study. */
export interface PlannedAnalysis extends PlannedItem {
  readonly prepares: boolean;
  readonly maps: boolean;
  readonly arithmetic: "portable" | "pinned" | "host";
  readonly needs: JsonObject;
}

/** Everything a study comes down to. */
export interface Plan {
  readonly study: Study;
  readonly profile: ProfileName;
  readonly cells: readonly PlannedCell[];
  readonly trials: readonly PlannedTrial[];
  readonly measures: readonly PlannedMeasure[];
  readonly analyses: readonly PlannedAnalysis[];
}

/**
 * Works out what a study at a profile consists of: options after defaults, nets as data, and the key of every trial.
 *
 * @param study As {@link atProfile} gives it.
 * @throws {Problem} If the study names what does not exist or an option that does not fit.
 */
export async function planStudy(study: Study, profile: ProfileName, catalogue: Catalogue, slots: Slots): Promise<Plan> {
  const choose = chooser(catalogue, slots);
  const cells: PlannedCell[] = [];
  const trials: PlannedTrial[] = [];
  for (const { arm, role, axes, replicates, setup } of cellsOf(study)) {
    const training = readTraining(setup.training, `training of arm "${arm}"`);
    const dataset = await choose("dataset", setup.dataset.id, setup.dataset.options);
    const architecture = await choose("architecture", setup.architecture.id, setup.architecture.options);
    const { net, problem, recorded } = await problemOf(study.seed, arm, dataset, architecture, slots);
    const cell: PlannedCell = { arm, role, axes, dataset, architecture, training, net, problem, recorded };
    checkRecorded(cell, replicates);
    cells.push(cell);
    const { epochs: _, ...how } = training;
    for (let replicate = 0; replicate < replicates; replicate++) {
      const inputs = {
        kind: "trial",
        dataset: dataset.identity,
        architecture: architecture.identity,
        training: how,
        seed: study.seed,
        replicate,
        arithmetic: keyedArithmetic(net).train,
      } as unknown as JsonObject;
      trials.push({ key: keyOf(inputs), inputs, cell, replicate });
    }
  }

  const measures: PlannedMeasure[] = [];
  for (const { estimator: id, options, on = "all", probes, transform, projection, perDecade } of study.measure) {
    const estimator = await choose("estimator", id, options);
    const { arithmetic } = catalogue.find("estimator", id);
    const setting = canonical(estimator.options);
    const measure = { estimator, on, probes, transform, projection, perDecade, setting, arithmetic };
    if (transform && projection) {
      throw new Problem(
        `Cannot plan study "${study.id}" as a measurement has a transform or a projection: ${id} ${setting} has both`,
      );
    }
    if (measures.some((other) => sameRows(other) === sameRows(measure))) {
      throw new Problem(
        `Cannot plan study "${study.id}" as every measurement must be another: ${id} ${measure.setting}` +
          ` of ${probeOf(measure)} rows stands twice`,
      );
    }
    measures.push(measure);
  }

  const analyses: PlannedAnalysis[] = [];
  for (const { id, options } of study.analyses) {
    const { extra, arithmetic } = catalogue.find("analysis", id);
    const item = await choose("analysis", id, options);
    analyses.push({
      ...item,
      prepares: extra.prepares === true,
      maps: extra.maps === true,
      arithmetic,
      needs: extra.needs as JsonObject,
    });
  }
  return { study, profile, cells, trials, measures, analyses };
}

/** What tells a measurement's rows from others'; the grid of snapshots and the number of probes do not. */
function sameRows(measure: PlannedMeasure): string {
  return JSON.stringify([measure.estimator.id, measure.setting, probeOf(measure)]);
}

/** What is measured, in words: which rows, and what their layers are seen through. */
export function probeOf(
  { on, transform, projection }: Pick<PlannedMeasure, "on" | "transform" | "projection">,
): string {
  const through = projection?.onto === "pool"
    ? `pools ${projection.grid} × ${projection.grid}`
    : projection && `${projection.dimensions} components`;
  return [on, transform, through].filter((part) => part !== undefined).join(" · ");
}

/**
 * Key and hashed object of what one estimator setting found in one net; snapshots are coordinates within it.
 *
 * @param last Epoch of the last snapshot. It enters the key of a setting with a fixed ruler, as a longer run has another one.
 */
export function measureKey(
  { key: trial, cell }: Pick<PlannedTrial, "key"> & { readonly cell: Pick<PlannedCell, "net"> },
  { estimator, on, probes, transform, projection, perDecade }: Pick<
    PlannedMeasure,
    "estimator" | "on" | "probes" | "transform" | "projection" | "perDecade"
  >,
  last: number,
): { key: string; inputs: JsonObject } {
  const inputs: JsonObject = {
    kind: "measure",
    trial,
    estimator: estimator.identity,
    on,
    ...(probes === undefined ? {} : { probes }),
    ...(transform === undefined ? {} : { transform }),
    ...(projection === undefined ? {} : { projection: projection as unknown as JsonObject }),
    ...(perDecade === undefined ? {} : { perDecade }),
    ...(estimator.usesReference ? { reference: last } : {}),
    arithmetic: keyedArithmetic(cell.net).forward,
  };
  return { key: keyOf(inputs), inputs };
}

/** Key and hashed object of what an analysis prepared for a dataset. */
export function prepareKey(
  analysis: PlannedAnalysis,
  dataset: PlannedItem,
  seed: number,
): { key: string; inputs: JsonObject } {
  const arithmetic = { forward: ARITHMETIC.forward };
  const inputs: JsonObject = {
    kind: "prepare",
    analysis: analysis.identity,
    dataset: dataset.identity,
    seed,
    arithmetic,
  };
  return { key: keyOf(inputs), inputs };
}

/** Key and hashed object of what an analysis mapped over one net up to an epoch. */
export function mapKey(
  analysis: PlannedAnalysis,
  { key: trial, cell }: PlannedTrial,
  epochs: number,
): { key: string; inputs: JsonObject } {
  const arithmetic = { ...keyedArithmetic(cell.net).forward, gradients: GRADIENT_ARITHMETIC };
  const inputs: JsonObject = { kind: "map", analysis: analysis.identity, trial, epochs, arithmetic };
  return { key: keyOf(inputs), inputs };
}

/** Epochs at which a net is measured: of the grid, or those recorded. */
export function epochsOf({ cell: { training: { epochs }, recorded }, replicate }: PlannedTrial): number[] {
  return recorded ? recorded[replicate].filter((epoch) => epoch <= epochs) : snapshotEpochs(epochs);
}

/** Epochs of a trial at which one measurement is made; of a recorded net, the first at or after each point of the measurement's grid. */
export function measuredEpochs(trial: PlannedTrial, { perDecade }: Pick<PlannedMeasure, "perDecade">): number[] {
  const epochs = epochsOf(trial);
  return perDecade === undefined ? epochs : coarser(epochs, trial.cell.training.epochs, perDecade);
}

/** Refuses a cell whose optimiser and architecture disagree on who trained, or that asks for runs or epochs not recorded. */
function checkRecorded({ arm, architecture, training, recorded }: PlannedCell, replicates: number): void {
  const refuse = (need: string, came: string) => {
    throw new Problem(`Cannot plan arm "${arm}" as ${need}: ${came}`);
  };
  const named = `architecture "${architecture.id}"`;
  if (recorded === undefined) {
    if (training.optimiser.id !== "recorded") return;
    return refuse("nets of a recorded optimiser must be recorded", `${named} gives nets to train`);
  }
  if (training.optimiser.id !== "recorded") {
    refuse(`${named} holds recorded nets, so the optimiser must be "recorded"`, `it is "${training.optimiser.id}"`);
  }
  if (replicates > recorded.length) {
    refuse(`there must be a run for each of ${replicates} replicates`, `${named} holds ${recorded.length}`);
  }
  const late = recorded.slice(0, replicates).findIndex(([first]) => first > training.epochs);
  if (late >= 0) {
    refuse(
      `run ${late} must have a snapshot up to epoch ${training.epochs}`,
      `its first is of epoch ${recorded[late][0]}`,
    );
  }
}

/** Resolves choices through the plugins' own schemas, each distinct choice once. */
function chooser(catalogue: Catalogue, slots: Slots) {
  const chosen = new Map<string, Promise<PlannedItem>>();
  return (kind: "dataset" | "architecture" | "estimator" | "analysis", id: string, options?: JsonObject) => {
    const name = canonical([kind, id, options ?? {}]);
    const kept = chosen.get(name);
    if (kept) return kept;
    const item = catalogue.find(kind, id);
    const made = resolveItem(item, options ?? {}, slots);
    chosen.set(name, made);
    return made;
  };
}

/** An item of the catalogue with options after defaults. */
export async function resolveItem(item: CatalogueItem, options: JsonObject, slots: Slots): Promise<PlannedItem> {
  const { kind, id, version, source, integrity } = item;
  const { value } = await slots.ask(source, { verb: "options", kind, item: id, options });
  const { options: resolved, usesReference } = value as ReadOptions;
  const read = item.extra.fingerprints === true && (kind === "dataset" || kind === "architecture")
    ? (await slots.ask(source, { verb: "fingerprint", kind, item: { id, options: resolved } })).value as Fingerprint
    : undefined;
  const identity = {
    ...{ id, version, options: resolved },
    ...(integrity === null ? {} : { integrity }),
    ...(read === undefined ? {} : { fingerprint: read.sha256 }),
  };
  return {
    id,
    options: resolved,
    source,
    identity,
    usesReference,
    ...(read === undefined ? {} : { fingerprint: read }),
  };
}

/** What planning learns of a dataset with a net. */
interface Facts {
  readonly net: Net;
  readonly problem: Omit<ProblemFacts, "arm">;
  readonly recorded?: PlannedCell["recorded"];
}

const problems = new Map<string, Promise<Facts>>();

async function problemOf(
  seed: number,
  arm: string,
  dataset: PlannedItem,
  architecture: PlannedItem,
  slots: Slots,
): Promise<Facts & { problem: ProblemFacts }> {
  const name = canonical([seed, dataset.identity, architecture.identity] as unknown as Json);
  let known = problems.get(name);
  if (!known) {
    known = lookAt(seed, dataset, architecture, slots);
    problems.set(name, known);
    known.catch(() => problems.delete(name));
  }
  const { net, problem, recorded } = await known;
  return { net, problem: { arm, ...problem }, recorded };
}

async function lookAt(seed: number, dataset: PlannedItem, architecture: PlannedItem, slots: Slots): Promise<Facts> {
  const data = await fetchDataset(dataset, { seed, replicate: 0 }, slots, true);
  const [rows, ...inputShape] = data.inputs.shape;
  const { classes } = data;
  const request = { verb: "build", architecture: plain(architecture), inputShape, classes, rows } as const;
  const { net, recorded } = (await slots.ask(architecture.source, request)).value as Pick<Facts, "net" | "recorded">;
  const origins = Object.entries({ dataset, architecture }).flatMap(([item, { fingerprint }]) =>
    fingerprint === undefined ? [] : [{ item: item as "dataset" | "architecture", ...fingerprint }]
  );
  return { net, problem: { ...factsOf(dataset.id, data, net), ...(origins.length > 0 ? { origins } : {}) }, recorded };
}

/**
 * A dataset as one replicate sees it, from its plugin.
 *
 * @param withoutInputs Asks for all but the data of the inputs.
 * @throws {Problem} If what its slot sent is none.
 */
export async function fetchDataset(
  dataset: PlannedItem,
  chance: { seed: number; replicate: number },
  slots: Slots,
  withoutInputs = false,
): Promise<LoadedDataset> {
  const request = { verb: "dataset", dataset: plain(dataset), chance } as const;
  const asked = withoutInputs ? { ...request, withoutInputs: true } as const : request;
  const { value, parts } = await slots.ask(dataset.source, asked);
  try {
    const data = unpackDataset(value as PackedDataset, parts);
    checkDataset(data, dataset.id, withoutInputs);
    return data;
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(
      `Cannot use dataset "${dataset.id}" as it cannot be read: ${(error as Error).message}`,
      EXIT.plugin,
    );
  }
}

/** Id and options alone, as slots take them. */
export function plain({ id, options }: Resolved): Resolved {
  return { id, options };
}

function factsOf(id: string, data: LoadedDataset, net: Net): Omit<ProblemFacts, "arm"> {
  const known = data.joint && jointFacts(data.joint);
  return {
    dataset: id,
    n: data.labels.length,
    classes: data.classes,
    trainRows: data.splits.train.length,
    testRows: data.splits.test.length,
    hxBits: known?.hxBits ?? null,
    hyBits: known?.hyBits ?? null,
    ixyBits: known?.ixyBits ?? data.ixyBits ?? null,
    bayesAccuracy: known?.bayesAccuracy ?? null,
    layers: measuredLayers(net).map(({ name, units, activation, ixtBits, ityBits }) => ({
      ...{ name, units, activation },
      ...(ixtBits === undefined ? {} : { ixtBits }),
      ...(ityBits === undefined ? {} : { ityBits }),
    })),
    parameters: parameterCount(net),
  };
}

/** Refuses a plan that would do nothing. */
export function refuseEmpty(plan: Plan): void {
  if (plan.trials.length > 0) return;
  throw new Problem(`Nothing is planned: study "${plan.study.id}" at profile "${plan.profile}" has no trials`, 6);
}
