import { root } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { gaussianMixture } from "../../../plugins/estimators/gaussian_mixture.ts";
import { binormal, BINORMAL_BITS, dense, estimated, measured, sampleOf } from "../../oracles/samples.ts";

const ONE = { components: 1 };

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected} ± ${tolerance}`);
}

Deno.test("pairs: ρ = .75 and dense covariances of 2 dimensions within 4 standard errors, whatever the components", async () => {
  const n = 4000;
  for (const [d, bits] of [[1, BINORMAL_BITS], [2, 0.293893 / Math.LN2]]) {
    const { x, t } = d === 1 ? binormal(0.75, n, 1, root(1)) : dense(n, d, root(1));
    for (const components of [1, 3]) {
      const { ixt, reason } = await measured(gaussianMixture, sampleOf(t, n, { inputs: x }), { components });
      near(ixt!.bits, bits, 2 * (ixt!.high! - ixt!.bits));
      assert.ok(ixt!.high! - ixt!.bits < 0.1);
      assert.equal(reason, undefined);
    }
  }
});

Deno.test("two distant blobs of pairs are 1 bit, which one Gaussian misses", async () => {
  const n = 2000;
  const stream = root(2);
  const side = () => Float64Array.from({ length: n }, (_, i) => (i % 2 ? 10 : -10) + stream.normal());
  const sample = sampleOf(side(), n, { inputs: side() });
  near((await measured(gaussianMixture, sample, { components: 2 })).ixt!.bits, 1, 0.05);
  assert.ok((await measured(gaussianMixture, sample, ONE)).ixt!.bits > 2);
});

Deno.test("rows learnt by heart count for nothing: independent pairs under too many Gaussians come out negative", async () => {
  const n = 80;
  const { x, t } = binormal(0, n, 2, root(7));
  const { ixt } = await measured(gaussianMixture, sampleOf(t, n, { inputs: x }), { components: 8 });
  assert.ok(ixt!.bits < 0, `${ixt!.bits}`);
});

Deno.test("labels: distant Gaussians are 1 bit, equal ones 0, and the bound is not above the truth of a near pair", async () => {
  const n = 2000;
  const at = async (half: number, seed: number) => {
    const stream = root(seed);
    const t = Float64Array.from({ length: n }, (_, i) => (i % 2 ? half : -half) + stream.normal());
    return (await measured(gaussianMixture, sampleOf(t, n), { components: 2 }, root(seed))).ity!;
  };
  near((await at(20, 1)).bits, 1, 1e-9);
  near((await at(0, 1)).bits, 0, 0.02);
  const found = [];
  for (let seed = 0; seed < 6; seed++) found.push((await at(1, seed)).bits);
  const mean = found.reduce((a, b) => a + b) / 6;
  const error = Math.sqrt(found.reduce((sum, b) => sum + (b - mean) ** 2, 0) / 30);
  // A fair label that shifts a normal by ± 1: 0.4859 bits, by quadrature in gaussian_test.ts of numerics.
  assert.ok(mean < 0.4859 + 3 * error && mean > 0.4859 - 0.06, `${mean} ± ${error}`);
});

Deno.test("a channel of four values with exact p(y|x): the bound is near I(X;Y) and never above it", async () => {
  const n = 800;
  const t = Float64Array.from({ length: n }, (_, i) => i % 4);
  const pyx = Float64Array.from({ length: 2 * n }, (_, at) => (at >> 1) % 2 === at % 2 ? 0.9 : 0.1);
  const stream = root(3);
  const labels = Uint8Array.from({ length: n }, (_, i) => Number(stream.uniform() < pyx[2 * i + 1]));
  const joint = { px: new Float64Array(n).fill(1 / n), pyx };
  const { ixt, ity, reason } = await measured(gaussianMixture, sampleOf(t, n, { joint, labels, inputs: t }), {
    components: 4,
  });
  assert.ok(ity!.bits > 0.5 && ity!.bits <= 0.531005, `${ity!.bits}`);
  assert.equal(ixt, null);
  assert.match(reason!, /X takes the values enumerated/);
});

Deno.test("the same stream gives the same bytes, diagonal covariances their own", async () => {
  const n = 400;
  const { x, t } = dense(n, 2, root(4));
  const sample = sampleOf(t, n, { inputs: x });
  const ask = (options: Record<string, unknown>, seed = 1) => measured(gaussianMixture, sample, options, root(seed));
  assert.deepEqual(await ask({}), await ask({}));
  assert.notDeepEqual(await ask({}), await ask({}, 2));
  assert.notEqual((await ask({ covariance: "diagonal" })).ixt!.bits, (await ask({})).ixt!.bits);
});

Deno.test("a constant layer knows nothing, and one that its label picks out of few rows is skipped", async () => {
  const n = 100;
  const still = await measured(gaussianMixture, sampleOf(new Float64Array(n).fill(2), n), {});
  near(still.ity!.bits, 0, 0.05);
  const rare = Uint8Array.from({ length: n }, (_, i) => i === 0 ? 2 : i % 2);
  const { t } = binormal(0.5, n, 1, root(5));
  // Over a few splits the only row of label 2 falls among those held out once at least.
  const said = [];
  for (let seed = 0; seed < 12; seed++) {
    said.push(await estimated(gaussianMixture, sampleOf(t, n, { labels: rare }), ONE, root(seed)));
  }
  assert.ok(
    said.some((found) => found.reason === "label 2 has no row among those fitted" && found.status === "skipped"),
  );
  assert.ok(said.some(({ status }) => status === "measured"));
});

Deno.test("what cannot be fitted says why", async () => {
  const n = 40;
  const { x, t } = binormal(0.5, n, 1, root(6));
  const reasonOf = async (sample: ReturnType<typeof sampleOf>) => (await estimated(gaussianMixture, sample, {})).reason;
  assert.match((await reasonOf(sampleOf(t.slice(0, 19), 19)))!, /which takes 20: there are 19/);
  assert.match((await reasonOf(sampleOf(new Float64Array(257 * n), n)))!, /at most 256 units: there are 257/);
  assert.match((await reasonOf(sampleOf(t, n)))!, /inputs are not given/);
  assert.match((await reasonOf(sampleOf(t, n, { inputs: x, meta: { deterministic: true } })))!, /T is a function of X/);
  assert.match((await reasonOf(sampleOf(t.map(Math.sign), n, { inputs: x })))!, /T is discrete/);
  const px = Float64Array.from({ length: n }, (_, i) => (i + 1) / (n * (n + 1) / 2));
  const weighed = sampleOf(t, n, { joint: { px, pyx: new Float64Array(2 * n).fill(0.5) } });
  assert.match((await reasonOf(weighed))!, /unequal probability/);
});
