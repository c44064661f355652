import type { Estimate, Estimator, Joint, Sample } from "@infoplane/core";
import { root, type Stream, testContext } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { readOptions } from "../../core/execution/options.ts";
import { estimateSamples } from "../../core/measuring/measure.ts";

/** An estimate that is one. */
export type Measured = Extract<Estimate, { status: "measured" }>;

/** A sample of activations, row-major, and what else is given of them. */
export function sampleOf(
  activations: ArrayLike<number>,
  n: number,
  given: { meta?: Partial<Sample["meta"]>; labels?: Uint8Array; joint?: Joint; inputs?: ArrayLike<number> } = {},
): Sample {
  const tensor = (data: ArrayLike<number>) => ({ data: Float64Array.from(data), shape: [n, data.length / n] });
  const { labels = Uint8Array.from({ length: n }, (_, i) => i % 2), joint, inputs, meta } = given;
  return {
    layer: 1,
    meta: {
      n,
      units: activations.length / n,
      activation: "linear",
      exactJoint: joint !== undefined,
      classes: joint ? joint.pyx.length / n : Math.max(...labels) + 1,
      ...meta,
    },
    activations: tensor(activations),
    labels,
    joint,
    inputs: inputs && tensor(inputs),
  };
}

/** What an estimator says of a sample under options as a user gives them. */
export async function estimated(
  estimator: unknown,
  sample: Sample,
  options: Record<string, unknown>,
  stream: Stream = root(1).child("noise"),
): Promise<Estimate> {
  const own = estimator as Estimator;
  const setting = readOptions(own.options, options as Parameters<typeof readOptions>[1], `estimator "${own.id}"`);
  return (await estimateSamples(own, [sample], [setting], testContext(stream).ctx))[0][0];
}

/** The same where it must be measured. */
export async function measured(...given: Parameters<typeof estimated>): Promise<Measured> {
  const estimate = await estimated(...given);
  assert.equal(estimate.status, "measured", JSON.stringify(estimate));
  return estimate as Measured;
}

/** n rows of x and t in d dimensions each; column c of t correlates with column c of x by rho, and with nothing else. */
export function binormal(rho: number, n: number, d: number, stream: Stream): { x: Float64Array; t: Float64Array } {
  const x = Float64Array.from({ length: n * d }, () => stream.normal());
  return { x, t: x.map((value) => rho * value + Math.sqrt(1 - rho * rho) * stream.normal()) };
}

/** Unit variances in d and d dimensions, every covariance ½. */
export function dense(n: number, d: number, stream: Stream): { x: Float64Array; t: Float64Array } {
  const x = new Float64Array(n * d);
  const t = new Float64Array(n * d);
  for (let i = 0; i < n; i++) {
    const common = stream.normal();
    for (const side of [x, t]) {
      for (let c = 0; c < d; c++) side[i * d + c] = Math.SQRT1_2 * (common + stream.normal());
    }
  }
  return { x, t };
}

/** I(X;T) in bits of one pair of normal numbers that correlate by .75. */
export const BINORMAL_BITS = 0.413339 / Math.LN2;
