/**
 * Nets, data and parameters to try the dense engine with.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { DenseActivation, DenseLayer, DenseNet } from "../../../core/training/dense.ts";
import { type TwinData, twinParameterCount } from "../../oracles/dense_twin.ts";

/** What hidden layers can do to their pre-activations. */
export const HIDDEN = ["tanh", "relu", "leaky-relu", "sigmoid", "softplus", "linear"] as const;

/** Numbers uniform in [−1, 1) by a linear congruence (Numerical Recipes), enough to spread test values. */
export function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Layers of one activation under a softmax. */
export function netOf(
  inputs: number,
  hidden: readonly number[],
  activation: DenseActivation,
  classes: number,
): DenseNet {
  return {
    inputs,
    layers: [...hidden.map((units) => ({ units, activation })), { units: classes, activation: "softmax" }],
  };
}

/** A net with something to learn and somewhere to start. */
export interface Setting {
  readonly net: DenseNet;
  readonly data: TwinData & { readonly inputs: Float32Array; readonly labels: Uint8Array };
  readonly start: Float32Array;
}

/** n rows and parameters drawn for a net. */
export function settingOf(net: DenseNet, n: number, seed: number): Setting {
  const next = lcg(seed);
  const classes = Math.max(2, net.layers.at(-1)!.units);
  const inputs = Float32Array.from({ length: n * net.inputs }, next);
  const labels = Uint8Array.from({ length: n }, () => Math.floor((next() + 1) / 2 * classes));
  const scale = 2 / Math.sqrt(net.inputs);
  const start = Float32Array.from({ length: twinParameterCount(net) }, () => scale * next());
  return { net, data: { inputs, labels }, start };
}

/** from, from + 1, … to − 1. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Euclidean norm. */
export function norm(a: ArrayLike<number>): number {
  return Math.sqrt(Array.from(a).reduce((sum, v) => sum + v * v, 0));
}

/** ‖a − b‖ / ‖b‖. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.equal(a.length, b.length);
  return norm(Array.from(a, (v, i) => v - b[i])) / norm(b);
}

/** Any net the engine builds: layers of different kinds, residual, quantised, under a softmax or one logistic unit. */
export const anyNet = fc.record({
  inputs: fc.integer({ min: 1, max: 12 }),
  hidden: fc.array(
    fc.record({
      units: fc.integer({ min: 1, max: 9 }),
      activation: fc.constantFrom(...HIDDEN),
      residual: fc.boolean(),
      bits: fc.constantFrom(undefined, undefined, 1, 3, 8),
    }),
    { maxLength: 4 },
  ),
  classes: fc.integer({ min: 1, max: 4 }),
}).map(({ inputs, hidden, classes }): DenseNet => {
  let below = inputs;
  const layers = hidden.map(({ units, activation, residual, bits }): DenseLayer => {
    const layer = {
      units: residual ? below : units,
      activation,
      residual,
      quantisedBits: activation === "tanh" || activation === "sigmoid" ? bits : undefined,
    };
    below = layer.units;
    return layer;
  });
  const output: DenseLayer = classes === 1
    ? { units: 1, activation: "sigmoid" }
    : { units: classes, activation: "softmax" };
  return { inputs, layers: [...layers, output] };
});
