/**
 * Spins on a line or a ring, each of which sees its neighbours: the simplest inputs of which only some are typical.
 *
 * @module
 */
import { exp } from "./elementary.ts";

/** A chain of spins s_i = ±1. */
export interface IsingChain {
  /** Number of spins n, 1 to 20. */
  readonly spins: number;
  /** J: a bond of equal spins weighs e^J, one of unequal spins e^−J. */
  readonly coupling: number;
  /** h: a spin weighs e^(h s_i). */
  readonly field: number;
  /** Whether the last spin is bound to the first. */
  readonly ring: boolean;
}

/**
 * Spin i of pattern x: −1 or 1, the first spin the highest bit.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual([0, 1, 2].map((i) => spinOf(0b110, i, 3)), [1, 1, -1]);
 * ```
 */
export function spinOf(pattern: number, i: number, spins: number): number {
  return 2 * ((pattern >> (spins - 1 - i)) & 1) - 1;
}

/** Σ_i s_i of a pattern, from −n to n. */
export function magnetisation(pattern: number, spins: number): number {
  let sum = 0;
  for (let i = 0; i < spins; i++) sum += spinOf(pattern, i, spins);
  return sum;
}

/**
 * Probabilities p(x) ∝ exp(J Σ s_i s_{i+1} + h Σ s_i) of all 2^n patterns (Ising 1925).
 *
 * On a line without field this is the stationary Markov chain whose next spin differs from the last with probability q = 1/(1 + e^2J), of
 * entropy 1 + (n − 1) h(q) bits.
 *
 * @returns Shape [2^n], sums to 1.
 * @throws {RangeError} If the number of spins is not 1 to 20, or coupling or field is not finite.
 *
 * @example Two spins of which three quarters agree
 * ```ts
 * import assert from "node:assert/strict";
 * const p = isingProbabilities({ spins: 2, coupling: Math.log(3) / 2, field: 0, ring: false });
 * assert.deepEqual([...p].map((value) => value.toFixed(6)), ["0.375000", "0.125000", "0.125000", "0.375000"]);
 * ```
 */
export function isingProbabilities({ spins, coupling, field, ring }: IsingChain): Float64Array {
  if (!Number.isInteger(spins) || spins < 1 || spins > 20) {
    throw new RangeError(`Cannot enumerate a chain as its spins must be 1 to 20: there are ${spins}`);
  }
  for (const [name, value] of Object.entries({ coupling, field })) {
    if (!Number.isFinite(value)) {
      throw new RangeError(`Cannot weigh a chain as its ${name} must be finite: it is ${value}`);
    }
  }
  const energies = Float64Array.from({ length: 1 << spins }, (_, x) => {
    let bonds = 0;
    for (let i = 1; i < spins; i++) bonds += spinOf(x, i - 1, spins) * spinOf(x, i, spins);
    if (ring) bonds += spinOf(x, spins - 1, spins) * spinOf(x, 0, spins);
    return coupling * bonds + field * magnetisation(x, spins);
  });
  const top = energies.reduce((most, energy) => energy > most ? energy : most, -Infinity);
  const weights = energies.map((energy) => exp(energy - top));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
