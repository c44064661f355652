import { root } from "@infoplane/core/testing";
import { holdOut } from "@infoplane/core/training";
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

Deno.test("rows learnt by heart count for nothing: independent pairs and labels under many Gaussians are 0 to .03 bits", async () => {
  const n = 80;
  const found: number[][] = [];
  for (let seed = 0; seed < 8; seed++) {
    const { x, t } = binormal(0, n, 2, root(seed));
    const { ixt, ity } = await measured(gaussianMixture, sampleOf(t, n, { inputs: x }), { components: 8 }, root(seed));
    found.push([ixt!.bits, ity!.bits]);
  }
  for (const k of [0, 1]) {
    const mean = found.reduce((sum, bits) => sum + bits[k] / 8, 0);
    assert.ok(mean < 0.03, `${mean}`);
  }
});

Deno.test("as many Gaussians as rows held out ask for: two for a label that lies in two blobs", async () => {
  const n = 600;
  const stream = root(8);
  const blobs = Float64Array.from({ length: n }, (_, i) => [-12, -4, 4, 12][i % 4] + stream.normal());
  const sample = sampleOf(blobs, n, { inputs: blobs.map((value) => value + stream.normal()) });
  const { ixt, ity, diagnostics } = await measured(gaussianMixture, sample, {});
  near(ity!.bits, 1, 0.01);
  assert.ok(diagnostics!.componentsOfLabels as number >= 2 && diagnostics!.componentsOfPairs as number >= 2);
  const one = await measured(gaussianMixture, sample, { components: 1 });
  assert.deepEqual([one.diagnostics!.componentsOfLabels, one.diagnostics!.componentsOfPairs], [1, 1]);
  assert.ok(one.ity!.bits < 0.5 && one.ixt!.bits !== ixt!.bits);
});

Deno.test("a row far from every Gaussian costs bits, not infinitely many", async () => {
  const n = 100;
  const stream = root(9);
  const t = Float64Array.from({ length: n }, (_, i) => i % 2 + 0.001 * stream.normal());
  const labels = Uint8Array.from({ length: n }, (_, i) => i < 4 ? 1 - i % 2 : i % 2);
  const { ity } = await measured(gaussianMixture, sampleOf(t, n, { labels }), { floor: 1e-9, components: 1 });
  assert.ok(Number.isFinite(ity!.bits));
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

Deno.test("only labels of the test part are read: turned round there, and there alone, they refute what was learnt", async () => {
  const n = 200;
  const stream = root(10);
  const t = Float64Array.from({ length: n }, (_, i) => (i % 2 ? 3 : -3) + stream.normal());
  const labels = Uint8Array.from({ length: n }, (_, i) => i % 2);
  for (const row of holdOut(n, root(1).child("split")).test) labels[row] = 1 - labels[row];
  assert.ok((await measured(gaussianMixture, sampleOf(t, n, { labels }), {}, root(1))).ity!.bits < -1);
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

Deno.test("labels that are not one a row are refused", async () => {
  const sample = { ...sampleOf(binormal(0.5, 40, 1, root(6)).t, 40), labels: new Uint8Array(39) };
  await assert.rejects(estimated(gaussianMixture, sample, {}), /there must be 40 labels, one a row: there are 39/);
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
