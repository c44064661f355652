import { EXIT } from "../contracts/problem.ts";
import { unlessMissing } from "./missing.ts";
import type { Shard } from "../pipeline/shards.ts";
import { carryOut } from "./carry_out.ts";
import { openProgress } from "./progress.ts";
import { chooseStudies, type CommonOptions, openWorkspace, openWorkspaceStore, profileOf } from "./workspace.ts";

/** `run`: train and measure what is missing, of the whole or of a shard. */
export async function run(
  names: string[],
  options: CommonOptions & { profile?: string; shard?: Shard },
): Promise<void> {
  const progress = openProgress();
  const studies = await chooseStudies(names, options);
  const store = await openWorkspaceStore(options);
  const workspace = await openWorkspace(options, (line) => progress.log(line));
  const results: {
    study: string;
    profile: string;
    shard?: string;
    trained: number;
    reused: number;
    failures: readonly string[];
  }[] = [];
  try {
    for (const known of studies) {
      const { study } = known;
      await unlessMissing(names, study.id, (line) => progress.log(line), async () => {
        const profile = profileOf(known, options.profile);
        const { run: found } = await carryOut(study, profile, workspace, store, progress, options.shard);
        const { trained, reused, failures } = found;
        const shard = options.shard && `${options.shard.index}/${options.shard.count}`;
        results.push({ study: study.id, profile, ...(shard ? { shard } : {}), trained, reused, failures });
        const part = shard ? `shard ${shard} · ` : "";
        if (!options.json) console.log(`${study.id} · ${profile} · ${part}${trained} trained, ${reused} reused`);
        for (const failure of failures) progress.log(`  failed: ${failure}`);
      });
    }
  } finally {
    workspace.close();
  }
  if (options.json) console.log(JSON.stringify({ format: "infoplane.run/1", results }, null, 2));
  Deno.exitCode = results.some(({ failures }) => failures.length > 0) ? EXIT.incomplete : EXIT.ok;
}
