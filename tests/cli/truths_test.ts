import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gaussianMixtureBits } from "../../core/numerics/mod.ts";
import { readTable } from "../../core/store/parquet.ts";
import { inFolder, infoplane } from "./harness.ts";

const STUDY = {
  format: 1,
  id: "known",
  title: "Does a study know what its datasets know?",
  seed: 1,
  base: {
    dataset: { id: "gaussian-mixture", options: { rows: 200, distance: 3 } },
    architecture: { id: "dense", options: { widths: [3], activation: "tanh" } },
    training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 50, epochs: 3 },
  },
  arms: {
    main: {},
    joint: {
      dataset: { id: "finite-joint", options: { joint: [[0.4, 0.1], [0.1, 0.4]] } },
      training: { batch: "full" },
    },
  },
  replicates: 1,
  measure: [{ estimator: "binning", options: { count: 30, range: [-1, 1] } }],
  analyses: [{ id: "information-plane" }],
  profiles: { smoke: {}, quick: {}, full: {} },
};

Deno.test("a study of a known law shows its I(X;Y), and reads sampled labels; of a finite joint, exact ones", async () => {
  await inFolder(async (dir) => {
    const study = join(dir, "known.json");
    await Deno.writeTextFile(study, JSON.stringify(STUDY));
    const said = await infoplane([
      "reproduce",
      study,
      "--profile",
      "smoke",
      "--store",
      join(dir, "store"),
      "--out",
      join(dir, "out"),
      "--no-site",
    ]);
    assert.equal(said.code, 6, said.stderr);
    const bundle = join(dir, "out", "bundles", "known-smoke");
    const { problems } = JSON.parse(readFileSync(join(bundle, "bundle.json"), "utf8")) as {
      problems: { arm: string; hxBits: number | null; ixyBits: number | null }[];
    };
    const known = Object.fromEntries(problems.map(({ arm, hxBits, ixyBits }) => [arm, [hxBits, ixyBits]]));
    assert.deepEqual(known.main, [null, gaussianMixtureBits(3)]);
    assert.equal(known.joint[0], 1);

    const { rows } = await readTable(readFileSync(join(bundle, "tables", "estimates.parquet")), "estimates.parquet");
    const labels = (arm: string) => [...new Set(rows.filter((row) => row.arm === arm).map((row) => row.labels))];
    assert.deepEqual([labels("main"), labels("joint")], [["sampled"], ["exact"]]);
  });
});
