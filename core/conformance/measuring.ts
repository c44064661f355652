import type { Estimate, Sample } from "../contracts/estimator.ts";
import { estimateSamples } from "../measuring/measure.ts";
import { root } from "../random/mod.ts";
import { type Outcome, PASSED, skipped, type Subject } from "./check.ts";
import { type Known, MANY_ROWS, ROWS } from "./samples.ts";

/** A measured estimate. */
export type Measured = Extract<Estimate, { readonly status: "measured" }>;

/** σ of the noise of samples for estimators of noisy nets: units of −1 and 1 are told apart but once in some 30,000 times. */
const SIGMA = 0.25;

/**
 * The sample as such an estimator is dealt it: one that asks for passes sees the lowest noisy layer of a net, whose centres are the values
 * known.
 */
function dealt({ item: estimator, options }: Subject, sample: Sample): Sample {
  if (!estimator.passes?.(options)) return sample;
  const { activations, meta: { quantisedBits: _, range: __, ...meta } } = sample;
  const noise = root(0).child("conformance", "noise of the net");
  const data = activations.data.slice();
  data.forEach((value, i) => data[i] = value + SIGMA * noise.normal());
  return {
    ...sample,
    meta: { ...meta, activation: "unknown", deterministic: false, noise: SIGMA },
    activations: { ...activations, data },
    centres: { data: activations.data, shape: [1, ...activations.shape] },
  };
}

/** Measures a sample as a study would: what is not supported is skipped, what is not finite failed. */
export async function measure(subject: Subject, sample: Sample, stream = "first"): Promise<Estimate> {
  const { item: estimator, options, ctx } = subject;
  await ctx.progress(0);
  const [[estimate]] = await estimateSamples(estimator, [dealt(subject, sample)], [options], {
    ...ctx,
    stream: root(0).child("conformance", stream),
  });
  return estimate;
}

/** Asks the estimator itself, past the core: what it does not support is skipped, what it throws failed with its words. */
export async function ask(subject: Subject, given: Sample): Promise<Estimate> {
  const { item: estimator, options, ctx } = subject;
  const sample = dealt(subject, given);
  try {
    const supported = estimator.supports(sample.meta, options);
    if (supported !== true) return { status: "skipped", reason: supported };
    return await estimator.estimate(sample, options, { ...ctx, stream: root(0).child("conformance", "asked") });
  } catch (error) {
    return { status: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Judges the measured estimates of samples until one is wrong; skipped if none could be judged, of many rows either.
 *
 * @param samples With so many rows, where they are drawn.
 * @param judge What is wrong with an estimate; undefined if nothing, null if it has nothing to be judged.
 * @param get How a sample is measured.
 */
export async function judgeEach(
  subject: Subject,
  samples: (rows: number) => readonly Known[],
  judge: (found: Measured, known: Known) => string | undefined | null | Promise<string | undefined | null>,
  get: (subject: Subject, sample: Sample) => Promise<Estimate> = measure,
): Promise<Outcome> {
  let why = "it gives neither quantity on the samples at hand";
  for (const rows of [ROWS, MANY_ROWS]) {
    let judged = 0;
    for (const known of samples(rows)) {
      const found = await get(subject, known.sample);
      const wrong = found.status === "measured" ? await judge(found, known) : null;
      if (wrong) return { status: "failed", reason: `on ${known.name}, ${wrong}` };
      if (wrong === undefined) judged++;
      else why = found.reason ?? why;
    }
    if (judged > 0) return PASSED;
  }
  return skipped(why);
}

/** The two quantities of an estimate that are there, with what is true of them. */
export function quantities(found: Measured, known: Pick<Known, "ixt" | "ity">) {
  return ([["I(X;T)", found.ixt, known.ixt], ["I(T;Y)", found.ity, known.ity]] as const)
    .flatMap(([name, quantity, truth]) => quantity === null ? [] : [{ name, quantity, truth }]);
}

/** Where two estimates differ by more than a tolerance in bits, in words; undefined if they do not. */
export function difference(one: Estimate, other: Estimate, tolerance: number): string | undefined {
  if (one.status !== "measured" || other.status !== "measured") {
    return one.status === other.status ? undefined : `the estimate is ${one.status}, then ${other.status}`;
  }
  for (const [name, a, b] of [["I(X;T)", one.ixt, other.ixt], ["I(T;Y)", one.ity, other.ity]] as const) {
    for (const part of ["bits", "low", "high"] as const) {
      const [x, y] = [a?.[part], b?.[part]];
      if (x === y) continue;
      if (x === undefined || y === undefined || Math.abs(x - y) > tolerance) {
        return `${name} is ${x ?? "not given"}, then ${y ?? "not given"}${part === "bits" ? " bits" : ` (${part})`}`;
      }
    }
  }
  if (tolerance === 0 && JSON.stringify(one) !== JSON.stringify(other)) {
    return `the estimate is ${JSON.stringify(one)}, then ${JSON.stringify(other)}`;
  }
  return undefined;
}

/** How far two answers that should be one may differ, in bits: the order of sums rounds, in f32 where arithmetic is not portable. */
export function rounding({ item: estimator }: Subject): number {
  return estimator.arithmetic === "portable" ? 1e-9 : 1e-5;
}
