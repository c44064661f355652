import type { Study } from "@infoplane/core";
import { plantedNets, plantedRows, root, testContext } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { informationPlane } from "../../../plugins/analyses/information_plane.ts";

const nets = plantedNets(2, () => ({ ixt: [[3, 2], [2, 1]], ity: [[0.5, 0.75], [0.5, 0.7]] }));
const rows = plantedRows(nets, { epochs: [0, 10], estimator: "binning", options: { count: 30, range: [-1, 1] } });
const { ctx } = testContext(root(1));
const options = {
  primary: { estimator: "binning", options: { count: 30, range: [-1, 1] } },
  share: 0.9,
  layout: "panels" as const,
};

/** The rows as they would be of each probe, in a study that measures these. */
function ofProbes(...probes: readonly (readonly [probe: string, n: number])[]): typeof rows {
  const estimates = probes.flatMap(([probe, n]) => rows.estimates.map((row) => ({ ...row, probe, n })));
  const measure = probes.map(([probe]) => ({ estimator: "binning", on: probe.split(" ")[0] })) as Study["measure"];
  return { ...rows, estimates, study: { ...rows.study, measure } };
}

const planesOf = async (given: typeof rows) =>
  (await informationPlane.reduce(given, options, ctx)).figures!.filter(({ view }) => view === "information-plane");

Deno.test("a study that measures all rows has a plane that names none", async () => {
  const [plane, ...more] = await planesOf(rows);
  assert.equal(more.length, 0);
  assert.equal(plane.where!.probe, undefined);
  assert.doesNotMatch(plane.caption, /log₂/);
});

Deno.test("test rows, training rows and projected layers have planes of their own, and each says how many rows it reads", async () => {
  const planes = await planesOf(ofProbes(["test", 2000], ["train", 1024], ["test · 16 components", 500]));
  assert.deepEqual(planes.map(({ where }) => where!.probe), ["test", "train", "test · 16 components"]);
  assert.match(planes[0].title, /: binning.*, test rows$/);
  assert.match(
    planes[1].caption,
    /It reads 1024 rows \(train\), of which no layer can tell more than log₂ 1024 = 10\.00 bits/,
  );
  assert.match(planes[2].title, /, test rows · 16 components$/);
});
