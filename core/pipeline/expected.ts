import { z } from "zod";
import type { Verdict } from "../contracts/bundle.ts";
import { whyNewer } from "../contracts/newer.ts";
import { Problem } from "../contracts/problem.ts";
import type { ProfileName } from "../contracts/study.ts";

/** The profiles, from the smallest. */
export const PROFILES: readonly ProfileName[] = ["smoke", "quick", "full"];

/** A number that may differ a little from machine to machine. */
export interface NumericExpectation {
  readonly value: number | null;
  /** It may be off by `absolute` + `relative` · |value|. */
  readonly absolute: number;
  readonly relative: number;
}

/** A median over nets with its interval; an infinite end is null. */
export interface Interval {
  readonly median: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** What a study is expected to give at one profile, by name of the quantity, in classes of decreasing strictness. */
export interface Expectation {
  /** Equal to the last bit on any machine: digests of the bundle and of its portable tables, closed forms. */
  readonly exact: { readonly [name: string]: string | number };
  /** Medians of rows that are pinned or host. */
  readonly numeric: { readonly [name: string]: NumericExpectation };
  /** θ of each claim: the median lies in the interval expected, and the other way round. Other seeds must meet it too. */
  readonly statistical: { readonly [claim: string]: Interval };
  /** The verdict of each claim. */
  readonly qualitative: { readonly [claim: string]: Verdict };
  /** Shown, never held against a result. */
  readonly info: { readonly [name: string]: string | number };
  /** Set if it does not name all that a bundle gives: what it does not name is not compared. */
  readonly partial?: true;
}

/** `reports/<study>/expected.json`. */
export interface Expected {
  readonly format: "infoplane.expected";
  readonly version: 2;
  readonly study: string;
  readonly profiles: { readonly [P in ProfileName]?: Expectation };
}

const VERSION = 2;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const verdict = z.enum(["supported", "contradicted", "undecided"]);
const end = z.number().nullable();
const expectation = z.strictObject({
  exact: z.record(z.string(), z.union([z.string(), z.number()])),
  numeric: z.record(
    z.string(),
    z.strictObject({ value: z.number().nullable(), absolute: z.number().min(0), relative: z.number().min(0) }),
  ),
  statistical: z.record(z.string(), z.strictObject({ median: z.number(), low: end, high: end })),
  qualitative: z.record(z.string(), verdict),
  info: z.record(z.string(), z.union([z.string(), z.number()])),
  partial: z.literal(true).optional(),
});
const firstExpectation = z.strictObject({
  digest: sha256,
  files: z.record(z.string(), sha256),
  verdicts: z.record(z.string(), verdict),
});

/** The schema of `expected.json`, version 2. */
export const expectedSchema = schemaOf(VERSION, expectation);
/** The schema of version 1, which had digests and verdicts alone. */
export const firstExpectedSchema = schemaOf(1, firstExpectation);

function schemaOf<Version extends number, Profile extends z.ZodType>(version: Version, profile: Profile) {
  return z.strictObject({
    format: z.literal("infoplane.expected"),
    version: z.literal(version),
    study: z.string(),
    profiles: z.strictObject({ smoke: profile.optional(), quick: profile.optional(), full: profile.optional() }),
  });
}

/**
 * Reads `expected.json` of version 2, or of version 1 as far as it goes.
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
  const { version } = (value ?? {}) as { version?: unknown };
  if (typeof version === "number" && version > VERSION) {
    throw new Problem(`Cannot read ${path} as ${whyNewer(VERSION, version)}`);
  }
  if (version === 1) {
    const { study, profiles } = parsed(firstExpectedSchema, value, path);
    const upgraded = Object.entries(profiles).map(([name, profile]) => [name, upgrade(profile!)]);
    return { format: "infoplane.expected", version: VERSION, study, profiles: Object.fromEntries(upgraded) };
  }
  return parsed(expectedSchema, value, path);
}

function parsed<Value>(schema: z.ZodType<Value>, value: unknown, path: string): Value {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  throw new Problem(`Cannot read ${path}: ${issue.path.join(".") || "the file"}: ${issue.message}`);
}

function upgrade({ digest, files, verdicts }: z.infer<typeof firstExpectation>): Expectation {
  return {
    exact: { "bundle.json": digest, ...files },
    numeric: {},
    statistical: {},
    qualitative: verdicts,
    info: {},
    partial: true,
  };
}
