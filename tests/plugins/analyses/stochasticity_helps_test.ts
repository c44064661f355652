import type { Analysis, StudyRows } from "@infoplane/core";
import { root } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { snapshotEpochs } from "../../../core/training/snapshots.ts";
import { stochasticityHelps } from "../../../plugins/analyses/stochasticity_helps.ts";
import { drawFigure } from "../../../reports/figures/mod.ts";
import { verdictAgain } from "../../oracles/verdict_twin.ts";
import { claimFrom, reduceOf } from "./planted.ts";
import { plantedArms } from "./planted_series.ts";

const analysis = stochasticityHelps as unknown as Analysis<never>;
const EPOCHS = snapshotEpochs(3000);
const LAST = EPOCHS[EPOCHS.length - 1];
const NETS = 12;
/** Updates in an epoch; all are compared at the updates of the full batch. */
const ARMS: { readonly [arm: string]: number } = {
  "batch-16": 16,
  "batch-64": 8,
  "batch-256": 4,
  "batch-512": 2,
  "batch-full": 1,
  "few-16": 4,
  "few-64": 2,
  "few-full": 1,
};

/** The update at which a net reaches .96, and the accuracy it ends with. */
interface Way {
  readonly reached: number;
  readonly end: number;
}

function study(way: (arm: string, replicate: number) => Way): StudyRows {
  const rows = plantedArms(
    Object.fromEntries(
      Object.entries(ARMS).map(([arm, perEpoch]) => [arm, {
        nets: NETS,
        series: (replicate: number) => {
          const { reached, end } = way(arm, replicate);
          return { test_accuracy: [EPOCHS.map((epoch) => epoch * perEpoch < reached ? 0.6 : end)] };
        },
      }]),
    ),
    EPOCHS,
  );
  return {
    ...rows,
    series: rows.series.map((row) => ({ ...row, layer: null })),
    trials: rows.trials.map((trial) => ({ ...trial, updates: ARMS[trial.arm] * LAST })),
  };
}

const full = (arm: string) => arm.endsWith("full");
const helps = (arm: string, replicate: number): Way => ({
  reached: (full(arm) ? 1600 : 800) + 10 * replicate,
  end: full(arm) ? 0.96 : 0.975,
});

Deno.test("stochasticity-helps: half the updates and a hundredth less error with every batch support it, and the table says so", async () => {
  const { claims, tables, figures } = await reduceOf(analysis, study(helps));
  const claim = claims![0];
  assert.deepEqual(claim.parts!.map(({ verdict }) => verdict), ["supported", "supported"]);
  assert.equal(claim.verdict, "supported");
  assert.ok(claim.falseSupport!.rate <= 0.01);
  for (const part of [...claim.parts!, ...claim.settings]) {
    const again = verdictAgain(part);
    if (again) assert.equal(part.verdict, again, part.setting);
  }
  for (const cell of ["accuracy ≥ 0.95 at 5 snapshots in a row", "error at the end"]) {
    const delta = cell.startsWith("accuracy") ? 0.5 : 0.005;
    assert.equal(claim.sensitivity.find((one) => one.label === cell && one.delta === delta)!.verdict, "supported");
  }
  const rows = tables![0].rows;
  claim.parts!.forEach((part, p) =>
    part.counted!.forEach(({ replicate, low, high }) => {
      const of = rows.filter((row) => row.replicate === replicate && row.comparison === (p === 0 ? "speed" : "error"));
      const column = p === 0 ? "updates" : "error";
      const noiseless = Number(of.find(({ arm }) => full(String(arm)))![column]);
      const gains = of.filter(({ arm }) => !full(String(arm))).map((row) => {
        const value = Number(row[column]);
        return p === 0 ? Math.log2(noiseless / value) : noiseless - value;
      });
      assert.ok(Math.abs(low! - Math.min(...gains)) < 1e-9 && Math.abs(high! - Math.max(...gains)) < 1e-9);
    })
  );
  // The first snapshot at or beyond 803 updates of 16 an epoch, read no further than 2985 updates.
  const row = rows.find(({ arm, replicate }) => arm === "batch-16" && replicate === 0)!;
  assert.equal(row.updates, 16 * EPOCHS.find((epoch) => 16 * epoch >= 800)!);
  assert.ok(Number(row.last_epoch) <= LAST / 16);
  for (const figure of figures!) assert.equal(drawFigure({ figure, rows }).empty, undefined, figure.id);
});

Deno.test("stochasticity-helps: it is contradicted only where no batch gains, undecided where some do", async () => {
  const none = await claimFrom(
    analysis,
    study((arm, replicate) => ({ ...helps("full", replicate), end: full(arm) ? 0.98 : 0.97 })),
  );
  assert.deepEqual(none.parts!.map(({ verdict }) => verdict), ["contradicted", "contradicted"]);
  const some = await claimFrom(
    analysis,
    study((arm, replicate) => arm.endsWith("16") ? helps("full", replicate) : helps(arm, replicate)),
  );
  assert.deepEqual(some.parts!.map(({ verdict }) => verdict), ["undecided", "undecided"]);
  const one = some.settings.find(({ setting }) => /batch-full against batch-64, equal updates/.test(setting))!;
  assert.equal(one.verdict, "supported");
});

Deno.test("stochasticity-helps: what is not reached by equally many updates is open, at the full batch in favour of noise", async () => {
  const never = await claimFrom(
    analysis,
    study((arm, replicate) => full(arm) ? { reached: 1e9, end: 0.96 } : helps(arm, replicate)),
  );
  assert.equal(never.parts![0].verdict, "supported");
  assert.deepEqual([never.parts![0].high, never.parts![0].censored], [null, NETS]);
  // Batch 16 gets there within its training, but only after more updates than the full batch makes.
  const late = await claimFrom(
    analysis,
    study((arm, replicate) => arm === "batch-16" ? { reached: 2 * LAST, end: 0.96 } : helps(arm, replicate)),
  );
  assert.deepEqual([late.parts![0].verdict, late.parts![0].low], ["undecided", null]);
});

Deno.test("stochasticity-helps: nets that differ by chance alone do not support it; without its arms nothing is said", async () => {
  for (let seed = 0; seed < 5; seed++) {
    const stream = root(seed);
    const rows = study(() => ({ reached: 1000 * 2 ** (0.5 * stream.normal()), end: 0.965 + 0.005 * stream.normal() }));
    const claim = await claimFrom(analysis, rows);
    for (const part of claim.parts!) assert.notEqual(part.verdict, "supported");
  }
  const { claims } = await reduceOf(analysis, { ...study(helps), trials: [], series: [] });
  assert.equal(claims, undefined);
});
