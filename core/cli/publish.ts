import { existsSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../contracts/problem.ts";
import type { ProfileName } from "../contracts/study.ts";
import { PROFILES } from "../pipeline/expected.ts";
import { publishBundle } from "../pipeline/published.ts";
import { readBundleFile } from "../store/bundle.ts";
import { bundleFolder } from "./carry_out.ts";
import { digestOf, expectedFor } from "./expectations.ts";
import { bytesWords } from "./text.ts";
import { chooseStudies, type CommonOptions, outOf } from "./workspace.ts";

/** Folder of a study's published bundle, in its report's. */
export const PUBLISHED = "published";

/** `publish`: keep the last results of a profile beside the study, small enough to be committed. */
export async function publish(names: string[], options: CommonOptions & { profile?: string }): Promise<void> {
  const profile = (options.profile ?? "full") as ProfileName;
  for (const known of await chooseStudies(names, options)) {
    const { study: { id }, folder } = known;
    if (folder === null) throw new Problem(`Cannot publish study "${id}" as it has no folder of its own`);
    const from = bundleFolder(outOf(options), id, profile);
    const to = join(folder, PUBLISHED);
    const { digest } = await readBundleFile(from, "bundle.json");
    const expected = digestOf(expectedFor(known, profile));
    if (expected !== undefined && expected !== digest) {
      throw new Problem(
        `Cannot publish study "${id}" as its bundle must be what is expected: ${from} hashes to ` +
          `${digest.slice(0, 12)}, not to ${expected.slice(0, 12)}`,
      );
    }
    const before = existsSync(join(to, "bundle.json"))
      ? (await readBundleFile(to, "bundle.json")).bundle.profile
      : null;
    if (before !== null && PROFILES.indexOf(before) > PROFILES.indexOf(profile)) {
      throw new Problem(
        `Cannot publish study "${id}" at profile ${profile} as ${to} holds the larger profile ${before}`,
      );
    }
    const { bytes, perDecade } = await publishBundle(from, to);
    const kept = perDecade === 40 ? "whole" : `${perDecade} snapshots a decade, claims and tables of analyses whole`;
    console.log(`${id} · ${profile} · ${bytesWords(bytes)} in ${to} · ${kept}`);
  }
}
