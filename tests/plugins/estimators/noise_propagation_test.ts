import type { Estimate, Estimator, LoadedDataset, NetDescription, Sample } from "@infoplane/core";
import { root, testContext } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { readOptions } from "../../../core/execution/options.ts";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { measure } from "../../../core/measuring/measure.ts";
import { normalSign } from "@infoplane/core/truths";
import { normalSignDataset } from "../../../plugins/datasets/normal_sign.ts";
import plugin from "../../../plugins/mod.ts";
import { noiseMixture } from "../../../plugins/estimators/noise_mixture.ts";
import { noisePropagation } from "../../../plugins/estimators/noise_propagation.ts";
import { informationOnALine } from "../../oracles/mixture_twin.ts";
import { lcg } from "../../core/training/some_nets.ts";
import { assertClose, type Measured, measured } from "./noisy_layers.ts";

const kernels = await loadKernels();

/** A net of tanh or linear layers of these widths under a softmax over two classes; σ of each hidden layer. */
function noisyNet(
  inputs: number,
  widths: readonly number[],
  sigmas: readonly (number | undefined)[],
  given: { activation?: "tanh" | "linear"; precision?: "float64" } = {},
): NetDescription {
  const { activation = "linear", precision } = given;
  const weights = { distribution: "normal", sigma: 1 } as const;
  return {
    kind: "layers",
    inputShape: [inputs],
    layers: [
      ...widths.map((units, k) => ({
        ...{ kind: "dense", name: `hidden ${k + 1}`, units, activation, weights, bias: 0 } as const,
        ...(sigmas[k] === undefined ? {} : { noise: sigmas[k] }),
      })),
      { kind: "dense", name: "output", units: 2, activation: "softmax", weights, bias: 0 },
    ],
    precision,
  };
}

/** Two inputs, −1 and 1, with their probabilities and those of label 1. */
function twoInputs(px: readonly number[], py: readonly number[]): LoadedDataset {
  const rows = Uint32Array.of(0, 1);
  return {
    inputs: { data: Float32Array.of(-1, 1), shape: [2, 1] },
    labels: Uint8Array.of(0, 1),
    classes: 2,
    joint: { px: Float64Array.from(px), pyx: Float64Array.from(py.flatMap((p) => [1 - p, p])) },
    splits: { train: rows.subarray(0, 1), test: rows.subarray(1) },
  };
}

/** All patterns of k inputs of −1 and 1; the label is their majority with some doubt. */
function patterns(k: number): LoadedDataset {
  const n = 1 << k;
  const inputs = Float32Array.from({ length: n * k }, (_, i) => ((Math.floor(i / k) >> (i % k)) & 1) * 2 - 1);
  const doubt = Array.from({ length: n }, (_, x) => {
    const sum = inputs.subarray(x * k, (x + 1) * k).reduce((a, b) => a + b, 0);
    return 1 / (1 + Math.exp(-2 * sum));
  });
  const rows = Uint32Array.from({ length: n }, (_, x) => x);
  return {
    inputs: { data: inputs, shape: [n, k] },
    labels: Uint8Array.from(doubt, (p) => Number(p > 0.5)),
    classes: 2,
    joint: { px: new Float64Array(n).fill(1 / n), pyx: Float64Array.from(doubt.flatMap((p) => [1 - p, p])) },
    splits: { train: rows.filter((x) => x % 4 > 0), test: rows.filter((x) => x % 4 === 0) },
  };
}

/** Measures a net at one epoch; estimates by layer. */
async function estimates(
  net: NetDescription,
  dataset: LoadedDataset,
  parameters: ArrayLike<number>,
  options: { passes?: number; draws?: number } = {},
  replicate = 0,
  estimator: Estimator = noisePropagation as unknown as Estimator,
): Promise<Estimate[]> {
  const values = net.precision === "float64" ? Float64Array.from(parameters) : Float32Array.from(parameters);
  const setting = readOptions(estimator.options, options, "estimator");
  const { ctx } = testContext(root(3).child("replicate", replicate));
  const snapshots = [{ epoch: 7, parameters: values }];
  const [[layers]] = await measure(net, dataset, snapshots, estimator, [setting], { on: "all" }, kernels, ctx);
  return layers;
}

/** What estimators are dealt of the layers of a net. */
async function samples(
  net: NetDescription,
  dataset: LoadedDataset,
  parameters: ArrayLike<number>,
  passes: number,
): Promise<Sample[]> {
  const seen: Sample[] = [];
  const spy: Estimator = {
    ...noisePropagation as unknown as Estimator,
    supports: () => true,
    estimate(sample): Estimate {
      seen.push(sample);
      return { status: "skipped", reason: "only looked at" };
    },
  };
  await estimates(net, dataset, parameters, { passes }, 0, spy);
  return seen;
}

function isMeasured(estimate: Estimate): Measured {
  assert.equal(estimate.status, "measured", JSON.stringify(estimate));
  return estimate as Measured;
}

/** How many standard errors an estimate lies from the truth. */
function errors({ bits, high }: NonNullable<Measured["ixt"]>, truth: number): number {
  return Math.abs(bits - truth) / ((high! - bits) / 1.96);
}

/** Parameters of a chain of single linear units, w₁, w₂ …, under a softmax. */
const chain = (...w: number[]) => [...w.flatMap((weight) => [weight, 0]), 1, -1, 0, 0];

for (const precision of [undefined, "float64"] as const) {
  Deno.test(`a chain of linear units of ${precision ?? "float32"} is a Gaussian channel of known variance, layer by layer`, async () => {
    const [w1, w2, w3] = [1.2, 0.9, 1.5];
    const [s1, s2, s3] = [0.5, 0.4, 0.3];
    const net = noisyNet(1, [1, 1, 1], [s1, s2, s3], { precision });
    const [px, py] = [[0.3, 0.7], [0.1, 0.8]];
    const variances = [s1 ** 2, w2 ** 2 * s1 ** 2 + s2 ** 2, w3 ** 2 * (w2 ** 2 * s1 ** 2 + s2 ** 2) + s3 ** 2];
    const found = await estimates(net, twoInputs(px, py), chain(w1, w2, w3), { passes: 1000, draws: 4000 });
    [w1, w1 * w2, w1 * w2 * w3].forEach((w, k) => {
      const truth = informationOnALine({ rows: [[-w], [w]], px, pyx: py.map((p) => [1 - p, p]) }, variances[k]);
      const { ixt, ity } = isMeasured(found[k]);
      assert.ok(errors(ixt!, truth.ixt) < 4, `layer ${k + 1}: ${JSON.stringify([ixt, truth])}`);
      assert.ok(errors(ity!, truth.ity) < 4, `layer ${k + 1}: ${JSON.stringify([ity, truth])}`);
      assert.ok(ixt!.high! - ixt!.low! < 0.1, JSON.stringify(ixt));
    });
    assert.deepEqual(found[3], {
      status: "skipped",
      reason: "the layer has no noise of its own, so that T given x is no mixture of known Gaussians",
    });
  });
}

Deno.test("on normal inputs it agrees with the closed form, and with the estimators that one draw of T will do for", async () => {
  const { ctx } = testContext(root(9).child("replicate", 0));
  const rho = 0.9;
  const data = await normalSignDataset.load({ rho, rows: 1500, trainFraction: 0.8 }, ctx);
  const [w1, w2, s1, s2] = [1, 1.5, 0.5, 0.6];
  const net = noisyNet(1, [1, 1], [s1, s2]);
  const shares = [w1 ** 2 / (w1 ** 2 + s1 ** 2), (w1 * w2) ** 2 / ((w1 * w2) ** 2 + (w2 * s1) ** 2 + s2 ** 2)];
  // Standard errors of 1500 rows are some 0.03, those of the 300 that the decoder is read off some 0.05.
  const tolerances = { "noise-propagation": 0.1, gaussian: 0.1, ksg: 0.12, decoder: 0.15 };
  for (const [id, tolerance] of Object.entries(tolerances)) {
    const estimator = plugin.estimators!.find((one) => one.id === id) as Estimator;
    const found = await estimates(net, data, chain(w1, w2), {}, 0, estimator);
    shares.forEach((share, k) => {
      const { ixt, ity } = isMeasured(found[k]);
      const truth = { ixt: -Math.log2(1 - share) / 2, ity: normalSign(rho * Math.sqrt(share)).bits };
      if (ixt) {
        assert.ok(Math.abs(ixt.bits - truth.ixt) < tolerance, `${id}, layer ${k + 1}: ${ixt.bits}, ${truth.ixt}`);
      } else assert.equal(id, "decoder");
      // A Gaussian for each label is of another shape than the law.
      if (id === "gaussian") return;
      assert.ok(Math.abs(ity!.bits - truth.ity) < tolerance, `${id}, layer ${k + 1}: ${ity!.bits}, ${truth.ity}`);
    });
  }
});

Deno.test("a residual, quantised or tanh layer is centred on what it gives without its own noise", async () => {
  const net = noisyNet(1, [1, 1], [0.5, 0.25], { activation: "tanh" });
  const [first, second] = net.layers;
  for (const given of [{}, { residual: true }, { quantisedBits: 3 }, { residual: true, quantisedBits: 3 }]) {
    const layers = [first, { ...second, ...given }, net.layers[2]];
    const [one, two] = await samples({ ...net, layers }, twoInputs([0.5, 0.5], [0, 1]), chain(1, 2), 3);
    const below = one.activations.data;
    assert.deepEqual(one.centres!.shape, [1, 2, 1]);
    assert.deepEqual(two.centres!.shape, [3, 2, 1]);
    below.forEach((t, row) => {
      assertClose(one.centres!.data[row], Math.tanh(row === 0 ? -1 : 1), 1e-6);
      const smooth = Math.tanh(2 * t);
      const cell = (Math.floor((smooth + 1) * 4) + 0.5) / 4 - 1;
      const centre = ("quantisedBits" in given ? cell : smooth) + ("residual" in given ? t : 0);
      assertClose(two.centres!.data[row], centre, 1e-5, JSON.stringify(given));
      assert.notEqual(two.activations.data[row], two.centres!.data[row]);
    });
  }
});

Deno.test("noise of the net has its σ, and another draw in every unit, row, layer and pass", async () => {
  const net = noisyNet(6, [5, 4], [0.5, 0.25], { activation: "tanh" });
  const next = lcg(5);
  const seen = await samples(net, patterns(6), Float32Array.from({ length: 35 + 24 + 10 }, next), 20);
  for (const [k, sigma] of [0.5, 0.25].entries()) {
    const { activations, centres, meta } = seen[k];
    assert.deepEqual([meta.noise, meta.deterministic, meta.activation, meta.range], [
      sigma,
      false,
      "unknown",
      undefined,
    ]);
    const noise = Array.from(activations.data, (t, i) => t - centres!.data[i]);
    const square = noise.reduce((sum, z) => sum + z * z, 0) / noise.length;
    assert.ok(Math.abs(square / sigma ** 2 - 1) < 5 * Math.sqrt(2 / noise.length), `${square}`);
    assert.equal(new Set(noise).size, noise.length);
  }
  const { data, shape: [passes, n, units] } = seen[1].centres!;
  assert.equal(new Set(data).size, passes * n * units);
  assert.deepEqual([seen[2].meta.noise, seen[2].centres], [0, undefined]);
});

Deno.test("fewer passes are the first of more, and all settings see the same draw of T", async () => {
  const net = noisyNet(4, [3, 3], [0.5, 0.25], { activation: "tanh" });
  const parameters = Float32Array.from({ length: 15 + 12 + 8 }, lcg(9));
  const [few, many] = [await samples(net, patterns(4), parameters, 3), await samples(net, patterns(4), parameters, 8)];
  assert.deepEqual(few[1].centres!.data, many[1].centres!.data.subarray(0, few[1].centres!.data.length));
  assert.deepEqual(few.map(({ activations }) => activations), many.map(({ activations }) => activations));
});

Deno.test("where only the measured layer is noisy it is noise-mixture at the net's own σ, to the bit", async () => {
  const net = noisyNet(6, [5, 4], [undefined, 0.25], { activation: "tanh" });
  const parameters = Float32Array.from({ length: 35 + 24 + 10 }, lcg(5));
  const [below, noisy] = await samples(net, patterns(6), parameters, 8);
  assert.deepEqual([below.meta.noise, below.meta.deterministic, below.meta.range], [undefined, true, [-1, 1]]);
  const { data, shape: [, ...shape] } = noisy.centres!;
  const still = { ...noisy, activations: { data, shape } };
  const one = await measured(noisePropagation, noisy, { passes: 8, draws: 500 });
  const other = await measured(noiseMixture, still, { variance: 0.25 ** 2, draws: 500 });
  assert.deepEqual([one.ixt!.bits, one.ity!.bits], [other.ixt!.bits, other.ity!.bits]);
  assertClose(one.ixt!.high!, other.ixt!.high!, 1e-12);
  assert.equal(one.diagnostics!.leftOutBits, one.ixt!.bits, "there is no bias");
});

Deno.test("no layer tells more of X, or of Y, than the one below it", async () => {
  const net = noisyNet(6, [4, 3, 3], [0.3, 0.3, 0.3], { activation: "tanh" });
  for (const seed of [1, 2, 3]) {
    const parameters = Float32Array.from({ length: 28 + 15 + 12 + 8 }, lcg(seed)).map((w) => 1.5 * w);
    const found = (await estimates(net, patterns(6), parameters, { passes: 200, draws: 4000 })).slice(0, 3).map(
      isMeasured,
    );
    for (const k of [1, 2]) {
      for (const name of ["ixt", "ity"] as const) {
        const [below, above] = [found[k - 1][name]!, found[k][name]!];
        const slack = 2 * (below.high! - below.bits + above.high! - above.bits);
        assert.ok(above.bits < below.bits + slack, `${name} of layer ${k + 1}: ${above.bits} after ${below.bits}`);
      }
    }
  }
});

Deno.test("few passes give too much and, each left out of its own, too little; many leave nothing between", async () => {
  const [w1, w2, s1, s2] = [1, 1, 0.8, 0.2];
  const net = noisyNet(1, [1, 1], [s1, s2]);
  const [px, py] = [[0.5, 0.5], [0, 1]];
  const truth = informationOnALine({ rows: [[-1], [1]], px, pyx: [[1, 0], [0, 1]] }, s1 ** 2 + s2 ** 2);
  const meanOf = async (passes: number) => {
    const sums = [0, 0, 0, 0];
    for (let replicate = 0; replicate < 40; replicate++) {
      const options = { passes, draws: 400 };
      const { ixt, ity, diagnostics } = isMeasured(
        (await estimates(net, twoInputs(px, py), chain(w1, w2), options, replicate))[1],
      );
      const held = Number(ixt!.low! <= truth.ixt && truth.ixt <= ixt!.high!);
      [ixt!.bits, ity!.bits, diagnostics!.leftOutBits as number, held].forEach((bits, i) => sums[i] += bits / 40);
    }
    return sums;
  };
  const few = await meanOf(8);
  assert.ok(few[0] > truth.ixt + 0.03 && few[1] > truth.ity + 0.03, `${few} for ${truth.ixt}`);
  assert.ok(few[2] < truth.ixt - 0.03, `${few} for ${truth.ixt}`);
  const many = await meanOf(800);
  assert.ok(few[3] >= 0.9 && many[3] >= 0.9, `the interval holds the truth, bias and all: ${few[3]}, ${many[3]}`);
  many.slice(0, 3).forEach((bits) => assert.ok(Math.abs(bits - truth.ixt) < 0.02, `${many} for ${truth.ixt}`));
});

Deno.test("intervals hold the truth in about 95 of 100 nets' noise, few inputs or not", async () => {
  const net = noisyNet(1, [1, 1], [0.5, 0.5]);
  const [px, py] = [[0.5, 0.5], [0.2, 0.8]];
  const truth = informationOnALine({ rows: [[-1], [1]], px, pyx: [[0.8, 0.2], [0.2, 0.8]] }, 0.5);
  const held = { ixt: 0, ity: 0 };
  for (let replicate = 0; replicate < 100; replicate++) {
    const found = isMeasured(
      (await estimates(net, twoInputs(px, py), chain(1, 1), { passes: 40, draws: 3000 }, replicate))[1],
    );
    for (const name of ["ixt", "ity"] as const) {
      const { low, high } = found[name]!;
      if (low! <= truth[name] && truth[name] <= high!) held[name]++;
    }
  }
  // 95 of 100, with a standard deviation of 2.2; the chance of the passes is counted generously.
  for (const count of Object.values(held)) assert.ok(count >= 88, JSON.stringify(held));
});

Deno.test("bytes are pinned: whoever changes them raises the version of noise-propagation", async () => {
  const net = noisyNet(4, [3, 3], [0.5, 0.25], { activation: "tanh" });
  const parameters = Float32Array.from({ length: 15 + 12 + 8 }, lcg(9));
  const [, { ixt, ity }] = (await estimates(net, patterns(4), parameters, { passes: 16, draws: 300 })).map((e) =>
    e as Measured
  );
  assert.deepEqual([ixt!.bits, ity!.bits], [1.6738167796680563, 0.3330860541498755]);
});

Deno.test("what cannot be measured is told: no noise, none of its own, too many values, no passes, NaN", async () => {
  const { supports } = noisePropagation;
  const meta = { n: 4096, units: 300, activation: "unknown", exactJoint: true, classes: 2 } as const;
  const setting = { passes: 32, draws: 2000 };
  assert.match(String(supports(meta, setting)), /no noise of the net reaches this layer/);
  assert.match(String(supports({ ...meta, noise: 0 }, setting)), /no noise of its own/);
  assert.match(
    String(supports({ ...meta, noise: 1 }, setting)),
    /at most 2\^25: 32 × 4096 × 300 is 39321600; take fewer/,
  );
  assert.equal(supports({ ...meta, noise: 1 }, { ...setting, passes: 16 }), true);

  const net = noisyNet(1, [1], [0.5]);
  const [sample] = await samples(net, twoInputs([0.5, 0.5], [0, 1]), chain(1), 2);
  const { ctx } = testContext();
  const tried = async (changes: Partial<Sample>) =>
    await noisePropagation.estimate({ ...sample, ...changes }, setting, ctx);
  assert.match(JSON.stringify(await tried({ centres: undefined })), /skipped.*seen through a map/);
  assert.match(
    JSON.stringify(await tried({ centres: { data: Float32Array.of(0, NaN), shape: [1, 2, 1] } })),
    /failed.*centres must be finite: layer 1, row 1, unit 0 is NaN/,
  );
  assert.match(
    JSON.stringify(await tried({ centres: { data: new Float32Array(3), shape: [2, 2, 1] } })),
    /failed.*must hold 2 × 2 × 1 values: they hold 3/,
  );
});
