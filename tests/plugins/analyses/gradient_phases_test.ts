import type { Analysis, Claim, ClaimResult, MapRow, Row } from "@infoplane/core";
import { root, testContext } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { snapshotEpochs } from "../../../core/training/snapshots.ts";
import { driftDiffusion } from "../../../plugins/analyses/drift_diffusion.ts";
import { gradientSnr } from "../../../plugins/analyses/gradient_snr.ts";
import { transitionOrder } from "../../../plugins/analyses/transition_order.ts";
import { transitionTiming } from "../../../plugins/analyses/transition_timing.ts";
import { weightDiffusion } from "../../../plugins/analyses/weight_diffusion.ts";
import { drawFigure } from "../../../reports/figures/mod.ts";
import { viewedNet } from "../../core/measuring/viewed_net.ts";
import { ckaTwin } from "../../oracles/cka_twin.ts";
import { crossingTwin } from "../../oracles/crossing_twin.ts";
import { verdictAgain } from "../../oracles/verdict_twin.ts";
import type { PlantedNet } from "./planted.ts";
import { claimFrom, reduceOf } from "./planted.ts";
import { type PlantedArm, plantedArms } from "./planted_series.ts";

const drift = driftDiffusion as unknown as Analysis<never>;
const timing = transitionTiming as unknown as Analysis<never>;
const order = transitionOrder as unknown as Analysis<never>;
const diffusion = weightDiffusion as unknown as Analysis<never>;

const EPOCHS = snapshotEpochs(3000);
const NETS = 12;
const LAYERS = [1, 2, 3];

const close = (a: number | null | undefined, b: number, within = 1e-9) =>
  assert.ok(a !== null && a !== undefined && Math.abs(a - b) < within, `${a}, not ${b}`);

/** Running medians of 5. */
const medians = (path: readonly number[]) =>
  path.map((_, i) => {
    const near = path.slice(Math.max(0, i - 2), i + 3).sort((a, b) => a - b);
    return (near[(near.length - 1) >> 1] + near[near.length >> 1]) / 2;
  });

/** Every result of a claim that has a rule and nets is judged again from what it carries. */
function assertJudged(claim: Claim): void {
  const results: readonly ClaimResult[] = [...claim.settings, ...claim.parts ?? [], ...claim.controls ?? []];
  for (const result of results) {
    const again = verdictAgain(result);
    if (again !== undefined) assert.equal(result.verdict, again, result.setting);
  }
}

/** SNR that falls from `from` to `to` at an epoch, with noise in its logarithm. */
const fall = (from: number, to: number, at: number, noise = 0, seed = 0) => {
  const stream = root(seed);
  return EPOCHS.map((epoch) => (epoch < at ? from : to) * 10 ** (noise * stream.normal()));
};
const snrArm = (
  path: (replicate: number, layer: number) => number[] | null,
  role?: PlantedArm["role"],
  nets = NETS,
): PlantedArm => ({
  ...{ role, nets },
  series: (replicate) => ({ gradient_snr_512: LAYERS.map((layer) => path(replicate, layer)) }),
});
const constant = (value: number) => snrArm(() => EPOCHS.map(() => value), "control");

Deno.test("drift-diffusion: signal of 10 that falls to 1/10 in every layer supports it; one layer that does not contradicts it", async () => {
  const falls = snrArm((replicate, layer) => fall(10, 0.1, 100, 0.05, 10 * replicate + layer), "main");
  const arms = { main: falls, "full-batch": constant(10), "random-labels": constant(0.1) };
  const rows = plantedArms(arms, EPOCHS);
  const claim = await claimFrom(drift, rows);
  assert.equal(claim.verdict, "supported");
  assert.match(claim.reason!, /every control fails the same rule/);
  assert.ok(claim.median! > 0.9 && claim.median! < 1.05, String(claim.median));
  assertJudged(claim);

  const same = await claimFrom(drift, plantedArms({ ...arms, "full-batch": { ...falls, role: "control" } }, EPOCHS));
  assert.equal(same.verdict, "supported");
  assert.match(same.reason!, /no cause may be named as a control passes the same rule/);
  const unmeasured = await claimFrom(drift, plantedArms({ main: falls }, EPOCHS));
  assert.match(unmeasured.reason!, /no cause may be named as a control does not decide/);

  // A signal that is clear between a tenth and a third of the training only comes too late.
  const late = EPOCHS.map((epoch) => epoch < 310 ? 1 : epoch < 900 ? 10 : 0.1);
  for (const odd of [late, fall(10, 1, 100), fall(1, 0.1, 100), EPOCHS.map(() => 10), EPOCHS.map(() => 0.1)]) {
    const main = snrArm((_, layer) => layer === 2 ? odd : fall(10, 0.1, 100), "main");
    assert.equal((await claimFrom(drift, plantedArms({ main }, EPOCHS))).verdict, "contradicted");
  }
});

Deno.test("drift-diffusion: θ follows from the table, early is the first tenth of the epochs, late is weighed by epochs", async () => {
  const main = snrArm(
    (replicate, layer) => fall(5 + layer, 0.2, 100 + replicate, 0.3, 100 + 10 * replicate + layer),
    "main",
  );
  const { tables, claims } = await reduceOf(drift, plantedArms({ main }, EPOCHS));
  const rows = tables![0].rows;
  claims![0].counted!.forEach(({ replicate, low, high }) => {
    const ofNet = rows.filter((row) => row.replicate === replicate);
    const theta = Math.min(
      ...ofNet.map(({ early_log10, late_log10 }) => Math.min(Number(early_log10), -Number(late_log10))),
    );
    assert.deepEqual([low, high], [theta, theta]);
  });
  const logs = fall(6, 0.2, 100, 0.3, 101).map(Math.log10);
  close(Number(rows[0].early_log10), Math.max(...medians(logs).filter((_, i) => EPOCHS[i] <= 298.5)));
  // Epoch by epoch, each read off the next snapshot.
  let [sum, parts] = [0, 0];
  for (let at = 2686.5 + 0.25; at < 2985; at += 0.5) {
    sum += logs[EPOCHS.findIndex((epoch) => epoch >= at)];
    parts++;
  }
  close(Number(rows[0].late_log10), sum / parts);
  const twin = crossingTwin(EPOCHS, logs);
  assert.equal(rows[0].crossing, twin.state);
  close(Number(rows[0].crossing_low_epoch), twin.epoch, 1e-6);
});

Deno.test("drift-diffusion: the edge of the rule, noise and constants are not supported more often than stated", async () => {
  for (let study = 0; study < 5; study++) {
    const main = snrArm((replicate, layer) => fall(3, 1 / 3, 1500, 0.2, 1000 * study + 10 * replicate + layer), "main");
    const claim = await claimFrom(drift, plantedArms({ main }, EPOCHS));
    assert.notEqual(claim.verdict, "supported");
    assert.ok(claim.falseSupport!.rate <= 0.01, String(claim.falseSupport!.rate));
  }
});

Deno.test("drift-diffusion and transition-timing: a study without gradient-snr is not measured, a net without its rows has failed", async () => {
  const estimates = Array.from({ length: NETS }, () => informed(100));
  const rows = plantedArms({ main: { role: "main", nets: NETS, estimates, series: () => ({}) } }, EPOCHS);
  for (const analysis of [drift, timing]) {
    const claim = await claimFrom(analysis, rows);
    assert.deepEqual([claim.verdict, claim.reason, claim.planned], ["undecided", "not measured in this study", 0]);
  }
  const missing = plantedArms({
    main: {
      ...{ role: "main", nets: NETS, estimates },
      series: (replicate) => replicate === 3 ? {} : { gradient_snr_512: LAYERS.map(() => fall(10, 0.1, 100)) },
    },
  }, EPOCHS);
  for (const analysis of [drift, timing]) {
    const claim = await claimFrom(analysis, missing);
    assert.deepEqual([claim.verdict, claim.failed], ["undecided", 1]);
    assert.match(claim.reason!, /1 of 12 nets failed: it has no gradient_snr_512/);
  }
});

/** Layers whose I(X;T) rises to its peak at an epoch and falls by one bit; the first stays at the ceiling. */
function informed(peak: number, drop = 1): PlantedNet {
  const moved = EPOCHS.map((epoch) =>
    epoch <= peak ? 7 + Math.log1p(epoch) / Math.log1p(peak) : 8 - drop * Math.min(1, Math.log(epoch / peak) / 0.7)
  );
  return {
    ixt: [EPOCHS.map(() => 12), moved, moved.map((bits) => bits - 2)],
    ity: LAYERS.map(() => EPOCHS.map(() => 0.8)),
  };
}

/** The first snapshot at which the running median of 5 of such a layer is greatest. */
function peakTwin(peak: number): number {
  const net = informed(peak);
  const path = "outcome" in net ? [] : net.ixt[1];
  const smooth = medians(path);
  return EPOCHS[smooth.indexOf(Math.max(...smooth))];
}

const BATCHES = ["batch-16", "batch-64", "batch-256", "main", "batch-1024", "full-batch"];
/** Arms that cross at one epoch and peak at another. */
const timed = (
  crossing: (arm: number, replicate: number) => number,
  peak: (arm: number, replicate: number) => number,
  drop: (arm: number) => number = () => 1,
) =>
  plantedArms(
    Object.fromEntries(BATCHES.map((arm, i) => [
      arm,
      {
        role: arm === "main" ? "main" : "variant",
        nets: NETS,
        estimates: Array.from({ length: NETS }, (_, replicate) => informed(peak(i, replicate), drop(i))),
        series: (replicate) => ({
          gradient_snr_512: LAYERS.map(() => fall(10, 0.1, crossing(i, replicate))),
          weight_norm: LAYERS.map(() => EPOCHS.map(Math.log1p)),
        }),
      } satisfies PlantedArm,
    ])),
    EPOCHS,
  );

Deno.test("transition-timing: crossings a quarter octave after the peaks in every batch support it", async () => {
  const peak = (arm: number, replicate: number) => 60 * 1.6 ** arm + replicate;
  const rows = timed((arm, replicate) => 1.19 * peak(arm, replicate), peak);
  const { tables, claims, figures } = await reduceOf(timing, rows);
  const claim = claims![0];
  assert.equal(claim.verdict, "supported");
  assert.deepEqual(claim.parts!.map(({ verdict }) => verdict), ["supported", "supported"]);
  assert.ok(claim.parts![0].median! > 0.1 && claim.parts![0].median! < 0.6, String(claim.parts![0].median));
  assert.equal(claim.parts![1].median, 1);
  assertJudged(claim);
  assert.equal(claim.falseSupport!.rate, 0);
  const own = claim.sensitivity.find(({ label, delta }) =>
    delta === 1 && /median of 5 · crossing by the rule · ρ in epochs/.test(label)
  );
  assert.equal(own!.verdict, claim.verdict);

  // Both statistics again from the table.
  const table = tables!.find(({ name }) => name === "transition-timing")!.rows;
  const of = (arm: string, replicate: number) => table.filter((row) => row.arm === arm && row.replicate === replicate);
  claim.parts![0].counted!.forEach(({ replicate, low }) => {
    const found = of("main", replicate).filter(({ compresses }) => compresses);
    assert.equal(found.length, 2);
    close(low, found.map((row) => Math.abs(Number(row.octaves))).reduce((a, b) => a + b / 2, 0));
  });
  const first = of("main", 0)[1];
  const log10 = fall(10, 0.1, 1.19 * peak(3, 0)).map(Math.log10);
  close(Number(first.crossing_low_epoch), crossingTwin(EPOCHS, log10).epoch, 1e-6);
  assert.deepEqual([first.peak_low_epoch, first.peak_high_epoch], [peakTwin(peak(3, 0)), peakTwin(peak(3, 0))]);

  for (const figure of figures!) {
    const rows = tables!.find(({ name }) => name === figure.table)!.rows;
    assert.equal(drawFigure({ figure, rows }).empty, undefined, figure.id);
  }
});

Deno.test("transition-timing: crossings far from the peaks, or in the opposite order over batches, contradict it", async () => {
  const peak = (arm: number) => 60 * 1.4 ** arm;
  const far = await claimFrom(timing, timed((arm) => 4 * peak(arm), peak));
  assert.deepEqual(far.parts!.map(({ verdict }) => verdict), ["contradicted", "supported"]);
  assert.equal(far.verdict, "contradicted");
  const opposite = await claimFrom(timing, timed((arm) => 160 / 1.2 ** arm, (arm) => 80 * 1.1 ** arm));
  assert.equal(opposite.parts![1].verdict, "contradicted");
  assert.equal(opposite.verdict, "contradicted");
});

Deno.test("transition-timing: what was not seen lies on its open side, and four batches are too few", async () => {
  const late = await claimFrom(timing, timed(() => 1e9, () => 100));
  assert.deepEqual([late.parts![0].verdict, late.parts![0].high], ["contradicted", null]);
  // From the last snapshot on: at least log₂(2985/100) octaves.
  close(late.parts![0].counted![0].low, Math.log2(2985 / peakTwin(100)));
  assert.equal(late.parts![1].verdict, "undecided");
  // The first batch peaks first and does not fall by ¼ bit: its peak may still come after all others.
  const start = (arm: number) => 60 * 1.4 ** arm;
  const [, over] = (await claimFrom(timing, timed(start, start, (arm) => arm === 0 ? 0.1 : 1))).parts!;
  assert.equal(over.counted![0].high, 1);
  close(over.counted![0].low, 1 - 6 * 30 / (6 * 35));
  const rows = timed(() => 120, () => 100);
  const four = await claimFrom(timing, rows, { batches: BATCHES.slice(0, 4) });
  assert.equal(four.parts![1].reason, "not measured in this study");
  assert.equal(four.verdict, "undecided");
});

Deno.test("transition-timing: crossings and peaks that know nothing of one another do not support it", async () => {
  for (let study = 0; study < 4; study++) {
    const stream = root(study);
    const epochs = Array.from({ length: 6 * NETS }, () => [0, 1].map(() => 20 * 50 ** stream.uniform()));
    const claim = await claimFrom(
      timing,
      timed(
        (arm, replicate) => epochs[arm * NETS + replicate][0],
        (arm, replicate) => epochs[arm * NETS + replicate][1],
      ),
    );
    assert.notEqual(claim.verdict, "supported");
  }
});

/** CKA that reaches .95 for good at an epoch. */
const learnt = (at: number) => EPOCHS.map((epoch) => epoch < at ? 0.5 : 0.96);
const ckaArm = (at: (replicate: number, layer: number) => number): PlantedArm => ({
  ...{ role: "main", nets: NETS },
  series: (replicate) => ({ cka_to_final: [...LAYERS, 4, 5].map((layer) => learnt(at(replicate, layer))) }),
});

Deno.test("transition-order: bottom up supports it, top down and a random order contradict it", async () => {
  const up = plantedArms({ main: ckaArm((replicate, layer) => 50 * layer + replicate) }, EPOCHS);
  const claim = await claimFrom(order, up);
  assert.deepEqual([claim.verdict, claim.median], ["supported", 1]);
  assertJudged(claim);
  assert.equal(claim.falseSupport!.rate, 0);
  const { tables } = await reduceOf(order, up);
  const first = tables![0].rows.filter(({ replicate }) => replicate === 0).map(({ learnt_epoch }) => learnt_epoch);
  assert.deepEqual(first, [50, 100, 150, 200, 250].map((at) => EPOCHS.find((epoch) => epoch >= at)));
  const down = plantedArms({ main: ckaArm((_, layer) => 500 / layer) }, EPOCHS);
  assert.equal((await claimFrom(order, down)).verdict, "contradicted");
  for (let study = 0; study < 10; study++) {
    const stream = root(study);
    const random = plantedArms({ main: ckaArm(() => 20 + 1000 * stream.uniform()) }, EPOCHS);
    assert.notEqual((await claimFrom(order, random)).verdict, "supported");
  }
});

Deno.test("transition-order: a layer that leaves its final representation again has not reached it, and layers that tie have no order", async () => {
  const back = learnt(50).map((value, e) => EPOCHS[e] > 400 && EPOCHS[e] < 500 ? 0.9 : value);
  const arm: PlantedArm = {
    ...{ role: "main", nets: NETS },
    series: () => ({ cka_to_final: [back, learnt(100), learnt(200)] }),
  };
  const claim = await claimFrom(order, plantedArms({ main: arm }, EPOCHS));
  close(claim.median, -1 / 3);
  const ties = await claimFrom(order, plantedArms({ main: ckaArm(() => 100) }, EPOCHS));
  assert.deepEqual([ties.verdict, ties.censored], ["undecided", NETS]);
  assert.match(ties.reason!, /all layers are learnt at one snapshot/);
});

Deno.test("transition-order: the map is linear CKA of every layer's activations to the last snapshot", async () => {
  const net = await viewedNet();
  const rows = await mapped(order, net.view);
  assert.equal(rows.length, 2 * 3);
  for (const { epoch, layer, quantity, value } of rows) {
    assert.equal(quantity, "cka_to_final");
    const [at, last] = [epoch, 5].map((epoch) => {
      const { data, shape: [n, units] } = net.view.activations(epoch, layer!);
      return Array.from({ length: n }, (_, i) => Array.from(data.slice(i * units, (i + 1) * units)));
    });
    close(value, ckaTwin(at, last), 1e-9);
    if (epoch === 5) close(value, 1, 1e-12);
  }
});

async function mapped(analysis: Analysis<never>, view: Awaited<ReturnType<typeof viewedNet>>["view"]) {
  const { ctx } = testContext(root(1));
  const read = analysis.options["~standard"].validate({}) as { value: never };
  return await analysis.map!(view, read.value, null, ctx) as readonly MapRow[];
}

/** D(τ) ∝ τ^(α/2) from epoch 100 on, with noise in its logarithm. */
const START = EPOCHS.indexOf(100);
const moved = (alpha: number, noise = 0, seed = 0) => {
  const stream = root(seed);
  return EPOCHS.slice(START).map((epoch) =>
    epoch === 100 ? 0 : (epoch - 100) ** (alpha / 2) * Math.exp(noise * stream.normal())
  );
};
const walkArm = (
  path: (replicate: number, layer: number) => number[] | null,
  role: PlantedArm["role"] = "main",
): PlantedArm => ({
  ...{ role, nets: NETS },
  series: (replicate) => ({ distance_from_crossing: LAYERS.map((layer) => path(replicate, layer)) }),
});

Deno.test("weight-diffusion: α = 1 in every layer supports it, drift and logarithmic growth in one layer contradict it", async () => {
  const walks = walkArm((replicate, layer) => moved(1, 0.03, 10 * replicate + layer));
  const drifts = walkArm(() => moved(2), "control");
  const rows = plantedArms({ main: walks, "full-batch": drifts }, EPOCHS);
  const { claims, tables, figures } = await reduceOf(diffusion, rows);
  const claim = claims![0];
  assert.equal(claim.verdict, "supported");
  assert.equal(claim.parts!.length, 3);
  assert.match(claim.reason!, /every control fails the same rule/);
  close(claim.controls![0].median, 2);
  assertJudged(claim);
  assert.ok(claim.falseSupport!.rate <= 0.01, String(claim.falseSupport!.rate));

  const withheld = await claimFrom(
    diffusion,
    plantedArms({ main: walks, "full-batch": { ...walks, role: "control" } }, EPOCHS),
  );
  assert.equal(withheld.verdict, "undecided");
  assert.match(withheld.reason!, /no verdict as a control passes the same rule/);

  const logarithmic = EPOCHS.slice(START).map((epoch) => Math.log1p(epoch - 100));
  for (const odd of [moved(2), logarithmic, moved(0.7)]) {
    const main = walkArm((_, layer) => layer === 3 ? odd : moved(1));
    const contradicted = await claimFrom(diffusion, plantedArms({ main, "full-batch": drifts }, EPOCHS));
    assert.equal(contradicted.verdict, "contradicted");
    assert.match(contradicted.setting, /layer 3/);
  }

  // α again from the displacements, over [10 epochs, half the rest] in updates; 7 an epoch.
  const displacement = tables!.find(({ name }) => name === "weight-displacement")!.rows;
  const exponents = tables!.find(({ name }) => name === "diffusion-exponents")!.rows;
  const one = (row: Row) => row.arm === "main" && row.replicate === 2 && row.layer === 1;
  const kept = displacement.filter((row) =>
    one(row) && Number(row.tau_updates) >= 70 && Number(row.tau_updates) <= 7 * 2885 / 2
  );
  const [x, y] = [
    kept.map((row) => Math.log(Number(row.tau_updates))),
    kept.map((row) => 2 * Math.log(Number(row.distance))),
  ];
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const slope = x.reduce((sum, v, i) => sum + (v - mx) * (y[i] - my), 0) / x.reduce((sum, v) => sum + (v - mx) ** 2, 0);
  const found = exponents.find(one)!;
  close(Number(found.alpha), slope);
  assert.deepEqual([found.start_epoch, found.points], [100, kept.length]);
  for (const figure of figures!) {
    assert.equal(
      drawFigure({ figure, rows: tables!.find(({ name }) => name === figure.table)!.rows }).empty,
      undefined,
    );
  }
});

Deno.test("weight-diffusion: a layer that was not seen to cross, or too late, is unknown", async () => {
  const never = walkArm((replicate, layer) => layer === 2 && replicate < 3 ? null : moved(1));
  const claim = await claimFrom(diffusion, plantedArms({ main: never }, EPOCHS));
  assert.deepEqual([claim.verdict, claim.setting], ["undecided", "diffusion exponent of layer 2, main"]);
  assert.deepEqual([claim.censored, claim.low, claim.high], [3, null, null]);
  const late = walkArm(() => moved(1).slice(-5));
  assert.equal((await claimFrom(diffusion, plantedArms({ main: late }, EPOCHS))).censored, NETS);
  const failed = plantedArms({
    main: {
      ...never,
      series: (replicate) => replicate === 0 ? {} : { distance_from_crossing: LAYERS.map(() => moved(1)) },
    },
  }, EPOCHS);
  assert.equal((await claimFrom(diffusion, failed)).failed, 1);
});

Deno.test("weight-diffusion: exponents at the edge are not supported", async () => {
  for (let study = 0; study < 20; study++) {
    const stream = root(study);
    const main = walkArm((_, layer) => moved((layer === 1 ? 1.2 : 1) + 0.1 * stream.normal()));
    assert.notEqual((await claimFrom(diffusion, plantedArms({ main }, EPOCHS))).verdict, "supported");
  }
});

Deno.test("weight-diffusion: the map measures from the crossing that gradient-snr's series shows", async () => {
  const net = await viewedNet();
  const epochs = net.view.epochs;
  const snr = await mapped(gradientSnr as unknown as Analysis<never>, net.view);
  const rows = await mapped(diffusion, net.view);
  for (const layer of LAYERS) {
    const path = snr.filter((row) => row.quantity === "gradient_snr_512" && row.layer === layer);
    const { state } = crossingTwin(path.map(({ epoch }) => epoch), path.map(({ value }) => Math.log10(value!)));
    const found = rows.filter((row) => row.layer === layer);
    if (state === "none" || state === "censored") {
      assert.deepEqual([found.length, found[0].value], [1, null]);
      assert.match(found[0].reason!, new RegExp(`was not seen to cross 1: ${state}`));
      continue;
    }
    const start = state === "from the start" ? 0 : 1;
    assert.deepEqual(found.map(({ epoch }) => epoch), epochs.slice(start));
    found.forEach(({ epoch, value }) => {
      const [from, to] = [epochs[start], epoch].map((epoch) =>
        Object.values(net.view.weights(epoch)[layer - 1]).flatMap(({ data }) => [...data])
      );
      close(value, Math.hypot(...from.map((weight, i) => weight - to[i])), 1e-6);
    });
  }
});
