import { Problem } from "../contracts/problem.ts";
import type { Expectation, NumericExpectation } from "./expected.ts";

/** A tolerance for the numbers of a name: absolute in the number's unit, or relative as a share of its value. */
export interface Tolerance {
  /** Name of a number, or how it ends or what stands between its colons: `ixt_bits`. */
  readonly name: string;
  readonly absolute: number;
  readonly relative: number;
}

/**
 * Reads `NAME=VALUE`: `ixt_bits of layer 3=0.02`, or with a share of the value, `test_loss=1%`.
 *
 * @throws {Problem} If it is nothing such.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(readTolerance("test_loss=1%"), { name: "test_loss", absolute: 0, relative: 0.01 });
 * ```
 */
export function readTolerance(text: string): Tolerance {
  const [, name, number, percent] = /^(.+)=([0-9.]+(?:e-?[0-9]+)?)(%?)$/.exec(text) ?? [];
  const value = Number(number);
  if (name === undefined || !Number.isFinite(value)) {
    throw new Problem(`Cannot read a tolerance as it must be NAME=0.02 or NAME=1%: it is "${text}"`);
  }
  return percent ? { name, absolute: 0, relative: value / 100 } : { name, absolute: value, relative: 0 };
}

/**
 * An expectation whose numbers have the tolerances asked for, else those that they had before.
 *
 * @throws {Problem} If a tolerance fits no number, or one is tighter than the spread measured.
 */
export function withTolerances(
  found: Expectation,
  before: Expectation | undefined,
  asked: readonly Tolerance[],
  spread: ReadonlyMap<string, number>,
): Expectation {
  const names = Object.keys(found.numeric);
  for (const { name } of asked) {
    if (!names.some((one) => isNamed(one, name))) {
      throw new Problem(
        `Cannot set the tolerance of "${name}" as it must name a number of the study: ` +
          (names.length === 0 ? "all its rows are portable and compared to the last bit" : `there is ${names[0]}, …`),
      );
    }
  }
  const numeric = Object.fromEntries(names.map((name): [string, NumericExpectation] => {
    const { value, ...usual } = found.numeric[name];
    const { absolute, relative } = asked.findLast((one) => isNamed(name, one.name)) ?? before?.numeric[name] ?? usual;
    return [name, { value, absolute, relative }];
  }));
  const tight = names.flatMap((name) => {
    const { value, absolute, relative } = numeric[name];
    const allowed = absolute + relative * Math.abs(value ?? 0);
    const moved = spread.get(name) ?? 0;
    return moved > allowed ? [{ name, allowed, moved }] : [];
  }).sort((a, b) => b.moved - a.moved);
  if (tight.length > 0) {
    const [{ name, allowed, moved }] = tight;
    const more = tight.length > 1 ? `, and ${tight.length - 1} more are too tight` : "";
    throw new Problem(
      `Cannot keep a tolerance as it must be at least the spread measured: "${name}" may be off by ${allowed} ` +
        `and moved by ${moved} when it was measured again${more}`,
    );
  }
  return { ...found, numeric };
}

function isNamed(number: string, name: string): boolean {
  return number === name || number.split(": ").some((part) => part === name || part.startsWith(`${name} of layer `));
}
