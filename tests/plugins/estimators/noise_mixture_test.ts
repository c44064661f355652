import { root, testContext } from "@infoplane/core/testing";
import fc from "fast-check";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readOptions } from "../../../core/execution/options.ts";
import { noiseBounds } from "../../../plugins/estimators/noise_bounds.ts";
import { noiseMixture } from "../../../plugins/estimators/noise_mixture.ts";
import { distinctRows, informationOnALine } from "../../oracles/mixture_twin.ts";
import { fixtureLayer } from "../../fixtures/noise/layer.ts";
import { assertClose, layerOf, layerShape, type Measured, measured, sampleOf, sampleOfLayer } from "./noisy_layers.ts";

/** What holds within so many standard errors is tested on the same layers every time: it may fail by chance. */
const SAME_LAYERS = { seed: 2018 };

/** How many standard errors an estimate lies from the truth. */
function errors({ bits, high }: NonNullable<Measured["ixt"]>, truth: number): number {
  const standardError = (high! - bits) / 1.96;
  return Math.abs(bits - truth) / Math.max(standardError, 1e-12);
}

Deno.test("two distant Gaussians are exactly one bit, without any error", async () => {
  const sample = sampleOf(Float32Array.of(-50, 50), 1, Uint8Array.of(0, 1));
  const { ixt, ity } = await measured(noiseMixture, sample, { variance: 1, draws: 100 });
  assert.deepEqual([ixt, ity], [{ bits: 1, low: 1, high: 1 }, { bits: 1, low: 1, high: 1 }]);
});

Deno.test("as noise vanishes equally likely rows give exactly the entropy of distinct rows", async () => {
  const n = 4096;
  const data = Float32Array.from({ length: n * 12 }, (_, i) => (Math.floor(i / 12) >> (11 - i % 12)) & 1);
  const labels = Uint8Array.from({ length: n }, (_, row) => row & 1);
  const { ixt, ity } = await measured(noiseMixture, sampleOf(data, 12, labels), { variance: 1e-4, draws: 200 });
  assert.deepEqual([ixt, ity], [{ bits: 12, low: 12, high: 12 }, { bits: 1, low: 1, high: 1 }]);
  await fc.assert(
    fc.asyncProperty(layerShape, async (shape) => {
      const { sample, layer } = layerOf(shape);
      const truth = distinctRows(layer);
      const found = await measured(noiseMixture, sample, { variance: 1e-30, draws: 2000 });
      assert.ok(errors(found.ixt!, truth.ixt) < 5 || Math.abs(found.ixt!.bits - truth.ixt) < 1e-9);
      assert.ok(errors(found.ity!, truth.ity) < 5 || Math.abs(found.ity!.bits - truth.ity) < 1e-9);
    }),
    SAME_LAYERS,
  );
});

Deno.test("as noise grows nothing is left", async () => {
  const { sample } = layerOf({ n: 50, units: 3, distinct: 1, double: true, classes: 2, weighing: "weighed", seed: 1 });
  const { ixt, ity } = await measured(noiseMixture, sample, { variance: 1e12, draws: 2000 });
  assert.ok(Math.abs(ixt!.bits) < 1e-6 && Math.abs(ity!.bits) < 1e-6);
});

Deno.test("draws agree with quadrature on a line within five standard errors", async () => {
  await fc.assert(
    fc.asyncProperty(layerShape, fc.constantFrom(0.003, 0.1, 1), async (shape, variance) => {
      const { sample, layer } = layerOf({ ...shape, n: Math.min(shape.n, 30), units: 1 });
      const truth = informationOnALine(layer, variance);
      const found = await measured(noiseMixture, sample, { variance, draws: 4000 });
      assert.ok(errors(found.ixt!, truth.ixt) < 5, JSON.stringify([found.ixt, truth]));
      assert.ok(errors(found.ity!, truth.ity) < 5, JSON.stringify([found.ity, truth]));
    }),
    SAME_LAYERS,
  );
});

Deno.test("draws agree with what SciPy integrates", async () => {
  const { line } = JSON.parse(readFileSync(new URL("../../fixtures/noise/pair_bounds.json", import.meta.url), "utf8"));
  const layer = fixtureLayer(12, 1);
  const sample = sampleOfLayer(layer);
  for (const { variance, ixt, ity } of line) {
    const twin = informationOnALine(layer, variance);
    assertClose(twin.ixt, ixt, 1e-9);
    assertClose(twin.ity, ity, 1e-8);
    const found = await measured(noiseMixture, sample, { variance, draws: 20000 });
    assert.ok(errors(found.ixt!, ixt) < 4 && errors(found.ity!, ity) < 4);
  }
});

Deno.test("the interval holds the truth in about 95 of 100 runs", async () => {
  const { sample, layer } = layerOf({
    ...{ n: 20, units: 1, distinct: 1, double: true, classes: 3, weighing: "weighed", seed: 7 },
  });
  const truth = informationOnALine(layer, 0.1);
  const held = { ixt: 0, ity: 0 };
  for (let replicate = 0; replicate < 400; replicate++) {
    const { ctx } = testContext(root(1).child("replicate", replicate));
    const found = await measured(noiseMixture, sample, { variance: 0.1, draws: 300 }, ctx);
    for (const name of ["ixt", "ity"] as const) {
      const { low, high } = found[name]!;
      if (low! <= truth[name] && truth[name] <= high!) held[name]++;
    }
  }
  // 95 % of 400 is 380, with a standard deviation of 4.4.
  for (const count of Object.values(held)) assert.ok(count >= 360 && count <= 396, JSON.stringify(held));
});

Deno.test("L ≤ exact ≤ U in many units too, within the error of the draws", async () => {
  await fc.assert(
    fc.asyncProperty(layerShape, fc.constantFrom(0.01, 0.1, 1), async (shape, variance) => {
      const { sample } = layerOf(shape);
      const bounds = await measured(noiseBounds, sample, { variance });
      const exact = await measured(noiseMixture, sample, { variance, draws: 1000 });
      for (const name of ["ixt", "ity"] as const) {
        const slack = 3 * (exact[name]!.high! - exact[name]!.bits) + 1e-9;
        assert.ok(exact[name]!.bits >= bounds[name]!.low! - slack && exact[name]!.bits <= bounds[name]!.high! + slack);
      }
    }),
    SAME_LAYERS,
  );
});

Deno.test("the same stream gives the same bytes, layers draw apart, and all variances see the same draws", async () => {
  const { sample } = layerOf({ n: 80, units: 3, distinct: 1, double: true, classes: 2, weighing: "weighed", seed: 3 });
  const setting = { variance: 0.1, draws: 500 };
  const stream = () => testContext(root(5).child("noise")).ctx;
  const first = await measured(noiseMixture, sample, setting, stream());
  assert.deepEqual(await measured(noiseMixture, sample, setting, stream()), first);
  assert.notDeepEqual(await measured(noiseMixture, { ...sample, layer: 2 }, setting, stream()), first);
  const ctx = stream();
  const [near] = [await measured(noiseMixture, sample, { variance: 0.1 + 1e-9, draws: 500 }, ctx)];
  assertClose(near.ixt!.bits, first.ixt!.bits, 1e-6);
  assert.deepEqual(await measured(noiseMixture, sample, setting, ctx), first);
});

Deno.test("bytes are pinned: whoever changes them raises the version of noise-mixture", async () => {
  const { ixt, ity } = await measured(noiseMixture, sampleOfLayer(fixtureLayer()), { variance: 0.1, draws: 200 });
  assert.deepEqual([ixt!.bits, ity!.bits], [4.539745772150309, 0.02585641184060359]);
});

Deno.test("noise of relative size takes the ruler of the last snapshot or of this one", async () => {
  const late = { data: Float32Array.of(-10, 10, -30, 30), shape: [4, 1] };
  const sample = { ...sampleOf(Float32Array.of(-1, 1, -3, 3), 1, Uint8Array.of(0, 1, 0, 1)), reference: late };
  const moving = await measured(noiseMixture, sample, { alpha: 0.5, ruler: "moving", draws: 500 });
  const fixed = await measured(noiseMixture, sample, { alpha: 0.5, ruler: "fixed", draws: 500 });
  assertClose(fixed.diagnostics!.sigma as number, 10 * (moving.diagnostics!.sigma as number), 1e-14);
  assert.ok(fixed.ixt!.bits < moving.ixt!.bits);
  assert.equal(noiseMixture.usesReference!({ alpha: 1, ruler: "fixed", draws: 100 }), true);
  assert.equal(noiseMixture.usesReference!({ variance: 1, draws: 100 }), false);
});

Deno.test("one row carries nothing, and an activation that is not finite fails", async () => {
  const one = await measured(noiseMixture, sampleOf(Float32Array.of(0.3, 0.2), 2, Uint8Array.of(1)), {
    variance: 0.1,
    draws: 100,
  });
  assert.deepEqual([one.ixt!.bits, one.ity!.bits], [0, 0]);
  const sample = sampleOf(Float32Array.of(0, 1, NaN, 1), 2, Uint8Array.of(1, 0));
  assert.deepEqual(await noiseMixture.estimate(sample, { variance: 0.1, draws: 100 }, testContext().ctx), {
    status: "failed",
    reason: "activations must be finite: layer 1, row 1, unit 0 is NaN",
  });
});

Deno.test("options: defaults and what does not fit", () => {
  const read = (given: unknown) => readOptions(noiseMixture.options, given, 'estimator "noise-mixture"');
  assert.deepEqual(read({}), { variance: 0.1, draws: 2000 });
  assert.deepEqual(read({ alpha: 0.05, draws: 500 }), { alpha: 0.05, ruler: "fixed", draws: 500 });
  assert.deepEqual(read(read({ alpha: 1 })), read({ alpha: 1 }));
  assert.throws(() => read({ draws: 99 }), /option "draws".*99/);
  assert.throws(() => read({ alpha: 1, variance: 1 }), /one noise at a time/);
  assert.throws(() => read({ ruler: "fixed" }), /a ruler needs alpha/);
});
