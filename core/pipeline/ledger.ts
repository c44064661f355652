/**
 * The ledger of claims: what every bundle says of every claim, side by side.
 *
 * @module
 */
import type { Bundle, Claim, Verdict } from "../contracts/bundle.ts";
import type { Ledger, LedgerClaim, LedgerTest, ListedClaims } from "../contracts/ledger.ts";
import { Problem } from "../contracts/problem.ts";
import type { ProfileName } from "../contracts/study.ts";

/** A bundle and the SHA-256 of its `bundle.json`. */
export interface DigestedBundle {
  readonly bundle: Bundle;
  readonly digest: string;
}

/** The surest first. */
const PROFILES: readonly ProfileName[] = ["full", "quick", "smoke"];

/** Without a list: the claims that studies test, and no others. */
export const NOTHING_LISTED: ListedClaims = { listed: [], untestable: [] };

/**
 * Makes the ledger of some bundles. The order in which they are given cannot show.
 *
 * Of a claim the tests of the surest profile stand; those of another, in whatever study, are kept and count for nothing. Verdicts are
 * never joined: where studies differ, the ledger says so.
 *
 * @throws {Problem} If a study and profile come twice.
 */
export function ledgerOf(given: readonly DigestedBundle[], { listed, untestable }: ListedClaims): Ledger {
  const bundles = [...given].sort((a, b) =>
    order(a.bundle.study.id, b.bundle.study.id) || rank(a.bundle.profile) - rank(b.bundle.profile)
  );
  const twice = bundles.find(({ bundle }, i) => i > 0 && nameOf(bundles[i - 1].bundle) === nameOf(bundle));
  if (twice) {
    throw new Problem(
      `Cannot make a ledger as each study and profile must come once: ${nameOf(twice.bundle)} is there twice`,
    );
  }
  const tests = testsOf(bundles);
  const claims = listed.flatMap(({ id, statement, apart = [] }) => [
    claimOf(id, statement, true, tests.get(id)),
    ...apart.map((other): LedgerClaim => ({
      ...claimOf(other, surest(tests.get(other))?.statement ?? statement, true, tests.get(other)),
      apartFrom: id,
    })),
  ]);
  const known = new Set(claims.map(({ id }) => id));
  const others = [...tests].filter(([id]) => !known.has(id)).sort(([a], [b]) => order(a, b))
    .map(([id, found]) => claimOf(id, surest(found)!.statement, false, found));
  const all = [...claims, ...others];
  return {
    format: "infoplane.ledger",
    version: 1,
    bundles: bundles.map(({ bundle: { study, profile }, digest }) => ({
      study: study.id,
      title: study.title,
      profile,
      seed: study.seed,
      digest,
    })),
    counts: countsOf(all.filter(({ apartFrom }) => apartFrom === undefined)),
    claims: all,
    untestable,
  };
}

/** Every test of each claim, the surest profile first, then by study. */
function testsOf(bundles: readonly DigestedBundle[]): Map<string, LedgerTest[]> {
  const tests = new Map<string, { study: string; profile: ProfileName; claim: Claim }[]>();
  for (const profile of PROFILES) {
    for (const { bundle } of bundles.filter(({ bundle }) => bundle.profile === profile)) {
      for (const claim of bundle.claims) {
        tests.set(claim.id, [...tests.get(claim.id) ?? [], { study: bundle.study.id, profile, claim }]);
      }
    }
  }
  return new Map(
    [...tests].map(([id, found]) =>
      [id, found.map((test) => ({ ...test, stands: test.profile === found[0].profile }))] as const
    ),
  );
}

function claimOf(id: string, statement: string, listed: boolean, tests: readonly LedgerTest[] = []): LedgerClaim {
  const standing = tests.filter(({ stands }) => stands);
  return {
    id,
    statement,
    listed,
    verdicts: [...new Set(standing.map(({ claim }) => claim.verdict))],
    provisional: standing.some(({ claim }) => claim.provisional),
    tests,
  };
}

function countsOf(claims: readonly LedgerClaim[]): Ledger["counts"] {
  const having = (test: (claim: LedgerClaim) => boolean) => claims.filter(test).length;
  const all = (verdict: Verdict) => having(({ verdicts }) => verdicts.length === 1 && verdicts[0] === verdict);
  return {
    supported: all("supported"),
    contradicted: all("contradicted"),
    undecided: all("undecided"),
    differing: having(({ verdicts }) => verdicts.length > 1),
    untested: having(({ tests }) => tests.length === 0),
    provisional: having(({ provisional }) => provisional),
  };
}

function surest(tests: readonly LedgerTest[] | undefined): Claim | undefined {
  return tests?.[0]?.claim;
}

function rank(profile: ProfileName): number {
  return PROFILES.indexOf(profile);
}

function nameOf({ study, profile }: Bundle): string {
  return `${study.id}-${profile}`;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
