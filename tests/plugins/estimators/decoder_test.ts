import { root, testContext } from "@infoplane/core/testing";
import { holdOut } from "@infoplane/core/training";
import assert from "node:assert/strict";
import { readOptions } from "../../../core/execution/options.ts";
import { symmetricRule } from "../../../plugins/datasets/symmetric_rule.ts";
import { decoder } from "../../../plugins/estimators/decoder.ts";
import { binormal, estimated, measured, sampleOf } from "../../oracles/samples.ts";

const QUICK = { widths: [16], steps: 400, rate: 0.01 };

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected} ± ${tolerance}`);
}

Deno.test("two distant Gaussians are 1 bit", async () => {
  const n = 1000;
  const stream = root(1);
  const t = Float64Array.from({ length: n }, (_, i) => (i % 2 ? 10 : -10) + stream.normal());
  const { ixt, ity, reason } = await measured(decoder, sampleOf(t, n), QUICK);
  near(ity!.bits, 1, 0.01);
  assert.deepEqual([ixt, reason], [null, "no I(X;T): the decoder looks at T and Y"]);
});

Deno.test("a label that shifts a normal by ± 1: near .4859 bits over seeds, not above by 3 standard errors; independence is 0", async () => {
  for (const [half, bits, below] of [[1, 0.4859, 0.03], [0, 0, 0.02]]) {
    const found = [];
    for (let seed = 0; seed < 6; seed++) {
      const stream = root(seed);
      const t = Float64Array.from({ length: 2000 }, (_, i) => (i % 2 ? half : -half) + stream.normal());
      found.push((await measured(decoder, sampleOf(t, 2000), QUICK, root(seed))).ity!.bits);
    }
    const mean = found.reduce((a, b) => a + b) / 6;
    const error = Math.sqrt(found.reduce((sum, b) => sum + (b - mean) ** 2, 0) / 30);
    assert.ok(mean < bits + 3 * error && mean > bits - below - 3 * error, `${mean} ± ${error}, not ${bits}`);
  }
});

Deno.test("a channel with exact p(y|x): the held-out part is weighed by it, so the bound is never above I(X;Y)", async () => {
  const n = 800;
  const stream = root(2);
  const t = Float64Array.from({ length: n }, (_, i) => i % 4);
  const pyx = Float64Array.from({ length: 2 * n }, (_, at) => [0.9, 0.1, 0.1, 0.9, 0.9, 0.1, 0.1, 0.9][at % 8]);
  const labels = Uint8Array.from({ length: n }, (_, i) => Number(stream.uniform() < pyx[2 * i + 1]));
  const joint = { px: new Float64Array(n).fill(1 / n), pyx };
  const { ity, diagnostics } = await measured(decoder, sampleOf(t, n, { joint, labels }), QUICK);
  assert.ok(ity!.bits > 0.5 && ity!.bits <= 0.531005, `${ity!.bits}`);
  assert.equal(diagnostics!.heldOut, 160);
});

Deno.test("of the rule's .8995 bits its twelve inputs prove most, and no more", async () => {
  const options = readOptions(symmetricRule.options, {}, "the rule") as Parameters<typeof symmetricRule.load>[0];
  const { inputs, labels, joint } = await symmetricRule.load(
    options,
    testContext(root(2018).child("replicate", 0)).ctx,
  );
  const { ity } = await measured(decoder, sampleOf(inputs.data, 4096, { labels, joint }), {});
  assert.ok(ity!.bits > 0.8 && ity!.bits < 0.8995 + (ity!.high! - ity!.bits) * 1.5, `${ity!.bits}`);
});

Deno.test("rows learnt by heart count for nothing: few rows and many units without a part prove less than the truth", async () => {
  const n = 200;
  const found = [];
  for (let seed = 0; seed < 8; seed++) {
    const stream = root(seed);
    const t = Float64Array.from({ length: 20 * n }, (_, at) => {
      const shift = at % 20 === 0 ? (Math.floor(at / 20) % 2 ? 1 : -1) : 0;
      return shift + stream.normal();
    });
    found.push((await measured(decoder, sampleOf(t, n), { widths: [64], rate: 0.01 }, root(seed))).ity!.bits);
  }
  const mean = found.reduce((a, b) => a + b) / 8;
  assert.ok(mean < 0.4859 && mean > 0, `${mean}`);
});

Deno.test("labels without a part in T are 0 or less: a decoder that learns nothing stays at equal probabilities", async () => {
  const { t } = binormal(0, 100, 8, root(3));
  for (let seed = 0; seed < 4; seed++) {
    const { ity, diagnostics } = await measured(decoder, sampleOf(t, 100), { rate: 0.1 }, root(seed));
    assert.ok(ity!.bits < 1e-6 && ity!.bits > -0.2, `${ity!.bits} after ${diagnostics!.steps} steps`);
  }
});

Deno.test("only labels of the test part are read: turned round there, and there alone, they refute what was learnt", async () => {
  const n = 200;
  const stream = root(10);
  const t = Float64Array.from({ length: n }, (_, i) => (i % 2 ? 3 : -3) + stream.normal());
  const labels = Uint8Array.from({ length: n }, (_, i) => i % 2);
  for (const row of holdOut(n, root(1).child("split")).test) labels[row] = 1 - labels[row];
  assert.ok((await measured(decoder, sampleOf(t, n, { labels }), QUICK, root(1))).ity!.bits < -1);
});

Deno.test("the same stream gives the same bytes; a constant layer knows nothing", async () => {
  const { t } = binormal(0.5, 300, 2, root(4));
  const ask = (seed: number) => measured(decoder, sampleOf(t, 300), QUICK, root(seed));
  assert.deepEqual(await ask(1), await ask(1));
  assert.notDeepEqual(await ask(1), await ask(2));
  near((await measured(decoder, sampleOf(new Float64Array(300).fill(7), 300), QUICK)).ity!.bits, 0, 0.02);
});

Deno.test("what cannot be taught says why", async () => {
  const { t } = binormal(0.5, 40, 1, root(5));
  assert.deepEqual(await estimated(decoder, sampleOf(t.slice(0, 19), 19), {}), {
    status: "skipped",
    reason: "a fifth of the rows is held out, which takes 20: there are 19",
  });
  const px = Float64Array.from({ length: 40 }, (_, i) => (i + 1) / 820);
  const weighed = sampleOf(t, 40, { joint: { px, pyx: new Float64Array(80).fill(0.5) } });
  assert.match((await estimated(decoder, weighed, {})).reason!, /unequal probability/);
  assert.match((await estimated(decoder, sampleOf(t.with(3, Infinity), 40), {})).reason!, /row 3, unit 0 is Infinity/);
});
