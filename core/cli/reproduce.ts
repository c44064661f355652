import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { EXIT, Problem } from "../contracts/problem.ts";
import type { ProfileName, Study } from "../contracts/study.ts";
import { type Comparison, exitCodeOf } from "../pipeline/comparison.ts";
import type { Shard } from "../pipeline/shards.ts";
import { fromUser } from "../execution/paths.ts";
import { bundleFolder, makeBundle } from "./carry_out.ts";
import { junitOf } from "./comparison_junit.ts";
import { markdownOf } from "./comparison_markdown.ts";
import { comparisonTable, differenceLines, outcomeWords } from "./comparison_text.ts";
import { comparisonOf, keepExpected } from "./expectations.ts";
import { unlessMissing } from "./missing.ts";
import { duration, openProgress } from "./progress.ts";
import { run } from "./run.ts";
import { buildSite } from "./site.ts";
import { claimLines } from "./text.ts";
import { chooseStudies, type CommonOptions, openWorkspace, openWorkspaceStore, outOf, profileOf } from "./workspace.ts";

/** Options of `reproduce`. */
export interface ReproduceOptions extends CommonOptions {
  readonly profile?: string;
  readonly base?: string;
  readonly site: boolean;
  readonly seed?: number;
  readonly junit?: string;
  readonly markdown?: string;
  readonly shard?: Shard;
}

/** `reproduce`: run what is missing, analyse, compare, build the site; of a shard, run what is missing alone. */
export async function reproduce(names: string[], options: ReproduceOptions): Promise<void> {
  if (options.shard) {
    await run(names, options);
    console.error("A shard is a part: infoplane collect analyses and compares once all are there");
    return;
  }
  const progress = openProgress();
  const say = (line: string) => options.json ? progress.log(line) : console.log(line);
  const studies = await chooseStudies(names, options);
  const store = await openWorkspaceStore(options);
  const workspace = await openWorkspace(options, (line) => progress.log(line));
  const out = options.seed === undefined ? outOf(options) : join(outOf(options), `seed-${options.seed}`);
  const comparisons: Comparison[] = [];
  const failures: string[] = [];
  try {
    for (const known of studies) {
      await unlessMissing(names, known.study.id, say, async () => {
        const profile = profileOf(known, options.profile) as ProfileName;
        const study: Study = options.seed === undefined ? known.study : { ...known.study, seed: options.seed };
        const started = performance.now();
        await keepExpected(known, profile, out);
        const dir = bundleFolder(out, study.id, profile);
        const made = await makeBundle(study, profile, workspace, { store, progress, dir });
        const { run: { trained, reused }, bundle: { counts, claims }, digest } = made;
        say(
          `${study.id} · ${profile} · ${counts.trials} nets (${trained} trained, ${reused} reused` +
            `${counts.diverged ? `, ${counts.diverged} diverged` : ""}${
              counts.failed ? `, ${counts.failed} failed` : ""
            }) · ` +
            `${counts.estimates} points · ${duration((performance.now() - started) / 1000)}`,
        );
        for (const line of claimLines(claims)) say(`  ${line}`);
        for (const failure of made.failures.slice(0, 10)) progress.log(`  failed: ${failure}`);
        if (made.failures.length > 10) progress.log(`  failed: ${made.failures.length - 10} more`);
        failures.push(...made.failures);
        const comparison = await comparisonOf(known, profile, made, out);
        comparisons.push(comparison);
        say(`  ${outcomeWords(comparison)}`);
        for (const line of differenceLines(comparison)) say(`    ${line}`);
        say(`  bundle ${dir} · sha256 ${digest.slice(0, 12)}`);
      });
    }
  } finally {
    workspace.close();
  }
  if (options.site) {
    const started = performance.now();
    const page = await buildSite({ ...options, out }, join(out, "bundles"), studies);
    say(`site ${page} · ${duration((performance.now() - started) / 1000)}`);
  }
  for (const line of comparisonTable(comparisons)) say(line);
  if (options.junit) writeReport(options.junit, junitOf(comparisons, failures));
  if (options.markdown) writeReport(options.markdown, markdownOf(comparisons, failures));
  if (options.json) console.log(JSON.stringify({ format: "infoplane.reproduce/2", comparisons, failures }, null, 2));
  Deno.exitCode = failures.length > 0 ? EXIT.incomplete : exitCodeOf(comparisons);
  if (Deno.exitCode === EXIT.nothing) {
    progress.log("infoplane: Nothing was compared, as no study named has an expectation for this profile");
  }
}

function writeReport(given: string, text: string): void {
  const path = fromUser(given);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (error) {
    throw new Problem(`Cannot write ${path} as it must be a file that can be written: ${(error as Error).message}`);
  }
}
