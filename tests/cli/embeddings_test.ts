import assert from "node:assert/strict";
import { join } from "node:path";
import { readBundle } from "../../core/store/bundle.ts";
import { drawFigure } from "../../reports/figures/mod.ts";
import { bundleDigest, inFolder, infoplane } from "./harness.ts";

const STUDY = {
  format: 1,
  id: "embedded",
  title: "Layers laid out in the plane",
  seed: 5,
  base: {
    dataset: { id: "symmetric-rule" },
    architecture: { id: "dense", options: { widths: [4, 3], activation: "tanh" } },
    training: { optimiser: { id: "sgd", rate: 0.5 }, batch: 512, epochs: 4 },
  },
  arms: { main: {}, relu: { role: "variant", architecture: { options: { activation: "relu" } } } },
  replicates: 2,
  measure: [],
  analyses: ["layer-components", "layer-neighbours"].map((id) => ({ id, options: { rows: 40, epochs: [0, 100] } })),
  profiles: { smoke: {}, quick: {}, full: {} },
};

Deno.test("layers of a study are laid out in two tables and figures, from the store and from any number of slots alike", async () => {
  await inFolder(async (dir) => {
    const study = join(dir, "study.ts");
    await Deno.writeTextFile(study, `export default ${JSON.stringify(STUDY)};`);
    const run = async (store: string, jobs: string) => {
      const out = join(dir, `out-${store}-${jobs}`);
      const places = ["--profile", "smoke", "--store", join(dir, store), "--out", out, "--no-site", "--jobs", jobs];
      const said = await infoplane(["reproduce", study, ...places]);
      assert.match(said.stdout, /4 nets/, said.stdout + said.stderr);
      return { out, digest: bundleDigest(out, "embedded-smoke") };
    };
    const { out, digest } = await run("one", "1");
    for (const [store, jobs] of [["one", "2"], ["other", "2"]]) assert.equal((await run(store, jobs)).digest, digest);

    const { bundle, table } = await readBundle(join(out, "bundles", "embedded-smoke"));
    assert.equal(bundle.counts.failed, 0);
    for (const [id, arithmetic] of [["layer-components", "portable"], ["layer-neighbours", "host"]]) {
      const { rows } = await table(id);
      assert.equal(rows.length, 2 * 2 * 3 * 40, "arms, snapshots, layers, rows");
      assert.ok(rows.every((row) => row.replicate === 0 && row.arithmetic === arithmetic));
      const drawing = drawFigure({ figure: bundle.figures.find((figure) => figure.id === id)!, rows });
      assert.deepEqual([drawing.empty, drawing.panels.length, drawing.choice!.values], [undefined, 12, [
        "main",
        "relu",
      ]]);
    }
    const { rows: series, columns } = await table("series");
    assert.deepEqual(columns.filter(({ name }) => name === "row"), []);
    const mapped = series.filter(({ quantity }) => !/_(loss|accuracy|sampled)$/.test(String(quantity)));
    assert.deepEqual(
      new Set(mapped.map(({ quantity }) => quantity)),
      new Set(["component_1_share", "component_2_share"]),
    );
    assert.equal(mapped.length, 2 * 2 * 3 * 2, "shares: arms, snapshots, layers, components");
    assert.ok(
      mapped.every(({ layer, value }) => layer !== 3 || Math.abs(Number(value) - Math.round(Number(value))) < 1e-6),
    );
  });
});
