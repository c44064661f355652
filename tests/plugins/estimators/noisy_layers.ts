import type { Estimate, Estimator, Joint, Sample } from "@infoplane/core";
import { testContext } from "@infoplane/core/testing";
import fc from "fast-check";
import assert from "node:assert/strict";
import type { WeighedLayer } from "../../oracles/mixture_twin.ts";

export type Measured = Extract<Estimate, { status: "measured" }>;

/** The sample of a layer; without `joint` rows weigh the same. */
export function sampleOf(
  data: Float32Array | Float64Array,
  units: number,
  labels: Uint8Array,
  joint?: Joint,
  classes = joint ? joint.pyx.length / joint.px.length : 2,
): Sample {
  const n = labels.length;
  const activations = { data, shape: [n, units] };
  return {
    layer: 1,
    meta: { n, units, activation: "tanh", exactJoint: joint !== undefined, classes },
    activations,
    labels,
    joint,
    reference: activations,
  };
}

/** The sample of a layer with its exact weights, in f64. */
export function sampleOfLayer({ rows, px, pyx }: WeighedLayer): Sample {
  const joint = { px: Float64Array.from(px), pyx: Float64Array.from(pyx.flat()) };
  return sampleOf(Float64Array.from(rows.flat()), rows[0].length, new Uint8Array(rows.length), joint);
}

/** The estimate of one sample, which must be there. */
export async function measured<Options>(
  estimator: Estimator<Options>,
  sample: Sample,
  options: Options,
  ctx = testContext().ctx,
): Promise<Measured> {
  const estimate = await estimator.estimate(sample, options, ctx);
  assert.equal(estimate.status, "measured", JSON.stringify(estimate));
  return estimate as Measured;
}

/** Shapes of layers whose rows often coincide, by labels alone or with weights. */
export const layerShape = fc.record({
  n: fc.integer({ min: 1, max: 150 }),
  units: fc.constantFrom(1, 2, 3, 7, 20),
  distinct: fc.double({ min: 0.1, max: 1, noNaN: true }),
  double: fc.boolean(),
  classes: fc.integer({ min: 2, max: 5 }),
  weighing: fc.constantFrom("labels", "uniform", "weighed", "one-hot"),
  seed: fc.integer(),
});

export type LayerShape = typeof layerShape extends fc.Arbitrary<infer T> ? T : never;

/** A layer of a shape, as an estimator and as its twin see it. */
export function layerOf(shape: LayerShape): { sample: Sample; layer: WeighedLayer } {
  const { n, units, distinct, double, classes, weighing } = shape;
  let state = shape.seed >>> 0;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 4294967296;
  const whole = (bound: number) => Math.floor(next() * bound);
  const pool = Array.from(
    { length: Math.ceil(distinct * n) },
    () => Array.from({ length: units }, () => 2 * next() - 1),
  );
  const values = Array.from({ length: n }, (_, i) => pool[i < pool.length ? i : whole(pool.length)]).flat();
  const data = double ? Float64Array.from(values) : Float32Array.from(values);
  const labels = Uint8Array.from({ length: n }, () => whole(classes));
  // A row that never occurs is there too.
  const raw = Array.from({ length: n }, (_, i) => weighing === "weighed" ? (i % 7 === 3 ? 0 : next()) : 1);
  const total = raw.reduce((a, b) => a + b);
  const px = raw.map((p) => p / total);
  const pyx = px.map((_, row) => {
    const p = Array.from(
      { length: classes },
      (_, y) => weighing === "labels" || weighing === "one-hot" ? Number(labels[row] === y) : next(),
    );
    const sum = p.reduce((a, b) => a + b);
    return p.map((q) => q / sum);
  });
  const joint = weighing === "labels" ? undefined : { px: Float64Array.from(px), pyx: Float64Array.from(pyx.flat()) };
  const rows = Array.from({ length: n }, (_, i) => [...data.subarray(i * units, (i + 1) * units)]);
  return { sample: sampleOf(data, units, labels, joint, classes), layer: { rows, px, pyx } };
}

/** |a − b| ≤ tolerance · max(|b|, 1e-3): relative, with a floor for what is nearly 0. */
export function assertClose(a: number, b: number, tolerance: number, what = ""): void {
  assert.ok(Math.abs(a - b) <= tolerance * Math.max(Math.abs(b), 1e-3), `${what} is ${a}, must be ${b}`);
}
