import type { Store } from "../store/store.ts";
import { measuredEpochs, measureKey, type Plan } from "./plan.ts";

/** How many of so many. */
export interface Share {
  readonly stored: number;
  readonly total: number;
}

/** What a plan consists of, and how much of it the store holds. */
export interface StoredShare {
  readonly study: string;
  readonly profile: string;
  /** Of those not stored, `begun` have a checkpoint. */
  readonly nets: Share & { readonly begun: number };
  readonly measurements: Share;
  /** Weight updates that training the missing nets takes. */
  readonly updates: number;
  readonly arms: readonly { readonly arm: string; readonly epochs: number; readonly nets: Share }[];
}

/** Looks up every piece of a plan in the store; reads no blobs. */
export async function storedShare(plan: Plan, store: Store): Promise<StoredShare> {
  let updates = 0;
  const nets = { stored: 0, begun: 0, total: plan.trials.length };
  const checkpoints = new Set((await store.checkpoints.list()).map(({ key, extent }) => `${key} ${extent}`));
  const measurements = { stored: 0, total: plan.trials.length * plan.measures.length };
  const arms = new Map<string, { arm: string; epochs: number; nets: { stored: number; total: number } }>();
  for (const trial of plan.trials) {
    const { key, cell } = trial;
    const { epochs, batch } = cell.training;
    const name = `${cell.arm}${cell.axes === "{}" ? "" : ` ${cell.axes}`}`;
    const arm = arms.get(name) ?? { arm: name, epochs, nets: { stored: 0, total: 0 } };
    arms.set(name, arm);
    arm.nets.total++;
    const entry = await store.find("trial", key, epochs);
    if (entry) {
      nets.stored++;
      arm.nets.stored++;
    } else if (checkpoints.has(`${key} ${epochs}`)) nets.begun++;
    if (!entry && !cell.recorded) {
      updates += epochs * (batch === "full" ? 1 : Math.ceil(cell.problem.trainRows / batch));
    }
    const reached = entry?.outcome === "diverged" ? entry.extent : Infinity;
    for (const measure of plan.measures) {
      const last = measuredEpochs(trial, measure).findLast((epoch) => epoch <= reached)!;
      if (await store.find("measure", measureKey(trial, measure, last).key, last)) measurements.stored++;
    }
  }
  const { study: { id: study }, profile } = plan;
  return { study, profile, nets, measurements, updates, arms: [...arms.values()] };
}
