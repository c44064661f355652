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
import { type HeldOut, holdOut, standardised } from "@infoplane/core/training";
import { z } from "zod";

const BITS_PER_NAT = 1.4426950408889634;
const LEAST_ROWS = 20;
/** Beyond, a round takes more than a second of a slot. */
const MOST_COLUMNS = { full: 256, diagonal: 1024 };
/** A fit ends when a round raises the mean log-likelihood by less, in nats. */
const TOLERANCE = 1e-6;

const options = z.strictObject({
  components: z.number().int().min(1).max(16).default(3).describe(
    "Gaussians of a mixture at most, of pairs and of each label: as many as serve rows held out best",
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

/** Mixtures of Gaussians fitted to three fifths of the rows, their number chosen by a fifth, and read off the last fifth. */
export const gaussianMixture: Estimator<Setting> = defineEstimator({
  id: "gaussian-mixture",
  title: "Gaussian mixtures",
  description:
    "Mixtures fitted by expectation and maximisation. I(T;Y) is H(Y) less the held-out cross-entropy of the label under one " +
    "mixture a label: a lower bound in expectation (Barber and Agakov 2003). I(X;T) is the held-out mean of ln p(x,t) / p(x)p(t) of one " +
    "mixture of continuous pairs: no side, too low where the pair's shape is missed. The interval is two standard errors of the mean, " +
    "for the mixtures at hand; how many Gaussians they have is chosen on other rows.",
  version: 1,
  arithmetic: "portable",
  options,
  claims: { decoderBound: "lower", zeroOnIndependence: true },
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
    if (labels.length !== meta.n) {
      throw new TypeError(
        `Cannot fit mixtures as there must be ${meta.n} labels, one a row: there are ${labels.length}`,
      );
    }
    const parts = holdOut(meta.n, ctx.stream.child("split"));
    const missing = classesOf(sample).find((y) => !parts.train.some((row) => labels[row] === y));
    if (missing !== undefined) return { status: "skipped", reason: `label ${missing} has no row among those fitted` };

    const t = realRows(activations, "T");
    const decoder = await chosen((components) => decoderOf(sample, t, parts, setting, components, ctx), setting, parts);
    const found: Estimate = {
      status: "measured",
      ixt: null,
      ity: quantityOf(decoder),
      ceilingBits: null,
      saturated: saturatedFraction(activations.data, meta.activation),
      diagnostics: { heldOut: parts.test.length, componentsOfLabels: decoder.components },
    };
    const reason = withoutEncoder(sample, t, setting);
    if (reason !== undefined) return { ...found, reason };
    const x = realRows(sample.inputs!, "X");
    const encoder = await chosen((components) => encoderOf(x, t, parts, setting, components, ctx), setting, parts);
    return {
      ...found,
      ixt: quantityOf(encoder),
      diagnostics: { ...found.diagnostics, componentsOfPairs: encoder.components },
    };
  },
});

/** Mixtures, and what they say of rows by their numbers. */
interface Fitted {
  /** The higher, the better they describe the rows. */
  score(rows: Uint32Array): number;
  information(rows: Uint32Array): BitsWithError;
}

/** Of mixtures of one Gaussian, of two … those that describe the validation part best, read off the test part. */
async function chosen(
  fitted: (components: number) => Promise<Fitted>,
  { components: most }: Setting,
  { validation, test }: HeldOut,
): Promise<BitsWithError & { readonly components: number }> {
  let best = { mixtures: await fitted(1), score: -Infinity, components: 1 };
  best.score = best.mixtures.score(validation);
  for (let components = 2; components <= most; components++) {
    const mixtures = await fitted(components);
    const score = mixtures.score(validation);
    if (score > best.score) best = { mixtures, score, components };
  }
  return { ...best.mixtures.information(test), components: best.components };
}

/** I(T;Y): the posterior of one mixture a label. */
async function decoderOf(
  sample: Sample,
  t: RealRows,
  { train }: HeldOut,
  setting: Setting,
  components: number,
  ctx: Context,
): Promise<Fitted> {
  const { labels, joint } = sample;
  const rows = inDeviations(t);
  const mixtures = new Map<number, { readonly prior: number; readonly mixture: GaussianMixture }>();
  for (const y of classesOf(sample)) {
    const own = train.filter((row) => labels[row] === y);
    const mixture = await fit(rowsAt(rows, own), setting, components, ctx.stream.child("centres", y), ctx);
    mixtures.set(y, { prior: log(own.length / train.length), mixture });
  }
  const information = (part: Uint32Array) => {
    const heldOut = rowsAt(rows, part);
    const scores = new Map<number, Float64Array>();
    for (const [y, { prior, mixture }] of mixtures) {
      scores.set(y, logDensities(mixture, heldOut).map((nats) => nats + prior));
    }
    return decoderBound(labels, joint, part, (i, y) => {
      let most = -Infinity;
      for (const nats of scores.values()) if (nats[i] > most) most = nats[i];
      let total = 0;
      for (const nats of scores.values()) total += exp(nats[i] - most);
      return log2(total) + (most - scores.get(y)![i]) * BITS_PER_NAT;
    });
  };
  return { score: (part) => information(part).bits, information };
}

/** I(X;T) by one mixture of pairs and its marginals. */
async function encoderOf(
  x: RealRows,
  t: RealRows,
  { train }: HeldOut,
  setting: Setting,
  components: number,
  ctx: Context,
): Promise<Fitted> {
  const pairs = inDeviations(beside(x, t));
  const stream = ctx.stream.child("centres", "pairs");
  const mixture = await fit(rowsAt(pairs, train), setting, components, stream, ctx);
  const sides = [[0, x.columns], [x.columns, pairs.columns]];
  return {
    score: (part) => meanAndError(logDensities(mixture, rowsAt(pairs, part))).mean,
    information(part) {
      const heldOut = rowsAt(pairs, part);
      const alone = sides.map(([first, end]) =>
        logDensities(marginalMixture(mixture, first, end), columnsOf(heldOut, first, end))
      );
      const nats = logDensities(mixture, heldOut).map((both, i) => both - alone[0][i] - alone[1][i]);
      const { mean, standardError } = meanAndError(nats);
      return { bits: mean * BITS_PER_NAT, standardErrorBits: standardError * BITS_PER_NAT };
    },
  };
}

/** Why I(X;T) has no such estimate, if it has none. */
function withoutEncoder({ meta, inputs }: Sample, t: RealRows, { covariance }: Setting): string | undefined {
  if (meta.exactJoint) return "no I(X;T): X takes the values enumerated, which have no density";
  if (meta.deterministic) return "no I(X;T): T is a function of X, and their pair has no density";
  if (inputs === undefined) return "no I(X;T): the inputs are not given";
  const x = realRows(inputs, "X");
  for (const [name, side] of [["X", x], ["T", t]] as const) {
    if (isDiscrete(side)) return `no I(X;T): ${name} is discrete`;
  }
  const columns = x.columns + t.columns;
  const most = MOST_COLUMNS[covariance];
  if (columns <= most) return undefined;
  return `no I(X;T): Gaussians of ${covariance} covariance are fitted to at most ${most} columns: X and T have ${columns}`;
}

function fit(
  rows: RealRows,
  { covariance, floor, iterations }: Setting,
  components: number,
  stream: Stream,
  ctx: Context,
): Promise<GaussianMixture> {
  const how = { components: Math.min(components, rows.n), covariance, floor, iterations, tolerance: TOLERANCE };
  return fitGaussianMixture(rows, how, stream, async (done) => {
    await ctx.progress(done);
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
