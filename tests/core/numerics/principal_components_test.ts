import assert from "node:assert/strict";
import { componentScores, principalComponents, type RealRows, realRows } from "../../../core/numerics/mod.ts";
import { root } from "../../../core/random/mod.ts";
import cases from "../../fixtures/components/components.json" with { type: "json" };
import { twinComponents } from "../../oracles/power_iteration_twin.ts";

function rowsOf(rows: readonly (readonly number[])[]): RealRows {
  return realRows({ data: Float64Array.from(rows.flat()), shape: [rows.length, rows[0].length] }, "rows");
}

/** Rows of normal numbers, column c with standard deviation `spreads[c]`. */
function normals(n: number, spreads: readonly number[], seed = 1): number[][] {
  const stream = root(seed);
  return Array.from({ length: n }, () => spreads.map((spread) => spread * stream.normal()));
}

const close = (found: ArrayLike<number>, wanted: readonly number[], tolerance = 1e-10) =>
  wanted.forEach((value, i) =>
    assert.ok(Math.abs(found[i] - value) <= tolerance, `${i}: ${found[i]} is not ${value} ± ${tolerance}`)
  );

/** Rows turned by an angle in every plane of two neighbouring columns. */
function turned(rows: readonly (readonly number[])[], angle: number): number[][] {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return rows.map((row) => {
    const out = [...row];
    for (let i = 0; i + 1 < out.length; i++) {
      [out[i], out[i + 1]] = [c * out[i] - s * out[i + 1], s * out[i] + c * out[i + 1]];
    }
    return out;
  });
}

Deno.test("a Gaussian with axes 3 and 2, turned by 30°, has variances 9 and 4 along the turned axes, and 0 across", () => {
  const n = 20_000;
  const found = principalComponents(rowsOf(turned(normals(n, [3, 2]), Math.PI / 6).map((row) => [...row, 0])), 3);
  // A variance is known to √(2/n) of itself, a direction to 1/√n · √(λ₁λ₂)/(λ₁ − λ₂).
  close(found.variances, [9, 4, 0], 5 * Math.sqrt(2 / n) * 9);
  close(
    found.directions,
    [Math.cos(Math.PI / 6), 0.5, 0, -0.5, Math.cos(Math.PI / 6), 0, 0, 0, 1],
    5 * 6 / 5 / Math.sqrt(n),
  );
  assert.ok(Math.abs(found.total - found.variances[0] - found.variances[1]) < 1e-12);
});

Deno.test("rows on a line have one component, which holds all variance, and scores that give them back", () => {
  const line = [-2, 0, 1, 5].map((t) => [1 + 2 * t, 3 - t, 2 * t]);
  const rows = rowsOf(line);
  const found = principalComponents(rows, 2);
  assert.ok(Math.abs(found.variances[0] / found.total - 1) < 1e-15 && found.variances[1] >= 0);
  assert.ok(found.variances[1] < 1e-14);
  close(found.directions, [2 / 3, -1 / 3, 2 / 3]);
  const scores = componentScores(rows, found);
  line.forEach((row, i) => close(row.map((_, c) => found.mean[c] + scores[2 * i] * found.directions[c]), row, 1e-13));
});

Deno.test("variances do not change when rows are turned or moved, and scores change by their sign alone", () => {
  const rows = normals(50, [3, 2, 1, 0.5]);
  const here = principalComponents(rowsOf(rows), 2);
  const elsewhere = turned(rows, 0.7).map((row) => row.map((value, c) => value + 10 * c));
  const there = principalComponents(rowsOf(elsewhere), 2);
  close(there.variances, [...here.variances], 1e-12);
  assert.ok(Math.abs(there.total - here.total) < 1e-12);
  const [a, b] = [componentScores(rowsOf(rows), here), componentScores(rowsOf(elsewhere), there)];
  close(b.map(Math.abs), [...a].map(Math.abs), 1e-11);
});

Deno.test("scores are uncorrelated, about 0, with the variances of their components", () => {
  const rows = rowsOf(normals(40, [2, 1, 1]));
  const found = principalComponents(rows, 3);
  const scores = componentScores(rows, found);
  const of = (k: number) => Array.from({ length: 40 }, (_, i) => scores[3 * i + k]);
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / 40;
  for (const k of [0, 1, 2]) {
    assert.ok(Math.abs(mean(of(k))) < 1e-14);
    for (const l of [0, 1, 2]) {
      const product = mean(of(k).map((value, i) => value * of(l)[i]));
      assert.ok(Math.abs(product - (k === l ? found.variances[k] : 0)) < 1e-13);
    }
  }
});

Deno.test("a weight of 2 is a row that is there twice, a weight of 0 one that is not", () => {
  const rows = normals(6, [2, 1, 1]);
  const weighed = principalComponents(rowsOf(rows), 2, [1, 2, 1, 0, 1, 1]);
  const repeated = principalComponents(rowsOf([rows[0], rows[1], rows[1], rows[2], rows[4], rows[5]]), 2);
  close(weighed.variances, [...repeated.variances], 1e-13);
  close(weighed.directions, [...repeated.directions], 1e-12);
  close(weighed.mean, [...repeated.mean], 1e-14);
});

Deno.test("more components than columns are not given", () => {
  const rows = rowsOf([[1], [3]]);
  const found = principalComponents(rows, 2);
  assert.deepEqual([found.variances, found.directions], [Float64Array.of(1), Float64Array.of(1)]);
  assert.deepEqual(componentScores(rows, found), Float64Array.of(-1, 1));
});

Deno.test("they are the twin's by power iteration, up to its sign", () => {
  for (const seed of [1, 2, 3]) {
    const rows = normals(30, [4, 2, 1, 1], seed);
    const weights = Array.from({ length: 30 }, (_, i) => 1 + i % 3);
    const found = principalComponents(rowsOf(turned(rows, 1)), 2, weights);
    twinComponents(turned(rows, 1), 2, weights).forEach(({ direction, variance }, k) => {
      assert.ok(Math.abs(found.variances[k] - variance) < 1e-10);
      const sign = Math.sign(direction[0] * found.directions[4 * k]);
      close(found.directions.subarray(4 * k, 4 * k + 4), direction.map((entry) => sign * entry), 1e-8);
    });
  }
});

Deno.test("they are those of numpy, sign and all", () => {
  for (const { n, columns, rows, weights, variances, total, directions, scores } of cases) {
    const sample: RealRows = { values: Float64Array.from(rows), n, columns };
    const found = principalComponents(sample, 2, weights ?? undefined);
    close(found.variances, variances, 1e-12 * total);
    close([found.total], [total], 1e-12 * total);
    close(found.directions, directions, 1e-10);
    close(componentScores(sample, found), scores, 1e-9);
  }
});
