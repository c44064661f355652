import type { Estimate, Sample } from "@infoplane/core";
import { ksgBits, ksgLabelsBits, loadKernels } from "@infoplane/core/kernels";
import { root, testContext } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { readOptions } from "../../../core/execution/options.ts";
import { estimateSamples } from "../../../core/measuring/measure.ts";
import { ksg } from "../../../plugins/estimators/ksg.ts";

type Setting = Parameters<typeof ksg.estimate>[1];
type Measured = Extract<Estimate, { status: "measured" }>;

const { ctx } = testContext(root(1).child("noise"));
const THREE: Setting = { k: 3, form: 1 };
const N = 500;

/** Two normal numbers of correlation 0.75 as input and activation; the label is the sign of the activation. */
function pair(change: { meta?: Partial<Sample["meta"]>; sample?: Partial<Sample> } = {}): Sample {
  const stream = root(75);
  const inputs = { data: Float64Array.from({ length: N }, () => stream.normal()), shape: [N, 1] };
  const data = inputs.data.map((x) => 0.75 * x + Math.sqrt(1 - 0.75 ** 2) * stream.normal());
  return {
    layer: 1,
    meta: { n: N, units: 1, activation: "tanh", exactJoint: false, classes: 2, ...change.meta },
    activations: { data, shape: [N, 1] },
    labels: Uint8Array.from(data, (t) => Number(t > 0)),
    inputs,
    ...change.sample,
  };
}

async function measured(sample: Sample, setting = THREE): Promise<Measured> {
  const estimate = await ksg.estimate(sample, setting, ctx);
  assert.equal(estimate.status, "measured", JSON.stringify(estimate));
  return estimate as Measured;
}

Deno.test("a noisy pair is measured on both sides, and the estimate is the function's", async () => {
  const sample = pair();
  const kernels = await loadKernels();
  for (const form of [1, 2, "mixed"] as const) {
    const { ixt, ity, ceilingBits, reason, labels } = await measured(sample, { k: 4, form });
    const jitter = ctx.stream.child("jitter");
    assert.equal(ixt!.bits, ksgBits(kernels, sample.inputs!, sample.activations, { k: 4, form, jitter }));
    assert.ok(Math.abs(ixt!.bits - 0.413339 / Math.LN2) < 0.15, `${ixt!.bits}`);
    assert.equal(ity!.bits, ksgLabelsBits(kernels, sample.activations, sample.labels, 4).bits);
    assert.ok(ceilingBits! > 6 && ceilingBits! < 8);
    assert.deepEqual([reason, labels], [undefined, "sampled"]);
  }
});

Deno.test("the jitter has a stream of its own, and its draws repeat", async () => {
  const [a, b] = [await measured(pair()), await measured(pair())];
  assert.deepEqual(a, b);
  const other = await ksg.estimate(pair(), THREE, testContext(root(2)).ctx) as Measured;
  assert.ok(Math.abs(other.ixt!.bits - a.ixt!.bits) < 1e-6);
});

Deno.test("I(X;T) that neighbours cannot tell is left out with its reason, I(T;Y) stays", async () => {
  const joint = { px: new Float64Array(N).fill(1 / N), pyx: new Float64Array(2 * N).fill(0.5) };
  const coin = { data: Float64Array.from({ length: N }, (_, i) => i % 2), shape: [N, 1] };
  const cases: [Sample, Setting, RegExp][] = [
    [pair({ meta: { exactJoint: true }, sample: { joint } }), THREE, /each x is given once/],
    [pair({ meta: { deterministic: true } }), THREE, /T is a function of X/],
    [pair({ sample: { inputs: undefined } }), THREE, /inputs are not given/],
    [pair({ sample: { inputs: coin } }), THREE, /X is discrete, which needs form mixed/],
    [pair({ sample: { activations: coin } }), { k: 3, form: 2 }, /T is discrete, which needs form mixed/],
  ];
  for (const [sample, setting, why] of cases) {
    const { ixt, ity, ceilingBits, reason } = await measured(sample, setting);
    assert.deepEqual([ixt, ceilingBits], [null, null]);
    assert.match(reason!, why);
    assert.ok(Number.isFinite(ity!.bits));
  }
  assert.notEqual((await measured(cases[3][0], { k: 3, form: "mixed" })).ixt, null);
});

Deno.test("samples without an answer say why: few rows, weights, labels of one row each, NaN", async () => {
  const [[few]] = await estimateSamples(ksg as Parameters<typeof estimateSamples>[0], [pair({ meta: { n: 3 } })], [
    THREE,
  ], ctx);
  assert.deepEqual(few, { status: "skipped", reason: "there must be more rows than k = 3: there are 3" });

  const px = Float64Array.from({ length: N }, (_, i) => (i + 1) / (N * (N + 1) / 2));
  const weighed = pair({ sample: { joint: { px, pyx: new Float64Array(2 * N).fill(0.5) } } });
  assert.match((await ksg.estimate(weighed, THREE, ctx)).reason!, /unequal probability/);

  const small = { n: 5, units: 1 };
  const activations = { data: Float32Array.of(1, 2, 3, 4, 5), shape: [5, 1] };
  const apart = pair({ meta: small, sample: { activations, labels: Uint8Array.of(0, 1, 2, 3, 4) } });
  assert.deepEqual(await ksg.estimate(apart, THREE, ctx), { status: "skipped", reason: "no two rows share a label" });

  const odd = { data: Float32Array.of(1, 2, 3, NaN, 5, 6), shape: [3, 2] };
  const broken = pair({ meta: { n: 3, units: 2 }, sample: { activations: odd } });
  assert.deepEqual(await ksg.estimate(broken, { k: 1, form: 1 }, ctx), {
    status: "failed",
    reason: "activations must be finite: layer 1, row 1, unit 1 is NaN",
  });
});

Deno.test("labels of a single row and saturated units are counted", async () => {
  const labels = pair().labels.map((label, row) => row === 17 ? 2 : label);
  const { diagnostics, saturated } = await measured(pair({ sample: { labels } }));
  assert.deepEqual(diagnostics, { aloneWithLabel: 1 });
  const beyond = pair().activations.data.filter((t) => Math.abs(t) > 1 - 2 ** -8).length;
  assert.equal(saturated, beyond / N);
});

Deno.test("options: k = 3 and form 1 unless told otherwise, and what does not fit", () => {
  const read = (given: unknown) => readOptions(ksg.options, given, 'estimator "ksg"');
  assert.deepEqual(read({}), { k: 3, form: 1 });
  assert.deepEqual(read({ k: 5, form: "mixed" }), { k: 5, form: "mixed" });
  assert.throws(() => read({ k: 0 }), /option "k" of estimator "ksg".*0/);
  assert.throws(() => read({ k: 2.5 }), /option "k"/);
  assert.throws(() => read({ form: 3 }), /option "form"/);
  assert.throws(() => read({ kk: 3 }), /did you mean "k"/);
});
