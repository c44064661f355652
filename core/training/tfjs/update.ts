import { type DenseOptimiser, type DenseValues, kindOf, powersAfter } from "../dense.ts";

/** A stretch of the parameters, `to` left out. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** An optimiser with its moments. */
export interface Update {
  /** Moves parameters by one update along the gradient, in place. */
  move(parameters: Float32Array, gradient: Float32Array, noise?: Float64Array): void;
  /** A copy of the moments, one after the other, as the dense engine hands them out. */
  state(): Float32Array;
  /** Continues after so many updates. */
  resume(state: DenseValues, steps: number): void;
}

/**
 * The dense engine's optimisers, for parameters and gradients that lie in arrays; its moments, from zero.
 *
 * g ← g + λp. Gradient descent p ← p − ηg; with momentum m ← μm + g, p ← p − ηm; Adam m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²,
 * p ← p − η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε) (Kingma & Ba 2015, algorithm 1); Langevin p ← p − ηg + √(2ηT) ξ.
 *
 * @param learned The parameters that move.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const update = createUpdate({ id: "sgd", rate: 0.5 }, [{ from: 0, to: 1 }], 2);
 * const parameters = Float32Array.of(1, 1);
 * update.move(parameters, Float32Array.of(1, 1));
 * assert.deepEqual(parameters, Float32Array.of(0.5, 1));
 * ```
 */
export function createUpdate(optimiser: DenseOptimiser, learned: readonly Stretch[], count: number): Update {
  const { rate, weightDecay = 0 } = optimiser;
  const { moments } = kindOf(optimiser);
  const kept = new Float32Array(moments * count);
  const first = kept.subarray(0, count);
  const second = kept.subarray(count);
  let [power1, power2] = [1, 1];

  /** What parameter i moves by, its gradient with decay being g. */
  function moving(): (g: number, i: number, noise?: Float64Array) => number {
    switch (optimiser.id) {
      case "sgd": {
        const { momentum } = optimiser;
        if (!momentum) return (g) => -rate * g;
        return (g, i) => -rate * (first[i] = momentum * first[i] + g);
      }
      case "langevin": {
        const scale = Math.sqrt(2 * rate * optimiser.temperature);
        return (g, i, noise) => scale * noise![i] - rate * g;
      }
      case "adam": {
        const { beta1, beta2, epsilon } = optimiser;
        return (g, i) => {
          first[i] = beta1 * first[i] + (1 - beta1) * g;
          second[i] = beta2 * second[i] + (1 - beta2) * g * g;
          return -rate * (first[i] / (1 - power1)) / (Math.sqrt(second[i] / (1 - power2)) + epsilon);
        };
      }
    }
  }
  const step = moving();

  return {
    move(parameters, gradient, noise) {
      if (optimiser.id === "adam") [power1, power2] = [power1 * optimiser.beta1, power2 * optimiser.beta2];
      for (const { from, to } of learned) {
        for (let i = from; i < to; i++) parameters[i] += step(gradient[i] + weightDecay * parameters[i], i, noise);
      }
    },
    state: () => kept.slice(),
    resume(state, steps) {
      kept.set(state);
      [power1, power2] = powersAfter(optimiser, steps);
    },
  };
}
