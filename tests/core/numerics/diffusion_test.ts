import assert from "node:assert/strict";
import { diffusionExponent } from "../../../core/numerics/mod.ts";
import { root } from "../../../core/testing.ts";

/** Distances from the start of a walk in d dimensions with a drift along the first, at doubling times. */
function walk(d: number, drift: number, noise: number, seed: number) {
  const stream = root(seed);
  const at = new Float64Array(d);
  const times: number[] = [];
  const distances: number[] = [];
  for (let t = 1, next = 1; t <= 2048; t++) {
    for (let j = 0; j < d; j++) at[j] += noise * stream.normal() + (j === 0 ? drift : 0);
    if (t < next) continue;
    times.push(t);
    distances.push(Math.hypot(...at));
    next *= 2;
  }
  return diffusionExponent(times, distances);
}

Deno.test("diffusionExponent() is 1 for a random walk, 2 for drift, and near 0 for logarithmic growth", () => {
  const walks = Array.from({ length: 20 }, (_, seed) => walk(70, 0, 1, seed));
  const mean = walks.reduce((sum, alpha) => sum + alpha / 20, 0);
  assert.ok(Math.abs(mean - 1) < 0.02, String(mean));
  assert.ok(walks.every((alpha) => Math.abs(alpha - 1) < 0.2), walks.join());
  assert.ok(Math.abs(walk(70, 1, 0, 1) - 2) < 1e-12);
  const times = Array.from({ length: 60 }, (_, i) => 1000 * 1.1 ** i);
  const logarithmic = diffusionExponent(times, times.map((t) => Math.log1p(t)));
  assert.ok(logarithmic > 0 && logarithmic < 0.25, String(logarithmic));
});

Deno.test("diffusionExponent() does not change with the unit of time or distance", () => {
  const alpha = diffusionExponent([1, 2, 7], [1, 3, 4]);
  assert.ok(Math.abs(diffusionExponent([7, 14, 49], [0.1, 0.3, 0.4]) - alpha) < 1e-12);
});

Deno.test("diffusionExponent() refuses times and distances that have no logarithm", () => {
  assert.throws(() => diffusionExponent([0, 1], [1, 2]), {
    name: "RangeError",
    message: "Cannot find an exponent as times must be > 0: times[0] is 0",
  });
  assert.throws(() => diffusionExponent([1, 2], [1, 0]), { message: /distances\[1\] is 0/ });
});
