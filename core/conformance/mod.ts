/**
 * The promises of datasets, architectures, estimators and analyses as named checks, on what is known to be true. Needs no test framework:
 * each check is a function that gives an outcome.
 *
 * @module
 */
import type { Analysis } from "../contracts/analysis.ts";
import type { Architecture } from "../contracts/architecture.ts";
import type { Context } from "../contracts/context.ts";
import type { Dataset } from "../contracts/dataset.ts";
import type { Estimator } from "../contracts/estimator.ts";
import type { ItemKind } from "../contracts/plugin.ts";
import type { RecordedArchitecture } from "../contracts/recorded.ts";
import { testContext } from "../testing.ts";
import { ANALYSIS_CHECKS } from "./analyses.ts";
import { ARCHITECTURE_CHECKS } from "./architectures.ts";
import type { Check, Outcome } from "./check.ts";
import { CLAIM_CHECKS } from "./claims.ts";
import { CONDUCT_CHECKS } from "./conduct.ts";
import { DATASET_CHECKS } from "./datasets.ts";
import { REFUSAL_CHECKS } from "./refusals.ts";

export type { Analysis } from "../contracts/analysis.ts";
export type { Architecture } from "../contracts/architecture.ts";
export type { Context } from "../contracts/context.ts";
export type { Dataset } from "../contracts/dataset.ts";
export type { Estimator, EstimatorClaims } from "../contracts/estimator.ts";
export type { ItemKind } from "../contracts/plugin.ts";
export type { RecordedArchitecture } from "../contracts/recorded.ts";
export type { Check, Outcome, Subject } from "./check.ts";

/** Every check of an estimator, in the order they are run. */
export const ESTIMATOR_CHECKS: readonly Check[] = [...CONDUCT_CHECKS, ...REFUSAL_CHECKS, ...CLAIM_CHECKS];

/** Every check there is, by the kind of item it is for, in the order they are run. */
export const CHECKS: { readonly [Kind in ItemKind]: readonly Check<Items[Kind]>[] } = {
  dataset: DATASET_CHECKS,
  architecture: ARCHITECTURE_CHECKS,
  estimator: ESTIMATOR_CHECKS,
  analysis: ANALYSIS_CHECKS,
};

/** What a plugin brings, by kind. */
export interface Items {
  /** A source of examples. */
  readonly dataset: Dataset;
  /** A family of nets. */
  readonly architecture: Architecture | RecordedArchitecture;
  /** A way to estimate information. */
  readonly estimator: Estimator;
  /** A question asked of a study's rows. */
  readonly analysis: Analysis;
}

/** A check with how it ended. */
export type CheckResult = Outcome & {
  /** Name of the check. */
  readonly name: string;
};

/** What came of checking one item. */
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
 * Runs one check; what the item throws is a failure.
 *
 * @param item The plugin's value: an estimator with its claims, a dataset, an architecture, an analysis.
 * @param options As its functions take them, after defaults; undefined if there are none to try it with.
 * @param ctx Context to pass on, with streams of the check's own.
 */
export async function runCheck<Item>(
  check: Check<Item>,
  item: Item,
  options: unknown,
  ctx: Context = testContext().ctx,
): Promise<Outcome> {
  const inapplicable = check.inapplicable?.(item);
  if (inapplicable !== undefined) return { status: "inapplicable", reason: inapplicable };
  if (options === undefined && !check.bare) {
    return { status: "skipped", reason: "it has options without a default: name it with them, as in id:key=value" };
  }
  try {
    return await check.run({ item, options, ctx });
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
 * Runs every check of its kind on one item.
 *
 * @example In the tests of a plugin
 * ```ts ignore
 * const report = await checkItem("dataset", parity, { bits: 8 });
 * assert.deepEqual(report.checks.filter(({ status }) => status === "failed"), []);
 * ```
 *
 * @param item The plugin's value.
 * @param options As its functions take them, after defaults.
 * @param ctx Context to pass on; one of `@infoplane/core/testing` unless told.
 */
export async function checkItem<Kind extends ItemKind>(
  kind: Kind,
  item: Items[Kind],
  options: unknown,
  ctx: Context = testContext().ctx,
): Promise<ConformanceReport> {
  const checks: CheckResult[] = [];
  for (const check of CHECKS[kind]) {
    checks.push({ name: check.name, ...await runCheck(check as Check<Items[Kind]>, item, options, ctx) });
  }
  return reportOf(checks);
}

/** Runs every check on one estimator: {@link checkItem} of this kind. */
export function checkEstimator(
  estimator: Estimator,
  options: unknown,
  ctx: Context = testContext().ctx,
): Promise<ConformanceReport> {
  return checkItem("estimator", estimator, options, ctx);
}
