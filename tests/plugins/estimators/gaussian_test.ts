import { root } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { gaussian } from "../../../plugins/estimators/gaussian.ts";
import { binormal, BINORMAL_BITS, dense, estimated, measured, sampleOf } from "../../oracles/samples.ts";

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected} ± ${tolerance}`);
}

Deno.test("Gaussian pairs: ρ = .75 is .413339 nats, dense covariances of 2 and 5 dimensions .293893 and .592812", async () => {
  const n = 20_000;
  const pair = binormal(0.75, n, 1, root(1));
  const { ixt, reason } = await measured(gaussian, sampleOf(pair.t, n, { inputs: pair.x }), {});
  // Five standard errors: √((1 − ρ²)² / n) of ρ moves the information by ρ / (1 − ρ²).
  near(ixt!.bits, BINORMAL_BITS, 5 * 0.75 / Math.sqrt(n) / Math.LN2);
  assert.equal(reason, undefined);
  for (const [d, nats] of [[2, 0.293893], [5, 0.592812]]) {
    const { x, t } = dense(n, d, root(d));
    near((await measured(gaussian, sampleOf(t, n, { inputs: x }), {})).ixt!.bits, nats / Math.LN2, 0.04);
  }
});

Deno.test("a Gaussian X seen through a cube is known at least as well as its Gaussian says", async () => {
  const n = 5000;
  const { x, t } = binormal(0.75, n, 1, root(2));
  const { ixt } = await measured(gaussian, sampleOf(t.map((value) => value ** 3), n, { inputs: x }), {});
  // The cube is one to one: the truth is that of t.
  assert.ok(ixt!.bits < BINORMAL_BITS && ixt!.bits > 0.2, `${ixt!.bits}`);
});

Deno.test("independence is 0 up to its bias, constants exactly", async () => {
  const n = 4000;
  const stream = root(3);
  const draw = (d: number) => Float64Array.from({ length: n * d }, () => stream.normal());
  const { ixt, ity } = await measured(gaussian, sampleOf(draw(2), n, { inputs: draw(3) }), {});
  near(ixt!.bits, 3 * 2 / (2 * n * Math.LN2), 0.003);
  near(ity!.bits, 2 * 5 / (4 * n * Math.LN2), 0.003);
  const still = await measured(gaussian, sampleOf(new Float64Array(n).fill(3), n), {});
  assert.equal(still.ity!.bits, 0);
});

Deno.test("labels far apart are more than a bit to it, which its side allows", async () => {
  const n = 1000;
  const stream = root(4);
  const t = Float64Array.from({ length: n }, (_, i) => (i % 2 ? 30 : -30) + stream.normal());
  assert.ok((await measured(gaussian, sampleOf(t, n), {})).ity!.bits > 4);
});

Deno.test("p(y|x) weighs rows: half of each label is no information", async () => {
  const n = 64;
  const joint = { px: new Float64Array(n).fill(1 / n), pyx: new Float64Array(2 * n).fill(0.5) };
  const t = Float64Array.from({ length: n }, (_, i) => (i * 37) % 64);
  const { ixt, ity, reason } = await measured(gaussian, sampleOf(t, n, { joint, inputs: t }), {});
  assert.deepEqual([ixt, ity!.bits], [null, 0]);
  assert.match(reason!, /no I\(X;T\): X takes the values enumerated/);
});

Deno.test("a softmax, whose rows sum to 1, has the information of all but one of its units", async () => {
  const n = 300;
  const stream = root(5);
  const first = Float64Array.from({ length: n }, (_, i) => 0.4 + 0.1 * (i % 2) + 0.1 * stream.normal());
  const both = Float64Array.from(
    { length: 2 * n },
    (_, at) => Math.fround(at % 2 ? 1 - first[at >> 1] : first[at >> 1]),
  );
  const [one, two] = await Promise.all([first, both].map((t) => measured(gaussian, sampleOf(t, n), {})));
  near(two.ity!.bits, one.ity!.bits, 1e-6);
});

Deno.test("what has no Gaussian information says why", async () => {
  const n = 50;
  const { x, t } = binormal(0.5, n, 1, root(6));
  const reasonOf = async (sample: ReturnType<typeof sampleOf>, options = {}) =>
    (await estimated(gaussian, sample, options)).reason;
  assert.match((await reasonOf(sampleOf(t, n)))!, /^no I\(X;T\): the inputs are not given$/);
  assert.match((await reasonOf(sampleOf(t, n, { inputs: x, meta: { deterministic: true } })))!, /T is a function of X/);
  assert.match((await reasonOf(sampleOf(t, n, { inputs: x.map(Math.sign) })))!, /X is discrete/);
  assert.match((await reasonOf(sampleOf(x.map((v) => 2 * v), n, { inputs: x })))!, /T is a linear function of X/);
  assert.match((await reasonOf(sampleOf([1], 1)))!, /^1 rows of 1 units have a singular covariance/);
  assert.match((await reasonOf(sampleOf(new Float64Array(513 * 600), 600)))!, /at most 512 units/);
  const labels = Uint8Array.from({ length: n }, (_, i) => Number(i === 0));
  assert.deepEqual(await estimated(gaussian, sampleOf(t, n, { labels }), {}), {
    status: "skipped",
    reason: "no I(X;T): the inputs are not given; " +
      "no I(T;Y): the covariance of a label's rows is singular, which a ridge would mend",
  });
  assert.equal(await reasonOf(sampleOf(t, n, { labels, inputs: x }), { ridge: 0.01 }), undefined);
  assert.deepEqual(await estimated(gaussian, sampleOf([1, NaN, 3, 4], 4), {}), {
    status: "failed",
    reason: "activations must be finite: layer 1, row 1, unit 0 is NaN",
  });
});
