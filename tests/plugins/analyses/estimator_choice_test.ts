import type { Analysis, StudyRows } from "@infoplane/core";
import assert from "node:assert/strict";
import { estimatorChoice } from "../../../plugins/analyses/estimator_choice.ts";
import { twoPhases } from "../../../plugins/analyses/two_phases.ts";
import { claimFrom, type PlantedNet, plantedRows, reduceOf } from "./planted.ts";

const analysis = estimatorChoice as unknown as Analysis<never>;
const EPOCHS = Array.from({ length: 40 }, (_, e) => e * 10);
const FAMILIES = [
  { family: "binning", estimator: "binning", options: { count: 30 } },
  { family: "noise", estimator: "noise-bounds", options: { variance: 0.1 } },
];

/** Twelve nets whose last hidden layer and output rise by 1 bit and fall by `fall`; every other one a little more. */
function nets(fall: number): PlantedNet[] {
  return Array.from({ length: 12 }, (_, i) => {
    const path = EPOCHS.map((epoch) =>
      5 + Math.min(1, epoch / 100) - (fall + 0.01 * (i % 2)) * Math.max(0, Math.min(1, (epoch - 150) / 100))
    );
    return { ixt: [path, path], ity: [path, path] };
  });
}

/** The same nets seen by two estimators, under which they fall by different amounts. */
function seenBy(binning: number, noise: number): StudyRows {
  const one = plantedRows(nets(binning), { epochs: EPOCHS });
  const other = plantedRows(nets(noise), { epochs: EPOCHS, estimator: "noise-bounds", setting: '{"variance":0.1}' });
  return { ...one, estimates: [...one.estimates, ...other.estimates] };
}

Deno.test("estimators that see the same agree, whatever it is; opposite ones contradict the claim", async () => {
  const said = async (binning: number, noise: number) =>
    (await claimFrom(analysis, seenBy(binning, noise), { families: FAMILIES })).verdict;
  assert.equal(await said(1, 1), "supported");
  assert.equal(await said(0, 0), "supported");
  assert.equal(await said(1, 0), "contradicted");
  assert.equal(await said(0, 1), "contradicted");
  assert.equal(await said(1, 0.245), "undecided", "an interval on both sides of δ decides nothing");
});

Deno.test("families of host arithmetic alone leave the claim undecided; one portable among them decides with them", async () => {
  const rows = seenBy(1, 1);
  const onHost = (estimators: readonly string[]): StudyRows => ({
    ...rows,
    estimates: rows.estimates.map((row) => estimators.includes(row.estimator) ? { ...row, arithmetic: "host" } : row),
  });
  const said = (estimators: readonly string[]) => claimFrom(analysis, onHost(estimators), { families: FAMILIES });
  const alone = await said(["binning", "noise-bounds"]);
  assert.equal(alone.verdict, "undecided");
  assert.match(alone.reason!, /no verdict from host arithmetic alone$/);
  assert.equal((await said(["binning"])).verdict, "supported");
});

Deno.test("a family that was not measured leaves the claim undecided and is named", async () => {
  const claim = await claimFrom(analysis, seenBy(1, 1), {
    families: [...FAMILIES, { family: "parametric", estimator: "gaussian", options: {} }],
  });
  assert.equal(claim.verdict, "undecided");
  assert.equal(claim.reason, "binning: supported; noise: supported; parametric: undecided");
  assert.match(claim.settings[2].reason!, /not measured/);
});

Deno.test("pair bounds count as not measured beside two-phases only where they are not", async () => {
  const absent = async (rows: StudyRows) =>
    (await claimFrom(twoPhases as unknown as Analysis<never>, rows)).settings.some(({ reason }) =>
      reason === "not measured in this study"
    );
  assert.equal(await absent(seenBy(1, 1)), false);
  assert.equal(await absent(plantedRows(nets(1), { epochs: EPOCHS })), true);
});

Deno.test("every measurement stands beside the families, with its paths as a table", async () => {
  const { claims, tables } = await reduceOf(analysis, seenBy(1, 0), { families: FAMILIES });
  assert.deepEqual(claims![0].settings.map(({ setting, verdict }) => [setting, verdict]), [
    ["binning: binning count=30 range=[-1,1], main", "supported"],
    ["noise: noise-bounds variance=0.1, main", "contradicted"],
  ]);
  const [{ rows }] = tables!;
  assert.equal(rows.length, 2 * 12 * EPOCHS.length);
  assert.deepEqual(new Set(rows.map(({ measurement }) => measurement)).size, 2);
  assert.ok(claims![0].falseSupport!.rate <= 0.02);
});
