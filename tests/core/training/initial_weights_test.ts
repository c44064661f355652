import assert from "node:assert/strict";
import fc from "fast-check";
import type { Initialiser, NetDescription } from "../../../core/contracts/architecture.ts";
import type { DenseValues } from "../../../core/training/dense.ts";
import { root } from "../../../core/testing.ts";
import { initialParameters } from "../../../core/training/initial_weights.ts";

const weights = root(2018).child("replicate", 0).child("weights");

function truncated(sigma: number): Initialiser {
  return { distribution: "truncated-normal", sigma };
}

/** A net whose layers have these units, σ = 1/√fan-in and bias k/8 in layer k, unless told otherwise. */
function net(inputs: number, units: readonly number[], initialisers: readonly Initialiser[] = []): NetDescription {
  const layers = units.map((count, k) => ({
    kind: "dense" as const,
    name: `layer ${k + 1}`,
    units: count,
    activation: "tanh" as const,
    weights: initialisers[k] ?? truncated(1 / Math.sqrt(k === 0 ? inputs : units[k - 1])),
    bias: (k + 1) / 8,
  }));
  return { kind: "layers", inputShape: [inputs], layers };
}

/** The parameters of each layer, cut from the engine's one array. */
function layersOf(given: NetDescription, stream = weights): { weights: DenseValues; biases: DenseValues }[] {
  const parameters = initialParameters(given, stream);
  let fanIn = given.inputShape.reduce((product, extent) => product * extent, 1);
  let at = 0;
  const layers = given.layers.map(({ units }) => {
    const middle = at + fanIn * units;
    const layer = { weights: parameters.slice(at, middle), biases: parameters.slice(middle, middle + units) };
    at = middle + units;
    fanIn = units;
    return layer;
  });
  assert.equal(parameters.length, at);
  return layers;
}

function many(initialiser: Initialiser): DenseValues {
  return layersOf(net(400, [500], [initialiser]))[0].weights;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value / values.length, 0);

function near(actual: number, expected: number, tolerance: number, what: string) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} is ${actual}, not ${expected} ± ${tolerance}`);
}

Deno.test("the first weights of seed 2018 are pinned, so that no refactoring moves a study", () => {
  // Computed by another program: tests/fixtures/symmetric_rule/replicate_0.py.
  const layers = layersOf(net(12, [10, 7, 2]));
  assert.deepEqual(layers.map(({ weights }) => [...weights.subarray(0, 3)]), PINNED);
});

Deno.test("a layer holds in × out weights and then its biases, each at its constant", () => {
  const widths = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });
  fc.assert(fc.property(fc.integer({ min: 1, max: 6 }), widths, (inputs, units) => {
    layersOf(net(inputs, units)).forEach(({ weights, biases }, k) => {
      assert.deepEqual(biases, new Float32Array(units[k]).fill((k + 1) / 8));
      assert.ok(weights.every((w) => w !== 0));
    });
  }));
});

Deno.test("an image is as many inputs as it has pixels", () => {
  const flat = net(12, [5, 2]);
  assert.deepEqual(initialParameters({ ...flat, inputShape: [3, 4] }, weights), initialParameters(flat, weights));
});

Deno.test("layer k takes the normal numbers of child stream k that lie within ±2, times σ, in order", () => {
  const given = net(12, [10, 7, 2]);
  layersOf(given).forEach((layer, k) => {
    const stream = weights.child(k + 1);
    const sigma = (given.layers[k].weights as { sigma: number }).sigma;
    const normals = Array.from({ length: 2 * layer.weights.length + 100 }, () => stream.normal());
    const kept = normals.filter((z) => Math.abs(z) <= 2).slice(0, layer.weights.length);
    assert.deepEqual(layer.weights, Float32Array.from(kept, (z) => sigma * z));
  });
});

Deno.test("truncated normal weights lie within two σ, and none sits at the end", () => {
  const drawn = many(truncated(0.25));
  assert.ok(drawn.every((w) => Math.abs(w) < 0.5));
  assert.ok(drawn.some((w) => w > 0.499) && drawn.some((w) => w < -0.499));
});

Deno.test("truncated normal weights have mean 0 and standard deviation 0.8796 σ, not σ", () => {
  const z = Array.from(many(truncated(0.25)), (w) => w / 0.25);
  const n = z.length;
  // E z² = 1 − 4φ(2)/P and E z⁴ = 3 E z² − 16φ(2)/P with P = P(|z| < 2) = erf(√2).
  const ratio = Math.exp(-2) / Math.sqrt(2 * Math.PI) / 0.9544997361036416;
  const second = 1 - 4 * ratio;
  const fourth = 3 * second - 16 * ratio;
  assert.equal(Math.sqrt(second).toFixed(4), "0.8796");
  near(mean(z), 0, 5 * Math.sqrt(second / n), "the mean");
  near(mean(z.map((w) => w ** 2)), second, 5 * Math.sqrt((fourth - second ** 2) / n), "the variance");
  const inside = 0.6826894921370859 / 0.9544997361036416;
  const share = z.filter((w) => Math.abs(w) < 1).length / n;
  near(share, inside, 5 * Math.sqrt(inside * (1 - inside) / n), "the share within one σ");
});

Deno.test("normal weights have standard deviation σ and go beyond two of them in 4.55 % of draws", () => {
  const z = Array.from(many({ distribution: "normal", sigma: 0.25 }), (w) => w / 0.25);
  const n = z.length;
  near(mean(z), 0, 5 / Math.sqrt(n), "the mean");
  near(mean(z.map((w) => w ** 2)), 1, 5 * Math.sqrt(2 / n), "the variance");
  near(z.filter((w) => Math.abs(w) > 2).length / n, 0.0455, 5 * Math.sqrt(0.0455 * 0.9545 / n), "the share beyond");
});

Deno.test("uniform weights fill ±limit: mean 0, variance limit²/3", () => {
  const u = Array.from(many({ distribution: "uniform", limit: 0.5 }), (w) => w / 0.5);
  const n = u.length;
  assert.ok(u.every((w) => w >= -1 && w <= 1));
  assert.ok(u.some((w) => w > 0.999) && u.some((w) => w < -0.999));
  near(mean(u), 0, 5 / Math.sqrt(3 * n), "the mean");
  near(mean(u.map((w) => w ** 2)), 1 / 3, 5 * Math.sqrt(4 / 45 / n), "the variance");
});

Deno.test("another layer at the end leaves the layers below as they were, to the bit", () => {
  const [short, long] = [layersOf(net(12, [10, 7])), layersOf(net(12, [10, 7, 5]))];
  assert.deepEqual(long.slice(0, 2), short);
});

Deno.test("another width or distribution in one layer leaves the layers it does not touch as they were", () => {
  const before = layersOf(net(12, [10, 7, 5, 2]));
  const wider = layersOf(net(12, [20, 7, 5, 2]));
  assert.deepEqual(wider.slice(2), before.slice(2));
  const uniform = layersOf(net(12, [10, 7, 5, 2], [{ distribution: "uniform", limit: 1 }]));
  assert.notDeepEqual(uniform[0], before[0]);
  assert.deepEqual(uniform.slice(1), before.slice(1));
});

Deno.test("layers of one shape, replicates and seeds differ in every weight but by chance; the same stream repeats", () => {
  const given = net(6, [6, 6], [truncated(1), truncated(1)]);
  const streams = [[2018, 0], [2018, 1], [2019, 0]].map(([seed, r]) => root(seed).child("replicate", r, "weights"));
  const all = streams.flatMap((stream) => layersOf(given, stream).flatMap(({ weights }) => [...weights]));
  assert.equal(new Set(all).size, 3 * 2 * 36);
  assert.deepEqual(initialParameters(given, streams[0]), initialParameters(given, streams[0]));
});

const PINNED = [
  [-0.09346547722816467, -0.5312841534614563, -0.29304179549217224],
  [-0.5540860891342163, 0.1443297415971756, -0.15443497896194458],
  [-0.5013667345046997, -0.4716614782810211, -0.18766531348228455],
];
