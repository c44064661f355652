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
  probeOf,
} from "./plan.ts";

/** One result that a plan needs. */
export interface Need {
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
}

/** A need, and whether the store holds it. */
export interface Piece extends Need {
  /** Its entry, or why there is none. */
  readonly found: LookUp;
}

/** Nets looked up at once: enough to keep the disk busy. */
const WIDTH = 16;

/** Looks up every piece of a plan in the store, in the order of the plan; reads no blobs. */
export async function piecesOf(plan: Plan, store: Store): Promise<Piece[]> {
  const lookUp = async (need: Need): Promise<Piece> => ({
    ...need,
    found: await store.lookUp(need.kind, need.key, need.extent),
  });
  const byTrial: Piece[][] = new Array(plan.trials.length);
  let next = 0;
  await Promise.all(Array.from({ length: WIDTH }, async () => {
    while (next < plan.trials.length) {
      const index = next++;
      const trial = plan.trials[index];
      const net = await lookUp(netOf(trial));
      const { entry } = net.found;
      const reached = entry?.outcome === "diverged" ? entry.extent : Infinity;
      byTrial[index] = [net];
      for (const need of needsOfNet(plan, trial, reached)) byTrial[index].push(await lookUp(need));
    }
  }));
  return [...await Promise.all(prepared(plan).map(lookUp)), ...byTrial.flat()];
}

/** Every result a plan needs, if none of its nets diverges. */
export function needsOf(plan: Plan): Need[] {
  return [...prepared(plan), ...plan.trials.flatMap((trial) => [netOf(trial), ...needsOfNet(plan, trial, Infinity)])];
}

function prepared({ analyses, cells, study }: Plan): Need[] {
  return analyses.filter(({ prepares }) => prepares).flatMap((analysis) =>
    cells.map((cell): Need => {
      const hashed = prepareKey(analysis, cell.dataset, study.seed);
      return { kind: "prepare", ...hashed, extent: 0, cell, trial: null, name: analysis.id };
    })
  );
}

function netOf(trial: PlannedTrial): Need {
  const { key, inputs, cell } = trial;
  return { kind: "trial", key, inputs, extent: cell.training.epochs, cell, trial, name: "net" };
}

/** What is measured and mapped of a net whose last snapshot is at most of epoch `reached`. */
function needsOfNet({ measures, analyses }: Plan, trial: PlannedTrial, reached: number): Need[] {
  const { cell } = trial;
  const measured = measures.map((measure): Need => {
    const extent = measuredEpochs(trial, measure).findLast((epoch) => epoch <= reached)!;
    const { estimator: { id }, setting } = measure;
    const probe = probeOf(measure);
    const name = [id, setting, ...probe === "all" ? [] : [probe]].join(" ");
    return { kind: "measure", ...measureKey(trial, measure, extent), extent, cell, trial, name };
  });
  const extent = epochsOf(trial).findLast((epoch) => epoch <= reached)!;
  const mapped = analyses.filter(({ maps, needs }) =>
    maps && !(needs.weights === true && cell.net.kind === "recorded")
  );
  return [
    ...measured,
    ...mapped.map((analysis): Need => ({
      ...{ kind: "map", ...mapKey(analysis, trial, extent), extent, cell, trial, name: analysis.id },
    })),
  ];
}

/** Names an arm at its point of the axes. */
export function cellName({ arm, axes }: Pick<PlannedCell, "arm" | "axes">): string {
  return axes === "{}" ? arm : `${arm} ${axes}`;
}
