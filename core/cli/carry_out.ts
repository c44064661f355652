import { join } from "node:path";
import type { Bundle } from "../contracts/bundle.ts";
import type { ProfileName, Study } from "../contracts/study.ts";
import { assemble } from "../pipeline/assemble.ts";
import { atProfile } from "../pipeline/cells.ts";
import { type Plan, planStudy, refuseEmpty } from "../pipeline/plan.ts";
import { runPlan, type RunResult } from "../pipeline/run.ts";
import { planOfShard, type Shard } from "../pipeline/shards.ts";
import { type BundleContents, readBundle, writeBundle } from "../store/bundle.ts";
import type { Store } from "../store/store.ts";
import { interruptible } from "./interrupt.ts";
import type { Progress } from "./progress.ts";
import type { Workspace } from "./workspace.ts";

/** A study's plan at a profile. */
export async function planOf(study: Study, profile: string, { catalogue, slots }: Workspace): Promise<Plan> {
  return await planStudy(atProfile(study, profile), profile as ProfileName, catalogue, slots);
}

/** Plans a study, then trains and measures what is missing of it or of a shard, with progress shown and Ctrl-C heeded. */
export async function carryOut(
  study: Study,
  profile: string,
  workspace: Workspace,
  store: Store,
  progress: Progress,
  shard?: Shard,
): Promise<{ plan: Plan; run: RunResult }> {
  return await interruptible(workspace.slots, async () => {
    const whole = await planOf(study, profile, workspace);
    refuseEmpty(whole);
    const plan = shard ? planOfShard(whole, shard) : whole;
    const run = await runPlan(plan, {
      store,
      slots: workspace.slots,
      order: Deno.env.get("INFOPLANE_ORDER") === "random" ? "random" : "planned",
      onProgress: (done, total, note) => progress.update(`${study.id} ${profile}`, done, total, note),
    });
    progress.end();
    return { plan, run };
  });
}

/** A bundle as it was made. */
export interface Made {
  readonly plan: Plan;
  readonly run: RunResult;
  readonly contents: BundleContents;
  readonly bundle: Bundle;
  readonly digest: string;
  /** One line for each piece of work that failed. */
  readonly failures: readonly string[];
}

/** Carries a study out, analyses it and writes its bundle. */
export async function makeBundle(
  study: Study,
  profile: string,
  workspace: Workspace,
  { store, progress, dir }: { store: Store; progress: Progress; dir: string },
): Promise<Made> {
  const started = performance.now();
  const { plan, run } = await carryOut(study, profile, workspace, store, progress);
  const trained = performance.now();
  const { contents, failures } = await assemble(plan, run, workspace.catalogue, workspace.slots);
  const analysed = performance.now();
  await writeBundle(dir, contents, {
    format: "infoplane.run",
    version: 1,
    infoplane: "0.1.0",
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    platform: `${Deno.build.os} ${Deno.build.arch}`,
    cores: navigator.hardwareConcurrency,
    jobs: workspace.slots.jobs,
    date: new Date().toISOString(),
    seconds: { run: (trained - started) / 1000, analyse: (analysed - trained) / 1000 },
    trained: run.trained,
    reused: run.reused,
  });
  const { bundle, digest } = await readBundle(dir);
  return { plan, run, contents, bundle, digest, failures: [...run.failures, ...failures] };
}

/** Folder of a study's bundle at a profile. */
export function bundleFolder(out: string, study: string, profile: string): string {
  return join(out, "bundles", `${study}-${profile}`);
}
