import type { Analysis, StudyRows } from "@infoplane/core";
import fc from "fast-check";
import assert from "node:assert/strict";
import { root } from "../../../core/testing.ts";
import { capacityEqualisation } from "../../../plugins/analyses/capacity_equalisation.ts";
import { verdictAgain } from "../../oracles/verdict_twin.ts";
import { claimFrom, reduceOf } from "./planted.ts";
import { plantedArms, type SeriesNet } from "./planted_arms.ts";

const analysis = capacityEqualisation as unknown as Analysis<never>;
const EPOCHS = [0, 1, 3, 10, 30, 100, 300, 800, 850, 930, 1000];

/** SNR of five hidden layers and an output: each layer's own deviation from 1 in octaves, early and in the last tenth. */
function net(early: readonly number[], late: readonly number[]): SeriesNet {
  return {
    gradient_snr_512: [...early.keys(), 5].map((k) =>
      EPOCHS.map((epoch) => 2 ** (k === 5 ? 4 : epoch <= 100 ? early[k] : late[k]))
    ),
  };
}

function spreads(n: number, early: number, late: number, labels: number, seed = 1): StudyRows {
  const stream = root(seed).child("planted");
  const draw = (sd: number) => Array.from({ length: 5 }, () => sd * stream.normal());
  return plantedArms(EPOCHS, [
    ["decreasing-5", { depth: 5, nets: Array.from({ length: n }, () => net(draw(early), draw(late))) }],
    ["random-labels", { depth: 5, nets: Array.from({ length: n }, () => net(draw(2), draw(labels))) }],
  ]);
}

Deno.test("layers that differ early and end alike support it, if random labels keep them apart", async () => {
  const claim = await claimFrom(analysis, spreads(15, 2, 0.1, 2));
  assert.deepEqual([claim.verdict, claim.controls!.map(({ verdict }) => verdict)], ["supported", [
    "contradicted",
    "contradicted",
  ]]);
  assert.ok(claim.falseSupport!.rate <= 0.005, String(claim.falseSupport!.rate));
  assert.equal(claim.delta.toFixed(6), Math.log2(1.5).toFixed(6));
});

Deno.test("layers that end apart contradict it", async () => {
  assert.equal((await claimFrom(analysis, spreads(15, 0.1, 2, 2))).verdict, "contradicted");
});

Deno.test("layers that were alike from the start, or are on random labels too, decide nothing", async () => {
  for (const [early, labels] of [[0.1, 2], [2, 0.1]]) {
    const claim = await claimFrom(analysis, spreads(15, early, 0.1, labels));
    assert.equal(claim.verdict, "undecided");
    assert.match(claim.reason!, /no verdict as a control passes the same rule/);
  }
});

Deno.test("layers at the edge of the rule support it in none of 40 studies", async () => {
  for (let seed = 0; seed < 40; seed++) {
    // A deviation of five normals with this law has its median at log₂ 1.5.
    const claim = await claimFrom(analysis, spreads(15, 3, Math.log2(1.5) / 0.9161, 3, seed));
    assert.notEqual(claim.verdict, "supported");
  }
});

Deno.test("θ weighs by epochs, leaves the output out and agrees with a slow twin", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const stream = root(seed).child("paths");
      const planted = Array.from({ length: 12 }, (): SeriesNet => ({
        gradient_snr_512: Array.from({ length: 6 }, () => EPOCHS.map(() => Math.exp(stream.normal()))),
      }));
      const rows = plantedArms(EPOCHS, [["decreasing-5", { depth: 5, nets: planted }]]);
      const claim = await claimFrom(analysis, rows);
      claim.counted!.forEach(({ low, high }, i) => {
        const means = (planted[i] as { gradient_snr_512: number[][] }).gradient_snr_512.slice(0, 5).map((path) => {
          // Snapshots at 930 and 1000 stand for the 30 and 70 epochs of the last hundred that came before them.
          return (30 * Math.log2(path[9]) + 70 * Math.log2(path[10])) / 100;
        });
        const mean = means.reduce((a, b) => a + b) / 5;
        const sd = Math.sqrt(means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4);
        assert.ok(Math.abs(low! - sd) < 1e-9 && low === high, `${low}, twin ${sd}`);
      });
      assert.equal(verdictAgain(claim), claim.verdict);
    }),
    { numRuns: 20 },
  );
});

Deno.test("the table holds the mean of every layer from which θ follows", async () => {
  const rows = spreads(6, 2, 0.5, 2);
  const claim = await claimFrom(analysis, rows);
  const { tables } = await reduceOf(analysis, rows);
  const own = tables![0].rows.filter(({ arm, when, layer }) =>
    arm === "decreasing-5" && when === "late" && Number(layer) < 6
  );
  assert.equal(own.length, 30);
  claim.theta.forEach((theta, i) => {
    const values = own.filter(({ replicate }) => replicate === i).map(({ log2_snr }) => Number(log2_snr));
    const mean = values.reduce((a, b) => a + b) / 5;
    assert.ok(Math.abs(theta! - Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4)) < 1e-12);
  });
});

Deno.test("without the arm there is no claim, and nets whose gradients were not measured have no θ", async () => {
  const { claims } = await reduceOf(analysis, plantedArms(EPOCHS, [["other", { depth: 5, nets: [net([], [])] }]]));
  assert.equal(claims, undefined);
  const bare = plantedArms(EPOCHS, [["decreasing-5", { depth: 5, nets: Array.from({ length: 5 }, () => ({})) }]]);
  const claim = await claimFrom(analysis, bare);
  assert.equal(claim.verdict, "undecided");
  assert.match(claim.reason!, /a layer has no gradient_snr_512/);
});
