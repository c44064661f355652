import type { Context } from "../contracts/context.ts";
import type { Estimator } from "../contracts/estimator.ts";

/** An item of a plugin under given options. */
export interface Subject<Item = Estimator> {
  /** The plugin's own value: an estimator with its claims, a dataset, an architecture, an analysis. */
  readonly item: Item;
  /** Options as the item's functions take them, after defaults; undefined if it has no default for all and none were given. */
  readonly options: unknown;
  /** What the core hands it: the stream is replaced by those of the checks, the rest is passed on. */
  readonly ctx: Context;
}

/**
 * How a check ended. `skipped`: it applies, but there is nothing at hand to try it on; `inapplicable`: it tests what the item does not
 * claim or have.
 */
export type Outcome =
  | { readonly status: "passed" }
  | { readonly status: "failed" | "skipped" | "inapplicable"; readonly reason: string };

/** A promise of an item, tested on what is known to be true. */
export interface Check<Item = Estimator> {
  /** The promise, as a sentence whose subject is the item. */
  readonly name: string;
  /** What is done, on which samples, and within which tolerance. */
  readonly how: string;
  /** Why it does not apply, if it does not; without this it applies to all. */
  readonly inapplicable?: (item: Item) => string | undefined;
  /** True if it can be tried without options. */
  readonly bare?: true;
  /** Tests it; may throw whatever the item throws. */
  readonly run: (subject: Subject<Item>) => Outcome | Promise<Outcome>;
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

/** What was found to be absent, so that the promise is not made. */
export function inapplicable(reason: string): Outcome {
  return { status: "inapplicable", reason };
}

/** Nothing if there is nothing wrong, else a failure. */
export function outcomeOf(wrong: string | undefined): Outcome {
  return wrong === undefined ? PASSED : failed(wrong);
}

/** Chance allows a sampled estimate to be this far from the truth, in bits: 5/√n, some five standard errors of a log ratio. */
export function chanceBits(n: number): number {
  return 5 / Math.sqrt(n);
}
