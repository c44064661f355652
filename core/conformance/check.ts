import type { Context } from "../contracts/context.ts";
import type { Estimator } from "../contracts/estimator.ts";

/** An estimator under given options. */
export interface Subject {
  /** With its claims. */
  readonly estimator: Estimator;
  /** Options as `estimate` takes them, after defaults. */
  readonly options: unknown;
  /** What the core hands it: the stream is replaced by those of the checks, the rest is passed on. */
  readonly ctx: Context;
}

/**
 * How a check ended. `skipped`: it applies, but no sample it has suits the estimator; `inapplicable`: it tests a claim that is not made.
 */
export type Outcome =
  | { readonly status: "passed" }
  | { readonly status: "failed" | "skipped" | "inapplicable"; readonly reason: string };

/** A promise of an estimator, tested on what is known to be true. */
export interface Check {
  /** The promise, as a sentence whose subject is the estimator. */
  readonly name: string;
  /** What is done, on which samples, and within which tolerance. */
  readonly how: string;
  /** Why it does not apply, if it does not; without this it applies to all. */
  readonly inapplicable?: (estimator: Estimator) => string | undefined;
  /** Tests it; may throw whatever the estimator throws. */
  readonly run: (subject: Subject) => Promise<Outcome>;
}

/** Nothing spoke against it. */
export const PASSED: Outcome = { status: "passed" };

/** What spoke against it. */
export function failed(reason: string): Outcome {
  return { status: "failed", reason };
}

/** Why it could not be tested. */
export function skipped(reason: string): Outcome {
  return { status: "skipped", reason };
}

/** Chance allows a sampled estimate to be this far from the truth, in bits: 5/√n, some five standard errors of a log ratio. */
export function chanceBits(n: number): number {
  return 5 / Math.sqrt(n);
}
