import { z } from "zod";
import type { Bundle, Verdict } from "../contracts/bundle.ts";
import { EXIT, Problem } from "../contracts/problem.ts";
import type { ProfileName } from "../contracts/study.ts";
import { isThinned } from "./published.ts";

/** The profiles, from the smallest. */
export const PROFILES: readonly ProfileName[] = ["smoke", "quick", "full"];

/** What a study is expected to give at one profile. */
export interface Expectation {
  /** SHA-256 of bundle.json. */
  readonly digest: string;
  /** SHA-256 of each file of the bundle, to say which differs. */
  readonly files: { readonly [path: string]: string };
  readonly verdicts: { readonly [claim: string]: Verdict };
}

/** `reports/<study>/expected.json`. */
export interface Expected {
  readonly format: "infoplane.expected";
  readonly version: 1;
  readonly study: string;
  readonly profiles: { readonly [P in ProfileName]?: Expectation };
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const expectation = z.strictObject({
  digest: sha256,
  files: z.record(z.string(), sha256),
  verdicts: z.record(z.string(), z.enum(["supported", "contradicted", "undecided"])),
});

/** The schema of `expected.json`, version 1. */
export const expectedSchema = z.strictObject({
  format: z.literal("infoplane.expected"),
  version: z.literal(1),
  study: z.string(),
  profiles: z.strictObject({
    smoke: expectation.optional(),
    quick: expectation.optional(),
    full: expectation.optional(),
  }),
});

/**
 * Reads `expected.json`.
 *
 * @throws {Problem} If it is no such file.
 */
export function readExpected(text: string, path: string): Expected {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Problem(`Cannot read ${path} as it must be JSON: ${(error as Error).message}`);
  }
  const { success, data, error } = expectedSchema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  throw new Problem(`Cannot read ${path}: ${issue.path.join(".") || "the file"}: ${issue.message}`);
}

/** How a bundle compares with what was expected of it. */
export interface Comparison {
  readonly study: string;
  readonly profile: ProfileName;
  /** `nothing expected` if there is no expectation for this profile. */
  readonly outcome: "equal" | "differs" | "nothing expected";
  /** One line for each difference. */
  readonly differences: readonly string[];
  /** Verdicts that are the same, of those expected. */
  readonly verdictsEqual: number;
  readonly verdictsExpected: number;
}

/** What this bundle gave, in the form it is expected next time; of a thinned bundle, what the whole one gave. */
export function expectationOf(bundle: Bundle, digest: string): Expectation {
  const files = bundle.files.filter(({ table }) => !bundle.thinned || !isThinned(table));
  return {
    digest: bundle.thinned?.of ?? digest,
    files: Object.fromEntries(files.map(({ path, sha256 }) => [path, sha256])),
    verdicts: Object.fromEntries(bundle.claims.map(({ id, verdict }) => [id, verdict])),
  };
}

/** Compares a bundle with an expectation, exactly: digests and verdicts. */
export function compare(bundle: Bundle, digest: string, expected: Expectation | undefined): Comparison {
  const { study: { id: study }, profile } = bundle;
  if (expected === undefined) {
    return { study, profile, outcome: "nothing expected", differences: [], verdictsEqual: 0, verdictsExpected: 0 };
  }
  const found = expectationOf(bundle, digest);
  const differences: string[] = [];
  let verdictsEqual = 0;
  const verdictsExpected = Object.keys(expected.verdicts).length;
  for (const [claim, verdict] of Object.entries(expected.verdicts)) {
    const now = found.verdicts[claim];
    if (now === verdict) verdictsEqual++;
    else differences.push(`claim ${claim}: expected ${verdict}, came ${now ?? "nothing"}`);
  }
  for (const claim of Object.keys(found.verdicts)) {
    if (!(claim in expected.verdicts)) differences.push(`claim ${claim}: not expected, came ${found.verdicts[claim]}`);
  }
  if (found.digest !== expected.digest) {
    for (const path of new Set([...Object.keys(expected.files), ...Object.keys(found.files)])) {
      const [was, is] = [expected.files[path], found.files[path]];
      if (was !== is) differences.push(`${path}: expected ${short(was)}, came ${short(is)}`);
    }
    differences.push(`bundle.json: expected ${short(expected.digest)}, came ${short(found.digest)}`);
  }
  const outcome = differences.length === 0 ? "equal" : "differs";
  return { study, profile, outcome, differences, verdictsEqual, verdictsExpected };
}

/** The exit code a set of comparisons calls for. */
export function exitCodeOf(comparisons: readonly Comparison[]): number {
  if (comparisons.some(({ outcome }) => outcome === "differs")) return EXIT.differs;
  if (!comparisons.some(({ outcome }) => outcome === "equal")) return EXIT.nothing;
  return EXIT.ok;
}

function short(digest: string | undefined): string {
  return digest ? digest.slice(0, 12) : "no file";
}
