import type { Estimate, Sample } from "@infoplane/core";
import { renyiEntropyBits } from "@infoplane/core/numerics";
import { root, testContext } from "@infoplane/core/testing";
import fc from "fast-check";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readOptions } from "../../../core/execution/options.ts";
import { estimateSamples } from "../../../core/measuring/measure.ts";
import { renyi } from "../../../plugins/estimators/renyi.ts";

type Setting = Parameters<typeof renyi.estimate>[1];
type Measured = Extract<Estimate, { status: "measured" }>;

const { ctx } = testContext(root(1).child("noise"));
const DEFAULT: Setting = { alpha: 1.01, width: "median", rows: 1000 };

function sampleOf(t: number[][], labels: number[], x?: number[][]): Sample {
  const tensor = (rows: number[][]) => ({ data: Float64Array.from(rows.flat()), shape: [rows.length, rows[0].length] });
  return {
    layer: 2,
    meta: { n: t.length, units: t[0].length, activation: "tanh", exactJoint: false, classes: 3 },
    activations: tensor(t),
    labels: Uint8Array.from(labels),
    inputs: x && tensor(x),
  };
}

async function measured(sample: Sample, setting = DEFAULT): Promise<Measured> {
  const estimate = await renyi.estimate(sample, setting, ctx);
  assert.equal(estimate.status, "measured", JSON.stringify(estimate));
  return estimate as Measured;
}

function assertClose(found: number, truth: number, within = 1e-10): void {
  assert.ok(Math.abs(found - truth) <= within, `${found}, not ${truth}`);
}

/** Some rows of T, labels and inputs. */
const rows = fc.record({
  n: fc.integer({ min: 2, max: 40 }),
  units: fc.integer({ min: 1, max: 4 }),
  levels: fc.constantFrom(2, 5, Infinity),
  seed: fc.nat(),
}).map(({ n, units, levels, seed }) => {
  const stream = root(seed);
  const draw = () => levels === Infinity ? stream.normal() : stream.integer(levels);
  const matrix = (columns: number) => Array.from({ length: n }, () => Array.from({ length: columns }, draw));
  return sampleOf(matrix(units), Array.from({ length: n }, () => stream.integer(3)), matrix(2));
});

// Made by tests/fixtures/renyi/matrices.py.
const { informations }: { informations: Record<string, unknown>[] } = JSON.parse(
  readFileSync(new URL("../../fixtures/renyi/matrices.json", import.meta.url), "utf8"),
);

Deno.test("both informations are those of NumPy's eigenvalues of whole matrices", async () => {
  for (const { x, t, labels, ...truth } of informations) {
    for (const alpha of [1.01, 2]) {
      const sample = sampleOf(t as number[][], labels as number[], x as number[][]);
      const { ixt, ity } = await measured(sample, { ...DEFAULT, alpha });
      assertClose(ixt!.bits, truth[`ixt${alpha}`] as number, 1e-9);
      assertClose(ity!.bits, truth[`ity${alpha}`] as number, 1e-9);
    }
  }
});

Deno.test("rows far apart for their kernel's width are all told apart: log₂ n bits of X, all of S(Y)", async () => {
  const t = Array.from({ length: 64 }, (_, i) => [i, i % 3]);
  const labels = t.map((_, i) => i % 4 === 0 ? 1 : 0);
  const { ixt, ity, ceilingBits } = await measured(sampleOf(t, labels, t), { ...DEFAULT, width: 0.01 });
  assertClose(ixt!.bits, 6);
  assertClose(ity!.bits, renyiEntropyBits([0.25, 0.75], 1.01));
  assert.equal(ceilingBits, 6);
});

Deno.test("rows that are all equal tell nothing", async () => {
  const t = Array.from({ length: 20 }, () => [0.5, -0.5]);
  const { ixt, ity, diagnostics } = await measured(sampleOf(t, t.map((_, i) => i % 2), t.map((_, i) => [i])));
  assertClose(ixt!.bits, 0);
  assertClose(ity!.bits, 0);
  assert.equal(diagnostics!.widthT, 0);
});

Deno.test("a rotation, a shift, and at median width a scale of T or X change nothing", async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.double({ min: 0, max: 6, noNaN: true }), async (sample, angle) => {
      const { ixt, ity } = await measured(sample);
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const turned = sample.inputs!.data.map((value, i, all) =>
        i % 2 === 0 ? 3 * (cos * value - sin * all[i + 1]) + 1 : 3 * (sin * all[i - 1] + cos * value)
      );
      const scaled = sample.activations.data.map((value) => 0.25 * value);
      const found = await measured({
        ...sample,
        inputs: { ...sample.inputs!, data: turned as Float64Array },
        activations: { ...sample.activations, data: scaled as Float64Array },
      });
      assertClose(found.ity!.bits, ity!.bits, 1e-9);
      // Rounding may part rows at the median distance 0, which stands for equality.
      if ((found.diagnostics!.widthX as number) > 1e-9) assertClose(found.ixt!.bits, ixt!.bits, 1e-6);
    }),
    { numRuns: 60 },
  );
});

Deno.test("neither information exceeds an entropy, and neither is negative at order 1, where entropies are subadditive", async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.constantFrom(1, 1.01, 2), async (sample, alpha) => {
      const { ixt, ity, ceilingBits } = await measured(sample, { ...DEFAULT, alpha });
      const { n } = sample.meta;
      const sizes = [0, 1, 2].map((label) => sample.labels.filter((of) => of === label).length / n);
      assert.ok(ity!.bits <= renyiEntropyBits(sizes, alpha) + 1e-9);
      assert.ok(ixt!.bits <= ceilingBits! + 1e-9);
      if (alpha < 2) assert.ok(Math.min(ity!.bits, ixt!.bits) >= (alpha === 1 ? -1e-9 : -0.1));
    }),
    { numRuns: 100 },
  );
});

Deno.test("no more rows are read than asked for, drawn from their own stream", async () => {
  const stream = root(3);
  const t = Array.from({ length: 300 }, () => [stream.normal()]);
  const sample = sampleOf(t, t.map(([value]) => Number(value > 0)), t);
  const some = await measured(sample, { ...DEFAULT, rows: 50 });
  assert.equal(some.diagnostics!.rows, 50);
  assertClose(some.ceilingBits!, Math.log2(50));
  assert.deepEqual(await measured(sample, { ...DEFAULT, rows: 50 }), some);
  const other = await renyi.estimate(sample, { ...DEFAULT, rows: 50 }, testContext(root(2)).ctx) as Measured;
  assert.notEqual(other.ity!.bits, some.ity!.bits);
  assert.ok(Math.abs(other.ity!.bits - some.ity!.bits) < 0.2);
  assert.equal((await measured(sample)).diagnostics!.rows, 300);
});

Deno.test("samples without an answer say why, and I(X;T) needs the inputs", async () => {
  const [[one]] = await estimateSamples(renyi as Parameters<typeof estimateSamples>[0], [sampleOf([[1]], [0])], [
    DEFAULT,
  ], ctx);
  assert.deepEqual(one, { status: "skipped", reason: "there must be two rows" });
  const bare = await measured(sampleOf([[1], [2], [4]], [0, 1, 0]));
  assert.deepEqual([bare.ixt, bare.ceilingBits, bare.reason], [null, null, "no I(X;T): the inputs are not given"]);
  assert.deepEqual(await renyi.estimate(sampleOf([[1, 2], [NaN, 3]], [0, 1]), DEFAULT, ctx), {
    status: "failed",
    reason: "activations must be finite: layer 2, row 1, unit 0 is NaN",
  });
  const joint = { px: Float64Array.of(0.25, 0.75), pyx: Float64Array.of(1, 0, 0, 0, 1, 0) };
  const weighed = await renyi.estimate({ ...sampleOf([[1], [2]], [0, 1]), joint }, DEFAULT, ctx);
  assert.match(weighed.reason!, /unequal probability/);
});

Deno.test("options: order 1.01, median width and 1000 rows unless told otherwise", () => {
  const read = (given: unknown) => readOptions(renyi.options, given, 'estimator "renyi"');
  assert.deepEqual(read({}), { ...DEFAULT });
  assert.deepEqual(read({ alpha: 2, width: 0.5, rows: 10 }), { alpha: 2, width: 0.5, rows: 10 });
  assert.throws(() => read({ alpha: 0 }), /option "alpha".*0/);
  assert.throws(() => read({ width: -1 }), /option "width"/);
  assert.throws(() => read({ width: "mean" }), /option "width"/);
  assert.throws(() => read({ rows: 1 }), /option "rows"/);
  assert.throws(() => read({ apha: 1 }), /did you mean "alpha"/);
});
