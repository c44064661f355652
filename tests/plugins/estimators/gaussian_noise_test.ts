import type { Sample } from "@infoplane/core";
import { testContext } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { gaussianNoise } from "../../../plugins/estimators/gaussian_noise.ts";
import { noiseBounds } from "../../../plugins/estimators/noise_bounds.ts";

const { ctx } = testContext();

function sampleOf(rows: readonly (readonly number[])[], labels: readonly number[]): Sample {
  const [n, units] = [rows.length, rows[0].length];
  return {
    layer: 1,
    meta: { n, units, activation: "unknown", exactJoint: false, classes: 2 },
    activations: { data: Float64Array.from(rows.flat()), shape: [n, units] },
    labels: Uint8Array.from(labels),
  };
}

async function bitsOf(sample: Sample, variance: number): Promise<[number, number]> {
  const found = await gaussianNoise.estimate(sample, { variance }, ctx);
  assert.equal(found.status, "measured");
  return found.status === "measured" ? [found.ixt!.bits, found.ity!.bits] : [NaN, NaN];
}

Deno.test("uncorrelated units of variances 1 and 4 through noise of variance 1 carry ½ log₂ 2 + ½ log₂ 5 bits", async () => {
  const rows = [[1, 2], [1, -2], [-1, 2], [-1, -2]];
  const [ixt, ity] = await bitsOf(sampleOf(rows, [0, 0, 1, 1]), 1);
  assert.ok(Math.abs(ixt - (0.5 + Math.log2(5) / 2)) < 1e-14);
  // Within a label the first unit is constant: what is left is the second unit.
  assert.ok(Math.abs(ity - 0.5) < 1e-14);
});

Deno.test("it is no less than the lower pair bound at any noise, and turns with the layer", async () => {
  const stream = ctx.stream.child("rows");
  const rows = Array.from({ length: 60 }, () => [stream.normal(), 0.3 * stream.normal() ** 2, stream.uniform()]);
  const labels = rows.map(() => stream.integer(2));
  const turned = rows.map(([a, b, c]) => [0.6 * a - 0.8 * b, 0.8 * a + 0.6 * b, c]);
  for (const variance of [1e-4, 0.01, 0.1, 1, 100]) {
    const [ixt, ity] = await bitsOf(sampleOf(rows, labels), variance);
    const pairs = await noiseBounds.estimate(sampleOf(rows, labels), { variance }, ctx);
    assert.ok(pairs.status === "measured" && ixt > pairs.ixt!.low! - 1e-12, `${ixt} at σ² = ${variance}`);
    (await bitsOf(sampleOf(turned, labels), variance)).forEach((bits, i) =>
      assert.ok(Math.abs(bits - [ixt, ity][i]) < 1e-9)
    );
  }
});

Deno.test("a layer of zeros under noise relative to it has none, and odd numbers are named", async () => {
  const zeros = sampleOf([[0], [0]], [0, 1]);
  assert.deepEqual(await gaussianNoise.estimate(zeros, { alpha: 0.1, ruler: "moving" }, ctx), {
    status: "skipped",
    reason: "the layer is 0 everywhere, and noise relative to it is none",
  });
  assert.deepEqual(await bitsOf(zeros, 1), [0, 0]);
  const odd = await gaussianNoise.estimate(sampleOf([[1], [NaN]], [0, 1]), { variance: 1 }, ctx);
  assert.match(odd.reason!, /layer 1, row 1, unit 0 is NaN/);
});
