import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../contracts/problem.ts";
import type { ProfileName } from "../contracts/study.ts";
import { compare, expectationOf, type Expected, readExpected } from "../pipeline/expected.ts";
import { readBundle } from "../store/bundle.ts";
import { bundleFolder } from "./carry_out.ts";
import { chooseStudies, type CommonOptions, outOf } from "./workspace.ts";

/** `bless`: keep the last results of a profile as what is expected from now on. */
export async function bless(
  names: string[],
  options: CommonOptions & { profile?: string; reason: string },
): Promise<void> {
  const profile = (options.profile ?? "quick") as ProfileName;
  for (const { study, folder } of await chooseStudies(names, options)) {
    if (folder === null) throw new Problem(`Cannot bless study "${study.id}" as it has no folder of its own`);
    const dir = bundleFolder(outOf(options), study.id, profile);
    if (!existsSync(join(dir, "bundle.json"))) {
      throw new Problem(
        `Cannot bless study "${study.id}" as there is no bundle in ${dir}: ` +
          `run infoplane reproduce ${study.id} --profile ${profile} first`,
      );
    }
    const { bundle, digest } = await readBundle(dir);
    if (bundle.counts.failed > 0) {
      throw new Problem(`Cannot bless study "${study.id}" as ${bundle.counts.failed} of its nets failed`);
    }
    const path = join(folder, "expected.json");
    const before: Expected = existsSync(path)
      ? readExpected(readFileSync(path, "utf8"), path)
      : { format: "infoplane.expected", version: 1, study: study.id, profiles: {} };
    const { differences } = compare(bundle, digest, before.profiles[profile]);
    const profiles = { ...before.profiles, [profile]: expectationOf(bundle, digest) };
    const ordered = Object.fromEntries(["smoke", "quick", "full"].flatMap((name) => {
      const one = profiles[name as ProfileName];
      return one ? [[name, one]] : [];
    }));
    writeFileSync(`${path}.new`, `${JSON.stringify({ ...before, profiles: ordered }, null, 2)}\n`);
    renameSync(`${path}.new`, path);
    const line = { date: new Date().toISOString().slice(0, 10), profile, digest, reason: options.reason };
    appendFileSync(join(folder, "history.jsonl"), `${JSON.stringify(line)}\n`);
    console.log(`${study.id} · ${profile} · blessed ${digest.slice(0, 12)}: ${options.reason}`);
    for (const difference of differences) console.log(`  ${difference}`);
  }
}
