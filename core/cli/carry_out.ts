import { dirname, join } from "node:path";
import type { ProfileName, Study } from "../contracts/study.ts";
import { atProfile } from "../pipeline/cells.ts";
import { type Plan, planStudy, refuseEmpty } from "../pipeline/plan.ts";
import { runPlan, type RunResult } from "../pipeline/run.ts";
import type { Store } from "../store/store.ts";
import { interruptible } from "./interrupt.ts";
import type { Progress } from "./progress.ts";
import type { Workspace } from "./workspace.ts";

/** A study's plan at a profile. */
export async function planOf(study: Study, profile: string, { catalogue, slots }: Workspace): Promise<Plan> {
  return await planStudy(atProfile(study, profile), profile as ProfileName, catalogue, slots);
}

/** Plans a study, then trains and measures what is missing, with progress shown and Ctrl-C heeded. */
export async function carryOut(
  study: Study,
  profile: string,
  workspace: Workspace,
  store: Store,
  progress: Progress,
): Promise<{ plan: Plan; run: RunResult }> {
  return await interruptible(workspace.slots, async () => {
    const plan = await planOf(study, profile, workspace);
    refuseEmpty(plan);
    const run = await runPlan(plan, {
      store,
      slots: workspace.slots,
      order: Deno.env.get("INFOPLANE_ORDER") === "random" ? "random" : "planned",
      log: (line) => progress.log(`${study.id} ${profile} · ${line}`),
      onProgress: (done, total, note) => progress.update(`${study.id} ${profile}`, done, total, note),
    });
    progress.end();
    return { plan, run };
  });
}

/** Folder of a study's bundle at a profile. */
export function bundleFolder(out: string, study: string, profile: string): string {
  return join(out, "bundles", `${study}-${profile}`);
}

/** Folder of this repository, where the site's sources are. */
export const HOUSE = dirname(dirname(import.meta.dirname!));
