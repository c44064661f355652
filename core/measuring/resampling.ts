/**
 * What chance could have made of an estimate: sampling error and permutation null, one way for all estimators.
 *
 * @module
 */
import type { Context } from "../contracts/context.ts";
import type { Estimate, Estimator, Quantity, Sample } from "../contracts/estimator.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Json } from "../contracts/tensor.ts";
import { shuffle } from "../random/mod.ts";
import { estimateSamples } from "./measure.ts";
import { sampleAt } from "./samples.ts";

/** What to find out beside the estimate. */
export interface Resampling {
  /**
   * An interval of 95 % for the sampling error: how far estimates from n rows scatter. It covers neither the bias, which every
   * such estimate has, nor the chance of other inputs, nets or noise.
   *
   * `bootstrap`: n rows drawn with replacement; the quantiles of the draws, mirrored at the estimate (Efron and Tibshirani 1993, §13.3).
   * `halves`: n / 2 rows drawn without replacement; their standard deviation is that of estimates from n rows (delete-half jackknife,
   * Shao and Wu 1989), and the interval reaches 1.96 of them to either side.
   */
  readonly interval?: { readonly by: "bootstrap" | "halves"; readonly draws: number };
  /** How often to permute labels among rows: what I(T;Y) reads where there is none, with this very T and Y. It tests nothing of I(X;T). */
  readonly permutations?: number;
}

type Measured = Extract<Estimate, { status: "measured" }>;

const ENUMERATED = "skipped: enumerated population";

/**
 * An estimate, and what resampling says of it.
 *
 * `low` and `high` of each quantity are the interval. Diagnostics `interval` and `permutations` say what was done, or why not: an
 * enumerated population has no sampling error.
 *
 * @param ctx `stream` is the estimator's; rows come from its children `bootstrap`, `halves` and `permutation`.
 */
export async function estimateResampled(
  estimator: Estimator,
  sample: Sample,
  options: unknown,
  { interval, permutations }: Resampling,
  ctx: Context,
): Promise<Estimate> {
  const estimateOf = async (of: Sample) => (await estimateSamples(estimator, [of], [options], ctx))[0][0];
  const found = await estimateOf(sample);
  if (found.status !== "measured") return found;
  let told = found;
  if (interval) {
    const draw = (stream: Stream) =>
      sampleAt(sample, interval.by === "bootstrap" ? again(sample, stream) : half(sample, stream));
    const refused = sample.meta.exactJoint
      ? ENUMERATED
      : interval.by === "bootstrap" && estimator.claims.distinctRows
      ? "skipped: rows drawn twice mislead an estimator that reads distances; take halves"
      : undefined;
    const drawn = refused ?? await draws(interval.draws, interval.by, draw, estimateOf, ctx);
    told = noted(told, "interval", typeof drawn === "string" ? drawn : { ...interval, level: 0.95 });
    if (typeof drawn !== "string") {
      told = {
        ...told,
        ixt: within(interval.by, told.ixt, drawn.map(({ ixt }) => ixt)),
        ity: within(interval.by, told.ity, drawn.map(({ ity }) => ity)),
      };
    }
  }
  if (permutations !== undefined) {
    const drawn = sample.meta.exactJoint
      ? ENUMERATED
      : told.ity === null
      ? "skipped: no I(T;Y)"
      : await draws(permutations, "permutation", (stream) => relabelled(sample, stream), estimateOf, ctx);
    told = noted(told, "permutations", typeof drawn === "string" ? drawn : nullOf(told.ity!, drawn));
  }
  return told;
}

/** Estimates of as many draws, or why one of them has none. */
async function draws(
  count: number,
  role: string,
  draw: (stream: Stream) => Sample,
  estimateOf: (sample: Sample) => Promise<Estimate>,
  ctx: Context,
): Promise<Measured[] | string> {
  const found: Measured[] = [];
  for (let i = 0; i < count; i++) {
    const estimate = await estimateOf(draw(ctx.stream.child(role, i)));
    if (estimate.status !== "measured") return `skipped: draw ${i} ${estimate.status}: ${estimate.reason}`;
    found.push(estimate);
    await ctx.progress(found.length / count);
    if (ctx.signal.aborted) throw ctx.signal.reason;
  }
  return found;
}

/** n rows with replacement. */
function again({ meta: { n } }: Sample, stream: Stream): Uint32Array {
  return Uint32Array.from({ length: n }, () => stream.integer(n));
}

/** Half of the rows, ascending. */
function half({ meta: { n } }: Sample, stream: Stream): Uint32Array {
  const rows = Uint32Array.from({ length: n }, (_, row) => row);
  return shuffle(rows, stream).subarray(0, n >> 1).sort();
}

/** The same T with the labels, and p(y|x), of other rows. */
function relabelled(sample: Sample, stream: Stream): Sample {
  const rows = shuffle(Uint32Array.from({ length: sample.meta.n }, (_, row) => row), stream);
  const { labels, joint } = sampleAt(sample, rows);
  return { ...sample, labels, joint };
}

function within(by: "bootstrap" | "halves", quantity: Quantity | null, drawn: (Quantity | null)[]): Quantity | null {
  if (quantity === null || drawn.includes(null)) return quantity;
  const values = Float64Array.from(drawn, (found) => found!.bits).sort();
  const { bits } = quantity;
  if (by === "bootstrap") {
    return { bits, low: 2 * bits - quantile(values, 0.975), high: 2 * bits - quantile(values, 0.025) };
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / (values.length - 1);
  const reach = 1.96 * Math.sqrt(variance);
  return { bits, low: bits - reach, high: bits + reach };
}

/** Mean and 95 % quantile of I(T;Y) without any, and how often it is as large as the estimate, that one counted. */
function nullOf(ity: Quantity, drawn: readonly Measured[]): Json {
  const values = Float64Array.from(drawn, (found) => found.ity?.bits ?? 0).sort();
  const { length } = values;
  const asLarge = values.filter((bits) => bits >= ity.bits).length;
  return {
    draws: length,
    meanBits: values.reduce((sum, bits) => sum + bits, 0) / length,
    highBits: quantile(values, 0.95),
    p: (asLarge + 1) / (length + 1),
  };
}

/** Of ascending values, by linear interpolation between the two around. */
function quantile(sorted: Float64Array, level: number): number {
  const at = level * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

function noted(estimate: Measured, name: string, note: Json): Measured {
  return { ...estimate, diagnostics: { ...estimate.diagnostics, [name]: note } };
}
