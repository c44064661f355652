import type { Estimate, Sample } from "@infoplane/core";
import { testContext } from "@infoplane/core/testing";
import fc from "fast-check";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readOptions } from "../../../core/execution/options.ts";
import { ktDifference, noiseBounds } from "../../../plugins/estimators/noise_bounds.ts";
import { distinctRows, informationOnALine, pairBoundsTwin } from "../../oracles/mixture_twin.ts";
import { fixtureLayer } from "../../fixtures/noise/layer.ts";
import { assertClose, layerOf, layerShape, measured, sampleOf, sampleOfLayer } from "./noisy_layers.ts";

const { ctx } = testContext();
const variances = fc.constantFrom(1e-8, 1e-3, 0.1, 1, 50);

/** 4096 rows that all differ, and whose label is the last of their bits. */
function everyPattern(scale: number) {
  const n = 4096;
  const data = Float32Array.from({ length: n * 12 }, (_, i) => ((Math.floor(i / 12) >> (11 - i % 12)) & 1) * scale);
  return { n, data, labels: Uint8Array.from({ length: n }, (_, row) => row & 1) };
}

Deno.test("two distant Gaussians are exactly one bit, and exactly one bit about their labels", async () => {
  for (const data of [Float32Array.of(-20, 20), Float64Array.of(-20, 20)]) {
    const { ixt, ity, ceilingBits } = await measured(noiseBounds, sampleOf(data, 1, Uint8Array.of(0, 1)), {
      variance: 1,
    });
    assert.deepEqual(ixt, { bits: 1, low: 1, high: 1 });
    assert.deepEqual(ity, { bits: 1, low: 1, high: 1 });
    assert.equal(ceilingBits, 1);
  }
});

Deno.test("two Gaussians one apart: U = −log₂ ½(1 + e^(−1/2σ²)) and L with e^(−1/8σ²)", async () => {
  const { ixt, ity } = await measured(noiseBounds, sampleOf(Float32Array.of(0, 1), 1, Uint8Array.of(0, 1)), {
    variance: 0.1,
  });
  const form = (x: number) => -Math.log2((1 + Math.exp(-x)) / 2);
  assertClose(ixt!.high!, form(5), 1e-11);
  assertClose(ixt!.low!, form(1.25), 1e-11);
  // Under either label one row is left, which carries nothing.
  assert.deepEqual([ity!.low, ity!.high, ity!.bits], [ixt!.low, ixt!.high, (ixt!.low! + ixt!.high!) / 2]);
});

Deno.test("an injective layer on 4096 patterns has exactly 12 bits, and all of the label, as noise vanishes", async () => {
  const { n, data, labels } = everyPattern(1);
  const pyx = Float64Array.from({ length: 2 * n }, (_, i) => Number((i >> 1 & 1) === (i & 1)));
  const joint = { px: new Float64Array(n).fill(1 / n), pyx };
  for (const sample of [sampleOf(data, 12, labels), sampleOf(data, 12, labels, joint)]) {
    for (const variance of [1e-4, 1e-300]) {
      const { ixt, ity, ceilingBits, diagnostics } = await measured(noiseBounds, sample, { variance });
      assert.deepEqual([ixt!.bits, ixt!.low, ity!.bits, ity!.low, ity!.high, ceilingBits], [12, 12, 1, 1, 1, 12]);
      assert.deepEqual(diagnostics, { sigma: Math.sqrt(variance), nearCeiling: true });
    }
  }
});

Deno.test("twelve bits through noise: rows of bits factor, so U is twelve times that of one bit", async () => {
  const { data, labels } = everyPattern(1);
  const { ixt } = await measured(noiseBounds, sampleOf(data, 12, labels), { variance: 0.3 });
  assertClose(ixt!.high!, -12 * Math.log2((1 + Math.exp(-1 / 0.6)) / 2), 1e-11);
  assertClose(ixt!.low!, -12 * Math.log2((1 + Math.exp(-1 / 2.4)) / 2), 1e-11);
});

Deno.test("as noise grows nothing is left: U and L of a layer tend to its variance over σ² and over 4σ², in nats", async () => {
  const data = Float64Array.of(-1, 1, -1, 1);
  for (const variance of [1e4, 1e7]) {
    const { ixt } = await measured(noiseBounds, sampleOf(data, 1, new Uint8Array(4)), { variance });
    assert.ok(Math.abs(ixt!.high! * Math.LN2 * variance - 1) < 2 / variance + 1e-7);
    assert.ok(Math.abs(ixt!.low! * Math.LN2 * variance - 1 / 4) < 2 / variance + 1e-7);
  }
});

Deno.test("as noise vanishes the bounds meet in the entropy of distinct rows and in what those tell of the label", async () => {
  await fc.assert(fc.asyncProperty(layerShape, async (shape) => {
    const { sample, layer } = layerOf(shape);
    const truth = distinctRows(layer);
    const { ixt, ity } = await measured(noiseBounds, sample, { variance: 1e-30 });
    for (const bits of [ixt!.low!, ixt!.high!]) assertClose(bits, truth.ixt, 1e-9, "I(X;T)");
    for (const bits of [ity!.low!, ity!.high!]) assertClose(bits, truth.ity, 1e-9, "I(T;Y)");
  }));
});

Deno.test("the kernel agrees with the direct double sums on layers with equal rows, labels and weights", async () => {
  await fc.assert(
    fc.asyncProperty(layerShape, variances, async (shape, variance) => {
      const { sample, layer } = layerOf(shape);
      const twin = pairBoundsTwin(layer, variance);
      const { ixt, ity } = await measured(noiseBounds, sample, { variance });
      const tolerance = shape.double ? 1e-9 : 1e-6;
      assertClose(ixt!.high!, twin.upper, tolerance, "U");
      assertClose(ixt!.low!, twin.lower, tolerance, "L");
      assertClose(ity!.high!, twin.upper - twin.lowerGivenLabel, 10 * tolerance, "upper I(T;Y)");
      assertClose(ity!.low!, twin.lower - twin.upperGivenLabel, 10 * tolerance, "lower I(T;Y)");
      const published = await measured(ktDifference, sample, { variance });
      assert.equal(published.ixt!.bits, ixt!.bits);
      assertClose(published.ity!.bits, twin.upper - twin.upperGivenLabel, 10 * tolerance, "U − ΣU");
    }),
    { numRuns: 150 },
  );
});

Deno.test("wide layers of f32, taken by stretches of units, have the bounds of the double sums", async () => {
  for (const units of [63, 64, 65, 80, 129, 200]) {
    const layer = fixtureLayer(97, units);
    const { rows, px, pyx } = layer;
    const data = Float32Array.from(rows.flat());
    const single = { ...layer, rows: rows.map((_, i) => [...data.subarray(i * units, (i + 1) * units)]) };
    const joint = { px: Float64Array.from(px), pyx: Float64Array.from(pyx.flat()) };
    const twin = pairBoundsTwin(single, units / 10);
    const sample = sampleOf(data, units, new Uint8Array(97), joint);
    const { ixt, ity } = await measured(noiseBounds, sample, { variance: units / 10 });
    assertClose(ixt!.high!, twin.upper, 1e-6, "U");
    assertClose(ixt!.low!, twin.lower, 1e-6, "L");
    assertClose(ity!.high!, twin.upper - twin.lowerGivenLabel, 1e-5, "upper I(T;Y)");
  }
});

Deno.test("L ≤ exact ≤ U for I(X;T) and for I(T;Y), with the truth by quadrature on a line", async () => {
  await fc.assert(
    fc.asyncProperty(layerShape, fc.constantFrom(0.003, 0.1, 1), async (shape, variance) => {
      const { sample, layer } = layerOf({ ...shape, n: Math.min(shape.n, 30), units: 1 });
      const truth = informationOnALine(layer, variance);
      const { ixt, ity } = await measured(noiseBounds, sample, { variance });
      assert.ok(
        ixt!.low! <= truth.ixt + 1e-9 && truth.ixt <= ixt!.high! + 1e-9,
        `${ixt!.low} ${truth.ixt} ${ixt!.high}`,
      );
      assert.ok(
        ity!.low! <= truth.ity + 1e-9 && truth.ity <= ity!.high! + 1e-9,
        `${ity!.low} ${truth.ity} ${ity!.high}`,
      );
      assert.ok(ity!.low! <= ity!.bits && ity!.bits <= ity!.high!);
    }),
  );
});

Deno.test("bounds are those that NumPy and SciPy give", async () => {
  const { pairs } = JSON.parse(readFileSync(new URL("../../fixtures/noise/pair_bounds.json", import.meta.url), "utf8"));
  const sample = sampleOfLayer(fixtureLayer());
  for (const { variance, upper, lower, upperGivenLabel, lowerGivenLabel } of pairs) {
    const { ixt, ity } = await measured(noiseBounds, sample, { variance });
    assertClose(ixt!.high!, upper, 1e-10);
    assertClose(ixt!.low!, lower, 1e-10);
    assertClose(ity!.high!, upper - lowerGivenLabel, 1e-9);
    assertClose(ity!.low!, lower - upperGivenLabel, 1e-9);
  }
});

Deno.test("neither the order of rows nor that of units nor a rotation of the layer changes a bound", async () => {
  await fc.assert(fc.asyncProperty(layerShape, fc.double({ min: 0, max: 6, noNaN: true }), async (shape, angle) => {
    const { sample, layer } = layerOf({ ...shape, units: 3, double: true });
    const { n } = sample.meta;
    const at = await measured(noiseBounds, sample, { variance: 0.1 });
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const turned = layer.rows.flatMap(([x, y, z]) => [z, c * x - s * y, s * x + c * y]);
    const reversed = <T>(values: readonly T[], width: number) =>
      Array.from({ length: n }, (_, i) => values.slice((n - 1 - i) * width, (n - i) * width)).flat();
    const joint = sample.joint && {
      px: Float64Array.from(reversed([...sample.joint.px], 1)),
      pyx: Float64Array.from(reversed([...sample.joint.pyx], sample.meta.classes)),
    };
    const labels = Uint8Array.from(reversed([...sample.labels], 1));
    const moved = sampleOf(Float64Array.from(reversed(turned, 3)), 3, labels, joint, sample.meta.classes);
    const then = await measured(noiseBounds, moved, { variance: 0.1 });
    for (const end of ["low", "high"] as const) {
      assertClose(then.ixt![end]!, at.ixt![end]!, 1e-9);
      assertClose(then.ity![end]!, at.ity![end]!, 1e-8);
    }
  }));
});

Deno.test("exact p(y|x) of 0 and 1 says what labels say, and p(y|x) = ½ says that T knows nothing of the label", async () => {
  await fc.assert(fc.asyncProperty(layerShape, variances, async (shape, variance) => {
    const byLabels = layerOf({ ...shape, weighing: "labels" }).sample;
    const exact = layerOf({ ...shape, weighing: "one-hot" }).sample;
    const [a, b] = [
      await measured(noiseBounds, byLabels, { variance }),
      await measured(noiseBounds, exact, { variance }),
    ];
    assertClose(a.ixt!.bits, b.ixt!.bits, 1e-9);
    assertClose(a.ity!.low!, b.ity!.low!, 1e-8);
    const { meta: { n }, joint } = exact;
    const pyx = new Float64Array(2 * n).fill(0.5);
    const blind = { ...exact, meta: { ...exact.meta, classes: 2 }, joint: { px: joint!.px, pyx } };
    const { ity } = await measured(ktDifference, blind, { variance });
    assert.ok(Math.abs(ity!.bits) < 1e-9);
  }));
});

Deno.test("float64 rows that float32 cannot tell apart stay apart", async () => {
  const data = Float64Array.of(1, 1 + 2 ** -40, 1 + 2 ** -39, 1 + 3 * 2 ** -40);
  const labels = Uint8Array.of(0, 1, 0, 1);
  assert.equal((await measured(noiseBounds, sampleOf(data, 1, labels), { variance: 1e-30 })).ixt!.bits, 2);
  assert.equal(
    (await measured(noiseBounds, sampleOf(Float32Array.from(data), 1, labels), { variance: 1e-30 })).ixt!.bits,
    0,
  );
});

Deno.test("noise relative to the layer does not change with the layer's scale; absolute noise does", async () => {
  await fc.assert(
    fc.asyncProperty(layerShape, fc.constantFrom("fixed", "moving"), async (shape, ruler) => {
      const { sample } = layerOf({ ...shape, n: Math.max(shape.n, 10), distinct: 1 });
      const scaled = sampleOf(
        sample.activations.data.map((t) => 8 * t) as Float32Array,
        sample.meta.units,
        sample.labels,
        sample.joint,
        sample.meta.classes,
      );
      const level = { alpha: 0.7, ruler } as const;
      const [a, b] = [await measured(noiseBounds, sample, level), await measured(noiseBounds, scaled, level)];
      assertClose(b.ixt!.bits, a.ixt!.bits, 1e-9);
      assertClose(b.ity!.bits, a.ity!.bits, 1e-8);
      const [c, d] = [
        await measured(noiseBounds, sample, { variance: 0.5 }),
        await measured(noiseBounds, scaled, { variance: 0.5 }),
      ];
      assert.ok(d.ixt!.bits > c.ixt!.bits);
    }),
  );
});

Deno.test("the moving ruler is this snapshot's, the fixed one the last snapshot's, and the estimate says σ", async () => {
  const early = Float32Array.of(-1, 1, -3, 3);
  const late = { data: Float32Array.of(-10, 10, -30, 30), shape: [4, 1] };
  const sample = { ...sampleOf(early, 1, Uint8Array.of(0, 1, 0, 1)), reference: late };
  const rms = Math.sqrt(5);
  const moving = await measured(noiseBounds, sample, { alpha: 0.5, ruler: "moving" });
  const fixed = await measured(noiseBounds, sample, { alpha: 0.5, ruler: "fixed" });
  assertClose(moving.diagnostics!.sigma as number, 0.5 * rms, 1e-15);
  assertClose(fixed.diagnostics!.sigma as number, 5 * rms, 1e-15);
  assert.ok(fixed.ixt!.bits < moving.ixt!.bits);
  assert.equal(fixed.diagnostics!.rulerIsOwn, undefined);
  const own = await measured(noiseBounds, sampleOf(early, 1, sample.labels), { alpha: 0.5, ruler: "fixed" });
  assert.deepEqual(own.ixt, moving.ixt);
  assert.equal(own.diagnostics!.rulerIsOwn, true);
  assert.equal(noiseBounds.usesReference!({ alpha: 1, ruler: "fixed" }), true);
  assert.equal(noiseBounds.usesReference!({ alpha: 1, ruler: "moving" }), false);
  assert.equal(noiseBounds.usesReference!({ variance: 1 }), false);
});

Deno.test("the ruler weighs rows by p(x)", async () => {
  const joint = { px: Float64Array.of(0.9, 0.1), pyx: Float64Array.of(1, 0, 0, 1) };
  const sample = sampleOf(Float64Array.of(1, 2, 3, 4), 2, new Uint8Array(2), joint);
  const { diagnostics } = await measured(noiseBounds, sample, { alpha: 1, ruler: "moving" });
  assertClose((diagnostics!.sigma as number) ** 2, 0.9 * 2.5 + 0.1 * 12.5, 1e-14);
});

Deno.test("bytes are pinned: whoever changes them raises the versions of the noise estimators", async () => {
  const [double, wide] = [20, 200].map((units) => sampleOfLayer(fixtureLayer(97, units)));
  const single = ({ activations, ...rest }: Sample) => ({
    ...rest,
    activations: { ...activations, data: Float32Array.from(activations.data) },
  });
  const found = [
    await measured(noiseBounds, double, { variance: 1 }),
    await measured(noiseBounds, single(double), { variance: 1 }),
    await measured(noiseBounds, single(wide), { variance: 20 }),
  ];
  assert.deepEqual(found.map(({ ixt, ity }) => [ixt!.low, ixt!.high, ity!.low, ity!.high]), [
    [2.308448361716166, 6.035417460578914, -3.660423475383172, 3.7355687104518105],
    [2.3084483577221167, 6.035417467146392, -3.6604234858254183, 3.735568721005352],
    [1.200392873915566, 4.425689108642045, -3.1946946270627268, 3.227636452362639],
  ]);
});

Deno.test("one call over layers and settings gives what single calls give, to the bit", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(layerShape, { minLength: 1, maxLength: 3 }), async (shapes) => {
      const samples = shapes.map((shape) => layerOf(shape).sample);
      const settings = [{ variance: 0.1 }, { variance: 2 }, { alpha: 0.3, ruler: "moving" as const }];
      for (const estimator of [noiseBounds, ktDifference]) {
        const together = await estimator.estimateAll!(samples, settings, ctx);
        for (const [i, sample] of samples.entries()) {
          for (const [j, setting] of settings.entries()) {
            assert.deepEqual(together[i][j], await estimator.estimate(sample, setting, ctx));
          }
        }
      }
    }),
    { numRuns: 30 },
  );
});

Deno.test("estimates under way at once do not disturb each other", async () => {
  const layers = [1, 2, 3].map((seed) =>
    layerOf({ n: 100, units: 3, distinct: 1, double: true, classes: 2, weighing: "labels", seed }).sample
  );
  const shared = layers.map((sample) => ({ ...sample, labels: layers[0].labels }));
  const measureOne = (sample: Sample) => noiseBounds.estimate(sample, { variance: 0.1 }, ctx);
  const alone: Estimate[] = [];
  for (const sample of shared) alone.push(await measureOne(sample));
  assert.deepEqual(await Promise.all(shared.map(measureOne)), alone);
});

Deno.test("one row, constant columns and layers of zeros carry no bits", async () => {
  for (const level of [{ variance: 0.1 }, { alpha: 0.1, ruler: "moving" as const }]) {
    for (
      const sample of [
        sampleOf(Float32Array.of(0.3, 0.2), 2, Uint8Array.of(1)),
        sampleOf(new Float32Array(12).fill(0.7), 2, Uint8Array.of(0, 1, 1, 0, 1, 0)),
        sampleOf(new Float32Array(12), 2, Uint8Array.of(0, 1, 1, 0, 1, 0)),
      ]
    ) {
      const { ixt, ity } = await measured(noiseBounds, sample, level);
      for (const { bits, low, high } of [ixt!, ity!]) {
        for (const end of [bits, low!, high!]) assert.ok(Math.abs(end) < 1e-15, JSON.stringify({ ixt, ity }));
      }
    }
  }
  const withConstant = sampleOf(Float32Array.of(-20, 5, 20, 5), 2, Uint8Array.of(0, 1));
  assert.equal((await measured(noiseBounds, withConstant, { variance: 1 })).ixt!.bits, 1);
});

Deno.test("saturated counts tanh beyond 1 − 2^-8 on either side", async () => {
  const edge = 1 - 2 ** -8;
  const sample = sampleOf(Float32Array.of(1, -1, 0.9999, edge, -edge, 0, 0.5, -0.5), 2, new Uint8Array(4));
  assert.equal((await measured(noiseBounds, sample, { variance: 0.1 })).saturated, 3 / 8);
});

Deno.test("an activation that is not finite fails, naming layer, row, unit and value", async () => {
  const data = new Float32Array(40).fill(0.5);
  for (const [value, shown] of [[NaN, "NaN"], [Infinity, "Infinity"], [-Infinity, "-Infinity"]] as const) {
    data[37] = value;
    for (const estimator of [noiseBounds, ktDifference]) {
      for (const values of [data, Float64Array.from(data)]) {
        assert.deepEqual(await estimator.estimate(sampleOf(values, 2, new Uint8Array(20)), { variance: 0.1 }, ctx), {
          status: "failed",
          reason: `activations must be finite: layer 1, row 18, unit 1 is ${shown}`,
        });
      }
    }
  }
});

Deno.test("options: defaults, one noise at a time, and what does not fit", () => {
  for (const estimator of [noiseBounds, ktDifference]) {
    const owner = `estimator "${estimator.id}"`;
    const read = (given: unknown) => readOptions(estimator.options, given, owner);
    assert.deepEqual(read({}), { variance: 0.1 });
    assert.deepEqual(read({ alpha: 0.05 }), { alpha: 0.05, ruler: "fixed" });
    assert.deepEqual(read({ alpha: 0.05, ruler: "moving" }), { alpha: 0.05, ruler: "moving" });
    for (const setting of [{}, { variance: 2 }, { alpha: 1 }]) assert.deepEqual(read(read(setting)), read(setting));
    assert.throws(() => read({ variance: 0 }), /option "variance"/);
    assert.throws(() => read({ alpha: -1 }), /option "alpha".*-1/);
    assert.throws(() => read({ alpha: 1, ruler: "sliding" }), /option "ruler"/);
    assert.throws(() => read({ alpha: 1, variance: 1 }), /one noise at a time/);
    assert.throws(() => read({ ruler: "moving" }), /a ruler needs alpha/);
    assert.throws(() => read({ varaince: 1 }), /did you mean "variance"/);
  }
});
