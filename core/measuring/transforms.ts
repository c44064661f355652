import type { Sample } from "../contracts/estimator.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Transform } from "../contracts/study.ts";
import { exp, log } from "../numerics/elementary.ts";

/** Passes of Gram and Schmidt: a second one leaves columns orthogonal to rounding. */
const PASSES = 2;
/** What is left of a row in the span of others, over the row: rounding. */
const NOTHING = 1e-12;
/** Singular values of a mixing lie between 1/SPREAD and SPREAD. */
const SPREAD = 2;

/**
 * A layer seen through an invertible map, which changes no mutual information: what an estimate changes by is the estimator's doing.
 * Values become f64, so that rounding joins no rows.
 *
 * - `rotation`: t ↦ Qt, Q orthogonal, from normal numbers by Gram and Schmidt: uniform over rotations and reflections.
 * - `mixing`: t ↦ Q diag(s) Q′ t, with s between ½ and 2, 1 in geometric mean, evenly spaced in the logarithm.
 * - `monotone`: t ↦ t + t³/3 of each unit.
 *
 * @param stream The same for every snapshot, so that it is one map.
 */
export function transformed(sample: Sample, transform: Transform, stream: Stream): Sample {
  const { n, units } = sample.meta;
  const { data } = sample.activations;
  const values = new Float64Array(n * units);
  if (transform === "monotone") {
    for (let i = 0; i < values.length; i++) values[i] = data[i] + data[i] * data[i] * data[i] / 3;
  } else {
    const map = transform === "rotation" ? orthogonal(units, stream) : mixing(units, stream);
    for (let row = 0; row < n; row++) {
      for (let j = 0; j < units; j++) {
        let sum = 0;
        for (let i = 0; i < units; i++) sum += map[j * units + i] * data[row * units + i];
        values[row * units + j] = sum;
      }
    }
  }
  const { range: _, quantisedBits: __, ...meta } = sample.meta;
  return {
    ...sample,
    meta: { ...meta, activation: "unknown" },
    activations: { data: values, shape: [n, units] },
  };
}

/** A random orthogonal matrix, row-major [d, d]. */
export function orthogonal(d: number, stream: Stream): Float64Array {
  return orthonormalise(Float64Array.from({ length: d * d }, () => stream.normal()), d);
}

/**
 * Makes the rows of a matrix orthonormal in place, each from those before it; a row in their span, of which rounding alone is left, becomes
 * zero.
 *
 * @param q Row-major, of rows of `d` numbers, at most `d` of them.
 */
export function orthonormalise(q: Float64Array, d: number): Float64Array {
  for (let j = 0; j * d < q.length; j++) {
    const row = q.subarray(j * d, (j + 1) * d);
    const before = normOf(row);
    for (let pass = 0; pass < PASSES; pass++) {
      for (let k = 0; k < j; k++) {
        let along = 0;
        for (let i = 0; i < d; i++) along += row[i] * q[k * d + i];
        for (let i = 0; i < d; i++) row[i] -= along * q[k * d + i];
      }
    }
    const norm = normOf(row);
    for (let i = 0; i < d; i++) row[i] = norm > before * NOTHING ? row[i] / norm : 0;
  }
  return q;
}

function normOf(row: Float64Array): number {
  let square = 0;
  for (const value of row) square += value * value;
  return Math.sqrt(square);
}

function mixing(d: number, stream: Stream): Float64Array {
  const [left, right] = [orthogonal(d, stream.child("left")), orthogonal(d, stream.child("right"))];
  const map = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    const s = d === 1 ? SPREAD : power(SPREAD, 2 * k / (d - 1) - 1);
    for (let j = 0; j < d; j++) {
      for (let i = 0; i < d; i++) map[j * d + i] += left[k * d + j] * s * right[k * d + i];
    }
  }
  return map;
}

function power(base: number, exponent: number): number {
  return exp(exponent * log(base));
}
