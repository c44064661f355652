import type { Bundle, Claim, Verdict } from "../contracts/bundle.ts";
import type { Table } from "../contracts/rows.ts";
import type { ReadBundle } from "../store/bundle.ts";
import { canonical } from "../store/canonical.ts";
import { isThinned, thinTable } from "./published.ts";
import { diffTables, type TableDifference } from "./table_diff.ts";

/** What a claim came to. */
export interface ClaimOutcome {
  readonly verdict: Verdict;
  readonly median: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** A claim that two bundles do not share, or that came out otherwise. */
export interface ClaimDifference {
  readonly claim: string;
  /** In the first bundle, and in the second; null if it makes no such claim. */
  readonly outcomes: readonly [ClaimOutcome | null, ClaimOutcome | null];
}

/** How two bundles differ. */
export interface BundleDifference {
  /** True if they are one, or the one is the other with fewer snapshots. */
  readonly equal: boolean;
  readonly digests: readonly [string, string];
  readonly claims: readonly ClaimDifference[];
  /** Tables of both that differ. */
  readonly tables: readonly TableDifference[];
  /** Tables that only the first has, and only the second. */
  readonly missing: readonly [readonly string[], readonly string[]];
  /** Plugins whose version or integrity differ, as `name version`; null if a bundle did not use it. */
  readonly plugins: readonly { readonly plugin: string; readonly versions: readonly [string | null, string | null] }[];
  /** Members of bundle.json that differ in anything: `study`, `plugins`, `figures` … */
  readonly members: readonly string[];
}

const MEMBERS = [
  ...["study", "profile", "plugins", "arithmetic", "problems", "counts", "files", "claims", "figures"] as const,
];

/**
 * How two bundles differ: claims, tables row by row, plugins. Where one holds fewer snapshots, the other is thinned likewise.
 *
 * @throws {Problem} If a table cannot be read.
 */
export async function diffBundles(a: ReadBundle, b: ReadBundle): Promise<BundleDifference> {
  const names = [a, b].map(({ bundle }) => bundle.files.flatMap(({ table }) => table ?? []));
  const tables: TableDifference[] = [];
  for (const name of names[0].filter((name) => names[1].includes(name))) {
    const [one, other] = [a, b].map(({ bundle }) => bundle.files.find(({ table }) => table === name)!);
    if (one.sha256 === other.sha256) continue;
    const difference = diffTables(await likewise(a, b.bundle, name), await likewise(b, a.bundle, name));
    if (difference) tables.push(difference);
  }
  const wholes = [a, b].map(({ bundle, digest }) => bundle.thinned?.of ?? digest);
  return {
    equal: wholes[0] === wholes[1],
    digests: [a.digest, b.digest],
    claims: diffClaims(a.bundle, b.bundle),
    tables,
    missing: [names[0].filter((name) => !names[1].includes(name)), names[1].filter((name) => !names[0].includes(name))],
    plugins: diffPlugins(a.bundle, b.bundle),
    members: MEMBERS.filter((member) => canonical(a.bundle[member]) !== canonical(b.bundle[member])),
  };
}

/** A table of a bundle, with no more snapshots than the other bundle has. */
async function likewise({ bundle, table }: ReadBundle, other: Bundle, name: string): Promise<Table> {
  const own = await table(name);
  if (!isThinned(name) || !other.thinned) return own;
  return thinTable(own, Math.min(other.thinned.perDecade, bundle.thinned?.perDecade ?? Infinity));
}

function diffClaims(a: Bundle, b: Bundle): ClaimDifference[] {
  const ids = new Set([...a.claims, ...b.claims].map(({ id }) => id));
  return [...ids].flatMap((claim) => {
    const outcomes = [outcomeOf(a, claim), outcomeOf(b, claim)] as const;
    return canonical(outcomes[0]) === canonical(outcomes[1]) ? [] : [{ claim, outcomes }];
  });
}

function outcomeOf({ claims }: Bundle, id: string): ClaimOutcome | null {
  const claim: Claim | undefined = claims.find((one) => one.id === id);
  return claim ? { verdict: claim.verdict, median: claim.median, low: claim.low, high: claim.high } : null;
}

function diffPlugins(a: Bundle, b: Bundle): BundleDifference["plugins"] {
  const ids = new Set([...a.plugins, ...b.plugins].map(({ id }) => id));
  const versionOf = ({ plugins }: Bundle, id: string) => {
    const plugin = plugins.find((one) => one.id === id);
    return plugin ? `${plugin.version}${plugin.integrity === null ? "" : ` ${plugin.integrity.slice(0, 12)}`}` : null;
  };
  return [...ids].flatMap((plugin) => {
    const versions = [versionOf(a, plugin), versionOf(b, plugin)] as const;
    return versions[0] === versions[1] ? [] : [{ plugin, versions }];
  });
}
