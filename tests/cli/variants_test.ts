import assert from "node:assert/strict";
import { join } from "node:path";
import { EXIT } from "../../core/contracts/problem.ts";
import { readBundle } from "../../core/store/bundle.ts";
import { inFolder, infoplane } from "./harness.ts";

const ARMS = {
  main: {},
  momentum: { training: { optimiser: { id: "sgd", rate: 0.05, momentum: 0.9, weightDecay: 0.001 } } },
  adam: { training: { optimiser: { id: "adam", rate: 0.002, weightDecay: 0.01 } } },
  langevin: { training: { optimiser: { id: "langevin", rate: 0.2, temperature: 1e-5 }, batch: "full" } },
  float64: { architecture: { options: { precision: "float64" } } },
  relu: { architecture: { options: { activation: "relu", widths: [12, 12], residual: true } } },
  "leaky-relu": { architecture: { options: { activation: "leaky-relu", slope: 0.1 } } },
  softplus: { architecture: { options: { activation: "softplus" } } },
  quantised: { architecture: { options: { quantisedBits: 6 } } },
  logistic: { architecture: { options: { output: "logistic" } } },
  diverging: {
    training: { optimiser: { id: "sgd", rate: 1e30 } },
    architecture: { options: { activation: "linear" } },
  },
};

const STUDY = {
  format: 1,
  id: "variants",
  title: "Does every kind of net and optimiser go the whole way?",
  seed: 5,
  base: {
    dataset: { id: "symmetric-rule" },
    architecture: { id: "dense", options: { widths: [5, 4], activation: "tanh" } },
    training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 512, epochs: 20 },
  },
  arms: ARMS,
  replicates: 1,
  measure: [{ estimator: "binning", options: { width: 0.5 } }],
  analyses: [{ id: "information-plane" }],
  profiles: { smoke: {}, quick: {}, full: {} },
};

Deno.test("every kind of net and optimiser goes from a study to a bundle, and a diverging rate is an outcome", async () => {
  await inFolder(async (dir) => {
    const study = join(dir, "study.ts");
    await Deno.writeTextFile(study, `export default ${JSON.stringify(STUDY)};`);
    const at = ["--profile", "smoke", "--store", join(dir, "store")];
    const said = await infoplane(["run", study, ...at]);
    assert.equal(said.code, 0, said.stdout + said.stderr);
    const reproduced = await infoplane(["reproduce", study, ...at, "--no-site", "--out", join(dir, "out")]);
    assert.equal(reproduced.code, EXIT.nothing, "there is nothing to compare with");
    assert.match(reproduced.stdout, /0 trained, 11 reused, 1 diverged/, "a diverged net is not trained again");
    const { table } = await readBundle(join(dir, "out", "bundles", "variants-smoke"));
    const { rows: trials } = await table("trials");
    assert.equal(trials.length, Object.keys(ARMS).length);
    for (const { arm, outcome, reason, train_loss_bits } of trials) {
      assert.equal(outcome, arm === "diverging" ? "diverged" : "done", `${arm}: ${reason}`);
      if (arm === "diverging") assert.match(String(reason), /diverged in epoch 1; last finite mean loss \d/);
      else assert.ok(Number(train_loss_bits) < 1.05, `${arm}: ${train_loss_bits} bits`);
    }
  });
});
