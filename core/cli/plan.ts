import { type StoredShare, storedShare } from "../pipeline/stored.ts";
import { planOf } from "./carry_out.ts";
import { columns } from "./text.ts";
import { chooseStudies, type CommonOptions, openWorkspace, openWorkspaceStore, profileOf } from "./workspace.ts";

/** `plan`: what a run would do. */
export async function plan(names: string[], options: CommonOptions & { profile?: string }): Promise<void> {
  const shares = await sharesOf(names, options);
  if (options.json) return console.log(JSON.stringify({ format: "infoplane.plan/1", studies: shares }, null, 2));
  for (const { study, profile, arms, nets, measurements, updates } of shares) {
    console.log(`${study} · ${profile} · ${nets.total} nets, ${measurements.total} measurements`);
    const rows = arms.map(({ arm, nets, epochs }) => [
      `  ${arm}`,
      `${nets.total} nets × ${epochs} epochs`,
      `${nets.stored} stored`,
    ]);
    for (const line of columns(rows)) console.log(line);
    console.log(`  to train: ${nets.total - nets.stored} nets, ${updates} updates`);
    console.log(`  to measure: ${measurements.total - measurements.stored} of ${measurements.total}`);
  }
}

/** What each study consists of at a profile, and how much of it is stored. */
export async function sharesOf(names: string[], options: CommonOptions & { profile?: string }): Promise<StoredShare[]> {
  const studies = await chooseStudies(names, options);
  const store = await openWorkspaceStore(options);
  const workspace = await openWorkspace({ ...options, jobs: options.jobs ?? 1 }, (line) => console.error(line));
  try {
    const shares: StoredShare[] = [];
    for (const known of studies) {
      const plan = await planOf(known.study, profileOf(known, options.profile), workspace);
      shares.push(await storedShare(plan, store));
    }
    return shares;
  } finally {
    workspace.close();
  }
}
