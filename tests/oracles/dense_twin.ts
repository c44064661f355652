/**
 * The dense engine once more, in f64, row by row and sum by sum: slow and plain, to be compared with.
 *
 * @module
 */
import type { DenseActivation, DenseNet, DenseOptimiser } from "../../core/training/dense.ts";

/** A net's data: `inputs` row-major [n, d], `labels` [n]. */
export interface TwinData {
  readonly inputs: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
}

/** Slope of a leaky ReLU below 0: the float32 next to 0.01, in either precision. */
const SLOPE = Math.fround(0.01);

const ACTIVATIONS: Record<DenseActivation, (z: number) => number> = {
  linear: (z) => z,
  tanh: Math.tanh,
  relu: (z) => Math.max(0, z),
  "leaky-relu": (z) => z > 0 ? z : SLOPE * z,
  sigmoid: (z) => 1 / (1 + Math.exp(-z)),
  softplus: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
  softmax: (z) => z,
};

const DERIVATIVES: Record<DenseActivation, (z: number) => number> = {
  linear: () => 1,
  tanh: (z) => 1 - Math.tanh(z) ** 2,
  relu: (z) => z > 0 ? 1 : 0,
  "leaky-relu": (z) => z > 0 ? 1 : SLOPE,
  sigmoid: (z) => Math.exp(-z) / (1 + Math.exp(-z)) ** 2,
  softplus: (z) => 1 / (1 + Math.exp(-z)),
  softmax: () => 1,
};

/** How many numbers describe the net: weights row-major [in, out], then biases, layer after layer. */
export function twinParameterCount(net: DenseNet): number {
  let count = 0;
  let inputs = net.inputs;
  for (const { units } of net.layers) {
    count += (inputs + 1) * units;
    inputs = units;
  }
  return count;
}

/** Pre-activations and activations of every layer for one row. */
export function twinForward(
  net: DenseNet,
  parameters: ArrayLike<number>,
  row: readonly number[],
): { z: number[][]; h: number[][] } {
  const z: number[][] = [];
  const h: number[][] = [];
  let below = row;
  let offset = 0;
  for (const { units, activation, residual, quantisedBits } of net.layers) {
    const sums = Array.from({ length: units }, (_, o) => {
      let sum = parameters[offset + below.length * units + o];
      for (let i = 0; i < below.length; i++) sum += below[i] * parameters[offset + i * units + o];
      return sum;
    });
    offset += (below.length + 1) * units;
    let out = sums.map(ACTIVATIONS[activation]);
    if (activation === "softmax") {
      const top = Math.max(...sums);
      const e = sums.map((s) => Math.exp(s - top));
      const total = e.reduce((a, b) => a + b, 0);
      out = e.map((v) => v / total);
    }
    if (quantisedBits) {
      const [low, span, levels] = [activation === "tanh" ? -1 : 0, activation === "tanh" ? 2 : 1, 2 ** quantisedBits];
      const cell = (value: number) => Math.min(levels - 1, Math.floor((value - low) / span * levels));
      out = out.map((value) => low + (cell(value) + 0.5) * span / levels);
    }
    if (residual) out = out.map((value, i) => value + below[i]);
    z.push(sums);
    h.push(out);
    below = out;
  }
  return { z, h };
}

function rowOf(net: DenseNet, data: TwinData, r: number): number[] {
  return Array.from({ length: net.inputs }, (_, i) => data.inputs[r * net.inputs + i]);
}

/** Mean cross-entropy over `rows`, in nats. */
export function twinLoss(net: DenseNet, parameters: ArrayLike<number>, data: TwinData, rows: Iterable<number>): number {
  let sum = 0;
  let count = 0;
  for (const r of rows) {
    const z = twinForward(net, parameters, rowOf(net, data, r)).z.at(-1)!;
    if (z.length === 1) z.unshift(0);
    const top = Math.max(...z);
    sum += Math.log(z.reduce((a, v) => a + Math.exp(v - top), 0)) - (z[data.labels[r]] - top);
    count++;
  }
  return sum / count;
}

/** Gradient of `twinLoss` by the chain rule, laid out as the parameters are. */
export function twinGradient(
  net: DenseNet,
  parameters: ArrayLike<number>,
  data: TwinData,
  rows: readonly number[],
): Float64Array {
  const gradient = new Float64Array(twinParameterCount(net));
  for (const r of rows) {
    const x = rowOf(net, data, r);
    const { z, h } = twinForward(net, parameters, x);
    let offset = gradient.length;
    const binary = h.at(-1)!.length === 1;
    let delta = h.at(-1)!.map((p, c) => p - (binary ? data.labels[r] : c === data.labels[r] ? 1 : 0));
    // δL/δh of the layer at hand, which a residual layer hands on to its input.
    let error = delta;
    for (let k = net.layers.length - 1; k >= 0; k--) {
      const below = k === 0 ? x : h[k - 1];
      const units = delta.length;
      offset -= (below.length + 1) * units;
      for (let o = 0; o < units; o++) {
        for (let i = 0; i < below.length; i++) gradient[offset + i * units + o] += below[i] * delta[o] / rows.length;
        gradient[offset + below.length * units + o] += delta[o] / rows.length;
      }
      if (k === 0) break;
      const passed = net.layers[k].residual ? error : undefined;
      error = below.map((_, i) => {
        let sum = passed?.[i] ?? 0;
        for (let o = 0; o < units; o++) sum += parameters[offset + i * units + o] * delta[o];
        return sum;
      });
      delta = error.map((e, i) => e * DERIVATIVES[net.layers[k - 1].activation](z[k - 1][i]));
    }
  }
  return gradient;
}

/** Gradient of `twinLoss` by central differences with step `h`. */
export function twinDifferences(
  net: DenseNet,
  parameters: ArrayLike<number>,
  data: TwinData,
  rows: readonly number[],
  h = 1e-5,
): Float64Array {
  const at = Float64Array.from(parameters);
  return at.map((value, i) => {
    at[i] = value + h;
    const up = twinLoss(net, at, data, rows);
    at[i] = value - h;
    const down = twinLoss(net, at, data, rows);
    at[i] = value;
    return (up - down) / (2 * h);
  });
}

/** A run of updates; `step` returns the loss before it and changes `parameters`. */
export function createTwin(net: DenseNet, start: ArrayLike<number>, data: TwinData, optimiser: DenseOptimiser): {
  readonly parameters: Float64Array;
  step(rows: readonly number[], noise?: ArrayLike<number>): number;
} {
  const parameters = Float64Array.from(start);
  const m = new Float64Array(parameters.length);
  const v = new Float64Array(parameters.length);
  let t = 0;
  return {
    parameters,
    step(rows, noise) {
      const loss = twinLoss(net, parameters, data, rows);
      const gradient = twinGradient(net, parameters, data, rows);
      t++;
      for (let i = 0; i < parameters.length; i++) {
        const g = gradient[i] + (optimiser.weightDecay ?? 0) * parameters[i];
        if (optimiser.id === "sgd") {
          m[i] = (optimiser.momentum ?? 0) * m[i] + g;
          parameters[i] -= optimiser.rate * m[i];
          continue;
        }
        if (optimiser.id === "langevin") {
          parameters[i] += Math.sqrt(2 * optimiser.rate * optimiser.temperature) * noise![i] - optimiser.rate * g;
          continue;
        }
        const { rate, beta1, beta2, epsilon } = optimiser;
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        parameters[i] -= rate * (m[i] / (1 - beta1 ** t)) / (Math.sqrt(v[i] / (1 - beta2 ** t)) + epsilon);
      }
      return loss;
    },
  };
}
