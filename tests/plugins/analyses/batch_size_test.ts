import type { Analysis, ClaimResult, StudyRows } from "@infoplane/core";
import { root } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { snapshotEpochs } from "../../../core/training/snapshots.ts";
import { batchSize } from "../../../plugins/analyses/batch_size.ts";
import { drawFigure } from "../../../reports/figures/mod.ts";
import { crossingTwin } from "../../oracles/crossing_twin.ts";
import { verdictAgain } from "../../oracles/verdict_twin.ts";
import { claimFrom, type PlantedNet, reduceOf } from "./planted.ts";
import { type PlantedArm, plantedArms } from "./planted_series.ts";

const analysis = batchSize as unknown as Analysis<never>;
const EPOCHS = snapshotEpochs(3000);
const NETS = 12;
const BATCHES = ["16", "64", "256", "1024", "full"];
/** Updates in an epoch of each batch; all are compared at the 3000 updates of the full one. */
const PER_EPOCH = [16, 8, 4, 2, 1];

/** Where a net crosses and peaks, in updates, and by how many bits it falls after. */
interface Way {
  readonly crossing: number;
  readonly peak: number;
  readonly fall: number;
}

/** I(X;T) of three layers, of which the second rises until an epoch and then falls within an octave; the first is at the ceiling. */
function informed(peak: number, fall: number): PlantedNet {
  const moved = EPOCHS.map((epoch) =>
    epoch <= peak ? 6 + 2 * epoch / peak : 8 - fall * Math.min(1, Math.log2(epoch / peak))
  );
  return {
    ixt: [EPOCHS.map(() => 12), moved, moved.map((bits) => bits - 4)],
    ity: [0, 1, 2].map(() => EPOCHS.map(() => 0.8)),
  };
}

const logSnr = (crossing: number) => EPOCHS.map((epoch) => epoch < crossing ? 1 : -1);

function study(way: (batch: number, replicate: number, scaled: boolean) => Way): StudyRows {
  const arms = [false, true].flatMap((scaled) =>
    BATCHES.map((batch, b): [string, PlantedArm] => {
      const of = (replicate: number) => way(b, replicate, scaled);
      return [`batch-${batch}${scaled ? "-scaled" : ""}`, {
        role: scaled ? "variant" : "main",
        nets: NETS,
        estimates: Array.from({ length: NETS }, (_, i) => informed(of(i).peak / PER_EPOCH[b], of(i).fall)),
        series: (i) => ({
          gradient_snr_512: [0, 1, 2].map(() => logSnr(of(i).crossing / PER_EPOCH[b]).map((value) => 10 ** value)),
        }),
      }];
    })
  );
  const rows = plantedArms(Object.fromEntries(arms), EPOCHS);
  const last = EPOCHS[EPOCHS.length - 1];
  return {
    ...rows,
    trials: rows.trials.map((trial) => {
      const batch = BATCHES.findIndex((batch) => new RegExp(`^batch-${batch}(-scaled)?$`).test(trial.arm));
      return { ...trial, updates: PER_EPOCH[batch] * last };
    }),
  };
}

const ordered = (batch: number, replicate: number): Way => {
  const peak = 160 * 1.6 ** batch + replicate;
  return { crossing: 1.2 * peak, peak, fall: 1.2 - 0.2 * batch + 0.01 * replicate };
};

const verdicts = (parts: readonly ClaimResult[]) => parts.map(({ verdict }) => verdict);

Deno.test("batch-size: later crossings with later peaks, and half a bit more by the smallest batch, support every part", async () => {
  const { claims, tables, figures } = await reduceOf(analysis, study(ordered));
  const claim = claims![0];
  assert.equal(claim.verdict, "supported");
  assert.deepEqual(verdicts(claim.parts!), Array.from({ length: 8 }, () => "supported"));
  assert.equal(claim.falseSupport!.rate, 0);
  for (const part of claim.parts!) assert.equal(part.verdict, verdictAgain(part), part.setting);
  const cell = claim.sensitivity.find(({ label, delta }) =>
    delta === 0.5 && /fixed rate, equal updates · ρ, crossing by the rule, peak of the median of 5/.test(label)
  );
  assert.equal(cell!.verdict, "supported");

  // θ of both kinds again, from the rows of the table.
  const rank = (values: number[]) => values.map((value) => values.filter((other) => other < value).length);
  claim.parts!.forEach((part, p) => {
    const [rate, equal] = [p < 4 ? "fixed rate" : "scaled rate", p % 4 < 2 ? "updates" : "epochs"];
    const rows = tables![0].rows.filter((row) => row.rate === rate && row.equal === equal);
    part.counted!.forEach(({ replicate, low, high }) => {
      const nets = BATCHES.map((batch) =>
        rows.find((row) => row.replicate === replicate && String(row.arm).replace("-scaled", "") === `batch-${batch}`)!
      );
      const [a, b] = ["crossing_low_updates", "peak_low_updates"].map((name) =>
        rank(nets.map((row) => Number(row[name])))
      );
      const rho = 1 - 6 * a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / (5 ** 3 - 5);
      const theta = p % 2 === 0 ? rho : Number(nets[0].loo_bits) - Number(nets[4].loo_bits);
      assert.ok(Math.abs(low! - theta) < 1e-9 && Math.abs(high! - theta) < 1e-9, `${low} to ${high}, not ${theta}`);
    });
  });
  const row = tables![0].rows.find(({ arm, replicate, equal }) =>
    arm === "batch-64" && replicate === 3 && equal === "updates"
  )!;
  const seen = EPOCHS.filter((epoch) => epoch <= EPOCHS[EPOCHS.length - 1] / 8);
  assert.equal(row.last_epoch, seen.at(-1));
  const crossing = crossingTwin(seen, logSnr(ordered(1, 3).crossing / 8).slice(0, seen.length));
  assert.ok(Math.abs(Number(row.crossing_low_updates) - 8 * crossing.epoch) < 1e-6);

  for (const figure of figures!) {
    assert.equal(drawFigure({ figure, rows: tables![0].rows }).empty, undefined, figure.id);
  }
});

Deno.test("batch-size: what a small batch does only after as many epochs is not seen after as many updates", async () => {
  const late = (batch: number, replicate: number): Way =>
    batch === 0 ? { crossing: 9600, peak: 8000, fall: 1.5 } : ordered(batch, replicate);
  const { parts } = await claimFrom(analysis, study(late));
  const [, byUpdates, , byEpochs] = parts!;
  assert.deepEqual([byUpdates.verdict, byEpochs.verdict], ["contradicted", "supported"]);
  assert.ok(byUpdates.median! < -0.3 && byEpochs.median! > 0.9);
});

Deno.test("batch-size: the opposite order, or less compression by the smallest batch at one rate, contradicts it", async () => {
  const opposite = await claimFrom(
    analysis,
    study((batch, replicate) => ({ ...ordered(batch, replicate), crossing: 1500 / 1.4 ** batch })),
  );
  assert.equal(opposite.parts![0].verdict, "contradicted");
  assert.equal(opposite.verdict, "contradicted");
  const less = await claimFrom(
    analysis,
    study((batch, replicate, scaled) => ({ ...ordered(batch, replicate), fall: scaled ? 0.5 : 1.2 - 0.2 * batch })),
  );
  assert.deepEqual(verdicts(less.parts!.filter((_, p) => p % 2 === 1)), [
    "supported",
    "supported",
    "contradicted",
    "contradicted",
  ]);
  assert.equal(less.verdict, "contradicted");
});

Deno.test("batch-size: crossings that know nothing of peaks, and batches that compress alike, do not support it", async () => {
  for (let seed = 0; seed < 4; seed++) {
    const stream = root(seed);
    const ways = Array.from({ length: 5 * NETS }, (): Way => ({
      crossing: 100 * 12 ** stream.uniform(),
      peak: 100 * 12 ** stream.uniform(),
      fall: 1 + 0.3 * stream.normal(),
    }));
    const claim = await claimFrom(analysis, study((batch, replicate) => ways[batch * NETS + replicate]));
    for (const part of claim.parts!) assert.notEqual(part.verdict, "supported");
  }
});

Deno.test("batch-size: an arm that is missing, a gradient that was not measured and a net that diverged leave it undecided", async () => {
  const rows = study(ordered);
  const without = (arm: string) => ({
    ...rows,
    trials: rows.trials.filter((row) => row.arm !== arm),
    estimates: rows.estimates.filter((row) => row.arm !== arm),
  });
  const fewer = await claimFrom(analysis, without("batch-64-scaled"));
  assert.equal(fewer.verdict, "undecided");
  assert.equal(fewer.parts![4].reason, "not measured in this study");
  const blind = await claimFrom(analysis, { ...rows, series: [] });
  assert.deepEqual([blind.verdict, blind.reason], ["undecided", "not measured in this study"]);
  const lost = "batch-full-5";
  const diverged = await claimFrom(analysis, {
    ...rows,
    trials: rows.trials.map((trial) =>
      trial.trial === lost ? { ...trial, outcome: "diverged" as const, reason: "planted" } : trial
    ),
    estimates: rows.estimates.filter(({ trial }) => trial !== lost),
  });
  assert.deepEqual([diverged.parts![1].verdict, diverged.parts![1].low, diverged.parts![5].verdict], [
    "undecided",
    null,
    "supported",
  ]);
});
