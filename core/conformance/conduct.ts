/**
 * Checks of what every estimator promises by being one, whatever it claims.
 *
 * @module
 */
import type { EstimatorClaims, Sample } from "../contracts/estimator.ts";
import { root } from "../random/mod.ts";
import { binormal, gaussianMixture } from "../truths/mod.ts";
import { type Check, failed, PASSED, skipped } from "./check.ts";
import { elsewhen } from "./elsewhen.ts";
import { ask, difference, judgeEach, measure, type Measured, quantities, rounding } from "./measuring.ts";
import {
  copy,
  drawnCopy,
  drawnIndependent,
  finiteJoints,
  independent,
  type Known,
  MANY_ROWS,
  ROWS,
  samplesOfEveryKind,
  squashed,
  stream,
} from "./samples.ts";

const REPEATS = 20;

const KNOWN_CLAIMS: Readonly<Record<keyof EstimatorClaims, readonly unknown[] | undefined>> = {
  bound: ["lower", "upper"],
  decoderBound: ["lower", "upper"],
  exactOnFiniteJoints: [true, false],
  zeroOnIndependence: [true, false],
  invariances: undefined,
  ceiling: ["entropy-of-inputs", "log2-rows"],
  deterministic: [true, false],
  distinctRows: [true, false],
  intervalLevel: undefined,
  intervalOf: ["rows", "draws"],
};
const KNOWN_INVARIANCES: readonly unknown[] = ["row-order", "unit-order", "unit-scale", "relabelling"];

const claims: Check = {
  name: "claims what can be checked",
  how: "Every claim and its value is one of the contract's.",
  run: ({ item: estimator }) => {
    for (const [claim, value] of Object.entries(estimator.claims)) {
      if (!(claim in KNOWN_CLAIMS)) return Promise.resolve(failed(`there is no claim "${claim}"`));
      const values = KNOWN_CLAIMS[claim as keyof EstimatorClaims];
      const odd = claim === "invariances"
        ? (value as unknown[]).find((one) => !KNOWN_INVARIANCES.includes(one))
        : values && !values.includes(value)
        ? value
        : undefined;
      if (odd !== undefined) return Promise.resolve(failed(`there is no ${claim} ${JSON.stringify(odd)}`));
    }
    return Promise.resolve(PASSED);
  },
};

const something: Check = {
  name: "tells something from nothing",
  how:
    "On one of five pairs of samples at least, the estimate of the first is more by 0.1 bit: I(T;Y) of copies and of labels that know " +
    `nothing, enumerated or ${ROWS} rows; of distant and merged clouds; I(X;T) of two bits and one; of correlated and other pairs. ` +
    `${MANY_ROWS} rows, if none is measured.`,
  async run(subject) {
    let why = "it gives neither quantity";
    for (const rows of [ROWS, MANY_ROWS]) {
      let alike: string | undefined;
      for (const [quantity, more, less] of contrasts(rows)) {
        const [much, little] = [await measure(subject, more.sample), await measure(subject, less.sample)];
        const [a, b] = [much, little].map((found) => found.status === "measured" ? found[quantity]?.bits : undefined);
        if (a === undefined || b === undefined) {
          why = much.reason ?? little.reason ?? why;
          continue;
        }
        if (a > b + 0.1) return PASSED;
        const name = quantity === "ity" ? "I(T;Y)" : "I(X;T)";
        alike ??= `${name} of ${more.name} must be more than of ${less.name}: it gives ${a} and ${b}`;
      }
      if (alike !== undefined) return failed(alike);
    }
    return failed(`it measures none of the samples: ${why}`);
  },
};

/** A quantity, and two samples of which the first has more of it. */
function contrasts(rows: number): (readonly ["ity" | "ixt", Known, Known])[] {
  const cloud = (distance: number) => squashed(gaussianMixture(distance), rows, stream("cloud"));
  const pair = (rho: number) => squashed(binormal(rho), rows, stream("pair"));
  return [
    ["ity", copy(2), independent()],
    ["ity", drawnCopy(rows, stream("copy")), drawnIndependent(rows, stream("nothing"))],
    ["ity", cloud(6), cloud(0)],
    ["ixt", copy(2), copy(1)],
    ["ixt", pair(0.99), pair(0)],
  ];
}

const bits: Check = {
  name: "answers in bits",
  how:
    "Neither one nor two fair bits, copied, come out as 0.693 of themselves within 1e-3, which is what nats would do.",
  async run(subject) {
    const given: { name: string; ratio: number }[] = [];
    let why = "it gives neither quantity on the samples at hand";
    for (const k of [1, 2]) {
      const known = copy(k);
      const found = await measure(subject, known.sample);
      if (found.status !== "measured") why = found.reason;
      else for (const { name, quantity } of quantities(found, known)) given.push({ name, ratio: quantity.bits / k });
    }
    for (const name of ["I(X;T)", "I(T;Y)"]) {
      const ratios = given.filter((one) => one.name === name).map(({ ratio }) => ratio);
      if (ratios.length === 2 && ratios.every((ratio) => Math.abs(ratio - Math.LN2) < 1e-3)) {
        return failed(`${name} of one bit and of two is given as ${ratios[0]} and ${2 * ratios[1]}: these are nats`);
      }
    }
    return given.length > 0 ? PASSED : skipped(why);
  },
};

const negatives: Check = {
  name: "leaves negative values negative",
  how:
    `Over ${REPEATS} samples of 60 independent rows no estimate is cut off at 0: not three or more are 0, others above and none below.`,
  async run(subject) {
    const found: Record<string, number[]> = { "I(X;T)": [], "I(T;Y)": [] };
    let why = "it gives neither quantity on the samples at hand";
    for (let r = 0; r < REPEATS; r++) {
      for (
        const known of [
          drawnIndependent(60, stream("few").child(r)),
          squashed(binormal(0), 60, stream("few pairs").child(r)),
        ]
      ) {
        const estimate = await measure(subject, known.sample);
        if (estimate.status !== "measured") why = estimate.reason;
        else for (const { name, quantity } of quantities(estimate, known)) found[name].push(quantity.bits);
      }
    }
    for (const [name, values] of Object.entries(found)) {
      const zeros = values.filter((value) => value === 0).length;
      if (zeros >= 3 && values.some((value) => value > 1e-9) && values.every((value) => value >= 0)) {
        return failed(
          `${name} of independent samples is exactly 0 in ${zeros} of ${values.length} and never below: it is cut off`,
        );
      }
    }
    return Object.values(found).flat().length > 0 ? PASSED : skipped(why);
  },
};

const repeatable: Check = {
  name: "gives the same answer for the same stream, at any time",
  how:
    "Samples of every kind are measured twice, the second time on another day: the same bytes (1e-5 bit on the host).",
  run: (subject) =>
    judgeEach(subject, samplesOfEveryKind, async (found, { sample }) => {
      const later = await elsewhen(() => measure(subject, sample));
      return difference(found, later, subject.item.arithmetic === "host" ? rounding(subject) : 0);
    }),
};

const pure: Check = {
  name: "leaves the sample as it was",
  how: "Activations, labels, probabilities and inputs hold the same bytes afterwards.",
  run: (subject) => {
    let wrong: string | undefined;
    return judgeEach(subject, samplesOfEveryKind, () => wrong, async (_, sample) => {
      const before = structuredClone(arraysOf(sample));
      const found = await measure(subject, sample);
      wrong = overwritten(before, arraysOf(sample));
      return found;
    });
  },
};

function overwritten(before: ReturnType<typeof arraysOf>, after: ReturnType<typeof arraysOf>): string | undefined {
  for (const [part, array] of Object.entries(after)) {
    const at = array?.findIndex((value: number, i: number) => !Object.is(value, before[part]![i])) ?? -1;
    if (at >= 0) return `it wrote to ${part}: value ${at} was ${before[part]![at]} and is ${array![at]}`;
  }
  return undefined;
}

type Numbers = Sample["activations"]["data"];

function arraysOf({ activations, labels, joint, inputs }: Sample): Record<string, Numbers | undefined> {
  return { activations: activations.data, labels, "p(x)": joint?.px, "p(y|x)": joint?.pyx, inputs: inputs?.data };
}

const together: Check = {
  name: "gives together what it gives one by one",
  how:
    "estimateAll of two layers under two settings equals estimate of each, within 1e-9 bit (1e-5 where arithmetic is not portable).",
  inapplicable: ({ estimateAll }) => estimateAll === undefined ? "it has no estimateAll" : undefined,
  async run(subject) {
    const { item: estimator, options, ctx } = subject;
    const kinds = [
      finiteJoints()[1].sample,
      drawnCopy(ROWS, stream("copy")).sample,
      squashed(binormal(0.75), ROWS, stream("pair")).sample,
    ];
    let why = "";
    for (const sample of kinds) {
      const answer = estimator.supports(sample.meta, options);
      if (answer !== true) {
        why = answer;
        continue;
      }
      const layers = [sample, { ...sample, layer: 2 }];
      const fresh = () => ({ ...ctx, stream: root(0).child("conformance", "together") });
      const all = await estimator.estimateAll!(layers, [options, options], fresh());
      if (all.length !== 2 || all.some((row) => row.length !== 2)) {
        return failed(`estimateAll must give 2 × 2 estimates: it gives ${all.length} × ${all[0]?.length ?? 0}`);
      }
      for (const [i, layer] of layers.entries()) {
        const alone = await estimator.estimate(layer, options, fresh());
        for (const one of all[i]) {
          const wrong = difference(alone, one, rounding(subject));
          if (wrong) return failed(`alone and together, ${wrong}`);
        }
      }
      return PASSED;
    }
    return skipped(why);
  },
};

const unreferring: Check = {
  name: "reads no reference for settings that do not use it",
  how: "Samples of every kind give the same bytes whether or not there is a layer to refer to, three times as large.",
  inapplicable: ({ mixesReferences }) => mixesReferences ? undefined : "it does not say mixesReferences",
  run: (subject) => {
    if (subject.item.usesReference?.(subject.options)) return skipped("these options use the reference");
    return judgeEach(subject, samplesOfEveryKind, async (found, { sample }) => {
      const { data, shape } = sample.activations;
      const reference = { data: data.map((value) => 3 * value), shape };
      return difference(found, await measure(subject, { ...sample, reference }), 0);
    });
  },
};

const wellFormed: Check = {
  name: "gives finite answers, in order and with their reasons",
  how:
    "On samples of every kind: low ≤ bits ≤ high, I(X;T) ≤ its ceiling, fractions in [0, 1], no NaN, nothing missing without a reason.",
  run: (subject) => judgeEach(subject, samplesOfEveryKind, flawOf, ask),
};

function flawOf({ ixt, ity, ceilingBits, cells, alone, saturated, reason }: Measured): string | undefined {
  for (const [name, quantity] of [["I(X;T)", ixt], ["I(T;Y)", ity]] as const) {
    if (quantity === null) {
      if (!reason) return `${name} is missing, and no reason is given`;
      continue;
    }
    const { bits, low = bits, high = bits } = quantity;
    const odd = [bits, low, high].find((value) => !Number.isFinite(value));
    if (odd !== undefined) return `${name} must be finite: it gives ${odd}`;
    if (low > bits + 1e-12 || bits > high + 1e-12) {
      return `${name} must lie within its interval: ${low}, ${bits}, ${high}`;
    }
  }
  if (ceilingBits !== null && !Number.isFinite(ceilingBits)) {
    return `the ceiling must be finite or null: it is ${ceilingBits}`;
  }
  if (ixt !== null && ceilingBits !== null && ixt.bits > ceilingBits + 1e-9) {
    return `I(X;T) must not exceed its ceiling ${ceilingBits}: it is ${ixt.bits}`;
  }
  for (const [name, share] of Object.entries({ alone, saturated })) {
    if (share !== undefined && !(share >= 0 && share <= 1)) return `${name} must be a fraction: it is ${share}`;
  }
  if (cells !== undefined && !(cells >= 1 && Number.isInteger(cells))) {
    return `cells must be counted: they are ${cells}`;
  }
  return undefined;
}

/** Checks of answers to samples that can be measured. */
export const CONDUCT_CHECKS: readonly Check[] = [
  claims,
  something,
  bits,
  negatives,
  wellFormed,
  repeatable,
  pure,
  together,
  unreferring,
];
