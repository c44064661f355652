import {
  type Context,
  defineEstimator,
  type Estimate,
  type Estimator,
  type Quantity,
  type Sample,
  type Stream,
} from "@infoplane/core";
import {
  type BitsWithError,
  decoderBound,
  exp,
  firstOdd,
  fitGaussianMixture,
  type GaussianMixture,
  isDiscrete,
  log,
  log2,
  logDensities,
  marginalMixture,
  meanAndError,
  type RealRows,
  realRows,
  rowsAt,
  saturatedFraction,
} from "@infoplane/core/numerics";
import { holdOut, standardised } from "@infoplane/core/training";
import { z } from "zod";

const BITS_PER_NAT = 1.4426950408889634;
const LEAST_ROWS = 20;
/** Beyond, a round takes more than a second of a slot. */
const MOST_COLUMNS = { full: 256, diagonal: 1024 };
/** A fit ends when a round raises the mean log-likelihood by less, in nats. */
const TOLERANCE = 1e-6;

const options = z.strictObject({
  components: z.number().int().min(1).max(64).default(3).describe(
    "Gaussians of a mixture: of pairs, and of each label",
  ),
  covariance: z.enum(["full", "diagonal"]).default("full").describe("of each Gaussian"),
  floor: z.number().min(1e-9).max(1).default(1e-4).describe(
    "added to each Gaussian's variances, as a fraction of the column's variance over all rows",
  ),
  iterations: z.number().int().min(1).max(10_000).default(100).describe(
    "rounds of expectation and maximisation at most",
  ),
});

type Setting = {
  readonly components: number;
  readonly covariance: "full" | "diagonal";
  readonly floor: number;
  readonly iterations: number;
};

/** Densities fitted by mixtures of Gaussians on four fifths of the rows, and read off the last fifth. */
export const gaussianMixture: Estimator<Setting> = defineEstimator({
  id: "gaussian-mixture",
  title: "Gaussian mixtures",
  description:
    "Mixtures fitted by expectation and maximisation. I(T;Y) is H(Y) less the held-out cross-entropy of the label under one " +
    "mixture a label: a lower bound in expectation (Barber and Agakov 2003). I(X;T) is the held-out mean of ln p(x,t) / p(x)p(t) of one " +
    "mixture of continuous pairs: no side, too low where the pair's shape is missed. The interval is two standard errors of the mean, " +
    "for the mixtures at hand.",
  version: 1,
  arithmetic: "portable",
  options,
  claims: {},
  supports: ({ n, units }, { covariance }) => {
    if (n < LEAST_ROWS) return `a fifth of the rows is held out, which takes ${LEAST_ROWS}: there are ${n}`;
    const most = MOST_COLUMNS[covariance];
    return units <= most ||
      `Gaussians of ${covariance} covariance are fitted to at most ${most} units: there are ${units}`;
  },
  async estimate(sample, setting, ctx) {
    const { activations, labels, joint, layer, meta } = sample;
    const odd = firstOdd(activations.data, meta.units);
    if (odd) {
      const at = `layer ${layer}, row ${odd.row}, unit ${odd.column}`;
      return { status: "failed", reason: `activations must be finite: ${at} is ${odd.value}` };
    }
    if (joint?.px.some((p) => p !== joint.px[0])) {
      return { status: "skipped", reason: "rows of unequal probability: mixtures are fitted to rows alike" };
    }
    const { train, validation, test } = holdOut(meta.n, ctx.stream.child("split"));
    const fitted = new Uint32Array(train.length + validation.length);
    fitted.set(train);
    fitted.set(validation, train.length);
    const missing = classesOf(sample).find((y) => !fitted.some((row) => labels[row] === y));
    if (missing !== undefined) return { status: "skipped", reason: `label ${missing} has no row among those fitted` };

    const t = realRows(activations, "T");
    const decoder = await decoderOf(sample, t, fitted, test, setting, ctx);
    const encoder = await encoderOf(sample, t, fitted, test, setting, ctx);
    const found: Estimate = {
      status: "measured",
      ixt: typeof encoder === "string" ? null : quantityOf(encoder),
      ity: quantityOf(decoder),
      ceilingBits: null,
      saturated: saturatedFraction(activations.data, meta.activation),
      diagnostics: { heldOut: test.length },
    };
    return typeof encoder === "string" ? { ...found, reason: encoder } : found;
  },
});

/** I(T;Y): the posterior of one mixture a label. */
async function decoderOf(
  sample: Sample,
  t: RealRows,
  fitted: Uint32Array,
  test: Uint32Array,
  setting: Setting,
  ctx: Context,
): Promise<BitsWithError> {
  const { labels, joint } = sample;
  const rows = inDeviations(t);
  const heldOut = rowsAt(rows, test);
  const classes = classesOf(sample);
  const scores = new Map<number, Float64Array>();
  for (const [k, y] of classes.entries()) {
    const own = fitted.filter((row) => labels[row] === y);
    const stream = ctx.stream.child("centres", y);
    const mixture = await fit(
      rowsAt(rows, own),
      setting,
      stream,
      ctx,
      k / (classes.length + 1),
      1 / (classes.length + 1),
    );
    const prior = log(own.length / fitted.length);
    scores.set(y, logDensities(mixture, heldOut).map((nats) => nats + prior));
  }
  return decoderBound(labels, joint, test, (i, y) => {
    let total = 0;
    const own = scores.get(y)![i];
    for (const nats of scores.values()) total += exp(nats[i] - own);
    return log2(total);
  });
}

/** I(X;T) by one mixture of pairs and its marginals, or why there is none. */
async function encoderOf(
  { meta, inputs }: Sample,
  t: RealRows,
  fitted: Uint32Array,
  test: Uint32Array,
  setting: Setting,
  ctx: Context,
): Promise<BitsWithError | string> {
  if (meta.exactJoint) return "no I(X;T): X takes the values enumerated, which have no density";
  if (meta.deterministic) return "no I(X;T): T is a function of X, and their pair has no density";
  if (inputs === undefined) return "no I(X;T): the inputs are not given";
  const x = realRows(inputs, "X");
  for (const [name, side] of [["X", x], ["T", t]] as const) {
    if (isDiscrete(side)) return `no I(X;T): ${name} is discrete`;
  }
  const columns = x.columns + t.columns;
  const most = MOST_COLUMNS[setting.covariance];
  if (columns > most) {
    return `no I(X;T): Gaussians of ${setting.covariance} covariance are fitted to at most ${most} columns: X and T have ${columns}`;
  }
  const pairs = inDeviations(beside(x, t));
  const mixture = await fit(rowsAt(pairs, fitted), setting, ctx.stream.child("centres", "pairs"), ctx, 0.5, 0.5);
  const heldOut = rowsAt(pairs, test);
  const both = logDensities(mixture, heldOut);
  const alone = [[0, x.columns], [x.columns, columns]].map(([first, end]) =>
    logDensities(marginalMixture(mixture, first, end), columnsOf(heldOut, first, end))
  );
  const { mean, standardError } = meanAndError(
    both.map((nats, i) => (nats - alone[0][i] - alone[1][i]) * BITS_PER_NAT),
  );
  return { bits: mean, standardErrorBits: standardError };
}

function fit(
  rows: RealRows,
  { components, covariance, floor, iterations }: Setting,
  stream: Stream,
  ctx: Context,
  done: number,
  share: number,
): Promise<GaussianMixture> {
  const how = { components: Math.min(components, rows.n), covariance, floor, iterations, tolerance: TOLERANCE };
  return fitGaussianMixture(rows, how, stream, async (part) => {
    await ctx.progress(done + part * share);
    if (ctx.signal.aborted) throw ctx.signal.reason;
  });
}

/** Labels that occur, ascending: all under a joint. */
function classesOf({ labels, joint, meta: { classes } }: Sample): number[] {
  const dealt = new Set(labels);
  return Array.from({ length: classes }, (_, y) => y).filter((y) => joint !== undefined || dealt.has(y));
}

function quantityOf({ bits, standardErrorBits }: BitsWithError): Quantity {
  return { bits, low: bits - 2 * standardErrorBits, high: bits + 2 * standardErrorBits };
}

/** Each column in deviations from its mean over all rows, of which the floor is a fraction. */
function inDeviations(rows: RealRows): RealRows {
  return standardised(rows, Uint32Array.from({ length: rows.n }, (_, row) => row));
}

function beside(x: RealRows, t: RealRows): RealRows {
  const columns = x.columns + t.columns;
  const values = new Float64Array(x.n * columns);
  for (let i = 0; i < x.n; i++) {
    values.set(x.values.subarray(i * x.columns, (i + 1) * x.columns), i * columns);
    values.set(t.values.subarray(i * t.columns, (i + 1) * t.columns), i * columns + x.columns);
  }
  return { values, n: x.n, columns };
}

function columnsOf({ values, n, columns }: RealRows, first: number, end: number): RealRows {
  const width = end - first;
  const taken = new Float64Array(n * width);
  for (let i = 0; i < n; i++) taken.set(values.subarray(i * columns + first, i * columns + end), i * width);
  return { values: taken, n, columns: width };
}
