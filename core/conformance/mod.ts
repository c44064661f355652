/**
 * The promises of an estimator as named checks, on samples whose truth is known. Needs no test framework: each check is a function that
 * gives an outcome.
 *
 * @module
 */
import type { Context } from "../contracts/context.ts";
import type { Estimator } from "../contracts/estimator.ts";
import { testContext } from "../testing.ts";
import type { Check, Outcome, Subject } from "./check.ts";
import { CLAIM_CHECKS } from "./claims.ts";
import { CONDUCT_CHECKS } from "./conduct.ts";
import { REFUSAL_CHECKS } from "./refusals.ts";

export type { Context } from "../contracts/context.ts";
export type { Estimator, EstimatorClaims } from "../contracts/estimator.ts";
export type { Check, Outcome, Subject } from "./check.ts";

/** Every check there is, in the order they are run. */
export const ESTIMATOR_CHECKS: readonly Check[] = [...CONDUCT_CHECKS, ...REFUSAL_CHECKS, ...CLAIM_CHECKS];

/** A check with how it ended. */
export type CheckResult = Outcome & {
  /** Name of the check. */
  readonly name: string;
};

/** What came of checking one estimator. */
export interface ConformanceReport {
  /** Checks that apply to it. */
  readonly applicable: number;
  /** Those of them that were run. */
  readonly ran: number;
  /** Those that failed. */
  readonly failed: number;
  /** True if at least one was run and none failed. */
  readonly conforms: boolean;
  /** `ran 18 of 19 applicable, skipped 1 because there must be two rows`. */
  readonly summary: string;
  /** Every check, those that do not apply too. */
  readonly checks: readonly CheckResult[];
}

/**
 * Runs one check; what the estimator throws is a failure.
 *
 * @param estimator With its claims.
 * @param options As `estimate` takes them, after defaults.
 * @param ctx Context to pass on, with streams of the check's own.
 */
export async function runCheck(
  check: Check,
  estimator: Estimator,
  options: unknown,
  ctx: Context = testContext().ctx,
): Promise<Outcome> {
  const inapplicable = check.inapplicable?.(estimator);
  if (inapplicable !== undefined) return { status: "inapplicable", reason: inapplicable };
  const subject: Subject = { estimator, options, ctx };
  try {
    return await check.run(subject);
  } catch (error) {
    return { status: "failed", reason: `it threw: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/**
 * Counts outcomes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const { conforms, summary } = reportOf([
 *   { name: "refuses NaN", status: "passed" },
 *   { name: "answers in bits", status: "skipped", reason: "the net is not quantised" },
 * ]);
 * assert.equal(conforms, true);
 * assert.equal(summary, "ran 1 of 2 applicable, skipped 1 because the net is not quantised");
 * ```
 */
export function reportOf(checks: readonly CheckResult[]): ConformanceReport {
  const count = (status: Outcome["status"]) => checks.filter((check) => check.status === status).length;
  const applicable = checks.length - count("inapplicable");
  const skipped = count("skipped");
  const ran = applicable - skipped;
  const failed = count("failed");
  const reasons = new Set(checks.flatMap((check) => check.status === "skipped" ? [check.reason] : []));
  const because = skipped > 0 ? `, skipped ${skipped} because ${[...reasons].join("; ")}` : "";
  return {
    applicable,
    ran,
    failed,
    conforms: ran > 0 && failed === 0,
    summary: `ran ${ran} of ${applicable} applicable${because}`,
    checks,
  };
}

/**
 * Runs every check on one estimator.
 *
 * @example In the tests of a plugin
 * ```ts ignore
 * const report = await checkEstimator(knn, { k: 3 });
 * assert.deepEqual(report.checks.filter(({ status }) => status === "failed"), []);
 * ```
 *
 * @param estimator With its claims.
 * @param options As `estimate` takes them, after defaults.
 * @param ctx Context to pass on; one of `@infoplane/core/testing` unless told.
 */
export async function checkEstimator(
  estimator: Estimator,
  options: unknown,
  ctx: Context = testContext().ctx,
): Promise<ConformanceReport> {
  const checks: CheckResult[] = [];
  for (const check of ESTIMATOR_CHECKS) {
    checks.push({ name: check.name, ...await runCheck(check, estimator, options, ctx) });
  }
  return reportOf(checks);
}
