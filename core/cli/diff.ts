import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { EXIT, Problem } from "../contracts/problem.ts";
import { suggest } from "../execution/nearest.ts";
import { fromUser } from "../execution/paths.ts";
import { type BundleDifference, type ClaimOutcome, diffBundles } from "../pipeline/bundle_diff.ts";
import { tableDifferenceWords } from "../pipeline/table_diff.ts";
import { readBundle } from "../store/bundle.ts";
import { bundleNames, type CommonOptions, outOf } from "./workspace.ts";

/** `diff A B`: what differs between two bundles. */
export async function diff(a: string, b: string, options: CommonOptions): Promise<void> {
  const bundles = await Promise.all([a, b].map((name) => readBundle(folderOf(name, options))));
  const difference = await diffBundles(bundles[0], bundles[1]);
  if (options.json) console.log(JSON.stringify({ format: "infoplane.diff/1", ...difference }, null, 2));
  else {
    for (const { bundle: { study, profile, thinned }, digest } of bundles) {
      const part = thinned ? ` · ${thinned.perDecade} snapshots a decade of ${thinned.of.slice(0, 12)}` : "";
      console.log(`${study.id} · ${profile} · ${digest.slice(0, 12)}${part}`);
    }
    for (const line of linesOf(difference)) console.log(line);
  }
  Deno.exitCode = difference.equal ? EXIT.ok : EXIT.differs;
}

/** The folder of a bundle that was named. */
function folderOf(name: string, options: CommonOptions): string {
  if (/[/\\.]/.test(name)) {
    const path = fromUser(name);
    return basename(path) === "bundle.json" ? dirname(path) : path;
  }
  const bundles = join(outOf(options), "bundles");
  const dir = join(bundles, name);
  if (!existsSync(join(dir, "bundle.json"))) {
    throw new Problem(`Cannot find bundle "${name}" in ${bundles}${suggest(name, bundleNames(bundles))}`);
  }
  return dir;
}

function linesOf({ equal, claims, tables, missing, plugins, members }: BundleDifference): string[] {
  if (equal) return ["equal"];
  const [gone, added] = missing;
  return [
    ...claims.map(({ claim, outcomes: [was, is] }) => `claim ${claim}: ${outcomeWords(was)} → ${outcomeWords(is)}`),
    ...tables.map((table) => `table ${table.table}: ${tableDifferenceWords(table)}`),
    ...gone.map((table) => `table ${table}: only in the first`),
    ...added.map((table) => `table ${table}: only in the second`),
    ...plugins.map(({ plugin, versions: [was, is] }) => `plugin ${plugin}: ${was ?? "not used"} → ${is ?? "not used"}`),
    ...(members.length > 0 ? [`bundle.json: ${members.join(", ")} differ`] : []),
  ];
}

function outcomeWords(outcome: ClaimOutcome | null): string {
  if (outcome === null) return "not made";
  const { verdict, median, low, high } = outcome;
  if (median === null) return verdict;
  return `${verdict}, median ${brief(median)} [${low === null ? "−∞" : brief(low)}, ${
    high === null ? "∞" : brief(high)
  }]`;
}

function brief(value: number): string {
  return String(Number(value.toPrecision(6)));
}
