import type { Estimate, Study } from "@infoplane/core";
import assert from "node:assert/strict";
import { openWorkspace } from "../../../core/cli/workspace.ts";
import { atProfile } from "../../../core/pipeline/cells.ts";
import { planStudy } from "../../../core/pipeline/plan.ts";
import { type Measured, runPlan } from "../../../core/pipeline/run.ts";
import { storedShare } from "../../../core/pipeline/stored.ts";
import { tablesOf } from "../../../core/pipeline/tables.ts";
import { readStudy } from "../../../core/pipeline/study_schema.ts";
import { openStore } from "../../../core/store/store.ts";

const study: Study = {
  format: 1,
  id: "rulers",
  title: "Which scale?",
  seed: 1,
  base: {
    dataset: { id: "symmetric-rule" },
    architecture: { id: "dense", options: { widths: [3] } },
    training: { optimiser: { id: "sgd", rate: 0.5 }, batch: 512, epochs: 4 },
  },
  replicates: 1,
  measure: [
    { estimator: "noise-bounds", options: { alpha: 0.5, ruler: "fixed" }, on: "test" },
    { estimator: "noise-bounds", options: { alpha: 0.5, ruler: "moving" }, on: "test" },
  ],
  analyses: [],
  profiles: { smoke: { "base.training.epochs": 2 }, quick: {}, full: {} },
};

Deno.test("a run of another length has another fixed ruler: it is measured anew, whichever run came first", async () => {
  const dir = await Deno.makeTempDir({ prefix: "infoplane_" });
  const { catalogue, slots, close } = await openWorkspace({ jobs: 1 }, () => {});
  try {
    /** σ of the hidden layer by setting and epoch, and how many measurements were there already. */
    const sigmas = async (profile: "smoke" | "quick", folder: string) => {
      const store = await openStore(`${dir}/${folder}`);
      const plan = await planStudy(atProfile(readStudy(study), profile), profile, catalogue, slots);
      const { measurements: { stored } } = await storedShare(plan, store);
      const { trials: [{ measured }] } = await runPlan(plan, { store, slots });
      assert.equal((await storedShare(plan, store)).measurements.stored, 2);
      const [fixed, moving] = (measured as Measured[]).map(({ estimates: snapshots }) =>
        snapshots.map(([hidden]) => (hidden as Extract<Estimate, { status: "measured" }>).diagnostics!.sigma as number)
      );
      return { fixed, moving, stored };
    };
    const short = await sigmas("smoke", "short-first");
    const long = await sigmas("quick", "short-first");
    assert.deepEqual([short.stored, long.stored], [0, 0]);
    for (const { fixed, moving } of [short, long]) {
      assert.equal(new Set(moving).size, moving.length);
      assert.deepEqual(fixed, moving.map(() => moving[moving.length - 1]));
    }
    assert.deepEqual(long.moving.slice(0, short.moving.length), short.moving);

    assert.deepEqual(await sigmas("quick", "long-first"), long);
    // What was found with the moving ruler serves the shorter run.
    assert.deepEqual(await sigmas("smoke", "long-first"), { ...short, stored: 1 });
  } finally {
    close();
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a measurement may be made at fewer snapshots, and through a map; the same one twice is refused", async () => {
  const dir = await Deno.makeTempDir({ prefix: "infoplane_" });
  const { catalogue, slots, close } = await openWorkspace({ jobs: 1 }, () => {});
  try {
    const store = await openStore(dir);
    const width = { estimator: "binning", options: { width: 0.5 } };
    const unique = { estimator: "binning", options: { codebook: "unique-values" } };
    const measured = async (measure: Study["measure"]) => {
      const given = { ...study, measure, profiles: { ...study.profiles, smoke: { "base.training.epochs": 12 } } };
      const plan = await planStudy(atProfile(readStudy(given), "smoke"), "smoke", catalogue, slots);
      const { trials: [trial] } = await runPlan(plan, { store, slots });
      return trial.measured as Measured[];
    };
    const [every, some, turned, distinct, turnedDistinct] = await measured([
      { ...width },
      { ...width, on: "train", perDecade: 4 },
      { ...width, transform: "rotation" },
      unique,
      { ...unique, transform: "rotation", perDecade: 4 },
    ]);
    assert.deepEqual(every.epochs, Array.from({ length: 13 }, (_, epoch) => epoch));
    assert.deepEqual(some.epochs, [0, 1, 2, 3, 6, 10]);
    assert.equal(some.estimates.length, 6);
    assert.notDeepEqual(turned.estimates, every.estimates, "bins see a layer that is turned");
    const bits = ({ estimates }: Measured, i: number) =>
      estimates[i].map((found) => found.status === "measured" ? found.ixt!.bits : NaN);
    turnedDistinct.epochs.forEach((epoch, i) => assert.deepEqual(bits(turnedDistinct, i), bits(distinct, epoch)));

    await assert.rejects(measured([width, { ...width, perDecade: 4 }]), /every measurement must be another: binning/);
    const onto = { onto: "components", dimensions: 2 } as const;
    await assert.rejects(
      measured([{ ...width, transform: "rotation", projection: onto }]),
      /a measurement has a transform or a projection: binning .* has both/,
    );
  } finally {
    close();
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a projected layer is measured with the noise of the whole, and its row says how many rows were measured", async () => {
  const dir = await Deno.makeTempDir({ prefix: "infoplane_" });
  const { catalogue, slots, close } = await openWorkspace({ jobs: 1 }, () => {});
  try {
    const projection = { onto: "components", dimensions: 2 } as const;
    const given = { ...study, measure: study.measure.flatMap((one) => [one, { ...one, probes: 50, projection }]) };
    const plan = await planStudy(atProfile(readStudy(given), "smoke"), "smoke", catalogue, slots);
    const result = await runPlan(plan, { store: await openStore(dir), slots });
    const rows = tablesOf(plan, result).estimates.filter(({ epoch, layer }) => epoch === 1 && layer === 1);
    assert.deepEqual(rows.map(({ probe }) => probe), ["test", "test · 2 components", "test", "test · 2 components"]);
    assert.deepEqual(rows.map(({ n }) => n), [819, 50, 819, 50]);
    assert.deepEqual(
      rows.map(({ diagnostics }) => (JSON.parse(diagnostics!) as { projectedFrom?: number }).projectedFrom),
      [undefined, 3, undefined, 3],
    );
  } finally {
    close();
    await Deno.remove(dir, { recursive: true });
  }
});
