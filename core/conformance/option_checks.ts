/**
 * Checks of the options of any item, and of the files it names.
 *
 * @module
 */
import type { Context } from "../contracts/context.ts";
import type { Fingerprint } from "../contracts/fingerprint.ts";
import type { OptionsSchema } from "../contracts/options.ts";
import type { JsonObject } from "../contracts/tensor.ts";
import { readOptions } from "../execution/options.ts";
import { type Check, failed, outcomeOf, PASSED, skipped } from "./check.ts";

/** What all four kinds have. */
export interface Optioned {
  /** Its id. */
  readonly id: string;
  /** Schema of its options. */
  readonly options: OptionsSchema<unknown>;
}

const STRANGE = "an-option-of-nobody";

/** Unknown options are refused by name: a slip of the pen would otherwise change nothing and say nothing. */
export const OPTIONS_CHECK: Check<Optioned> = {
  name: "refuses an option it does not know",
  how: `Options with one more, "${STRANGE}", are refused, and the refusal names it.`,
  bare: true,
  run({ item, options }) {
    try {
      readOptions(item.options, { ...options as JsonObject | undefined, [STRANGE]: 1 }, `"${item.id}"`);
    } catch (error) {
      const message = (error as Error).message;
      if (message.includes(STRANGE)) return PASSED;
      return options === undefined
        ? skipped("its schema names no key that it refuses, and it has no default for all options")
        : failed(`it must name the option it refuses: it says ${JSON.stringify(message)}`);
    }
    return failed(`it took "${STRANGE}": make its schema strict`);
  },
};

interface Named extends Optioned {
  fingerprint?(options: unknown, ctx: Context): Fingerprint | Promise<Fingerprint>;
}

/** The same files have the same digest, which enters keys. */
export const FINGERPRINT_CHECK: Check<Named> = {
  name: "names the files it reads by their content",
  how: "Asked twice, it gives one SHA-256 of 64 hexadecimal digits, and a sentence on who made the files.",
  inapplicable: ({ fingerprint }) => fingerprint === undefined ? "it has no fingerprint" : undefined,
  async run({ item, options, ctx }) {
    const [one, other] = [await item.fingerprint!(options, ctx), await item.fingerprint!(options, ctx)];
    if (!/^[0-9a-f]{64}$/.test(one?.sha256)) {
      return failed(`sha256 must be 64 hexadecimal digits: it is ${JSON.stringify(one?.sha256)}`);
    }
    if (one.sha256 !== other.sha256) {
      return failed(`it must be the same again: it is ${one.sha256}, then ${other.sha256}`);
    }
    return outcomeOf(
      typeof one.source === "string" && one.source.trim() !== ""
        ? undefined
        : "source must say who made the files: it is empty",
    );
  },
};
