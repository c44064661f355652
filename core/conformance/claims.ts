/**
 * Checks of what an estimator claims, each against samples whose truth is known.
 *
 * @module
 */
import type { EstimatorClaims, Invariance } from "../contracts/estimator.ts";
import { entropyOfProbabilities, log2 } from "../numerics/mod.ts";
import { binormal } from "../truths/mod.ts";
import { changed } from "./changes.ts";
import { chanceBits, type Check, failed, type Outcome, PASSED, skipped, type Subject } from "./check.ts";
import { difference, judgeEach, measure, quantities, rounding } from "./measuring.ts";
import {
  continuous,
  drawnChannel,
  drawnIndependent,
  finiteJoints,
  independent,
  type Known,
  ROWS,
  samplesOfEveryKind,
  squashed,
  stream,
} from "./samples.ts";

/** What noise or kernels between units two apart may cost, in bits. */
const BLUR_BITS = 0.01;
const REPEATS = 40;

const unless = (claimed: boolean, claim: string) => claimed ? undefined : `it does not claim ${claim}`;

const exactness: Check = {
  name: "is exact on finite joints",
  how:
    "I(X;T) and I(T;Y) of enumerated patterns of ±1 units are H(T) and I(T;Y) within 1e-9 bit (1e-5 where arithmetic is not portable).",
  inapplicable: ({ claims: { exactOnFiniteJoints } }) => unless(exactOnFiniteJoints === true, "exactOnFiniteJoints"),
  run: (subject) =>
    judgeEach(subject, finiteJoints, (found, known) => {
      const given = quantities(found, known).filter(({ truth }) => truth !== null);
      if (given.length === 0) return null;
      return given.flatMap(({ name, quantity: { bits }, truth }) =>
        Math.abs(bits - truth!) <= rounding(subject) ? [] : [`${name} is ${truth} bits: it gives ${bits}`]
      )[0];
    }),
};

function bound(claim: "bound" | "decoderBound", side: "lower" | "upper"): Check {
  const of = claim === "bound" ? "I(X;T)" : "I(T;Y)";
  const tolerance = ({ sample: { meta } }: Known) => meta.exactJoint ? BLUR_BITS : chanceBits(meta.n);
  // What noise or a codebook takes away leaves a lower bound one, but not an upper one: that is held to units it cannot blur.
  const samples = (rows: number) => side === "lower" ? [...finiteJoints(), ...continuous(rows)] : finiteJoints();
  return {
    name: side === "lower" ? `never gives more than ${of}` : `never gives less than ${of}`,
    how: `${of} on enumerated patterns of ±1 units within ${BLUR_BITS} bit` +
      (side === "lower" ? `, and on ${ROWS} rows of continuous laws within 5/√n bits.` : "."),
    inapplicable: ({ claims }) => unless(claims[claim] === side, `${claim}: "${side}"`),
    run: (subject) =>
      judgeEach(subject, samples, (found, known) => {
        const one = quantities(found, known).find(({ name, truth }) => name === of && truth !== null);
        if (one === undefined) return null;
        const excess = side === "lower" ? one.quantity.bits - one.truth! : one.truth! - one.quantity.bits;
        return excess <= tolerance(known) ? undefined : `${of} is ${one.truth} bits: it gives ${one.quantity.bits}`;
      }),
  };
}

const zero: Check = {
  name: "finds nothing where there is nothing",
  how:
    `I(T;Y) of independent labels is 0 within ${BLUR_BITS} bit where patterns are enumerated, within 5/√n bits on ${ROWS} rows; ` +
    "so is I(X;T) of independent inputs, if it changes when they are withheld.",
  inapplicable: ({ claims: { zeroOnIndependence } }) => unless(zeroOnIndependence === true, "zeroOnIndependence"),
  run: (subject) =>
    judgeEach(
      subject,
      (
        rows,
      ) => [
        independent(),
        drawnIndependent(rows, stream("nothing")),
        squashed(binormal(0), rows, stream("no correlation")),
      ],
      async (found, known) => {
        const { meta, inputs: _, ...blind } = known.sample;
        const tolerance = meta.exactJoint ? BLUR_BITS : chanceBits(meta.n);
        const without = await measure(subject, { meta, ...blind });
        const looks = without.status !== "measured" || without.ixt?.bits !== found.ixt?.bits;
        const given = quantities(found, known).filter(({ name, truth }) => truth === 0 && (name === "I(T;Y)" || looks));
        if (given.length === 0) return null;
        return given.flatMap(({ name, quantity: { bits } }) =>
          Math.abs(bits) <= tolerance ? [] : [`${name} is 0 bits, within ${tolerance} by chance: it gives ${bits}`]
        )[0];
      },
    ),
};

const INVARIANCES: Record<Invariance, string> = {
  "row-order": "does not depend on the order of rows",
  "unit-order": "does not depend on the order of units",
  "unit-scale": "does not depend on the scale of a unit",
  relabelling: "does not depend on which number a label has",
};

function invariance(of: Invariance): Check {
  return {
    name: INVARIANCES[of],
    how:
      "Samples of every kind and the same ones changed give one answer, from one stream, within 1e-9 bit (1e-5 where arithmetic is not portable).",
    inapplicable: ({ claims: { invariances = [] } }) => unless(invariances.includes(of), `invariances: ["${of}"]`),
    run: (subject) =>
      judgeEach(subject, samplesOfEveryKind, async (found, { name, sample }) => {
        const other = await measure(subject, changed(sample, of, stream(name)));
        return difference(found, other, rounding(subject));
      }),
  };
}

function ceiling(of: NonNullable<EstimatorClaims["ceiling"]>): Check {
  const highest = ({ meta: { n }, joint }: Known["sample"]) =>
    of === "entropy-of-inputs" && joint ? entropyOfProbabilities(joint.px) : log2(n);
  const words = of === "log2-rows" ? "log₂ of the number of rows" : "the entropy of the inputs";
  return {
    name: `never exceeds ${words}`,
    how: `I(X;T) of samples of every kind is at most ${words}, within 1e-9 bit.`,
    inapplicable: ({ claims }) => unless(claims.ceiling === of, `ceiling: "${of}"`),
    run: (subject) =>
      judgeEach(subject, samplesOfEveryKind, ({ ixt }, { sample }) => {
        if (ixt === null) return null;
        const most = highest(sample);
        return ixt.bits <= most + 1e-9 ? undefined : `${words} is ${most} bits: I(X;T) is given as ${ixt.bits}`;
      }),
  };
}

const deterministic: Check = {
  name: "gives one answer whatever the stream",
  how: "Samples of every kind, measured with two streams, give the same bytes.",
  inapplicable: ({ claims }) => unless(claims.deterministic === true, "deterministic"),
  run: (subject) =>
    judgeEach(
      subject,
      samplesOfEveryKind,
      async (found, { sample }) => difference(found, await measure(subject, sample, "second"), 0),
    ),
};

function coverage(of: NonNullable<EstimatorClaims["intervalOf"]>): Check {
  const words = of === "rows" ? "the truth" : "what more draws would give";
  return {
    name: `covers ${words} as often as its intervals say`,
    how:
      (of === "rows"
        ? `Of ${REPEATS} samples of 200 rows of a noisy channel, I(X;T) and I(T;Y) of its law lie`
        : `Of ${REPEATS} streams on 200 rows of a noisy channel, the mean of all estimates lies`) +
      " within low and high, but for as many as three standard deviations of chance allow. Wider intervals pass.",
    inapplicable: ({ claims: { intervalLevel, intervalOf = "rows" } }) =>
      unless(intervalLevel !== undefined && intervalOf === of, `intervalLevel of ${of}`),
    run: (subject) => coverageOf(subject, of, subject.item.claims.intervalLevel!),
  };
}

async function coverageOf(subject: Subject, of: "rows" | "draws", level: number): Promise<Outcome> {
  if (!(level > 0 && level < 1)) return failed(`intervalLevel must lie between 0 and 1: it is ${level}`);
  const intervals = new Map<string, { low: number; high: number; bits: number; truth: number }[]>();
  let why = "it gives no interval on the samples at hand";
  for (let r = 0; r < REPEATS; r++) {
    const known = drawnChannel(200, stream("channel").child(of === "rows" ? r : 0));
    const found = await measure(subject, known.sample, `coverage ${r}`);
    if (found.status !== "measured") {
      why = found.reason;
      break;
    }
    for (const { name, quantity: { low, high, bits }, truth } of quantities(found, known)) {
      if (low === undefined || high === undefined) continue;
      intervals.set(name, [...intervals.get(name) ?? [], { low, high, bits, truth: truth! }]);
    }
  }
  if (intervals.size === 0) return skipped(why);
  for (const [name, all] of intervals) {
    const mean = all.reduce((sum, { bits }) => sum + bits / all.length, 0);
    const covered = all.filter(({ low, high, truth }) => {
      const aim = of === "rows" ? truth : mean;
      return low <= aim && aim <= high;
    }).length;
    const least = all.length * level - 3 * Math.sqrt(all.length * level * (1 - level));
    if (covered < least) {
      return failed(
        `intervals of ${name} must cover ${level * all.length} of ${all.length}, ${
          Math.ceil(least)
        } at least: ${covered} do`,
      );
    }
  }
  return PASSED;
}

/** A check for each claim. */
export const CLAIM_CHECKS: readonly Check[] = [
  exactness,
  bound("bound", "lower"),
  bound("bound", "upper"),
  bound("decoderBound", "lower"),
  bound("decoderBound", "upper"),
  zero,
  invariance("row-order"),
  invariance("unit-order"),
  invariance("unit-scale"),
  invariance("relabelling"),
  ceiling("entropy-of-inputs"),
  ceiling("log2-rows"),
  deterministic,
  coverage("rows"),
  coverage("draws"),
];
