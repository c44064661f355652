import { appendFileSync, existsSync, renameSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Problem } from "../contracts/problem.ts";
import type { ProfileName } from "../contracts/study.ts";
import { compare } from "../pipeline/comparison.ts";
import { type Expectation, type Expected, PROFILES } from "../pipeline/expected.ts";
import { expectationOf } from "../pipeline/quantities.ts";
import { remeasure } from "../pipeline/remeasure.ts";
import { tableDifferenceWords } from "../pipeline/table_diff.ts";
import { readTolerance, type Tolerance, withTolerances } from "../pipeline/tolerances.ts";
import { readBundleFile } from "../store/bundle.ts";
import { openStore, type Store } from "../store/store.ts";
import { bundleFolder, makeBundle } from "./carry_out.ts";
import { differenceLines } from "./comparison_text.ts";
import { expectedOf } from "./expectations.ts";
import { interruptible } from "./interrupt.ts";
import { openProgress, type Progress } from "./progress.ts";
import {
  chooseStudies,
  type CommonOptions,
  type KnownStudy,
  openWorkspace,
  openWorkspaceStore,
  outOf,
  type Workspace,
} from "./workspace.ts";

/** `bless`: keep the last results of a profile as what is expected from now on, once they were measured again. */
export async function bless(
  names: string[],
  options: CommonOptions & { profile?: string; reason: string; tolerance?: string[] },
): Promise<void> {
  const profile = (options.profile ?? "quick") as ProfileName;
  const tolerances = (options.tolerance ?? []).map(readTolerance);
  if (options.reason.trim() === "") throw new Problem("Cannot bless as a reason must be given: it is empty");
  const studies = await chooseStudies(names, options);
  const dirs = studies.map((known) => bundleFolder(outOf(options), known.study.id, profile));
  for (const [i, known] of studies.entries()) await refuseUnfit(known, profile, dirs[i]);
  const progress = openProgress();
  const store = await openWorkspaceStore(options);
  const workspace = await openWorkspace(options, (line) => progress.log(line));
  try {
    for (const [i, known] of studies.entries()) {
      const { digest } = await readBundleFile(dirs[i], "bundle.json");
      const { expectation, nets, spread } = await measuredAgain(known, profile, digest, tolerances, {
        workspace,
        store,
        progress,
      });
      const compared = compare({ study: known.study.id, profile }, expectation, expectedOf(known)?.profiles[profile]);
      keep(known, profile, expectation);
      const line = {
        date: new Date().toISOString().slice(0, 10),
        profile,
        digest,
        reason: options.reason,
        remeasured: nets,
        ...(spread === undefined ? {} : { spread }),
      };
      appendFileSync(join(known.folder!, "history.jsonl"), `${JSON.stringify(line)}\n`);
      console.log(`${known.study.id} · ${profile} · blessed ${digest.slice(0, 12)}: ${options.reason}`);
      for (const difference of differenceLines({ ...compared, notes: [] })) console.log(`  ${difference}`);
      console.log(`  ${nets === 1 ? "1 net was" : `${nets} nets were`} trained and measured again`);
    }
  } finally {
    workspace.close();
  }
}

async function refuseUnfit({ study: { id }, folder }: KnownStudy, profile: ProfileName, dir: string): Promise<void> {
  if (folder === null) throw new Problem(`Cannot bless study "${id}" as it has no folder of its own`);
  if (!existsSync(join(dir, "bundle.json"))) {
    throw new Problem(
      `Cannot bless study "${id}" as there is no bundle in ${dir}: run infoplane reproduce ${id} --profile ${profile} first`,
    );
  }
  const { bundle: { counts } } = await readBundleFile(dir, "bundle.json");
  if (counts.failed > 0) throw new Problem(`Cannot bless study "${id}" as ${counts.failed} of its nets failed`);
}

/** What a study gives today: assembled again from the store, and a sample of its nets trained and measured without it. */
async function measuredAgain(
  { study, ...known }: KnownStudy,
  profile: ProfileName,
  digest: string,
  tolerances: readonly Tolerance[],
  { workspace, store, progress }: { workspace: Workspace; store: Store; progress: Progress },
): Promise<{ expectation: Expectation; nets: number; spread?: number }> {
  const refuse = (why: string): never => {
    throw new Problem(`Cannot bless study "${study.id}" as ${why}`);
  };
  const temporary = await mkdtemp(join(tmpdir(), "infoplane_bless_"));
  try {
    const made = await makeBundle(study, profile, workspace, { store, progress, dir: join(temporary, "bundle") });
    if (made.failures.length > 0) refuse(`its work must be whole: ${made.failures[0]}`);
    if (made.digest !== digest) {
      refuse(
        `its bundle must be what a run gives today: it hashes to ${digest.slice(0, 12)}, today's to ` +
          `${made.digest.slice(0, 12)}; run infoplane reproduce ${study.id} --profile ${profile} first`,
      );
    }
    const fresh = await openStore(join(temporary, "store"));
    const again = await interruptible(workspace.slots, () =>
      remeasure(made.plan, made.run, {
        fresh,
        slots: workspace.slots,
        onProgress: (done, total, note) => progress.update(`${study.id} ${profile} again`, done, total, note),
      }));
    progress.end();
    if (again.failures.length > 0) refuse(`its nets must train again: ${again.failures[0]}`);
    if (again.differences.length > 0) {
      const [first] = again.differences;
      refuse(
        "nets trained afresh must give the rows that the store holds: " +
          `of table ${first.table} ${tableDifferenceWords(first)}`,
      );
    }
    const before = expectedOf({ study, ...known })?.profiles[profile];
    const found = expectationOf(made.bundle, made.digest, made.contents.tables);
    const expectation = withTolerances(found, before, tolerances, again.spread);
    const spread = again.spread.size > 0 ? Math.max(...again.spread.values()) : undefined;
    return { expectation, nets: again.nets, spread };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Writes `expected.json` with another expectation for one profile. */
function keep(known: KnownStudy, profile: ProfileName, expectation: Expectation): void {
  const path = join(known.folder!, "expected.json");
  const before = expectedOf(known);
  const profiles = { ...before?.profiles, [profile]: expectation };
  const ordered = Object.fromEntries(PROFILES.flatMap((name) => profiles[name] ? [[name, profiles[name]]] : []));
  const expected: Expected = { format: "infoplane.expected", version: 2, study: known.study.id, profiles: ordered };
  writeFileSync(`${path}.new`, `${JSON.stringify(expected, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}
