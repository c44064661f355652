import { existsSync, readFileSync } from "node:fs";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { Problem } from "../contracts/problem.ts";
import type { ProfileName } from "../contracts/study.ts";
import { diffBundles } from "../pipeline/bundle_diff.ts";
import { compare, type Comparison, type Difference } from "../pipeline/comparison.ts";
import { type Expectation, type Expected, readExpected } from "../pipeline/expected.ts";
import { expectationOf } from "../pipeline/quantities.ts";
import { tableDifferenceWords } from "../pipeline/table_diff.ts";
import { type ReadBundle, readBundle, readBundleFile } from "../store/bundle.ts";
import { bundleFolder, type Made } from "./carry_out.ts";
import { PUBLISHED } from "./publish.ts";
import type { KnownStudy } from "./workspace.ts";

/** `expected.json` of a study's folder, or undefined if it has none. */
export function expectedOf({ study, folder }: Pick<KnownStudy, "study" | "folder">): Expected | undefined {
  if (folder === null) return undefined;
  const path = join(folder, "expected.json");
  if (!existsSync(path)) return undefined;
  const expected = readExpected(readFileSync(path, "utf8"), path);
  if (expected.study !== study.id) {
    throw new Problem(`Cannot compare with ${path} as it must be of study "${study.id}": it is of "${expected.study}"`);
  }
  return expected;
}

/** What a study is expected to give at a profile: as its bundle says, if it came from one, else as its folder does. */
export function expectedFor(known: KnownStudy, profile: string): Expectation | undefined {
  return known.bundle ? known.bundle.expectation : expectedOf(known)?.profiles[profile as ProfileName];
}

/** The digest that a bundle is expected to have; of one with rows that are not portable, the one it had. */
export function digestOf(expected: Expectation | undefined): string | undefined {
  const digest = expected?.exact["bundle.json"] ?? expected?.info["bundle.json"];
  return digest === undefined ? undefined : String(digest);
}

/** Where the bundle that is expected is kept while another stands in its place. */
function asideOf(out: string, study: string, profile: string): string {
  return join(out, "expected", `${study}-${profile}`);
}

/** Keeps the last bundle aside before it is overwritten, if it is the one expected: what differs can then be shown. */
export async function keepExpected(known: KnownStudy, profile: string, out: string): Promise<void> {
  const expected = digestOf(expectedFor(known, profile));
  const dir = bundleFolder(out, known.study.id, profile);
  if (expected === undefined || !existsSync(join(dir, "bundle.json"))) return;
  const last = await readBundleFile(dir, "bundle.json").catch(() => undefined);
  if (last?.digest !== expected) return;
  const aside = asideOf(out, known.study.id, profile);
  await rm(aside, { recursive: true, force: true });
  await cp(dir, aside, { recursive: true });
}

/** Compares a bundle with what is expected of its study; of files that differ it says which rows and columns do, where it can. */
export async function comparisonOf(
  known: KnownStudy,
  profile: ProfileName,
  { bundle, digest, contents }: Made,
  out: string,
): Promise<Comparison> {
  const expected = expectedFor(known, profile);
  const found = expectationOf(bundle, digest, contents.tables);
  const seed = bundle.study.seed === known.study.seed ? undefined : bundle.study.seed;
  const comparison = compare({ study: known.study.id, profile, seed }, found, expected);
  const aside = asideOf(out, known.study.id, profile);
  if (comparison.outcome !== "differs") {
    if (seed === undefined) await rm(aside, { recursive: true, force: true });
    return comparison;
  }
  const before = seed === undefined ? await expectedBundle(known, aside, digestOf(expected)) : undefined;
  if (!before) return comparison;
  const details = await detailsOf(before, await readBundle(bundleFolder(out, known.study.id, profile)));
  const differences = comparison.differences.map((one): Difference => {
    const detail = details.get(one.name);
    return detail === undefined ? one : { ...one, detail };
  });
  return { ...comparison, differences };
}

/** The bundle that was expected, if it is kept aside or published beside the study. */
async function expectedBundle(
  { folder }: KnownStudy,
  aside: string,
  digest: string | undefined,
): Promise<ReadBundle | undefined> {
  for (const dir of [aside, ...folder === null ? [] : [join(folder, PUBLISHED)]]) {
    if (!existsSync(join(dir, "bundle.json"))) continue;
    const found = await readBundle(dir);
    if ((found.bundle.thinned?.of ?? found.digest) === digest) return found;
  }
  return undefined;
}

/** By file of a bundle: what of it differs. */
async function detailsOf(before: ReadBundle, now: ReadBundle): Promise<Map<string, string>> {
  const { tables, members } = await diffBundles(before, now);
  const details = new Map<string, string>([["bundle.json", `what differs in it: ${members.join(", ")}`]]);
  const some = before.bundle.thinned ? ` of ${before.bundle.thinned.perDecade} snapshots a decade` : "";
  for (const { path, table } of now.bundle.files) {
    const difference = tables.find((one) => one.table === table);
    if (difference) details.set(path, `${tableDifferenceWords(difference)}${some}`);
    else details.set(path, `all cells${some} agree: the order or the meaning of its columns differs`);
  }
  return details;
}
