import type { Analysis } from "@infoplane/core";
import fc from "fast-check";
import assert from "node:assert/strict";
import { compressionTakesLongest } from "../../../plugins/analyses/compression_takes_longest.ts";
import { dpiChain } from "../../../plugins/analyses/dpi_chain.ts";
import { twoPhases } from "../../../plugins/analyses/two_phases.ts";
import { judgeTwin } from "../../oracles/verdict_twin.ts";
import { claimFrom, type PlantedNet, plantedRows, reduceOf } from "./planted.ts";

const analyses = {
  "dpi-chain": dpiChain as unknown as Analysis<never>,
  "two-phases": twoPhases as unknown as Analysis<never>,
  "compression-takes-longest": compressionTakesLongest as unknown as Analysis<never>,
};
const EPOCHS = Array.from({ length: 60 }, (_, e) => e * 10);

/** A small generator of numbers in [0, 1). */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** Layers 1…3: the first stays at H(X), the others rise, stay for 50 epochs until `peakAt`, and fall by `fall` until `settle`. */
function net(fall: number, { peakAt = 100, settle = 200, rise = 1, noise = 0, seed = 1 } = {}): PlantedNet {
  const next = dice(seed);
  const moved = EPOCHS.map((epoch) => {
    if (epoch <= peakAt) return 6 + rise * Math.min(1, epoch / Math.max(1, peakAt - 50));
    return 6 + rise - fall * Math.min(1, (epoch - peakAt) / (settle - peakAt));
  });
  const with_ = (path: number[], level: number) => path.map((bits) => bits + level + noise * (next() - 0.5));
  return {
    ixt: [EPOCHS.map(() => 12), with_(moved, 0), with_(moved, -2)],
    ity: [EPOCHS.map(() => 0.8), EPOCHS.map(() => 0.7), EPOCHS.map(() => 0.6)],
  };
}

const many = (n: number, of: (i: number) => PlantedNet) => Array.from({ length: n }, (_, i) => of(i));

Deno.test("two-phases: nets that rise by 1 and fall by ½ bit support it, nets that stay contradict it", async () => {
  const fall = await claimFrom(
    analyses["two-phases"],
    plantedRows(many(20, (i) => net(0.5, { noise: 0.05, seed: i })), { epochs: EPOCHS }),
  );
  assert.equal(fall.verdict, "supported");
  assert.ok(fall.low! > 0.4 && fall.high! < 0.6);
  assert.deepEqual([fall.planned, fall.failed, fall.censored, fall.theta.length], [20, 0, 0, 20]);
  assert.deepEqual([fall.provisional, fall.protocol, fall.level, fall.interval], [false, 1, 0.999, "order statistics"]);
  assert.ok(fall.low95! >= fall.low! && fall.high95! <= fall.high!);

  const stay = await claimFrom(
    analyses["two-phases"],
    plantedRows(many(20, (i) => net(0, { noise: 0.05, seed: i })), { epochs: EPOCHS }),
  );
  assert.equal(stay.verdict, "contradicted");
});

Deno.test("host rows carry no verdict: the claim has θ and interval and says why; beside a portable verdict they say theirs", async () => {
  const nets = many(20, (i) => net(0.5, { noise: 0.05, seed: i }));
  for (const analysis of Object.values(analyses)) {
    const seen = (arithmetic: "portable" | "host") => plantedRows(nets, { epochs: EPOCHS, arithmetic });
    const [portable, host] = [await claimFrom(analysis, seen("portable")), await claimFrom(analysis, seen("host"))];
    assert.notEqual(portable.verdict, "undecided", analysis.id);
    assert.deepEqual([host.verdict, host.arithmetic], ["undecided", "host"]);
    assert.match(host.reason!, /no verdict from host arithmetic alone$/);
    assert.deepEqual([host.theta, host.low, host.high], [portable.theta, portable.low, portable.high]);
  }
  const beside = plantedRows(nets, { epochs: EPOCHS, estimator: "acme/knn", setting: "{}", arithmetic: "host" });
  const portable = plantedRows(nets, { epochs: EPOCHS });
  const rows = { ...portable, estimates: [...portable.estimates, ...beside.estimates] };
  const { verdict, settings } = await claimFrom(analyses["two-phases"], rows);
  assert.deepEqual([verdict, settings[0].verdict], ["supported", "supported"]);
});

Deno.test("two-phases: a fall without a rise is one phase, and δ itself decides nothing", async () => {
  const noRise = many(20, (i) => net(1, { rise: 0, noise: 0.02, seed: i }));
  assert.equal(
    (await claimFrom(analyses["two-phases"], plantedRows(noRise, { epochs: EPOCHS }))).verdict,
    "contradicted",
  );
  const edge = many(20, () => net(0.25));
  assert.equal((await claimFrom(analyses["two-phases"], plantedRows(edge, { epochs: EPOCHS }))).verdict, "undecided");
});

Deno.test("two-phases: white noise that its own peak takes for compression does not support it", async () => {
  const noisy = many(20, (i) => net(0, { noise: 3, seed: i }));
  const judged = await claimFrom(analyses["two-phases"], plantedRows(noisy, { epochs: EPOCHS }));
  assert.notEqual(judged.verdict, "supported");
  assert.ok(judged.falseSupport!.rate <= 0.01, String(judged.falseSupport!.rate));
  assert.match(judged.falseSupport!.model, /20 nets that fit and never compress/);
});

Deno.test("a layer at the ceiling is not judged", async () => {
  const nets = many(20, (i) => net(0.5, { noise: 0.02, seed: i }));
  const claim = await claimFrom(analyses["two-phases"], plantedRows(nets, { epochs: EPOCHS, hxBits: 6.5 }));
  assert.deepEqual([claim.verdict, claim.censored, claim.low], ["undecided", 20, null]);
});

Deno.test("diverged nets open the interval, failed ones forbid a verdict, and both are counted", async () => {
  const nets = many(20, (i) => net(0.5, { noise: 0.02, seed: i }));
  for (const analysis of Object.values(analyses)) {
    const three: PlantedNet[] = [...nets.slice(3), ...many(3, () => ({ outcome: "diverged" }))];
    const some = await claimFrom(analysis, plantedRows(three, { epochs: EPOCHS }));
    assert.deepEqual([some.planned, some.censored, some.low, some.high], [20, 3, null, null]);
    assert.equal(some.verdict, "undecided");
    assert.match(some.reason!, /3 of 20 nets diverged/);
    const two: PlantedNet[] = [...nets.slice(2), ...many(2, () => ({ outcome: "diverged" }))];
    assert.notEqual((await claimFrom(analysis, plantedRows(two, { epochs: EPOCHS }))).low, null);
    const one: PlantedNet[] = [...nets.slice(1), { outcome: "failed" }];
    const failed = await claimFrom(analysis, plantedRows(one, { epochs: EPOCHS }));
    assert.deepEqual([failed.verdict, failed.failed], ["undecided", 1]);
    assert.match(failed.reason!, /no verdict as 1 of 20 nets failed: planted to be failed/);
  }
});

Deno.test("fewer than five nets decide nothing, five to ten assume normality", async () => {
  for (
    const [n, interval, verdict] of [[4, "none", "undecided"], [
      5,
      "Student t, normality assumed",
      "supported",
    ]] as const
  ) {
    const rows = plantedRows(many(n, (i) => net(0.5, { noise: 0.01, seed: i })), { epochs: EPOCHS });
    const claim = await claimFrom(analyses["two-phases"], rows);
    assert.deepEqual([claim.interval, claim.verdict], [interval, verdict]);
  }
});

Deno.test("dpi-chain: layers in order support it, an excess at one snapshot in 59 contradicts it", async () => {
  const nets = many(20, (i) => net(0.5, { seed: i }));
  assert.equal((await claimFrom(analyses["dpi-chain"], plantedRows(nets, { epochs: EPOCHS }))).verdict, "supported");
  const broken = nets.map((one): PlantedNet =>
    "outcome" in one
      ? one
      : { ...one, ity: one.ity.map((path, k) => path.map((bits, e) => k === 2 && e % 12 === 0 ? bits + 0.3 : bits)) }
  );
  const claim = await claimFrom(analyses["dpi-chain"], plantedRows(broken, { epochs: EPOCHS }));
  assert.deepEqual([claim.median, claim.verdict], [5 / 240, "contradicted"]);
  assert.ok(claim.falseSupport!.rate <= 0.01);
});

Deno.test("dpi-chain: .05 bit itself is no violation", async () => {
  const nets = many(20, () => net(0.5)).map((one): PlantedNet =>
    "outcome" in one ? one : { ...one, ity: [one.ity[0], one.ity[1], one.ity[1].map((bits) => bits + 0.05)] }
  );
  const claim = await claimFrom(analyses["dpi-chain"], plantedRows(nets, { epochs: EPOCHS }));
  assert.ok(claim.median! <= 0.25);
});

Deno.test("compression-takes-longest: the share of the time after the peak, of nets that compress", async () => {
  const long = many(20, () => net(1, { peakAt: 100, settle: 300 }));
  const yes = await claimFrom(analyses["compression-takes-longest"], plantedRows(long, { epochs: EPOCHS }));
  assert.equal(yes.verdict, "supported");
  // First at its peak at epoch 50, settled at 9/10 of the fall, at epoch 280 or the snapshot after.
  assert.ok(yes.median! >= 230 / 280 && yes.median! <= 240 / 290, String(yes.median));
  const short = many(20, () => net(1, { peakAt: 200, settle: 250 }));
  const no = await claimFrom(analyses["compression-takes-longest"], plantedRows(short, { epochs: EPOCHS }));
  assert.equal(no.verdict, "contradicted");
  assert.ok(yes.falseSupport!.rate <= 0.01, String(yes.falseSupport!.rate));
});

Deno.test("compression-takes-longest: nets that settle late are censored above, too few that compress decide nothing", async () => {
  const late = many(20, (i) => net(1, { peakAt: 50, settle: 500, noise: 0.01, seed: i }));
  const claim = await claimFrom(analyses["compression-takes-longest"], plantedRows(late, { epochs: EPOCHS }));
  assert.deepEqual([claim.verdict, claim.high, claim.censored], ["supported", null, 20]);
  const few = many(20, (i) => net(i < 9 ? 1 : 0.1, { peakAt: 50, settle: 250 }));
  const undecided = await claimFrom(analyses["compression-takes-longest"], plantedRows(few, { epochs: EPOCHS }));
  assert.equal(undecided.verdict, "undecided");
  assert.match(undecided.reason!, /only 9 of 20 nets have a θ; 11 of 20 nets have no θ: c\^own is below 0.25 bit/);
});

Deno.test("θ, interval and verdict agree with a slow twin that knows nothing of the analyses", async () => {
  const planted = fc.record({
    n: fc.integer({ min: 5, max: 14 }),
    diverged: fc.constantFrom(0, 0, 0, 1),
    excess: fc.constantFrom(0, 0, 0.3),
    fall: fc.double({ min: 0, max: 1, noNaN: true }),
    peakAt: fc.integer({ min: 60, max: 400 }),
    length: fc.integer({ min: 10, max: 190 }),
    rise: fc.double({ min: 0, max: 1, noNaN: true }),
    noise: fc.double({ min: 0, max: 0.3, noNaN: true }),
    hxBits: fc.constantFrom(12, 12, 6.5),
    seed: fc.integer(),
  });
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(planted, async ({ n, diverged, excess, fall, peakAt, length, rise, noise, hxBits, seed }) => {
      const nets: PlantedNet[] = many(n, (i) => {
        const next = dice(seed + i);
        const spread = 0.8 + 0.4 * next();
        if (i >= n - diverged) return { outcome: "diverged" };
        const one = net(fall * spread, { peakAt, settle: peakAt + length, rise, noise, seed: seed + i });
        if ("outcome" in one) return one;
        return { ...one, ity: [one.ity[0], one.ity[1], one.ity[2].map((bits) => bits + excess)] };
      });
      const rows = plantedRows(nets, { epochs: EPOCHS, hxBits });
      for (const [id, analysis] of Object.entries(analyses)) {
        const claim = await claimFrom(analysis, rows);
        const twin = judgeTwin(id as keyof typeof analyses, rows.trials, rows.estimates, hxBits);
        const close = (a: number | null, b: number | null) =>
          assert.ok(
            a === b || (a !== null && b !== null && Math.abs(a - b) < 1e-5 * Math.max(1, Math.abs(b))),
            `${id}: ${a}, twin ${b}`,
          );
        claim.theta.forEach((theta, i) => close(theta, twin.theta[i]));
        close(claim.low, Number.isFinite(twin.low) ? twin.low : null);
        close(claim.high, Number.isFinite(twin.high) ? twin.high : null);
        assert.equal(claim.verdict, twin.verdict, id);
        seen.add(`${id} ${claim.verdict}`);
      }
    }),
    { numRuns: 30, seed: 5 },
  );
  assert.ok(seen.size >= 7, [...seen].join("; "));
});

Deno.test("what the primary setting does not match gives tables and no claim", async () => {
  const rows = plantedRows(many(6, () => net(0.5)), { epochs: EPOCHS, setting: '{"width":0.07}' });
  const { tables, claims } = await reduceOf(analyses["two-phases"], rows);
  assert.equal(claims, undefined);
  assert.equal(tables![0].rows.length, 18);
});

Deno.test("the sensitivity grid holds the primary rule and varies δ, peak and weighing", async () => {
  const rows = plantedRows(many(12, (i) => net(0.4, { noise: 0.01, seed: i })), { epochs: EPOCHS });
  const claim = await claimFrom(analyses["two-phases"], rows);
  const own = claim.sensitivity.find(({ label, delta }) => delta === 0.25 && label.endsWith("median of 5"));
  assert.equal(own?.verdict, claim.verdict);
  assert.deepEqual(claim.sensitivity.map(({ delta }) => delta), [0.1, 0.25, 0.5, 0.1, 0.25, 0.5]);
  assert.equal(claim.settings.at(-1)?.reason, "not measured in this study");
});
