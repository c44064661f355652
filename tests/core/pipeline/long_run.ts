/**
 * A run of two small nets that keeps a checkpoint twenty times a second: in this process, or in one of its own that tests kill,
 * `long_run.ts STORE`.
 */
import type { Study } from "@infoplane/core";
import { openWorkspace } from "../../../core/cli/workspace.ts";
import { atProfile } from "../../../core/pipeline/cells.ts";
import { planStudy } from "../../../core/pipeline/plan.ts";
import { runPlan, type RunResult } from "../../../core/pipeline/run.ts";
import { storedShare } from "../../../core/pipeline/stored.ts";
import { readStudy } from "../../../core/pipeline/study_schema.ts";
import { openStore, type Store } from "../../../core/store/store.ts";

const STUDY: Study = {
  format: 1,
  id: "long",
  title: "Does an interruption show?",
  seed: 1,
  base: {
    dataset: { id: "symmetric-rule" },
    architecture: { id: "dense", options: { widths: [3] } },
    training: { optimiser: { id: "adam", rate: 0.01 }, batch: 512, epochs: 3000 },
  },
  replicates: 2,
  measure: [],
  analyses: [{ id: "information-plane" }],
  profiles: { smoke: {}, quick: {}, full: {} },
};

/** What came of a run, and what it said. */
export interface LongRun {
  readonly run: RunResult;
  readonly lines: readonly string[];
  /** Nets of which there was a checkpoint before. */
  readonly begun: number;
}

/** Runs it with the store in a folder. */
export async function longRun(dir: string, checkpointSeconds: number): Promise<LongRun> {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const { catalogue, slots, close } = await openWorkspace({ jobs: 1 }, log);
  try {
    const store = await openStore(dir);
    const plan = await planStudy(atProfile(readStudy(STUDY), "smoke"), "smoke", catalogue, slots);
    const { nets: { begun } } = await storedShare(plan, store);
    return { run: await runPlan(plan, { store, slots, checkpointSeconds, log }), lines, begun };
  } finally {
    close();
  }
}

/** Every trial in a store with the SHA-256 of its trajectory, in the order of their keys. */
export async function trialsIn(store: Store): Promise<{ readonly key: string; readonly sha256: string }[]> {
  const entries = await Array.fromAsync(store.list("trial"));
  return entries.map(({ key, blobs: [{ sha256 }] }) => ({ key, sha256 }));
}

if (import.meta.main) await longRun(Deno.args[0], 0.05);
