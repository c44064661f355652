import { join } from "node:path";
import { EXIT } from "../contracts/problem.ts";
import { assemble } from "../pipeline/assemble.ts";
import { compare, type Comparison, exitCodeOf } from "../pipeline/expected.ts";
import { readBundle, writeBundle } from "../store/bundle.ts";
import { bundleFolder, carryOut } from "./carry_out.ts";
import { expectedFor } from "./expectations.ts";
import { duration, openProgress } from "./progress.ts";
import { buildSite } from "./site.ts";
import { claimLines } from "./text.ts";
import { chooseStudies, type CommonOptions, openWorkspace, openWorkspaceStore, outOf, profileOf } from "./workspace.ts";

/** `reproduce`: run what is missing, analyse, compare, build the site. */
export async function reproduce(
  names: string[],
  options: CommonOptions & { profile?: string; base: string; site: boolean },
): Promise<void> {
  const progress = openProgress();
  const say = (line: string) => options.json ? progress.log(line) : console.log(line);
  const studies = await chooseStudies(names, options);
  const store = await openWorkspaceStore(options);
  const workspace = await openWorkspace(options, (line) => progress.log(line));
  const out = outOf(options);
  const comparisons: Comparison[] = [];
  const failures: string[] = [];
  try {
    for (const known of studies) {
      const { study } = known;
      const profile = profileOf(known, options.profile);
      const started = performance.now();
      const { plan, run } = await carryOut(study, profile, workspace, store, progress);
      const trained = performance.now();
      const { contents, failures: broken } = await assemble(plan, run, workspace.catalogue, workspace.slots);
      const analysed = performance.now();
      const dir = bundleFolder(out, study.id, profile);
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
      const { counts } = contents;
      say(
        `${study.id} · ${profile} · ${counts.trials} nets (${run.trained} trained, ${run.reused} reused` +
          `${counts.diverged ? `, ${counts.diverged} diverged` : ""}${
            counts.failed ? `, ${counts.failed} failed` : ""
          }) · ` +
          `${counts.estimates} points · ${duration((performance.now() - started) / 1000)}`,
      );
      for (const line of claimLines(bundle.claims)) say(`  ${line}`);
      const all = [...run.failures, ...broken];
      for (const failure of all.slice(0, 10)) progress.log(`  failed: ${failure}`);
      if (all.length > 10) progress.log(`  failed: ${all.length - 10} more`);
      failures.push(...all);
      const comparison = compare(bundle, digest, expectedFor(known, profile));
      comparisons.push(comparison);
      say(`  ${comparisonLine(comparison, study.id)}`);
      for (const difference of comparison.differences) say(`    ${difference}`);
      say(`  bundle ${dir} · sha256 ${digest.slice(0, 12)}`);
    }
  } finally {
    workspace.close();
  }
  if (options.site) {
    const started = performance.now();
    await buildSite({ bundles: join(out, "bundles"), out: join(out, "site"), base: options.base });
    say(`site ${join(out, "site", "index.html")} · ${duration((performance.now() - started) / 1000)}`);
  }
  if (options.json) console.log(JSON.stringify({ format: "infoplane.reproduce/1", comparisons, failures }, null, 2));
  Deno.exitCode = failures.length > 0 ? EXIT.incomplete : exitCodeOf(comparisons);
  if (Deno.exitCode === EXIT.nothing) {
    progress.log("infoplane: Nothing was compared, as no study named has an expectation for this profile");
  }
}

function comparisonLine({ outcome, verdictsEqual, verdictsExpected }: Comparison, id: string): string {
  if (outcome === "nothing expected") return `nothing expected: infoplane bless ${id} keeps this result`;
  if (outcome === "equal") return `as expected: equal digest, ${verdictsEqual} of ${verdictsExpected} verdicts equal`;
  return `not as expected: ${verdictsEqual} of ${verdictsExpected} verdicts equal`;
}
