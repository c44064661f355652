import assert from "node:assert/strict";
import {
  fitGaussianMixture,
  type GaussianMixture,
  logDensities,
  marginalMixture,
  type MixtureFit,
} from "../../../core/numerics/gaussian_mixture.ts";
import type { RealRows } from "../../../core/numerics/real_rows.ts";
import { root } from "../../../core/random/mod.ts";
import fixture from "../../fixtures/parametric/values.json" with { type: "json" };

const silent = () => Promise.resolve();
const HOW: MixtureFit = { components: 2, covariance: "full", floor: 0, iterations: 500, tolerance: 0 };

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected} ± ${tolerance}`);
}

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

const cases = fixture.mixtures.map(({ rows, n, d, kind, weights, means, covariances, nats, meanNats }) => ({
  rows: { values: Float64Array.from(rows), n, columns: d } as RealRows,
  kind: kind as MixtureFit["covariance"],
  mixture: {
    columns: d,
    weights: Float64Array.from(weights),
    means: Float64Array.from(means),
    covariances: Float64Array.from(covariances),
  } as GaussianMixture,
  nats,
  meanNats,
}));

Deno.test("ln p of every row is scikit-learn's at its parameters", () => {
  for (const { rows, mixture, nats } of cases) {
    logDensities(mixture, rows).forEach((value, i) => near(value, nats[i], 1e-10));
  }
});

Deno.test("the best of a few fits has scikit-learn's likelihood", async () => {
  for (const { rows, kind, mixture, meanNats } of cases) {
    const how = { ...HOW, components: mixture.weights.length, covariance: kind, tolerance: 1e-12, iterations: 3000 };
    const found = [];
    for (let seed = 0; seed < 4; seed++) {
      found.push(mean(logDensities(await fitGaussianMixture(rows, how, root(seed), silent), rows)));
    }
    near(Math.max(...found), meanNats, 1e-7);
  }
});

Deno.test("no round lowers the likelihood, and the floor alone keeps a mixture off a point", async () => {
  const { rows } = cases[1];
  let before = -Infinity;
  for (const iterations of [1, 2, 3, 5, 8, 13, 21]) {
    const after = mean(
      logDensities(await fitGaussianMixture(rows, { ...HOW, iterations, tolerance: -1 }, root(1), silent), rows),
    );
    assert.ok(after >= before - 1e-12);
    before = after;
  }
  const twice = { values: Float64Array.of(0, 0, 0, 5, 5, 5), n: 6, columns: 1 };
  await assert.rejects(fitGaussianMixture(twice, HOW, root(1), silent), /covariances must be positive definite/);
  const { covariances, means } = await fitGaussianMixture(twice, { ...HOW, floor: 0.01 }, root(1), silent);
  covariances.forEach((variance) => near(variance, 0.01, 1e-12));
  assert.deepEqual([...means].map((value) => Math.round(value)).sort(), [0, 5]);
});

Deno.test("more components than distinct rows are given up, and more than rows refused", async () => {
  const rows = { values: Float64Array.of(1, 1, 1, 1), n: 4, columns: 1 };
  const { weights } = await fitGaussianMixture(rows, { ...HOW, components: 3, floor: 1 }, root(1), silent);
  assert.deepEqual(weights, Float64Array.of(1, 0, 0));
  await assert.rejects(
    fitGaussianMixture(rows, { ...HOW, components: 5 }, root(1), silent),
    { name: "RangeError", message: "Cannot fit a Gaussian mixture as components must be 1 to 4: there are 5" },
  );
});

Deno.test("a marginal is the mixture with the other columns integrated out", () => {
  const { mixture } = cases[1];
  const two = marginalMixture(mixture, 0, 2);
  const last = marginalMixture(two, 1, 2);
  const step = 0.05;
  for (const b of [-6, 0, 4]) {
    let sum = 0;
    for (let a = -60; a < 60; a += step) {
      sum += step * Math.exp(logDensities(two, { values: Float64Array.of(a, b), n: 1, columns: 2 })[0]);
    }
    near(sum, Math.exp(logDensities(last, { values: Float64Array.of(b), n: 1, columns: 1 })[0]), 1e-9);
  }
});

Deno.test("the same stream gives the same bytes", async () => {
  const fits = [1, 1].map((seed) => fitGaussianMixture(cases[1].rows, { ...HOW, iterations: 5 }, root(seed), silent));
  assert.deepEqual(await fits[0], await fits[1]);
});
