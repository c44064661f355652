import type { JsonObject } from "../contracts/tensor.ts";
import type { EntryKind, LookUp, Store } from "../store/store.ts";
import {
  epochsOf,
  mapKey,
  measuredEpochs,
  measureKey,
  type Plan,
  type PlannedCell,
  type PlannedTrial,
  prepareKey,
} from "./plan.ts";

/** One result that a plan needs, and whether the store holds it. */
export interface Piece {
  readonly kind: EntryKind;
  readonly key: string;
  /** The object hashed into the key. */
  readonly inputs: JsonObject;
  /** Epochs it covers; 0 where epochs mean nothing. */
  readonly extent: number;
  readonly cell: PlannedCell;
  /** The net it is of; null for what an analysis prepares for a cell. */
  readonly trial: PlannedTrial | null;
  /** `net`, or the estimator with its setting, or the analysis. */
  readonly name: string;
  /** Its entry, or why there is none. */
  readonly found: LookUp;
}

/** Pieces looked up at once: enough to keep the disk busy. */
const WIDTH = 16;

/** Looks up every piece of a plan in the store, in the order of the plan; reads no blobs. */
export async function piecesOf(plan: Plan, store: Store): Promise<Piece[]> {
  const byTrial: Piece[][] = new Array(plan.trials.length);
  let next = 0;
  await Promise.all(Array.from({ length: WIDTH }, async () => {
    while (next < plan.trials.length) {
      const index = next++;
      byTrial[index] = await piecesOfTrial(plan, plan.trials[index], store);
    }
  }));
  return [...await preparedPieces(plan, store), ...byTrial.flat()];
}

async function preparedPieces(plan: Plan, store: Store): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for (const analysis of plan.analyses.filter(({ prepares }) => prepares)) {
    for (const cell of plan.cells) {
      const { key, inputs } = prepareKey(analysis, cell.dataset, plan.study.seed);
      const found = await store.lookUp("prepare", key, 0);
      pieces.push({ kind: "prepare", key, inputs, extent: 0, cell, trial: null, name: analysis.id, found });
    }
  }
  return pieces;
}

async function piecesOfTrial(plan: Plan, trial: PlannedTrial, store: Store): Promise<Piece[]> {
  const { key, inputs, cell } = trial;
  const { epochs } = cell.training;
  const found = await store.lookUp("trial", key, epochs);
  const pieces: Piece[] = [{ kind: "trial", key, inputs, extent: epochs, cell, trial, name: "net", found }];
  const reached = found.entry?.outcome === "diverged" ? found.entry.extent : Infinity;
  const add = async (
    kind: "measure" | "map",
    name: string,
    hashed: { key: string; inputs: JsonObject },
    last: number,
  ) => {
    pieces.push({
      kind,
      ...hashed,
      extent: last,
      cell,
      trial,
      name,
      found: await store.lookUp(kind, hashed.key, last),
    });
  };
  for (const measure of plan.measures) {
    const last = measuredEpochs(trial, measure).findLast((epoch) => epoch <= reached)!;
    const { estimator: { id }, setting, on, transform } = measure;
    const name = [id, setting, ...on === "all" ? [] : [on], ...transform === undefined ? [] : [transform]].join(" ");
    await add("measure", name, measureKey(trial, measure, last), last);
  }
  for (const analysis of plan.analyses.filter(({ maps }) => maps)) {
    if (analysis.needs.weights === true && cell.net.kind === "recorded") continue;
    const last = epochsOf(trial).findLast((epoch) => epoch <= reached)!;
    await add("map", analysis.id, mapKey(analysis, trial, last), last);
  }
  return pieces;
}

/** Names an arm at its point of the axes. */
export function cellName({ arm, axes }: Pick<PlannedCell, "arm" | "axes">): string {
  return axes === "{}" ? arm : `${arm} ${axes}`;
}
