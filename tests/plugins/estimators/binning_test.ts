import type { Estimate, Joint, Sample } from "@infoplane/core";
import { testContext } from "@infoplane/core/testing";
import fc from "fast-check";
import assert from "node:assert/strict";
import { readOptions } from "../../../core/execution/options.ts";
import { binning } from "../../../plugins/estimators/binning.ts";
import { binnedInformation, type Code, countCode, edgesCode, widthCode } from "../../oracles/binning_twin.ts";

type Setting = Parameters<typeof binning.estimate>[1];
type Measured = Extract<Estimate, { status: "measured" }>;

const { ctx } = testContext();
const THIRTY: Setting = { count: 30, range: [-1, 1] };
const LINSPACE = Array.from({ length: 30 }, (_, k) => k === 29 ? 1 : k * (2 / 29) - 1);

function sampleOf(
  data: Float32Array | Float64Array,
  units: number,
  labels: Uint8Array,
  joint?: Joint,
  classes = joint ? joint.pyx.length / joint.px.length : 2,
): Sample {
  const n = labels.length;
  return {
    layer: 1,
    meta: { n, units, activation: "tanh", exactJoint: joint !== undefined, classes },
    activations: { data, shape: [n, units] },
    labels,
    joint,
  };
}

async function measured(sample: Sample, setting: Setting): Promise<Measured> {
  const estimate = await binning.estimate(sample, setting, ctx);
  assert.equal(estimate.status, "measured", JSON.stringify(estimate));
  return estimate as Measured;
}

function oneHot(labels: Uint8Array, classes: number): number[][] {
  return [...labels].map((label) => Array.from({ length: classes }, (_, y) => Number(y === label)));
}

Deno.test("a layer that tells 4096 equally likely inputs apart has exactly 12 bits, and all of H(Y) under a copied label", async () => {
  const n = 4096;
  const data = Float32Array.from({ length: n * 12 }, (_, i) => ((Math.floor(i / 12) >> (11 - i % 12)) & 1) * 0.5);
  const labels = Uint8Array.from({ length: n }, (_, row) => row & 1);
  const pyx = Float64Array.from({ length: 2 * n }, (_, i) => Number((i >> 1 & 1) === (i & 1)));
  const joint = { px: new Float64Array(n).fill(1 / n), pyx };
  for (const sample of [sampleOf(data, 12, labels), sampleOf(data, 12, labels, joint)]) {
    for (const setting of [THIRTY, { width: 0.07 }, { preset: "as-published" }] as Setting[]) {
      const { ixt, ity, cells, alone, ceilingBits, diagnostics } = await measured(sample, setting);
      assert.deepEqual([ixt!.bits, ity!.bits, cells, alone, ceilingBits], [12, 1, n, 1, 12]);
      assert.deepEqual(diagnostics, { nearCeiling: true });
    }
  }
});

Deno.test("a constant layer knows nothing, to the bit", async () => {
  const labels = Uint8Array.of(0, 1, 1, 0, 1);
  const px = Float64Array.of(0.1, 0.2, 0.3, 0.15, 0.25);
  const pyx = Float64Array.of(0.9, 0.1, 0.3, 0.7, 0.2, 0.8, 0.6, 0.4, 0.5, 0.5);
  for (const joint of [undefined, { px, pyx }, { px: new Float64Array(5).fill(0.2), pyx }]) {
    const { ixt, ity, cells } = await measured(sampleOf(new Float32Array(5).fill(0.25), 1, labels, joint), THIRTY);
    assert.equal(Math.abs(ixt!.bits) < 1e-15, true);
    assert.deepEqual([ity!.bits, cells], [0, 1]);
  }
});

const layer = fc.record({
  n: fc.integer({ min: 1, max: 60 }),
  units: fc.constantFrom(1, 2, 3, 5, 8, 9, 11, 17, 40),
  levels: fc.integer({ min: 1, max: 12 }),
  double: fc.boolean(),
  classes: fc.integer({ min: 2, max: 4 }),
  weighing: fc.constantFrom("labels", "uniform", "weighed"),
  seed: fc.integer(),
});

const SETTINGS: readonly (readonly [string, Setting, Code])[] = [
  ["30 on [−1, 1]", THIRTY, countCode(30, [-1, 1])],
  ["7 on [−1.3, 1.1]", { count: 7, range: [-1.3, 1.1] }, countCode(7, [-1.3, 1.1])],
  ["1000 on [−1, 1]", { count: 1000, range: [-1, 1] }, countCode(1000, [-1, 1])],
  ["1 on [−1, 1]", { count: 1, range: [-1, 1] }, countCode(1, [-1, 1])],
  ["width 0.07", { width: 0.07 }, widthCode(0.07)],
  ["width 0.001", { width: 0.001 }, widthCode(0.001)],
  ["as published", { preset: "as-published" }, edgesCode(LINSPACE)],
];

/** A layer with ties, ends and zeros, whose rows often coincide. */
function arbitrary(
  { n, units, levels, double, classes, weighing, seed }: typeof layer extends fc.Arbitrary<infer T> ? T : never,
) {
  let state = seed >>> 0;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 4294967296;
  const palette = Array.from({ length: levels }, (_, i) => [1, -1, 0][i] ?? 2 * next() - 1);
  const rows = Array.from(
    { length: Math.ceil(n / 2) },
    () => Array.from({ length: units }, () => palette[Math.floor(next() * levels)]),
  );
  const values = Array.from({ length: n }, () => rows[Math.floor(next() * rows.length)]).flat();
  const data = double ? Float64Array.from(values) : Float32Array.from(values);
  const labels = Uint8Array.from({ length: n }, () => Math.floor(next() * classes));
  const raw = Array.from({ length: n }, () => weighing === "weighed" ? next() : 1);
  const total = raw.reduce((a, b) => a + b);
  const px = raw.map((p) => p / total);
  const pyx = weighing === "labels" ? oneHot(labels, classes) : px.map(() => {
    const p = Array.from({ length: classes }, next);
    const sum = p.reduce((a, b) => a + b);
    return p.map((q) => q / sum);
  });
  const joint = weighing === "labels" ? undefined : { px: Float64Array.from(px), pyx: Float64Array.from(pyx.flat()) };
  return { sample: sampleOf(data, units, labels, joint, classes), data, units, px, pyx };
}

Deno.test("the kernel agrees with its slow twin on layers with ties, ends, hashed rows and weights", async () => {
  await fc.assert(
    fc.asyncProperty(layer, fc.constantFrom(...SETTINGS), async (shape, [name, setting, code]) => {
      const { sample, data, units, px, pyx } = arbitrary(shape);
      const twin = binnedInformation(data, units, code, px, pyx);
      const { ixt, ity, cells, alone } = await measured(sample, setting);
      const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-12, `${name}: ${a}, twin ${b}`);
      close(ixt!.bits, twin.ixt);
      close(ity!.bits, twin.ity);
      assert.deepEqual([cells, alone], [twin.cells, twin.alone], name);
    }),
    { numRuns: 400 },
  );
});

Deno.test("0 ≤ I(T;Y) ≤ min(I(X;T), H(Y)) and I(X;T) ≤ the ceiling", async () => {
  await fc.assert(fc.asyncProperty(layer, fc.constantFrom(...SETTINGS), async (shape, [, setting]) => {
    const { ixt, ity, ceilingBits } = await measured(arbitrary(shape).sample, setting);
    assert.ok(ity!.bits >= -1e-12 && ity!.bits <= ixt!.bits + 1e-12);
    assert.ok(ixt!.bits <= ceilingBits! + 1e-12);
  }));
});

Deno.test("splitting bins in two never lowers either information", async () => {
  await fc.assert(fc.asyncProperty(layer, fc.integer({ min: 1, max: 500 }), async (shape, count) => {
    const { sample } = arbitrary(shape);
    const coarse = await measured(sample, { count, range: [-1, 1] });
    const fine = await measured(sample, { count: 2 * count, range: [-1, 1] });
    assert.ok(fine.ixt!.bits >= coarse.ixt!.bits - 1e-12 && fine.ity!.bits >= coarse.ity!.bits - 1e-12);
  }));
});

Deno.test("one call over layers and settings gives what single calls give, to the bit", async () => {
  await fc.assert(fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 4 }), async (shapes) => {
    const samples = shapes.map((shape) => arbitrary(shape).sample);
    const settings = SETTINGS.map(([, setting]) => setting);
    const together = await binning.estimateAll!(samples, settings, ctx);
    for (const [i, sample] of samples.entries()) {
      for (const [j, setting] of settings.entries()) {
        assert.deepEqual(together[i][j], await binning.estimate(sample, setting, ctx));
      }
    }
  }));
});

Deno.test("an activation outside the codebook fails, naming layer, row, unit and value", async () => {
  const data = new Float32Array(40).fill(0.5);
  const labels = new Uint8Array(20);
  for (const [value, shown] of [[1.25, "1.25"], [-3, "-3"], [NaN, "NaN"], [Infinity, "Infinity"]] as const) {
    data[37] = value;
    for (const values of [data, Float64Array.from(data)]) {
      for (
        const [setting, must] of [[THIRTY, "lie in [-1, 1]"], [{ preset: "as-published" }, "lie in [-1, 1]"], [
          { width: 0.07 },
          "be finite",
        ]] as [Setting, string][]
      ) {
        if ("width" in setting && Number.isFinite(value)) continue;
        assert.deepEqual(await binning.estimate(sampleOf(values, 2, labels), setting, ctx), {
          status: "failed",
          reason: `activations must ${must}: layer 1, row 18, unit 1 is ${shown}`,
        });
      }
    }
  }
});

Deno.test("the ends of the range belong to it, and the next f32 does not", async () => {
  const next = new Float32Array(new Uint32Array([0x3f800001]).buffer)[0];
  const at = (...values: number[]) => sampleOf(Float32Array.from(values), 1, new Uint8Array(values.length));
  assert.equal((await measured(at(-1, 1, 0.9999), THIRTY)).cells, 2);
  assert.equal((await measured(at(-1, 1, 0.9999), { preset: "as-published" })).cells, 3);
  assert.equal((await binning.estimate(at(next), THIRTY, ctx)).status, "failed");
  assert.equal((await binning.estimate(at(-next), THIRTY, ctx)).status, "failed");
  // 0.3 rounds up in f32 and 0.7 down: the first lies outside [−0.3, 0.3], the second inside [−0.7, 0.7].
  assert.equal((await binning.estimate(at(0.3), { count: 4, range: [-0.3, 0.3] }, ctx)).status, "failed");
  assert.equal((await binning.estimate(at(0.7), { count: 4, range: [-0.7, 0.7] }, ctx)).status, "measured");
});

Deno.test("saturated counts tanh beyond 1 − 2^-8 on either side", async () => {
  const edge = 1 - 2 ** -8;
  const data = Float32Array.of(1, -1, 0.9999, edge, -edge, 0, 0.5, -0.5);
  for (const values of [data, Float64Array.from(data)]) {
    assert.equal((await measured(sampleOf(values, 2, new Uint8Array(4)), THIRTY)).saturated, 3 / 8);
  }
});

Deno.test("options: defaults, one codebook at a time, and what does not fit", () => {
  const read = (given: unknown) => readOptions(binning.options, given, 'estimator "binning"');
  assert.deepEqual(read({}), { count: 30, range: [-1, 1] });
  assert.deepEqual(read({ range: [-2, 2] }), { count: 30, range: [-2, 2] });
  assert.deepEqual(read({ width: 0.07 }), { width: 0.07 });
  for (const setting of [{}, { width: 1 }, { preset: "as-published" }]) {
    assert.deepEqual(read(read(setting)), read(setting));
  }
  assert.throws(() => read({ count: -3 }), /option "count" of estimator "binning".*-3/);
  assert.throws(() => read({ count: 2.5 }), /option "count"/);
  assert.throws(() => read({ width: 0 }), /option "width"/);
  assert.throws(() => read({ range: [1, -1] }), /option "range".*must ascend/);
  assert.throws(() => read({ count: 3, width: 0.1 }), /one codebook at a time/);
  assert.throws(() => read({ preset: "published" }), /option "preset"/);
  assert.throws(() => read({ cuont: 3 }), /did you mean "count"/);
});
