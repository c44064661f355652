import type { Estimate, Joint, Sample } from "@infoplane/core";
import { testContext } from "@infoplane/core/testing";
import fc from "fast-check";
import assert from "node:assert/strict";
import { readOptions } from "../../../core/execution/options.ts";
import { binning } from "../../../plugins/estimators/binning.ts";
import {
  chaoShenBits,
  grassbergerBits,
  jackknifeBits,
  millerMadowBits,
} from "../../../core/numerics/entropy_corrections.ts";
import {
  binnedInformation,
  type Code,
  countCode,
  edgesCode,
  equalMassCode,
  layerRangeCode,
  uniqueCode,
  widthCode,
} from "../../oracles/binning_twin.ts";

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

type CodeOf = (data: ArrayLike<number>, units: number, px: readonly number[]) => Code;

const SETTINGS: readonly (readonly [string, Setting, CodeOf])[] = [
  ["30 on [−1, 1]", THIRTY, () => countCode(30, [-1, 1])],
  ["7 on [−1.3, 1.1]", { count: 7, range: [-1.3, 1.1] }, () => countCode(7, [-1.3, 1.1])],
  ["1000 on [−1, 1]", { count: 1000, range: [-1, 1] }, () => countCode(1000, [-1, 1])],
  ["1 on [−1, 1]", { count: 1, range: [-1, 1] }, () => countCode(1, [-1, 1])],
  ["width 0.07", { width: 0.07 }, () => widthCode(0.07)],
  ["width 0.001", { width: 0.001 }, () => widthCode(0.001)],
  ["as published", { preset: "as-published" }, () => edgesCode(LINSPACE)],
  ["5 on the layer's range", { codebook: "layer-range", count: 5 }, (data) => layerRangeCode(data, 5)],
  ["700 on the layer's range", { codebook: "layer-range", count: 700 }, (data) => layerRangeCode(data, 700)],
  ["3 of equal mass", { codebook: "equal-mass", count: 3 }, (data, units, px) => equalMassCode(data, units, px, 3)],
  ["300 of equal mass", { codebook: "equal-mass", count: 300 }, (data, units, px) => {
    return equalMassCode(data, units, px, 300);
  }],
  ["unique values", { codebook: "unique-values" }, uniqueCode],
];

/** A layer with ties, ends and zeros, whose rows often coincide. */
function arbitrary(
  { n, units, levels, double, classes, weighing, seed }: typeof layer extends fc.Arbitrary<infer T> ? T : never,
) {
  let state = seed >>> 0;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 4294967296;
  const palette = Array.from({ length: levels }, (_, i) => [1, -1, 0, -0, 0.25, 0.25 + 2 ** -50][i] ?? 2 * next() - 1);
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
      const twin = binnedInformation(data, units, code(data, units, px), px, pyx);
      const { ixt, ity, cells, alone } = await measured(sample, setting);
      const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-12, `${name}: ${a}, twin ${b}`);
      close(ixt!.bits, twin.ixt);
      close(ity!.bits, twin.ity);
      assert.deepEqual([cells, alone], [twin.cells, twin.alone], name);
    }),
    { numRuns: 800 },
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
    for (const by of [{ range: [-1, 1] }, { codebook: "layer-range" }, { codebook: "equal-mass" }] as const) {
      const coarse = await measured(sample, { ...by, count });
      const fine = await measured(sample, { ...by, count: 2 * count });
      assert.ok(fine.ixt!.bits >= coarse.ixt!.bits - 1e-12 && fine.ity!.bits >= coarse.ity!.bits - 1e-12);
    }
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
        const [setting, must] of [
          [THIRTY, "lie in [-1, 1]"],
          [{ preset: "as-published" }, "lie in [-1, 1]"],
          [
            { width: 0.07 },
            "be finite",
          ],
          [{ codebook: "layer-range", count: 30 }, "be finite"],
          [
            { codebook: "equal-mass", count: 30 },
            "be finite",
          ],
          [{ codebook: "unique-values" }, "be finite"],
        ] as [Setting, string][]
      ) {
        if (must === "be finite" && Number.isFinite(value)) continue;
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

Deno.test("a layer's own range gives what that range, fixed, gives, and is told", async () => {
  await fc.assert(fc.asyncProperty(layer, fc.integer({ min: 1, max: 500 }), async (shape, count) => {
    const { sample, data } = arbitrary(shape);
    const range = [Math.min(...data) + 0, Math.max(...data) + 0] as const;
    const { diagnostics, ...own } = await measured(sample, { codebook: "layer-range", count });
    assert.deepEqual([diagnostics!.ruler, diagnostics!.range], ["moving", range]);
    if (range[0] === range[1]) return assert.equal(own.cells, 1);
    const { diagnostics: fixedDiagnostics, ...fixed } = await measured(sample, { count, range });
    assert.deepEqual(own, fixed);
    assert.equal(fixedDiagnostics?.ruler, undefined);
  }));
});

Deno.test("equal mass parts a hundred distinct values into seven cells of 14 or 15", async () => {
  const data = Float32Array.from({ length: 100 }, (_, i) => Math.sinh(((i * 37) % 100) - 50));
  const { ixt, cells, diagnostics } = await measured(sampleOf(data, 1, new Uint8Array(100)), {
    codebook: "equal-mass",
    count: 7,
  });
  const sizes = [15, 14, 14, 15, 14, 14, 14];
  assert.ok(Math.abs(ixt!.bits - sizes.reduce((sum, c) => sum + c / 100 * Math.log2(100 / c), 0)) < 1e-12);
  assert.deepEqual([cells, diagnostics], [7, { nearCeiling: true, ruler: "moving", edges: 6 }]);
});

Deno.test("equal mass never parts equal values: half of the rows at one, two edges of four are left", async () => {
  const data = Float64Array.of(0, -0, 0, -0, 1, 2, 3, 4);
  const { cells, ixt, diagnostics } = await measured(sampleOf(data, 1, new Uint8Array(8)), {
    codebook: "equal-mass",
    count: 4,
  });
  assert.deepEqual([cells, ixt!.bits, diagnostics], [3, 1.5, { ruler: "moving", edges: 2 }]);
});

Deno.test("equal mass sees the order of values alone: each unit may be mapped upwards", async () => {
  await fc.assert(fc.asyncProperty(layer, fc.integer({ min: 1, max: 40 }), async (shape, count) => {
    const { sample, data, units } = arbitrary(shape);
    const ranks = [...new Set(Array.from(data, (t) => t + 0))].sort((a, b) => a - b);
    const mapped = data.map((t, i) => ranks.indexOf(t + 0) * (1 + i % units)) as Float32Array;
    const activations = { ...sample.activations, data: mapped };
    const setting: Setting = { codebook: "equal-mass", count };
    const { saturated: _before, ...own } = await measured(sample, setting);
    const { saturated: _after, ...ofMapped } = await measured({ ...sample, activations }, setting);
    assert.deepEqual(ofMapped, own);
  }));
});

Deno.test("equal mass of weighted rows does not depend on their order", async () => {
  await fc.assert(fc.asyncProperty(layer, fc.integer({ min: 1, max: 40 }), async (shape, count) => {
    const { sample, data, units } = arbitrary({ ...shape, weighing: "weighed" });
    const { px, pyx } = sample.joint!;
    const reversed = <T extends Float32Array | Float64Array>(values: T, width: number) =>
      values.map((_, i) => values[(px.length - 1 - Math.floor(i / width)) * width + i % width]) as T;
    const turned = sampleOf(reversed(data, units), units, sample.labels, {
      px: reversed(px, 1),
      pyx: reversed(pyx, sample.meta.classes),
    });
    const setting: Setting = { codebook: "equal-mass", count };
    const [one, other] = [await measured(sample, setting), await measured(turned, setting)];
    assert.deepEqual([other.cells, other.alone, other.diagnostics], [one.cells, one.alone, one.diagnostics]);
    assert.ok(Math.abs(other.ixt!.bits - one.ixt!.bits) < 1e-12);
  }));
});

Deno.test("equal mass of weights whose sum rounds differently in another order gives the same cells in any", async () => {
  // 0.1 + 0.3 + 0.4 is 0.8, and 0.4 + 0.3 + 0.1 below it.
  const rows = [[0, 0.1], [0, 0.3], [0, 0.4], [1, 0.1], [2, 0.1]];
  const pyx = new Float64Array(10).fill(0.5);
  for (const order of [[0, 1, 2, 3, 4], [2, 1, 0, 3, 4], [4, 3, 2, 1, 0], [2, 4, 1, 3, 0]]) {
    const data = Float64Array.from(order, (i) => rows[i][0]);
    const px = Float64Array.from(order, (i) => rows[i][1]);
    const setting: Setting = { codebook: "equal-mass", count: 5 };
    assert.equal((await measured(sampleOf(data, 1, new Uint8Array(5), { px, pyx }), setting)).cells, 2);
  }
});

Deno.test("no codebook tells more than unique values, which tell every two distinct rows apart", async () => {
  await fc.assert(fc.asyncProperty(layer, fc.constantFrom(...SETTINGS), async (shape, [, setting]) => {
    const { sample, data, units } = arbitrary(shape);
    const unique = await measured(sample, { codebook: "unique-values" });
    const other = await measured(sample, setting);
    assert.ok(other.ixt!.bits <= unique.ixt!.bits + 1e-12 && other.ity!.bits <= unique.ity!.bits + 1e-12);
    const rows = Array.from({ length: sample.meta.n }, (_, row) => data.slice(row * units, (row + 1) * units).join());
    assert.equal(unique.cells, new Set(rows).size);
    assert.equal(unique.diagnostics!.ruler, "moving");
  }));
});

const CORRECTIONS = {
  "miller-madow": millerMadowBits,
  grassberger: grassbergerBits,
  "chao-shen": chaoShenBits,
  jackknife: jackknifeBits,
} as const;

Deno.test("a correction corrects H(T) and each H(T|y) by the counts of their own rows", async () => {
  const names = fc.constantFrom(...Object.keys(CORRECTIONS) as (keyof typeof CORRECTIONS)[]);
  await fc.assert(fc.asyncProperty(layer, names, async (shape, correction) => {
    const { sample, data, units } = arbitrary({ ...shape, weighing: "labels" });
    const { labels, meta: { n, classes } } = sample;
    const entropy = CORRECTIONS[correction];
    const rows = Array.from({ length: n }, (_, row) => Array.from(data.slice(row * units, (row + 1) * units)).join());
    const counts = (chosen: readonly string[]) => [...new Set(chosen)].map((t) => chosen.filter((u) => u === t).length);
    const ht = entropy(counts(rows));
    let ity = ht;
    for (let y = 0; y < classes; y++) {
      const ofLabel = rows.filter((_, row) => labels[row] === y);
      if (ofLabel.length > 0) ity -= ofLabel.length / n * entropy(counts(ofLabel));
    }
    const found = await measured(sample, { codebook: "unique-values", correction });
    assert.ok(Math.abs(found.ixt!.bits - ht) < 1e-11 && Math.abs(found.ity!.bits - ity) < 1e-11);
    const { ixt: _ixt, ity: _ity, ...story } = found;
    const { ixt: _plugInIxt, ity: _plugInIty, ...plugInStory } = await measured(sample, { codebook: "unique-values" });
    assert.deepEqual(story, plugInStory);
  }));
});

Deno.test("Miller and Madow's I(T;Y) is lower by (Σ_y K_y − K − |Y| + 1) / (2n ln 2), the known bias", async () => {
  await fc.assert(fc.asyncProperty(layer, async (shape) => {
    const { sample } = arbitrary({ ...shape, weighing: "labels" });
    const { labels, meta: { n }, activations: { data }, meta: { units } } = sample;
    const pairs = new Set(Array.from(labels, (y, row) => `${y}|${data.slice(row * units, (row + 1) * units)}`));
    const plugIn = await measured(sample, { codebook: "unique-values" });
    const lower = (pairs.size - plugIn.cells! - new Set(labels).size + 1) / (2 * n * Math.LN2);
    const found = await measured(sample, { codebook: "unique-values", correction: "miller-madow" });
    assert.ok(Math.abs(plugIn.ity!.bits - found.ity!.bits - lower) < 1e-11);
  }));
});

Deno.test("a correction is skipped of an enumerated population, and of weighted rows there is what counts allow", async () => {
  const setting: Setting = { ...THIRTY, correction: "grassberger" };
  const data = Float32Array.of(-0.5, -0.5, 0.5);
  const pyx = Float64Array.of(0.9, 0.1, 0.3, 0.7, 0.2, 0.8);
  const labels = Uint8Array.of(0, 1, 1);
  const whole = sampleOf(data, 1, labels, { px: new Float64Array(3).fill(1 / 3), pyx });
  assert.equal(binning.supports(whole.meta, setting), "enumerated population");
  assert.equal(binning.supports(whole.meta, THIRTY), true);

  const split = { ...whole, meta: { ...whole.meta, exactJoint: false } };
  assert.equal(binning.supports(split.meta, setting), true);
  const { ixt, ity, reason } = await measured(split, setting);
  assert.deepEqual([ixt, ity], [{ bits: grassbergerBits([2, 1]) }, null]);
  assert.match(reason!, /p\(y\|x\) weighs the rows/);

  const weighed = { ...split, joint: { px: Float64Array.of(0.5, 0.25, 0.25), pyx } };
  assert.deepEqual(await binning.estimate(weighed, setting, ctx), {
    status: "skipped",
    reason: "p(x) weighs the rows: there are no counts to correct by",
  });
});

Deno.test("options: defaults, one codebook at a time, and what does not fit", () => {
  const read = (given: unknown) => readOptions(binning.options, given, 'estimator "binning"');
  assert.deepEqual(read({}), { count: 30, range: [-1, 1] });
  assert.deepEqual(read({ range: [-2, 2] }), { count: 30, range: [-2, 2] });
  assert.deepEqual(read({ width: 0.07 }), { width: 0.07 });
  assert.deepEqual(read({ codebook: "equal-mass" }), { codebook: "equal-mass", count: 30 });
  assert.deepEqual(read({ codebook: "layer-range", count: 100 }), { codebook: "layer-range", count: 100 });
  assert.deepEqual(read({ codebook: "unique-values" }), { codebook: "unique-values" });
  assert.deepEqual(read({ width: 1, correction: "jackknife" }), { width: 1, correction: "jackknife" });
  for (
    const setting of [{}, { width: 1 }, { preset: "as-published" }, { codebook: "equal-mass" }, {
      codebook: "unique-values",
    }, { correction: "chao-shen" }]
  ) {
    assert.deepEqual(read(read(setting)), read(setting));
  }
  assert.throws(() => read({ count: -3 }), /option "count" of estimator "binning".*-3/);
  assert.throws(() => read({ count: 2.5 }), /option "count"/);
  assert.throws(() => read({ width: 0 }), /option "width"/);
  assert.throws(() => read({ range: [1, -1] }), /option "range".*must ascend/);
  assert.throws(() => read({ count: 3, width: 0.1 }), /one codebook at a time/);
  for (const other of [{ count: 3 }, { range: [-1, 1] }, { width: 0.1 }, { preset: "as-published" }]) {
    assert.throws(() => read({ codebook: "unique-values", ...other }), /one codebook at a time/);
  }
  assert.throws(() => read({ codebook: "layer-range", range: [-1, 1] }), /one codebook at a time/);
  assert.throws(() => read({ preset: "published" }), /option "preset"/);
  assert.throws(() => read({ codebook: "equal" }), /option "codebook"/);
  assert.throws(() => read({ correction: "miller" }), /option "correction"/);
  assert.throws(() => read({ cuont: 3 }), /did you mean "count"/);
});
