/**
 * Gradients of single examples, all of them stored, and second derivatives by differences: slow and plain, to be compared with.
 *
 * @module
 */
import type { DenseNet } from "../../core/training/dense.ts";
import { type TwinData, twinForward, twinGradient } from "./dense_twin.ts";

/** The gradient of every row's own cross-entropy. */
export function twinExampleGradients(
  net: DenseNet,
  parameters: ArrayLike<number>,
  data: TwinData,
  rows: readonly number[],
): Float64Array[] {
  return rows.map((row) => twinGradient(net, parameters, data, [row]));
}

/** Mean of vectors. */
export function twinMean(vectors: readonly ArrayLike<number>[]): number[] {
  return Array.from(vectors[0], (_, i) => vectors.reduce((sum, v) => sum + v[i], 0) / vectors.length);
}

/** (1/m) Σ (v_i − v̄)(v_i − v̄)ᵀ. */
export function twinCovariance(vectors: readonly ArrayLike<number>[]): number[][] {
  const mean = twinMean(vectors);
  return mean.map((ma, a) =>
    mean.map((mb, b) => vectors.reduce((sum, v) => sum + (v[a] - ma) * (v[b] - mb), 0) / vectors.length)
  );
}

/** d/dt f(parameters + t v) at 0 by central differences, each parameter moving by at most h. */
function alongVector(
  f: (at: Float64Array) => ArrayLike<number>,
  parameters: ArrayLike<number>,
  v: ArrayLike<number>,
  h = 1e-5,
): number[] {
  const step = h / Math.max(...Array.from(v, Math.abs));
  const up = f(Float64Array.from(parameters, (p, i) => p + step * v[i]));
  const down = f(Float64Array.from(parameters, (p, i) => p - step * v[i]));
  return Array.from(up, (value, i) => (value - down[i]) / (2 * step));
}

/** H v of the mean cross-entropy. */
export function twinHessianVector(
  net: DenseNet,
  parameters: ArrayLike<number>,
  data: TwinData,
  rows: readonly number[],
  v: ArrayLike<number>,
): number[] {
  return alongVector((at) => twinGradient(net, at, data, rows), parameters, v);
}

/** G v, with the derivative of every logit by every parameter. */
export function twinGaussNewtonVector(
  net: DenseNet,
  parameters: ArrayLike<number>,
  data: TwinData,
  rows: readonly number[],
  v: ArrayLike<number>,
): number[] {
  const product = Array.from(parameters, () => 0);
  for (const r of rows) {
    const x = Array.from({ length: net.inputs }, (_, i) => data.inputs[r * net.inputs + i]);
    const logits = (at: ArrayLike<number>) => twinForward(net, at, x).z.at(-1)!;
    const p = twinForward(net, parameters, x).h.at(-1)!;
    const change = alongVector(logits, parameters, v);
    const mean = p.reduce((sum, value, c) => sum + value * change[c], 0);
    const u = p.length === 1 ? [p[0] * (1 - p[0]) * change[0]] : p.map((value, c) => value * (change[c] - mean));
    for (let i = 0; i < product.length; i++) {
      const unit = product.map((_, j) => i === j ? 1 : 0);
      alongVector(logits, parameters, unit).forEach((slope, c) => product[i] += slope * u[c] / rows.length);
    }
  }
  return product;
}
