import { defineEstimator, type Estimate, type Estimator, type Sample } from "@infoplane/core";
import {
  firstOdd,
  gaussianBits,
  gaussianLabelsBits,
  isDiscrete,
  type RealRows,
  realRows,
  saturatedFraction,
} from "@infoplane/core/numerics";
import { z } from "zod";

/** Covariances of more columns take more than a second of a slot. */
const MOST_COLUMNS = 512;

const options = z.strictObject({
  ridge: z.number().min(0).max(1).default(0).describe(
    "independent noise of this fraction of its variance on every column, for covariances that are singular",
  ),
});

type Setting = { readonly ridge: number };

/** Covariances alone: −½ log₂ det of the correlations of X and T, and a Gaussian for each label against one for all. */
export const gaussian: Estimator<Setting> = defineEstimator({
  id: "gaussian",
  title: "Gaussian fit",
  description:
    "What a Gaussian of the same covariance would know. I(X;T) of pairs that are continuous: exact where both are jointly " +
    "Gaussian, a lower bound where X or T alone is (Gelfand and Yaglom 1959). I(T;Y) as the entropy of one Gaussian less the mean " +
    "of one for each label: an upper bound where T given Y is Gaussian, beyond H(Y) where labels lie far apart; of other shapes no " +
    "side. Columns that others explain are left out.",
  version: 1,
  arithmetic: "portable",
  options,
  claims: { zeroOnIndependence: true, invariances: ["unit-order", "unit-scale", "relabelling"], deterministic: true },
  supports: ({ n, units }, { ridge }) => {
    if (units > MOST_COLUMNS) return `covariances of at most ${MOST_COLUMNS} units are factored: there are ${units}`;
    return n > units || ridge > 0 ||
      `${n} rows of ${units} units have a singular covariance: more rows are needed, or a ridge`;
  },
  passes: () => 0,
  async estimate(sample, { ridge }, ctx) {
    const { activations, layer, meta } = sample;
    const odd = firstOdd(activations.data, meta.units);
    if (odd) {
      const at = `layer ${layer}, row ${odd.row}, unit ${odd.column}`;
      return { status: "failed", reason: `activations must be finite: ${at} is ${odd.value}` };
    }
    const t = realRows(activations, "T");
    const encoder = encoderOf(sample, t, ridge);
    await ctx.progress(0.5);
    const ityBits = gaussianLabelsBits(t, weightsOf(sample), ridge);
    const decoder = Number.isFinite(ityBits)
      ? ityBits
      : "no I(T;Y): the covariance of a label's rows is singular, which a ridge would mend";
    const reasons = [encoder, decoder].filter((found) => typeof found === "string");
    if (reasons.length === 2) return { status: "skipped", reason: reasons.join("; ") };
    const found: Estimate = {
      status: "measured",
      ixt: typeof encoder === "number" ? { bits: encoder } : null,
      ity: typeof decoder === "number" ? { bits: decoder } : null,
      ceilingBits: null,
      saturated: saturatedFraction(activations.data, meta.activation),
    };
    return reasons.length === 0 ? found : { ...found, reason: reasons[0] };
  },
});

/** I(X;T) in bits, or why there is none. */
function encoderOf({ meta, inputs, joint }: Sample, t: RealRows, ridge: number): number | string {
  if (meta.exactJoint) return "no I(X;T): X takes the values enumerated, which are not Gaussian";
  if (meta.deterministic) return "no I(X;T): T is a function of X, and their pair has no density";
  if (inputs === undefined) return "no I(X;T): the inputs are not given";
  if (joint?.px.some((p) => p !== joint.px[0])) return "no I(X;T): rows of unequal probability";
  const x = realRows(inputs, "X");
  if (x.columns + t.columns > MOST_COLUMNS) {
    return `no I(X;T): covariances of at most ${MOST_COLUMNS} columns are factored: X and T have ${
      x.columns + t.columns
    }`;
  }
  for (const [name, side] of [["X", x], ["T", t]] as const) {
    if (isDiscrete(side)) return `no I(X;T): ${name} is discrete`;
  }
  const bits = gaussianBits(x, t, ridge);
  return Number.isFinite(bits)
    ? bits
    : "no I(X;T): the covariance of X and T is singular, as T is a linear function of X or the rows are too few";
}

/** p(x) p(y|x) of every row by label, 1 for the label dealt where they are unknown. */
function weightsOf({ labels, joint, meta: { n, classes } }: Sample): Float64Array[] {
  return Array.from(
    { length: classes },
    (_, y) =>
      Float64Array.from(
        { length: n },
        (_, i) => joint ? joint.px[i] * joint.pyx[i * classes + y] : Number(labels[i] === y),
      ),
  );
}
