import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { gradientCovariance } from "../../../core/measuring/gradient_covariance.ts";
import { batchGradients, layerGradients } from "../../../core/measuring/gradients.ts";
import { layerParts } from "../../../core/measuring/layer_parts.ts";
import { root, shuffle } from "../../../core/random/mod.ts";
import { createDenseEngine, type DenseEngine, type DenseNet, type DenseValues } from "../../../core/training/dense.ts";
import { twinCovariance, twinExampleGradients, twinMean } from "../../oracles/gradient_twin.ts";
import { anyNet, distance, HIDDEN, netOf, norm, range, type Setting, settingOf } from "../training/some_nets.ts";

const kernels = await loadKernels();

/** Of the net's own precision; the default room for a pass unless told. */
function engineOf<Values extends DenseValues>({ net, data, start }: Setting, maxBatch = 512): DenseEngine<Values> {
  const engine = createDenseEngine<Values>(kernels, net, { optimiser: { id: "sgd", rate: 0 }, maxBatch });
  engine.setData(data.inputs, data.labels);
  engine.setParameters(start);
  return engine;
}

function double(setting: Setting): Setting {
  return { ...setting, net: { ...setting.net, precision: "float64" } };
}

const close = (found: number, wanted: number, tolerance: number, what = "") =>
  assert.ok(Math.abs(found - wanted) <= tolerance * Math.abs(wanted), `${what} ${found}, wanted ${wanted}`);

Deno.test("one softmax layer by hand: g_i = (x_i, 1) ⊗ (p_i − y_i)", () => {
  // At parameters 0 every p is ½: x = 1 with label 0 and x = 3 with label 1.
  const net: DenseNet = { inputs: 1, layers: [{ units: 2, activation: "softmax" }] };
  for (const precision of ["float32", "float64"] as const) {
    const setting: Setting = {
      net: { ...net, precision },
      data: { inputs: Float32Array.of(1, 3), labels: Uint8Array.of(0, 1) },
      start: new Float32Array(4),
    };
    const [found] = layerGradients(engineOf(setting), setting.net, Uint32Array.of(0, 1));
    // g_1 = (−½, ½, −½, ½), g_2 = (3/2, −3/2, ½, −½): ḡ = (½, −½, 0, 0), g_i − ḡ = ∓(1, −1, ½, −½).
    assert.deepEqual([...found.mean], [0.5, -0.5, 0, 0]);
    assert.deepEqual(
      [found.examples, found.meanNorm, found.variance, found.weightNorm],
      [2, Math.SQRT1_2, 2.5, 0],
    );
  }
});

for (const precision of ["float32", "float64"] as const) {
  Deno.test(`means and variances are those of the stored gradients of single examples, ${precision}`, () => {
    fc.assert(
      fc.property(anyNet, fc.integer({ min: 2, max: 40 }), fc.nat(), (net, n, seed) => {
        // A value that f32 puts into the cell beside shows in every layer.
        fc.pre(precision === "float64" || net.layers.every(({ quantisedBits }) => !quantisedBits));
        const setting = settingOf({ ...net, precision }, n, seed);
        const rows = range(0, n);
        const engine = engineOf(setting, 16);
        const gradients = twinExampleGradients(net, setting.start, setting.data, rows);
        // The slope of a leaky ReLU is an f32.
        const tolerance = precision === "float64" ? 3e-7 : 1e-4;
        const found = layerGradients(engine, setting.net, Uint32Array.from(rows), 16);
        layerParts(net).forEach(({ from, to }, k) => {
          const ofLayer = gradients.map((g) => g.subarray(from, to));
          const mean = twinMean(ofLayer);
          const square = ofLayer.reduce((sum, g) => sum + norm(g) ** 2, 0) / n;
          const v = ofLayer.reduce((sum, g) => sum + norm(g.map((value, i) => value - mean[i])) ** 2, 0) / n;
          const { mean: own, meanNorm, variance, weightNorm, examples } = found[k];
          assert.ok(
            norm(mean.map((value, i) => value - own[i])) <= tolerance * Math.sqrt(square),
            `mean of layer ${k + 1}`,
          );
          assert.ok(Math.abs(meanNorm - norm(mean)) <= tolerance * Math.sqrt(square));
          assert.ok(Math.abs(variance - v) <= tolerance * square, `v of layer ${k + 1}: ${variance}, twin ${v}`);
          close(weightNorm, norm(setting.start.subarray(from, to)), 1e-12);
          assert.equal(examples, n);
        });
      }),
      { numRuns: 150, seed: 5 },
    );
  });
}

Deno.test("the gradient covariance is that of the stored gradients, symmetric, and its trace is v", () => {
  fc.assert(
    fc.property(anyNet, fc.integer({ min: 2, max: 21 }), fc.nat(), (net, n, seed) => {
      const setting = double(settingOf(net, n, seed));
      const rows = Uint32Array.from(range(0, n));
      const engine = engineOf<Float64Array>(setting, 8);
      const gradients = twinExampleGradients(net, setting.start, setting.data, range(0, n));
      const statistics = layerGradients(engine, setting.net, rows, 8);
      layerParts(net).forEach(({ from, to }, k) => {
        const { covariance, mean, examples } = gradientCovariance(engine, setting.net, k + 1, rows, 8);
        const d = to - from;
        const wanted = twinCovariance(gradients.map((g) => g.subarray(from, to)));
        const size = norm(statistics[k].mean) ** 2 + statistics[k].variance;
        wanted.forEach((row, a) =>
          row.forEach((value, b) => {
            assert.ok(Math.abs(covariance[a * d + b] - value) <= 1e-6 * size, `Σ[${a}, ${b}] of layer ${k + 1}`);
            assert.equal(covariance[a * d + b], covariance[b * d + a]);
          })
        );
        const trace = range(0, d).reduce((sum, a) => sum + covariance[a * d + a], 0);
        assert.ok(
          Math.abs(trace - statistics[k].variance) <= 1e-12 * size,
          `trace ${trace}, v ${statistics[k].variance}`,
        );
        assert.deepEqual(mean, statistics[k].mean);
        assert.equal(examples, n);
      });
    }),
    { numRuns: 60, seed: 6 },
  );
});

Deno.test("another partition into passes changes the statistics by rounding, the same one gives the same bytes", () => {
  for (const activation of HIDDEN) {
    for (const setting of [settingOf(netOf(9, [6, 5], activation, 3), 301, 6)].flatMap((one) => [one, double(one)])) {
      const rows = Uint32Array.from(range(0, 301));
      const found = (passRows: number) => layerGradients(engineOf(setting), setting.net, rows, passRows);
      const [whole, again] = [found(512), found(512)];
      assert.deepEqual(again, whole);
      const tolerance = setting.net.precision === "float64" ? 1e-13 : 2e-6;
      for (const passRows of [1, 7, 64]) {
        found(passRows).forEach(({ mean, variance }, k) => {
          close(variance, whole[k].variance, tolerance);
          assert.ok(distance(mean, whole[k].mean) <= 20 * tolerance, `${distance(mean, whole[k].mean)}`);
        });
      }
    }
  }
});

Deno.test("what a pass held before does not show, and rows may come in any order", () => {
  const setting = settingOf(netOf(9, [6, 5], "tanh", 3), 64, 6);
  const engine = engineOf(setting);
  const fresh = layerGradients(engineOf(setting), setting.net, Uint32Array.of(3, 60, 7));
  layerGradients(engine, setting.net, Uint32Array.from(range(0, 64)));
  assert.deepEqual(layerGradients(engine, setting.net, Uint32Array.of(3, 60, 7)), fresh);
  layerGradients(engine, setting.net, Uint32Array.of(60, 7, 3)).forEach(({ variance }, k) =>
    close(variance, fresh[k].variance, 1e-6)
  );
});

Deno.test("equal examples have no variance, and no row is an error", () => {
  const setting = double(settingOf(netOf(3, [4], "tanh", 2), 5, 1));
  const engine = engineOf<Float64Array>(setting);
  for (const { variance, meanNorm } of layerGradients(engine, setting.net, Uint32Array.of(2, 2, 2))) {
    assert.ok(variance >= 0 && variance <= 1e-15 * meanNorm ** 2);
  }
  assert.throws(() => layerGradients(engine, setting.net, new Uint32Array(0)), {
    name: "RangeError",
    message: "Cannot measure gradients as there must be >= 1 row: there is none",
  });
  assert.throws(() => batchGradients(engine, setting.net, []), /there must be a batch: there is none/);
  assert.throws(() => gradientCovariance(engine, setting.net, 3, Uint32Array.of(0)), /the net has layers 1 to 2/);
});

Deno.test("a layer too wide for its covariance is refused with what it would take", () => {
  const setting = double(settingOf(netOf(128, [16, 15], "tanh", 2), 3, 1));
  const engine = engineOf<Float64Array>(setting);
  assert.throws(
    () => gradientCovariance(engine, setting.net, 1, Uint32Array.of(0)),
    /at most 2048 weights and biases, whose matrix takes 32 MiB: layer 1 has 2064/,
  );
  assert.equal(gradientCovariance(engine, setting.net, 2, Uint32Array.of(0, 1)).mean.length, 255);
});

Deno.test("the published form is the norm of the mean and of the standard deviations of mini-batch gradients", () => {
  const setting = settingOf(netOf(6, [5, 4], "tanh", 3), 90, 4);
  const engine = engineOf(setting, 64);
  const order = shuffle(Uint32Array.from(range(0, 90)), root(1).child("epoch"));
  const batches = [order.subarray(0, 40), order.subarray(40, 80), order.subarray(80)];
  const found = batchGradients(engine, setting.net, batches, 64);
  const gradients = batches.map((rows) =>
    twinMean(twinExampleGradients(setting.net, setting.start, setting.data, [...rows]))
  );
  layerParts(setting.net).forEach(({ from, to }, k) => {
    const ofLayer = gradients.map((g) => g.slice(from, to));
    const mean = twinMean(ofLayer);
    const deviations = mean.map((m, i) => Math.sqrt(ofLayer.reduce((sum, g) => sum + (g[i] - m) ** 2, 0) / 3));
    assert.equal(found[k].batches, 3);
    close(found[k].meanNorm, norm(mean), 1e-5);
    close(found[k].deviationNorm, norm(deviations), 1e-5);
  });
  assert.deepEqual(batchGradients(engine, setting.net, [order], 64).map(({ deviationNorm }) => deviationNorm), [
    0,
    0,
    0,
  ]);
});

// Whoever changes this digest changes bytes that keys vouch for: raise GRADIENT_ARITHMETIC in core/measuring/gradients.ts with it.
const GOLDEN = "ce476dd832b35900c19a268bc1b784138e5e094d55c2d4672d8bb70fa87f762e";

Deno.test("the gradients of the default net over 3277 rows have the pinned bytes", () => {
  const setting = settingOf(netOf(12, [10, 7, 5, 4, 3], "tanh", 2), 4096, 2018);
  const rows = Uint32Array.from(range(0, 3277));
  const engine = engineOf(setting);
  const precise = engineOf<Float64Array>(double(setting));
  const statistics = layerGradients(engine, setting.net, rows);
  const hash = createHash("sha256");
  for (const { mean, meanNorm, variance, weightNorm } of statistics) {
    hash.update(new Uint8Array(mean.buffer)).update(
      new Uint8Array(Float64Array.of(meanNorm, variance, weightNorm).buffer),
    );
  }
  for (const k of [1, 6]) {
    const { covariance } = gradientCovariance(precise, double(setting).net, k, rows.subarray(0, 600));
    hash.update(new Uint8Array(covariance.buffer));
  }
  assert.equal(hash.digest("hex"), GOLDEN);
});
