import assert from "node:assert/strict";
import { join } from "node:path";
import { readBundle } from "../../core/store/bundle.ts";
import { bundleDigest, inFolder, infoplane } from "./harness.ts";

const STUDY = {
  format: 1,
  id: "noisy",
  title: "Nets with noise in their layers",
  seed: 5,
  base: {
    dataset: { id: "symmetric-rule" },
    architecture: { id: "dense", options: { widths: [4, 3], activation: "tanh", noise: 0.2 } },
    training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 512, epochs: 3 },
  },
  arms: {
    main: {},
    precise: { architecture: { options: { precision: "float64" } } },
    adam: { training: { optimiser: { id: "adam", rate: 0.002 } } },
  },
  replicates: 1,
  measure: [
    { estimator: "noise-propagation", options: { passes: 4, draws: 200 } },
    { estimator: "noise-propagation", options: { passes: 2, draws: 200 } },
    { estimator: "binning", options: { width: 0.5 } },
  ],
  analyses: [{ id: "information-plane" }, { id: "gradient-snr" }],
  profiles: { smoke: {}, quick: {}, full: {} },
};

Deno.test("a study of noisy nets goes the whole way to one digest, whatever the number of slots", async () => {
  await inFolder(async (dir) => {
    const study = join(dir, "study.ts");
    await Deno.writeTextFile(study, `export default ${JSON.stringify(STUDY)};`);
    const digests = [];
    for (const jobs of ["1", "2"]) {
      const [store, out] = [join(dir, `store${jobs}`), join(dir, `out${jobs}`)];
      const places = ["--profile", "smoke", "--store", store, "--out", out, "--no-site", "--jobs", jobs];
      const said = await infoplane(["reproduce", study, ...places]);
      assert.match(said.stdout, /3 trained, 0 reused/, said.stdout + said.stderr);
      digests.push(bundleDigest(out, "noisy-smoke"));
    }
    assert.equal(digests[0], digests[1]);

    const { table } = await readBundle(join(dir, "out1", "bundles", "noisy-smoke"));
    const { rows } = await table("estimates");
    assert.equal(rows.length, 3 * 4 * 3 * 3, "arms, snapshots, layers, settings");
    for (const { estimator, layer, status, reason, ixt_bits, ity_bits, ceiling_bits } of rows) {
      if (estimator === "binning") {
        assert.deepEqual([status, ixt_bits], ["skipped", null]);
        assert.match(String(reason), /the net is noisy up to this layer/);
      } else if (layer === 3) assert.match(`${status}: ${reason}`, /skipped: the layer has no noise of its own/);
      else {
        assert.ok(status === "measured" && Number(ixt_bits) > 0 && Number(ixt_bits) < 12, `${ixt_bits}: ${reason}`);
        assert.ok(Number(ity_bits) > -0.05 && Number(ity_bits) < 1);
        assert.equal(ceiling_bits, 12);
      }
    }
    const { rows: series } = await table("series");
    assert.ok(series.some(({ quantity, value }) => quantity === "gradient_norm" && Number(value) > 0));
  });
});

Deno.test("info tells of the noise of dense nets, and of the passes that measure it", async () => {
  const dense = await infoplane(["info", "dense"]);
  assert.match(dense.stdout, /noise.*σ of Gaussian noise on the output of every hidden unit/);
  const propagation = await infoplane(["info", "noise-propagation"]);
  assert.match(propagation.stdout, /passes.*how often each input goes through the net/);
});
