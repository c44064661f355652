import type { Analysis, StudyRows } from "@infoplane/core";
import { root } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { snapshotEpochs } from "../../../core/training/snapshots.ts";
import { notSaturation } from "../../../plugins/analyses/not_saturation.ts";
import { drawFigure } from "../../../reports/figures/mod.ts";
import { associationTwin } from "../../oracles/association_twin.ts";
import { claimFrom, plantedRows, reduceOf } from "./planted.ts";

const analysis = notSaturation as unknown as Analysis<never>;
const EPOCHS = snapshotEpochs(1000);
const FAMILIES = { tanh: ["tanh"], ReLU: ["main"] };

/** A net whose last hidden layer rises by `fit` until epoch 50 and falls by `fall`, while a share of its units comes to saturate. */
interface Way {
  readonly fit: number;
  readonly fall: number;
  readonly saturation: number;
  readonly accuracy: number;
}

function study(arms: { readonly [arm: string]: readonly Way[] }): StudyRows {
  const found = Object.entries(arms).map(([arm, nets]) => {
    const rows = plantedRows(
      nets.map(({ fit, fall }) => {
        const path = EPOCHS.map((epoch) =>
          4 + (epoch <= 50 ? fit * epoch / 50 : fit - fall * Math.min(1, Math.log2(epoch / 50) / 3))
        );
        const ixt = [EPOCHS.map(() => 12), path, path.map((bits) => bits - 1)];
        return { ixt, ity: ixt.map(() => EPOCHS.map(() => 0.8)) };
      }),
      { epochs: EPOCHS, arm, estimator: "noise-bounds", setting: '{"alpha":0.1,"ruler":"fixed"}' },
    );
    return {
      ...rows,
      trials: rows.trials.map((trial) => ({ ...trial, test_accuracy: nets[trial.replicate].accuracy })),
      estimates: rows.estimates.map((row) => ({
        ...row,
        saturated: 0.2 +
          (row.epoch <= 50 ? 0 : nets[row.replicate].saturation * Math.min(1, Math.log2(row.epoch / 50) / 3)),
      })),
    };
  });
  return {
    ...found[0],
    trials: found.flatMap(({ trials }) => trials),
    estimates: found.flatMap(({ estimates }) => estimates),
    problems: found.flatMap(({ problems }) => problems),
  };
}

/** Nets in which compression goes with saturation by `slope`, and both with fit by `shared`. */
function nets(n: number, slope: number, shared: number, seed: number): Way[] {
  const stream = root(seed);
  return Array.from({ length: n }, () => {
    const [fit, accuracy, saturation, fall] = [0, 1, 2, 3].map(() => stream.normal());
    const s = saturation + shared * fit;
    return {
      fit: 4 + 0.3 * fit,
      accuracy: 0.95 + 0.01 * accuracy,
      saturation: 0.3 + 0.03 * s,
      fall: 1.5 + 0.1 * (slope * saturation + fall + shared * fit),
    };
  });
}

const both = (n: number, slope: number, shared: number, seed: number) =>
  study({ tanh: nets(n, slope, shared, seed), main: nets(n, slope, shared, seed + 50) });

Deno.test("not-saturation: nets that compress more as they saturate less support it, more as they saturate more contradict it", async () => {
  const { claims, tables, figures } = await reduceOf(analysis, both(15, -4, 0, 1), { families: FAMILIES });
  const claim = claims![0];
  assert.deepEqual(claim.parts!.map(({ verdict }) => verdict), ["supported", "supported"]);
  assert.equal(claim.verdict, "supported");
  assert.ok(claim.falseSupport!.rate <= 0.02, String(claim.falseSupport!.rate));
  assert.equal(claim.parts![0].interval, "permutations of the replicates");
  for (const { low, high, low95, high95, median } of claim.parts!) {
    assert.ok(low! <= low95! && low95! <= median! && median! <= high95! && high95! <= high! && high! < 0.3);
  }
  const own = claim.sensitivity.find(({ label, delta }) => label === "c^loo, given fit and accuracy" && delta === 0.3);
  assert.equal(own!.verdict, "supported");
  for (const figure of figures!) assert.equal(drawFigure({ figure, rows: tables![0].rows }).empty, undefined);

  const more = await claimFrom(analysis, both(15, 6, 0, 1), { families: FAMILIES });
  assert.deepEqual([more.verdict, ...more.parts!.map(({ verdict }) => verdict)], Array(3).fill("contradicted"));
  const one = study({ tanh: nets(15, 6, 0, 1), main: nets(15, -4, 0, 51) });
  assert.equal((await claimFrom(analysis, one, { families: FAMILIES })).verdict, "contradicted");
});

Deno.test("not-saturation: θ is the partial rank correlation of what the table holds, and its ends are where all orders say", async () => {
  const rows = study({ tanh: nets(7, 1, 1, 3), "tanh-2018": nets(7, -1, 1, 4) });
  const { claims, tables } = await reduceOf(analysis, rows, { families: { tanh: ["tanh", "tanh-2018"] } });
  const column = (arm: string, name: string) =>
    tables![0].rows.filter((row) => row.arm === arm && row.last_hidden === true).map((row) => Number(row[name]));
  const twin = associationTwin(["tanh", "tanh-2018"].map((arm) => ({
    x: column(arm, "saturation_loo"),
    y: column(arm, "loo_bits"),
    given: [column(arm, "fit_bits"), column(arm, "test_accuracy")],
  })));
  const [part] = claims![0].parts!;
  assert.ok(Math.abs(part.median! - twin.rho) < 1e-9);
  for (const end of [part.low95!, part.high95!]) {
    if (Math.abs(end) < 1) assert.ok(Math.abs(twin.share(end) - 0.05) < 0.012);
  }
  const planted = nets(7, 1, 1, 3);
  column("tanh", "loo_bits").forEach((value, i) => assert.ok(Math.abs(value - planted[i].fall) < 0.1));
  column("tanh", "saturation_loo").forEach((value, i) => assert.ok(Math.abs(value - planted[i].saturation) < 0.03));
});

Deno.test("not-saturation: what only goes along with fit is neither supported nor contradicted, and would be contradicted if fit were not given", async () => {
  for (let seed = 0; seed < 4; seed++) {
    const claim = await claimFrom(analysis, both(15, 0, 3, 100 * seed), { families: FAMILIES });
    assert.equal(claim.verdict, "undecided");
    const raw = claim.sensitivity.find(({ label, delta }) => label === "c^loo, given nothing" && delta === 0.1);
    assert.equal(raw!.verdict, "contradicted");
  }
});

Deno.test("not-saturation: five replicates, saturation that does not grow, a diverged net or a layer at the ceiling have no verdict", async () => {
  const few = await claimFrom(analysis, both(5, -4, 0, 1), { families: FAMILIES });
  assert.deepEqual([few.verdict, few.interval], ["undecided", "none"]);
  assert.match(few.reason!, /too few permutations/);
  const still = nets(15, 0, 0, 1).map((way) => ({ ...way, saturation: 0 }));
  const none = await claimFrom(analysis, study({ tanh: still, main: nets(15, -4, 0, 2) }), { families: FAMILIES });
  assert.equal(none.verdict, "undecided");
  assert.match(none.parts![0].reason!, /saturation grows in no net, while layers compress by up to 1\.[5-9]\d bit/);
  const rows = both(15, -4, 0, 1);
  const lost = await claimFrom(analysis, {
    ...rows,
    trials: rows.trials.map((trial) => trial.trial === "main-3" ? { ...trial, outcome: "diverged" as const } : trial),
    estimates: rows.estimates.filter(({ trial }) => trial !== "main-3"),
  }, { families: FAMILIES });
  assert.deepEqual(lost.parts!.map(({ verdict }) => verdict), ["supported", "undecided"]);
  assert.equal(lost.parts![1].censored, 1);
  const high = nets(15, -4, 0, 1).map((way, i) => i === 2 ? { ...way, fit: 9.5, fall: 1.4 } : way);
  const ceiling = await claimFrom(analysis, study({ tanh: high, main: nets(15, -4, 0, 2) }), { families: FAMILIES });
  assert.match(ceiling.parts![0].reason!, /1 of 15 nets are at the ceiling/);
});
