import { root } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { infonce } from "../../../plugins/estimators/infonce.ts";
import { mineDv } from "../../../plugins/estimators/mine_dv.ts";
import { nwj } from "../../../plugins/estimators/nwj.ts";
import { smile } from "../../../plugins/estimators/smile.ts";
import { binormal, BINORMAL_BITS, dense, estimated, measured, sampleOf } from "../../oracles/samples.ts";

const ALL = [infonce, nwj, mineDv, smile];
const QUICK = { widths: [32], features: 8, batch: 64, steps: 300, rate: 0.003 };

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected} ± ${tolerance}`);
}

const SEEDS = 4;

async function over(
  estimator: unknown,
  drawn: (seed: number) => { x: Float64Array; t: Float64Array },
  n: number,
  options = QUICK,
) {
  const found = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const { x, t } = drawn(seed);
    found.push((await measured(estimator, sampleOf(t, n, { inputs: x }), options, root(seed))).ixt!.bits);
  }
  const mean = found.reduce((a, b) => a + b) / SEEDS;
  const error = Math.sqrt(found.reduce((sum, b) => sum + (b - mean) ** 2, 0) / (SEEDS * (SEEDS - 1)));
  return { found, mean, error };
}

for (const estimator of ALL) {
  Deno.test(`${estimator.id}: ρ = .75 is .413339 nats or less over seeds, and not more by 3 standard errors`, async () => {
    const { mean, error } = await over(estimator, (seed) => binormal(0.75, 1500, 1, root(seed)), 1500);
    assert.ok(mean > 0.6 * BINORMAL_BITS && mean < BINORMAL_BITS + 3 * error, `${mean} ± ${error}`);
  });

  Deno.test(`${estimator.id}: independence is 0 to .03 bits`, async () => {
    const { mean } = await over(estimator, (seed) => binormal(0, 1500, 1, root(seed)), 1500);
    near(mean, 0, 0.03);
  });

  Deno.test(`${estimator.id}: the same stream gives the same bytes, and the interval is two errors of held-out rows`, async () => {
    const { x, t } = binormal(0.75, 600, 1, root(1));
    const ask = (seed: number) =>
      measured(estimator, sampleOf(t, 600, { inputs: x }), { ...QUICK, batch: 32, steps: 40 }, root(seed));
    const [one, same, other] = [await ask(1), await ask(1), await ask(2)];
    assert.deepEqual(one, same);
    assert.notDeepEqual(one, other);
    const { ixt, ity, diagnostics, reason } = one;
    near(ixt!.high! - ixt!.bits, 2 * (diagnostics!.standardErrorBits as number), 1e-12);
    near(ixt!.bits - ixt!.low!, 2 * (diagnostics!.standardErrorBits as number), 1e-12);
    assert.equal(diagnostics!.heldOut, estimator === infonce ? 96 : 120);
    assert.deepEqual([ity, reason], [null, "no I(T;Y): the critic looks at X and T"]);
  });

  Deno.test(`${estimator.id}: what cannot be learned says why`, async () => {
    const { x, t } = binormal(0.5, 100, 1, root(1));
    const reasonOf = async (sample: ReturnType<typeof sampleOf>, batch = 10) =>
      (await estimated(estimator, sample, { ...QUICK, batch, steps: 1 })).reason;
    assert.match((await reasonOf(sampleOf(t, 100, { inputs: x }), 21))!, /must fill a batch of 21: it has 20/);
    assert.match((await reasonOf(sampleOf(t, 100)))!, /the inputs are not given/);
    assert.match((await reasonOf(sampleOf(t, 100, { inputs: x.fill(1) })))!, /X is constant/);
    assert.match((await reasonOf(sampleOf(t.with(4, NaN), 100, { inputs: x })))!, /row 4, unit 0 is NaN/);
    const px = Float64Array.from({ length: 100 }, (_, i) => (i + 1) / 5050);
    const weighed = sampleOf(t, 100, { inputs: x, joint: { px, pyx: new Float64Array(200).fill(0.5) } });
    assert.match((await reasonOf(weighed))!, /unequal probability/);
  });
}

Deno.test("dense covariances of 2 and 5 dimensions: InfoNCE comes near .293893 and .592812 nats from below", async () => {
  for (const [d, nats] of [[2, 0.293893], [5, 0.592812]]) {
    const { mean, error } = await over(infonce, (seed) => dense(1500, d, root(seed)), 1500);
    assert.ok(mean > 0.5 * nats / Math.LN2 && mean < nats / Math.LN2 + 3 * error, `${mean} ± ${error}`);
  }
});

/** 32 symbols as five signs, and a layer that tells them apart: five bits. */
function fiveBits(n: number) {
  const x = Float64Array.from({ length: 5 * n }, (_, at) => (Math.floor(at / 5) >> (at % 5)) & 1 ? 1 : -1);
  return sampleOf(x.map((value) => 3 * value), n, { inputs: x });
}

Deno.test("rows that are not paired are refused", async () => {
  const { x, t } = binormal(0.5, 100, 1, root(1));
  const sample = { ...sampleOf(t, 100), inputs: { data: x.slice(0, 99), shape: [99, 1] } };
  const asked = estimated(infonce, sample, { ...QUICK, batch: 20, steps: 1 });
  await assert.rejects(asked, /must have 100 rows: they have 100, 99, 100/);
});

Deno.test("InfoNCE saturates: of 5 bits a batch of 16 shows at most 4, one of 128 nearly all", async () => {
  const narrow = await measured(infonce, fiveBits(1280), { ...QUICK, batch: 16 });
  assert.equal(narrow.ceilingBits, 4);
  assert.ok(narrow.ixt!.bits < 4 && narrow.ixt!.bits > 3.4, `${narrow.ixt!.bits}`);
  assert.equal(narrow.diagnostics!.nearCeiling, true);
  const wide = await measured(infonce, fiveBits(1280), { ...QUICK, batch: 128 });
  assert.ok(wide.ixt!.bits > 4.5 && wide.ixt!.bits < 5.1, `${wide.ixt!.bits}`);
});

Deno.test("the spread of MINE grows with the information", async () => {
  const spread = async (rho: number) => (await over(mineDv, (seed) => binormal(rho, 1000, 4, root(seed)), 1000)).error;
  const [little, much] = [await spread(0.2), await spread(0.97)];
  assert.ok(much > 5 * little, `${little}, ${much}`);
});

Deno.test("all patterns enumerated: a critic says no more than H(X), of which the ceiling tells", async () => {
  const n = 256;
  const x = Float64Array.from({ length: 8 * n }, (_, at) => (Math.floor(at / 8) >> (at % 8)) & 1);
  const joint = { px: new Float64Array(n).fill(1 / n), pyx: new Float64Array(2 * n).fill(0.5) };
  const sample = sampleOf(x, n, { inputs: x, joint, meta: { deterministic: true } });
  for (const estimator of [nwj, mineDv]) {
    const { ixt, ceilingBits } = await measured(estimator, sample, { ...QUICK, batch: 32 });
    assert.equal(ceilingBits, 8);
    assert.ok(ixt!.bits <= 8 && ixt!.bits > 1, `${estimator.id} ${ixt!.bits}`);
  }
});
