import { EXIT } from "../contracts/problem.ts";
import type { ProfileName } from "../contracts/study.ts";
import type { Expectation, Interval, NumericExpectation } from "./expected.ts";

/** The classes of quantities, from what matters most to a reader; `info` never fails. */
export const CLASSES = ["qualitative", "statistical", "numeric", "exact", "info"] as const;
/** See {@link CLASSES}. */
export type QuantityClass = (typeof CLASSES)[number];

/** A quantity that is not what was expected of it. */
export interface Difference {
  readonly class: QuantityClass;
  readonly name: string;
  /** In words; null if nothing was expected under this name, or nothing came. */
  readonly expected: string | null;
  readonly came: string | null;
  /** How far off a number is, in its own unit; null if it is none. */
  readonly by: number | null;
  /** What else is known of it: which rows and columns of a table. */
  readonly detail?: string;
}

/** How many quantities of a class are as expected. */
export interface ClassCount {
  readonly equal: number;
  readonly expected: number;
}

/** How a bundle compares with what was expected of it. */
export interface Comparison {
  readonly study: string;
  readonly profile: ProfileName;
  /** `nothing expected` if there is no expectation for this profile. */
  readonly outcome: "equal" | "differs" | "nothing expected";
  readonly classes: { readonly [C in QuantityClass]: ClassCount };
  /** Verdicts first, then by class, the largest first. Those of class `info` do not make a bundle differ. */
  readonly differences: readonly Difference[];
  /** What the reader must know: that the expectation is partial, that the seed is another. */
  readonly notes: readonly string[];
}

/** Which bundle is compared, and how. */
export interface Compared {
  readonly study: string;
  readonly profile: ProfileName;
  /** Set if another seed was used: only intervals and verdicts are then held against what is expected. */
  readonly seed?: number;
}

type Check = (expected: unknown, came: unknown) => { same: boolean; by?: number };

/** Compares what a bundle gave with what was expected. */
export function compare(
  { study, profile, seed }: Compared,
  found: Expectation,
  expected: Expectation | undefined,
): Comparison {
  const classes = Object.fromEntries(CLASSES.map((name) => [name, { equal: 0, expected: 0 }])) as {
    [C in QuantityClass]: { equal: number; expected: number };
  };
  if (expected === undefined) {
    return { study, profile, outcome: "nothing expected", classes, differences: [], notes: [] };
  }
  const compared = seed === undefined
    ? CLASSES
    : CLASSES.filter((one) => one === "qualitative" || one === "statistical");
  const differences = compared.flatMap((one): Difference[] => {
    const [was, is] = [expected[one], found[one]] as { [name: string]: unknown }[];
    const names = new Set([...Object.keys(was), ...expected.partial ? [] : Object.keys(is)]);
    const unlike: Difference[] = [];
    for (const name of names) {
      if (name in was) classes[one].expected++;
      const { same, by = null } = name in was && name in is ? CHECKS[one](was[name], is[name]) : { same: false };
      if (same) classes[one].equal++;
      else unlike.push({ class: one, name, expected: words(was[name], true), came: words(is[name], false), by });
    }
    return unlike.sort((a, b) => (b.by ?? -1) - (a.by ?? -1));
  });
  const notes = [
    ...(expected.partial ? ["what is expected is not all that a bundle gives: infoplane bless writes it whole"] : []),
    ...(seed === undefined ? [] : [`seed ${seed} is not the study's: only intervals and verdicts were compared`]),
  ];
  const nothing = compared.every((one) => one === "info" || classes[one].expected === 0);
  const differs = differences.some((one) => one.class !== "info");
  const outcome = differs ? "differs" : nothing ? "nothing expected" : "equal";
  return { study, profile, outcome, classes, differences, notes };
}

/** The exit code a set of comparisons calls for. */
export function exitCodeOf(comparisons: readonly Comparison[]): number {
  if (comparisons.some(({ outcome }) => outcome === "differs")) return EXIT.differs;
  if (!comparisons.some(({ outcome }) => outcome === "equal")) return EXIT.nothing;
  return EXIT.ok;
}

/** True if a median lies within an interval; a null end is infinite. */
function lies(median: number, { low, high }: Interval): boolean {
  return (low === null || low <= median) && (high === null || median <= high);
}

const isSame: Check = (expected, came) => {
  if (Object.is(expected, came)) return { same: true };
  return { same: false, by: apart(expected, came) };
};

const CHECKS: { readonly [C in QuantityClass]: Check } = {
  exact: isSame,
  qualitative: isSame,
  info: isSame,
  numeric(expected, came) {
    const [{ value, absolute, relative }, { value: now }] = [expected, came] as NumericExpectation[];
    if (value === null || now === null) return { same: value === now };
    const by = Math.abs(now - value);
    return { same: by <= absolute + relative * Math.abs(value), by };
  },
  statistical(expected, came) {
    const [was, is] = [expected, came] as Interval[];
    return { same: lies(is.median, was) && lies(was.median, is), by: apart(was.median, is.median) };
  },
};

function apart(a: unknown, b: unknown): number | undefined {
  return typeof a === "number" && typeof b === "number" ? Math.abs(a - b) : undefined;
}

/** An expected or found quantity in words; digests are cut, what came has no tolerance. */
function words(value: unknown, isExpected: boolean): string | null {
  if (value === undefined) return null;
  if (typeof value === "string") return /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) : value;
  if (typeof value === "number") return String(value);
  if ("median" in (value as object)) {
    const { median, low, high } = value as Interval;
    return `${brief(median)} [${low === null ? "−∞" : brief(low)}, ${high === null ? "∞" : brief(high)}]`;
  }
  const { value: number, absolute, relative } = value as NumericExpectation;
  if (number === null) return "none";
  if (!isExpected) return brief(number);
  return `${brief(number)} ± ${brief(absolute + relative * Math.abs(number))}`;
}

function brief(value: number): string {
  return String(Number(value.toPrecision(6)));
}
