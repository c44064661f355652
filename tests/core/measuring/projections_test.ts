import type { Sample } from "@infoplane/core";
import { realRows } from "@infoplane/core/numerics";
import { root, testContext } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { principalComponents } from "../../../core/numerics/principal_components.ts";
import { projected, projectionDiagnostics } from "../../../core/measuring/projections.ts";
import { noiseBounds } from "../../../plugins/estimators/noise_bounds.ts";

const stream = root(5).child("projection");
const values = root(6).child("values");

/** A layer of these values. */
function sampleOf(n: number, units: number, value: (row: number, unit: number) => number): Sample {
  return {
    layer: 1,
    meta: { n, units, activation: "relu", exactJoint: false, classes: 3 },
    activations: {
      data: Float32Array.from({ length: n * units }, (_, i) => value(Math.floor(i / units), i % units)),
      shape: [n, units],
    },
    labels: Uint8Array.from({ length: n }, (_, row) => row % 3),
  };
}

const rowsOf = ({ activations: { data, shape: [n, units] } }: Sample) =>
  Array.from({ length: n }, (_, row) => Array.from(data.subarray(row * units, (row + 1) * units)));
const squaredDistances = (sample: Sample) => {
  const rows = rowsOf(sample);
  return rows.flatMap((a) => rows.map((b) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0)));
};

Deno.test("pools sum each channel over its places, over the root of their number", () => {
  const image = sampleOf(1, 3 * 3 * 2, (_, unit) => unit);
  const one = projected(image, [3, 3, 2], { onto: "pool", grid: 1 }, stream);
  // Channel 0 holds 0, 2, …, 16 and channel 1 holds 1, 3, …, 17.
  assert.deepEqual(rowsOf(one), [[72 / 3, 81 / 3]]);
  assert.deepEqual([one.meta.units, one.meta.activation], [2, "unknown"]);
  const quarters = rowsOf(projected(image, [3, 3, 2], { onto: "pool", grid: 2 }, stream))[0];
  // Two of three rows and columns of places lie in the first half.
  assert.deepEqual(quarters.filter((_, i) => i % 2 === 0), [
    (0 + 2 + 6 + 8) / 2,
    (4 + 10) / Math.sqrt(2),
    (12 + 14) / Math.sqrt(2),
    16,
  ]);
});

Deno.test("what says the same at every place loses nothing to pools, and what sums to nothing loses all", () => {
  const same = sampleOf(5, 16, (row) => row + 1);
  const alike = projected(same, [4, 4, 1], { onto: "pool", grid: 2 }, stream);
  assert.deepEqual(projectionDiagnostics(alike), { projectedFrom: 16, secondMoment: 1 });
  assert.deepEqual(squaredDistances(alike), squaredDistances(same));
  const board = sampleOf(5, 16, (row, unit) => (row + 1) * ((unit + (unit >> 2)) % 2 ? 1 : -1));
  assert.equal(projectionDiagnostics(projected(board, [4, 4, 1], { onto: "pool", grid: 2 }, stream))!.secondMoment, 0);
});

Deno.test("a layer that needs no projection is the very same, and a layer of zeros is no trouble", () => {
  const sample = sampleOf(4, 6, (row, unit) => row - unit);
  for (
    const [shape, way] of [
      [[6], { onto: "pool", grid: 1 }],
      [[1, 1, 6], { onto: "pool", grid: 1 }],
      [[2, 3, 1], { onto: "pool", grid: 3 }],
      [[6], { onto: "components", dimensions: 6 }],
    ] as const
  ) {
    const found = projected(sample, shape, way, stream);
    assert.equal(found, sample, JSON.stringify(way));
    assert.equal(projectionDiagnostics(found), undefined);
  }
  const nothing = projected(sampleOf(4, 6, () => 0), [6], { onto: "components", dimensions: 2 }, stream);
  assert.deepEqual(rowsOf(nothing), rowsOf(sampleOf(4, 2, () => 0)));
  assert.equal(projectionDiagnostics(nothing)!.secondMoment, 0);
});

Deno.test("components of rows that lie in a plane of as many directions keep every distance", () => {
  const plane = Array.from({ length: 3 * 40 }, () => values.normal());
  const places = Array.from({ length: 25 * 3 }, () => values.normal());
  const flat = sampleOf(
    25,
    40,
    (row, unit) => [0, 1, 2].reduce((sum, k) => sum + places[row * 3 + k] * plane[k * 40 + unit], 5),
  );
  const sample = projected(flat, [40], { onto: "components", dimensions: 3 }, stream);
  const before = squaredDistances(flat);
  squaredDistances(sample).forEach((d, i) => assert.ok(Math.abs(d - before[i]) < 1e-3 + 1e-5 * before[i]));
});

Deno.test("components hold nearly the variance of the exact ones, and no orthonormal map holds more", () => {
  const units = 60;
  const layer = sampleOf(300, units, (_, unit) => values.normal() / (1 + unit) ** 0.75);
  const exact = principalComponents(realRows(layer.activations, "t"), 8);
  const sample = projected(layer, [units], { onto: "components", dimensions: 8 }, stream);
  const held = principalComponents(realRows(sample.activations, "t"), 8).total;
  const most = exact.variances.reduce((a, b) => a + b);
  assert.ok(held <= most * (1 + 1e-9) && held > 0.99 * most, `${held} of ${most}`);
  const other = projected(layer, [units], { onto: "components", dimensions: 8 }, root(8));
  const otherHeld = principalComponents(realRows(other.activations, "t"), 8).total;
  assert.ok(Math.abs(otherHeld - held) < 0.02 * most, "wherever it starts");
});

Deno.test("with noise of equal σ a projected layer tells no more than the layer, by either bound", async () => {
  const { ctx } = testContext(root(1));
  const layer = sampleOf(120, 4 * 4 * 6, (row, unit) => Math.max(0, values.normal() + ((row + unit) % 3)));
  const levels = [{ alpha: 0.3, ruler: "moving" }, { alpha: 0.3, ruler: "fixed" }, { variance: 2 }] as const;
  const bounds = async (sample: Sample) =>
    (await noiseBounds.estimateAll!([{ ...sample, reference: sample.activations }], levels, ctx))[0].map((found) => {
      assert.equal(found.status, "measured");
      const { ixt, diagnostics } = found as Extract<typeof found, { status: "measured" }>;
      return { low: ixt!.low!, high: ixt!.high!, sigma: diagnostics!.sigma as number };
    });
  const whole = await bounds(layer);
  for (const way of [{ onto: "pool", grid: 2 }, { onto: "components", dimensions: 5 }] as const) {
    const sample = projected(layer, [4, 4, 6], way, stream);
    const seen = await bounds({
      ...sample,
      whole: { ...sample.whole!, referenceMeanSquare: sample.whole!.meanSquare },
    });
    seen.forEach((found, i) => {
      assert.equal(found.sigma, whole[i].sigma);
      assert.ok(found.high < whole[i].high && found.low < whole[i].low, `${JSON.stringify([way, found, whole[i]])}`);
      assert.ok(found.low > 0.05, "and it tells something");
    });
  }
});
