import assert from "node:assert/strict";
import type { Estimate, Estimator, Sample } from "../../../core/contracts/estimator.ts";
import { estimateResampled, type Resampling } from "../../../core/measuring/resampling.ts";
import { mutualInformationBits } from "../../../core/numerics/entropy.ts";
import { root, type Stream, testContext } from "../../../core/testing.ts";
import { binning } from "../../../plugins/estimators/binning.ts";
import { ksg } from "../../../plugins/estimators/ksg.ts";

type Measured = Extract<Estimate, { status: "measured" }>;

const BINS = { count: 2, range: [-1, 1] };
const NEIGHBOURS = { k: 3, form: 1 };

/** A noisy copy of a fair bit as T, the label another noisy copy: I(T;Y) of a symmetric channel of error .2 · .9 + .8 · .1 = .26. */
function bits(stream: Stream, n: number, told = true): Sample {
  const rows = Array.from({ length: n }, () => {
    const bit = stream.integer(2);
    const seen = stream.uniform() < 0.2 ? 1 - bit : bit;
    return [told ? seen : stream.integer(2), stream.uniform() < 0.1 ? 1 - bit : bit];
  });
  return {
    layer: 1,
    meta: { n, units: 1, activation: "tanh", exactJoint: false, classes: 2 },
    activations: { data: Float32Array.from(rows, ([t]) => t - 0.5), shape: [n, 1] },
    labels: Uint8Array.from(rows, ([, y]) => y),
  };
}

const TRUTH = mutualInformationBits([0.37, 0.13, 0.13, 0.37], 2);

/** Inputs and activations of correlation 0.75. */
function pairs(stream: Stream, n: number): Sample {
  const x = Float64Array.from({ length: n }, () => stream.normal());
  const t = x.map((value) => 0.75 * value + Math.sqrt(1 - 0.75 ** 2) * stream.normal());
  return {
    layer: 1,
    meta: { n, units: 1, activation: "linear", exactJoint: false, classes: 2 },
    activations: { data: t, shape: [n, 1] },
    labels: Uint8Array.from(t, (value) => Number(value > 0)),
    inputs: { data: x, shape: [n, 1] },
  };
}

async function resampled(
  estimator: unknown,
  sample: Sample,
  options: unknown,
  resampling: Resampling,
  stream = root(1),
): Promise<Measured> {
  const found = await estimateResampled(estimator as Estimator, sample, options, resampling, testContext(stream).ctx);
  assert.equal(found.status, "measured", JSON.stringify(found));
  return found as Measured;
}

for (const by of ["bootstrap", "halves"] as const) {
  Deno.test(`intervals by ${by} hold the truth of a channel in 19 of 20 samples, about`, async () => {
    let held = 0;
    for (let replicate = 0; replicate < 100; replicate++) {
      const stream = root(9).child(replicate);
      const interval = { by, draws: 100 };
      const { ity } = await resampled(binning, bits(stream, 400), BINS, { interval }, stream);
      assert.ok(ity!.low! < ity!.bits && ity!.bits < ity!.high!);
      if (ity!.low! <= TRUTH && TRUTH <= ity!.high!) held++;
    }
    assert.ok(held >= 88 && held <= 100, `${held} of 100`);
  });
}

Deno.test("intervals of neighbours by halves hold the truth of a normal pair in 19 of 20 samples, about", async () => {
  let held = 0;
  for (let replicate = 0; replicate < 40; replicate++) {
    const stream = root(10).child(replicate);
    const { ixt } = await resampled(
      ksg,
      pairs(stream, 300),
      NEIGHBOURS,
      { interval: { by: "halves", draws: 50 } },
      stream,
    );
    if (ixt!.low! <= 0.413339 / Math.LN2 && 0.413339 / Math.LN2 <= ixt!.high!) held++;
  }
  assert.ok(held >= 34, `${held} of 40`);
});

Deno.test("the interval does not move the estimate, repeats with its stream, and shrinks like 1/√n", async () => {
  const interval = { by: "halves", draws: 200 } as const;
  const width = async (n: number) => {
    const sample = bits(root(3), n);
    const found = await resampled(binning, sample, BINS, { interval });
    assert.deepEqual(await resampled(binning, sample, BINS, { interval }), found);
    assert.equal(found.ity!.bits, (await resampled(binning, sample, BINS, {})).ity!.bits);
    assert.deepEqual(found.diagnostics!.interval, { by: "halves", draws: 200, level: 0.95 });
    return found.ity!.high! - found.ity!.low!;
  };
  const ratio = await width(400) / await width(6400);
  assert.ok(ratio > 3 && ratio < 5.5, `${ratio}`);
});

Deno.test("permuted labels tell T from chance: p is small where T tells Y and anything where it does not", async () => {
  const told = await resampled(binning, bits(root(4), 300), BINS, { permutations: 99 });
  const note = told.diagnostics!.permutations as { p: number; meanBits: number; highBits: number; draws: number };
  assert.deepEqual([note.p, note.draws], [0.01, 99]);
  // (|T| − 1)(|Y| − 1) / 2n ln 2 is what a table of two by two reads of nothing.
  assert.ok(Math.abs(note.meanBits - 1 / (600 * Math.LN2)) < 0.001 && note.highBits > note.meanBits);
  let small = 0;
  for (let replicate = 0; replicate < 60; replicate++) {
    const { diagnostics } = await resampled(binning, bits(root(5).child(replicate), 200, false), BINS, {
      permutations: 39,
    });
    if ((diagnostics!.permutations as { p: number }).p <= 0.1) small++;
  }
  assert.ok(small >= 1 && small <= 14, `${small} of 60`);
});

Deno.test("p(y|x) moves with its label, so a permutation leaves H(Y) where it was", async () => {
  const sample = bits(root(6), 200);
  const pyx = Float64Array.from({ length: 400 }, (_, i) => sample.labels[i >> 1] === i % 2 ? 0.9 : 0.1);
  const joint = { px: new Float64Array(200).fill(1 / 200), pyx };
  const seen: Sample[] = [];
  const spy = {
    ...binning,
    estimateAll: undefined,
    estimate: (of: Sample, ...rest: [never, never]) => (seen.push(of), binning.estimate(of, ...rest)),
  };
  await resampled(spy, { ...sample, joint }, BINS, { permutations: 20 });
  assert.equal(seen.length, 21);
  for (const { labels, joint: of, activations } of seen) {
    assert.deepEqual(activations.data, sample.activations.data);
    labels.forEach((label, row) => assert.equal(of!.pyx[2 * row + label], 0.9));
  }
  assert.notDeepEqual(seen[1].labels, sample.labels);
});

Deno.test("an enumerated population has no sampling error, and distances no bootstrap: skipped, with the reason", async () => {
  const sample = bits(root(7), 64);
  const both = { interval: { by: "halves", draws: 20 }, permutations: 20 } as const;
  const whole = { ...sample, meta: { ...sample.meta, exactJoint: true } };
  const { ity, diagnostics } = await resampled(binning, whole, BINS, both);
  assert.deepEqual([ity!.low, ity!.high], [undefined, undefined]);
  assert.equal(diagnostics!.interval, "skipped: enumerated population");
  assert.equal(diagnostics!.permutations, "skipped: enumerated population");
  const interval = { by: "bootstrap", draws: 20 } as const;
  const near = await resampled(ksg, pairs(root(8), 60), NEIGHBOURS, { interval });
  assert.match(near.diagnostics!.interval as string, /skipped: rows drawn twice mislead/);
  assert.equal(near.ixt!.low, undefined);
  const few = await resampled(ksg, pairs(root(8), 6), NEIGHBOURS, { interval: { by: "halves", draws: 20 } });
  assert.match(
    few.diagnostics!.interval as string,
    /skipped: draw 0 skipped: there must be more rows than k = 3: there are 3/,
  );
});

Deno.test("what cannot be measured is not resampled", async () => {
  const sample = bits(root(2), 10);
  const { ctx } = testContext();
  const found = await estimateResampled(binning as Estimator, sample, { count: 2, range: [-0.1, 0.1] }, {
    permutations: 20,
  }, ctx);
  assert.equal(found.status, "failed");
});
