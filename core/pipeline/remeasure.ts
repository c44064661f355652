import type { Slots } from "../execution/slots.ts";
import type { Store } from "../store/store.ts";
import { isPortable } from "../training/arithmetic.ts";
import type { Plan } from "./plan.ts";
import { type FinalValues, finalValues } from "./quantities.ts";
import { runPlan, type RunResult } from "./run.ts";
import { diffTables, type TableDifference } from "./table_diff.ts";
import { standardTables, tablesOf } from "./tables.ts";

/** Replicates of every cell that are trained afresh: numbers that may move are seen to move by more than one net. */
const SAMPLE = { portable: 1, host: 3 };

/** What came of training and measuring a sample of a study's nets again. */
export interface Remeasured {
  readonly nets: number;
  /** Tables in which portable rows came out otherwise. */
  readonly differences: readonly TableDifference[];
  /** Of every number at the last snapshot that is not portable: the most it moved in one net. */
  readonly spread: ReadonlyMap<string, number>;
  /** One line for each piece of work that failed. */
  readonly failures: readonly string[];
}

/**
 * Trains and measures a sample of the nets of a run again and holds both against each other.
 *
 * @param plan The plan of the run.
 * @param run What it gave.
 * @param fresh An empty store, so that nothing kept is used again.
 */
export async function remeasure(
  plan: Plan,
  run: RunResult,
  { fresh, slots, onProgress }: {
    readonly fresh: Store;
    readonly slots: Slots;
    readonly onProgress?: (done: number, total: number, note: string) => void;
  },
): Promise<Remeasured> {
  const portable = plan.cells.every(({ net }) => isPortable(net)) &&
    [...plan.measures, ...plan.analyses].every(({ arithmetic }) => arithmetic === "portable");
  const count = portable ? SAMPLE.portable : SAMPLE.host;
  const part: Plan = { ...plan, trials: plan.trials.filter(({ replicate }) => replicate < count) };
  const again = await runPlan(part, { store: fresh, slots, onProgress });
  const kept = { ...run, trials: run.trials.filter(({ trial }) => trial.replicate < count) };
  const [was, is] = [kept, again].map((result) => standardTables(tablesOf(part, result)));
  const differences = was.flatMap((table, i) => {
    const [one, other] = [table, is[i]].map((whole) => ({
      ...whole,
      rows: whole.rows.filter(({ arithmetic }) => arithmetic === "portable"),
    }));
    return diffTables(one, other) ?? [];
  });
  return {
    nets: part.trials.length,
    differences,
    spread: spreadOf(finalValues(was), finalValues(is)),
    failures: again.failures,
  };
}

function spreadOf(was: FinalValues, is: FinalValues): Map<string, number> {
  return new Map([...was].map(([name, nets]) => {
    const moves = [...nets].map(([replicate, value]) => {
      const now = is.get(name)?.get(replicate) ?? null;
      if (value === null || now === null) return value === now ? 0 : Infinity;
      return Math.abs(now - value);
    });
    return [name, Math.max(...moves)];
  }));
}
