import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { createCurvature, type Curvature } from "../../../core/measuring/curvature.ts";
import { layerParts } from "../../../core/measuring/layer_parts.ts";
import { createDenseEngine, type DenseNet } from "../../../core/training/dense.ts";
import { twinGaussNewtonVector, twinHessianVector } from "../../oracles/gradient_twin.ts";
import { anyNet, HIDDEN, lcg, netOf, norm, range, type Setting, settingOf } from "../training/some_nets.ts";

const kernels = await loadKernels();

function curvatureOf({ net, data, start }: Setting, passRows = 16): Curvature {
  const precise: DenseNet = { ...net, precision: "float64" };
  const options = { optimiser: { id: "sgd", rate: 0 }, maxBatch: passRows } as const;
  const engine = createDenseEngine<Float64Array>(kernels, precise, options);
  engine.setData(data.inputs, data.labels);
  engine.setParameters(start);
  return createCurvature(engine, precise, passRows);
}

/** Any net that has second derivatives. */
const smoothNet = anyNet.map((net): DenseNet => ({
  ...net,
  layers: net.layers.map((layer) => ({ ...layer, quantisedBits: undefined })),
}));

const vectorOf = (length: number, seed: number) => Float64Array.from({ length }, lcg(seed));
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => range(0, a.length).reduce((sum, i) => sum + a[i] * b[i], 0);

Deno.test("one softmax layer by hand: H = (diag(p) − ppᵀ) ⊗ (x, 1)(x, 1)ᵀ, and nothing bends", () => {
  const net: DenseNet = { inputs: 1, layers: [{ units: 2, activation: "softmax" }] };
  const setting: Setting = {
    net,
    data: { inputs: Float32Array.of(2), labels: Uint8Array.of(0) },
    start: new Float32Array(4),
  };
  const { hessianVector, gaussNewtonVector } = curvatureOf(setting);
  for (const product of [hessianVector, gaussNewtonVector]) {
    assert.deepEqual([...product([1, 0, 0, 0], Uint32Array.of(0))], [1, -1, 0.5, -0.5]);
    assert.deepEqual([...product([0, 0, 0, 4], Uint32Array.of(0))], [-2, 2, -1, 1]);
  }
});

for (const [matrix, whole] of [["Hessian", true], ["Gauss–Newton matrix", false]] as const) {
  Deno.test(`products with the ${matrix} agree with differences, whole and by layer`, () => {
    fc.assert(
      fc.property(smoothNet, fc.integer({ min: 1, max: 20 }), fc.nat(), (net, n, seed) => {
        const setting = settingOf(net, n, seed);
        const curvature = curvatureOf(setting);
        const product = whole ? curvature.hessianVector : curvature.gaussNewtonVector;
        const rows = range(0, whole ? n : Math.min(n, 4));
        const twin = whole ? twinHessianVector : twinGaussNewtonVector;
        const check = (found: ArrayLike<number>, wanted: readonly number[]) => {
          const off = norm(wanted.map((value, i) => value - found[i]));
          // Differences of step 1e-5 know no better.
          assert.ok(off <= 2e-6 * (norm(wanted) + 1e-3), `off by ${off} of ${norm(wanted)}`);
        };
        const v = vectorOf(setting.start.length, seed + 1);
        check(product(v, Uint32Array.from(rows)), twin(setting.net, setting.start, setting.data, rows, v));
        const parts = layerParts(net);
        const k = seed % parts.length;
        const { from, to } = parts[k];
        const embedded = v.map((value, i) => i >= from && i < to ? value : 0);
        check(
          product(v.subarray(from, to), Uint32Array.from(rows), k + 1),
          twin(setting.net, setting.start, setting.data, rows, embedded).slice(from, to),
        );
      }),
      { numRuns: whole ? 150 : 60, seed: 9 },
    );
  });
}

Deno.test("both matrices are symmetric and linear, and the Gauss–Newton matrix is positive semidefinite", () => {
  fc.assert(
    fc.property(smoothNet, fc.integer({ min: 1, max: 30 }), fc.nat(), (net, n, seed) => {
      const setting = settingOf(net, n, seed);
      const rows = Uint32Array.from(range(0, n));
      const { hessianVector, gaussNewtonVector } = curvatureOf(setting);
      const [u, v] = [vectorOf(setting.start.length, seed), vectorOf(setting.start.length, seed + 7)];
      for (const product of [hessianVector, gaussNewtonVector]) {
        const [hu, hv] = [product(u, rows), product(v, rows)];
        const size = norm(u) * norm(hv) + norm(v) * norm(hu);
        assert.ok(Math.abs(dot(u, hv) - dot(v, hu)) <= 1e-13 * size, `${dot(u, hv)} and ${dot(v, hu)}`);
        const sum = product(u.map((value, i) => value - 2 * v[i]), rows);
        assert.ok(norm(sum.map((value, i) => value - hu[i] + 2 * hv[i])) <= 1e-13 * (norm(hu) + norm(hv)));
      }
      const gv = gaussNewtonVector(v, rows);
      assert.ok(dot(v, gv) >= -1e-15 * norm(v) * norm(gv), `vᵀGv = ${dot(v, gv)}`);
    }),
    { numRuns: 200, seed: 4 },
  );
});

Deno.test("where no activation bends and no layer has a weight below it, the two matrices are one", () => {
  for (const classes of [2, 5]) {
    const setting = settingOf(netOf(6, [], "linear", classes), 25, 3);
    const { hessianVector, gaussNewtonVector } = curvatureOf(setting);
    const v = vectorOf(setting.start.length, 5);
    const rows = Uint32Array.from(range(0, 25));
    assert.deepEqual(hessianVector(v, rows), gaussNewtonVector(v, rows));
  }
});

Deno.test("another partition into passes changes a product by rounding, the same one gives the same bytes", () => {
  for (const activation of HIDDEN) {
    const setting = settingOf(netOf(9, [6, 5], activation, 3), 100, 6);
    const rows = Uint32Array.from(range(0, 100));
    const v = vectorOf(setting.start.length, 2);
    const whole = curvatureOf(setting, 128).hessianVector(v, rows);
    assert.deepEqual(curvatureOf(setting, 128).hessianVector(v, rows), whole);
    for (const passRows of [1, 9, 64]) {
      const found = curvatureOf(setting, passRows).hessianVector(v, rows);
      assert.ok(norm(found.map((value, i) => value - whole[i])) <= 1e-14 * norm(whole));
    }
  }
});

Deno.test("a product knows nothing of the one before", () => {
  const setting = settingOf(netOf(5, [4, 4], "softplus", 3), 30, 6);
  const curvature = curvatureOf(setting);
  const v = vectorOf(setting.start.length, 2);
  const few = Uint32Array.of(4, 2, 29);
  const before = curvature.hessianVector(v, few);
  curvature.gaussNewtonVector(vectorOf(setting.start.length, 3), Uint32Array.from(range(0, 30)));
  assert.deepEqual(curvature.hessianVector(v, few), before);
});

Deno.test("a quantised net, a vector of another length, a layer that is not there are refused with the reason", () => {
  const setting = settingOf(netOf(3, [4], "tanh", 2), 5, 1);
  const [first, last] = setting.net.layers;
  assert.throws(
    () => curvatureOf({ ...setting, net: { ...setting.net, layers: [{ ...first, quantisedBits: 3 }, last] } }),
    /no layer may be quantised, .* the gradient of no loss: layer 1 has 3 bits/,
  );
  const { hessianVector } = curvatureOf(setting);
  const rows = Uint32Array.of(0);
  assert.throws(() => hessianVector([1, 2], rows), {
    name: "TypeError",
    message: "Cannot multiply by second derivatives as the vector must have 26 numbers: it has 2",
  });
  assert.throws(() => hessianVector(new Float64Array(26), rows, 2), /must have 10 numbers: it has 26/);
  assert.throws(() => hessianVector(new Float64Array(26), rows, 3), /the net has layers 1 to 2/);
  assert.throws(() => hessianVector(new Float64Array(26), new Uint32Array(0)), /there must be >= 1 row/);
});

// Whoever changes this digest changes bytes that keys vouch for: raise GRADIENT_ARITHMETIC in core/measuring/gradients.ts with it.
const GOLDEN = "989cde32e88ae468e93173bcbd07eb35fb858fad181595f0a909762c3d9a73c3";

Deno.test("products with the default net's matrices over 600 rows have the pinned bytes", () => {
  const hash = createHash("sha256");
  for (const activation of ["tanh", "sigmoid", "softplus"] as const) {
    const setting = settingOf(netOf(12, [10, 7, 5, 4, 3], activation, 2), 600, 2018);
    const curvature = curvatureOf(setting, 512);
    const v = vectorOf(setting.start.length, 1);
    const rows = Uint32Array.from(range(0, 600));
    for (const product of [curvature.hessianVector(v, rows), curvature.gaussNewtonVector(v, rows)]) {
      hash.update(new Uint8Array(product.buffer));
    }
  }
  assert.equal(hash.digest("hex"), GOLDEN);
});
