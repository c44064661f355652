import assert from "node:assert/strict";
import type { Sample } from "../../../core/contracts/estimator.ts";
import { orthogonal, transformed } from "../../../core/measuring/transforms.ts";
import { root } from "../../../core/random/mod.ts";

const stream = root(3).child("transform");

function sampleOf(units: number): Sample {
  const n = 40;
  const values = root(1).child("values");
  return {
    layer: 2,
    meta: { n, units, activation: "tanh", range: [-1, 1], exactJoint: false, classes: 2 },
    activations: { data: Float32Array.from({ length: n * units }, () => 2 * values.uniform() - 1), shape: [n, units] },
    labels: new Uint8Array(n),
  };
}

const rowsOf = ({ activations: { data, shape: [n, units] } }: Sample) =>
  Array.from({ length: n }, (_, row) => Array.from(data.subarray(row * units, (row + 1) * units)));
const distances = (rows: number[][]) => rows.map((a) => Math.hypot(...a.map((value, i) => value - rows[0][i])));

Deno.test("an orthogonal matrix times its transpose is the identity", () => {
  for (const d of [1, 2, 7, 40]) {
    const q = orthogonal(d, stream);
    for (let j = 0; j < d; j++) {
      for (let k = 0; k < d; k++) {
        const product = Array.from({ length: d }, (_, i) => q[j * d + i] * q[k * d + i]).reduce((a, b) => a + b);
        assert.ok(Math.abs(product - (j === k ? 1 : 0)) < 1e-13, `${d}: ${j}, ${k} gives ${product}`);
      }
    }
  }
});

Deno.test("a rotation keeps all distances and moves the rows; mixing moves distances by a factor of 2 at most", () => {
  const sample = sampleOf(5);
  const before = distances(rowsOf(sample));
  const turned = transformed(sample, "rotation", stream);
  distances(rowsOf(turned)).forEach((d, i) => assert.ok(Math.abs(d - before[i]) < 1e-12));
  assert.notDeepEqual(rowsOf(turned), rowsOf(sample));
  const factors = distances(rowsOf(transformed(sample, "mixing", stream))).map((d, i) => d / before[i]).slice(1);
  assert.ok(factors.every((factor) => factor > 0.5 - 1e-12 && factor < 2 + 1e-12));
  assert.ok(Math.max(...factors) / Math.min(...factors) > 1.5, "it is no similarity");
});

Deno.test("a monotone map keeps the order of each unit and no two values become one", () => {
  const sample = sampleOf(3);
  const [before, after] = [rowsOf(sample), rowsOf(transformed(sample, "monotone", stream))];
  for (let unit = 0; unit < 3; unit++) {
    const order = (rows: number[][]) => rows.map((_, row) => row).sort((a, b) => rows[a][unit] - rows[b][unit]);
    assert.deepEqual(order(after), order(before));
  }
  assert.equal(after[4][1], before[4][1] + before[4][1] * before[4][1] * before[4][1] / 3);
});

Deno.test("a map is drawn from its stream alone, and a transformed layer promises no range", () => {
  const sample = sampleOf(4);
  const again = () => transformed(sample, "mixing", root(3).child("transform"));
  assert.deepEqual(again(), again());
  assert.notDeepEqual(again().activations, transformed(sample, "mixing", root(4)).activations);
  assert.deepEqual(again().meta, { n: 40, units: 4, activation: "unknown", exactJoint: false, classes: 2 });
  assert.ok(again().activations.data instanceof Float64Array);
});
