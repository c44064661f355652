/**
 * Checks of what an estimator does with samples that hold nothing, or do not hold together.
 *
 * @module
 */
import type { Sample } from "../contracts/estimator.ts";
import { binormal } from "../truths/mod.ts";
import { chanceBits, type Check, failed, type Outcome, PASSED } from "./check.ts";
import { ask, type Measured, quantities } from "./measuring.ts";
import { copy, drawnCopy, enumerated, type Known, ROWS, squashed, stream } from "./samples.ts";

/** What the engine says when code stumbles: it explains nothing to who gave the sample. */
const STUMBLED =
  /^Cannot read propert|is not (a function|iterable|defined|an object)|^Invalid (array|typed array) length|out of bounds|unreachable|^offset is/;

/** @param allowed What is wrong with an answer that was measured all the same; undefined if nothing. */
function refuses(
  name: string,
  how: string,
  samples: () => readonly Known[],
  allowed: (found: Measured, known: Known) => string | undefined,
): Check {
  return {
    name,
    how,
    async run(subject): Promise<Outcome> {
      for (const known of samples()) {
        const answer = await ask(subject, known.sample);
        if (answer.status === "measured") {
          const wrong = allowed(answer, known);
          if (wrong) return failed(`on ${known.name}, ${wrong}`);
        } else if (typeof answer.reason !== "string" || answer.reason.trim() === "" || STUMBLED.test(answer.reason)) {
          return failed(`on ${known.name}, its refusal must say why: it says ${JSON.stringify(answer.reason)}`);
        }
      }
      return PASSED;
    },
  };
}

const never = (found: Measured) =>
  `it must refuse: it gives I(X;T) = ${found.ixt?.bits ?? null}, I(T;Y) = ${found.ity?.bits ?? null}`;

function atMost(tolerance: (known: Known) => number) {
  return (found: Measured, known: Known) =>
    quantities(found, { ixt: 0, ity: 0 }).flatMap(({ name, quantity: { bits } }) =>
      Math.abs(bits) <= tolerance(known) ? [] : [`${name} must be 0: it gives ${bits}`]
    )[0];
}

function finite(found: Measured) {
  return quantities(found, { ixt: 0, ity: 0 }).flatMap(({ name, quantity: { bits } }) =>
    Number.isFinite(bits) ? [] : [`${name} must be finite: it gives ${bits}`]
  )[0];
}

/** A sample of n rows, with or without exact probabilities, none of them more than the rows allow. */
function firstRows(n: number): Known[] {
  return [drawnCopy(4, stream("copy")), copy(2)].map(({ name, sample }) => {
    const { meta, activations, labels, joint, inputs } = sample;
    const total = joint?.px.slice(0, n).reduce((sum, p) => sum + p, 0) ?? 1;
    return {
      name: `${n === 0 ? "no row" : "one row"} of ${name}`,
      ixt: 0,
      ity: 0,
      sample: {
        ...sample,
        meta: { ...meta, n },
        activations: { data: activations.data.slice(0, n * meta.units), shape: [n, meta.units] },
        labels: labels.slice(0, n),
        joint: joint && { px: joint.px.slice(0, n).map((p) => p / total), pyx: joint.pyx.slice(0, n * meta.classes) },
        inputs: inputs && { data: inputs.data.slice(0, n * inputs.shape[1]), shape: [n, inputs.shape[1]] },
      },
    };
  });
}

function withValue(value: number): Known[] {
  return [copy(2), drawnCopy(ROWS, stream("copy")), squashed(binormal(0.75), ROWS, stream("pair"))].map((known) => {
    const data = known.sample.activations.data.slice();
    data[data.length - 1] = value;
    const activations = { ...known.sample.activations, data };
    return { ...known, name: `${value} in ${known.name}`, sample: { ...known.sample, activations } };
  });
}

function constant(): Known[] {
  const still = enumerated(
    "units that never move",
    [0, 1, 2, 3].map((x) => ({
      on: [true, false],
      px: 0.25,
      py: x < 2 ? [1, 0] : [0, 1],
    })),
  );
  const moving = drawnCopy(ROWS, stream("copy"));
  const frozen = moving.sample.activations.data.map(() => 0.5);
  return [still, {
    ...moving,
    name: `${ROWS} rows of one value`,
    sample: { ...moving.sample, activations: { ...moving.sample.activations, data: frozen } },
  }];
}

function oneConstant(): Known[] {
  return [copy(2), drawnCopy(ROWS, stream("copy")), squashed(binormal(0.75), ROWS, stream("pair"))].map((known) => {
    const { meta, activations } = known.sample;
    const [units, width] = [meta.units, meta.units + 1];
    const data = Float32Array.from(
      { length: meta.n * width },
      (_, i) => i % width === units ? 1 : activations.data[Math.floor(i / width) * units + i % width],
    );
    return {
      ...known,
      name: `a unit that never moves beside ${known.name}`,
      sample: { ...known.sample, meta: { ...meta, units: width }, activations: { data, shape: [meta.n, width] } },
    };
  });
}

function misshapen(): Known[] {
  const { sample, ...known } = copy(2);
  const { activations, labels, joint } = sample;
  const { joint: _, ...plain } = drawnCopy(ROWS, stream("copy")).sample;
  const short = <Values extends Sample["activations"]["data"]>(values: Values) => values.slice(0, -1) as Values;
  return [
    {
      ...known,
      name: "activations that lack a value",
      sample: { ...sample, activations: { ...activations, data: short(activations.data) } },
    },
    { ...known, name: "too few labels", sample: { ...plain, labels: short(plain.labels) } },
    { ...known, name: "too few p(x)", sample: { ...sample, joint: { ...joint!, px: short(joint!.px) } } },
    { ...known, name: "too few p(y|x)", sample: { ...sample, labels, joint: { ...joint!, pyx: short(joint!.pyx) } } },
  ];
}

/** Checks of answers to samples that can hardly be measured. */
export const REFUSAL_CHECKS: readonly Check[] = [
  refuses(
    "refuses a sample of no row",
    "Skipped, failed or thrown, with a reason that is not the engine's own.",
    () => firstRows(0),
    never,
  ),
  refuses(
    "finds nothing in a single row, or refuses it",
    "Both quantities are 0 within 1e-9 bit; or a refusal with its reason.",
    () => firstRows(1),
    atMost(() => 1e-9),
  ),
  refuses("refuses NaN", "One activation is NaN: a refusal with its reason, no number.", () => withValue(NaN), never),
  refuses("refuses infinity", "One activation is infinite: likewise.", () => withValue(Infinity), never),
  refuses(
    "finds nothing in units that never move, or refuses them",
    `Both quantities are 0, within 0.01 bit where patterns are enumerated and 5/√n bits on ${ROWS} rows; or a refusal with its reason.`,
    constant,
    atMost(({ sample: { meta } }) => meta.exactJoint ? 0.01 : chanceBits(meta.n)),
  ),
  refuses(
    "bears a unit that never moves among others",
    "A finite answer, or a refusal with its reason.",
    oneConstant,
    finite,
  ),
  refuses(
    "refuses shapes that do not fit",
    "Too few activations, labels, p(x) or p(y|x): a refusal with its reason, no number.",
    misshapen,
    never,
  ),
];
