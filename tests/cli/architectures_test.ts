import assert from "node:assert/strict";
import { join } from "node:path";
import { EXIT } from "../../core/contracts/problem.ts";
import type { JsonObject } from "../../core/contracts/tensor.ts";
import { readBundle } from "../../core/store/bundle.ts";
import { bundleDigest, inFolder, infoplane, ROOT } from "./harness.ts";

const PLUGINS = ["examples/two-paths/mod.ts", "tests/fixtures/plugins/architectures.ts"]
  .flatMap((path) => ["--plugin", join(ROOT, path)]);

function studyOf(architecture: JsonObject, arms: object = { main: {} }): string {
  const study = {
    format: 1,
    id: "architectures",
    title: "Does a net of any kind go the whole way?",
    seed: 5,
    base: {
      dataset: { id: "symmetric-rule" },
      architecture,
      training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 512, epochs: 3 },
    },
    arms,
    replicates: 1,
    measure: [{ estimator: "binning", options: { width: 0.5 } }],
    analyses: [{ id: "information-plane" }],
    profiles: { smoke: {}, quick: {}, full: {} },
  };
  return `export default ${JSON.stringify(study)};`;
}

async function withStudy(text: string, work: (study: string, dir: string) => Promise<void>): Promise<void> {
  await inFolder(async (dir) => {
    const study = join(dir, "study.ts");
    await Deno.writeTextFile(study, text);
    await work(study, dir);
  });
}

Deno.test("nets given as models and as lists of layers go from a study to a bundle, whose rows say pinned or host", async () => {
  const arms = {
    main: { architecture: { id: "acme/two-paths", options: { dropout: 0.2 } } },
    cnn: { architecture: { id: "acme/small-cnn" } },
    "cnn-cpu": { architecture: { id: "acme/small-cnn", options: { backend: "cpu" } } },
    dense: { architecture: { id: "dense", options: { widths: [5] } } },
    diverging: { training: { optimiser: { id: "sgd", rate: 1e30 } } },
  };
  await withStudy(studyOf({ id: "acme/two-paths" }, arms), async (study, dir) => {
    const digests: string[] = [];
    for (const out of ["out", "again"]) {
      const places = ["--store", join(dir, `store-${out}`), "--out", join(dir, out)];
      const said = await infoplane(["reproduce", study, "--profile", "smoke", "--no-site", ...places, ...PLUGINS]);
      assert.equal(said.code, EXIT.nothing, said.stdout + said.stderr);
      digests.push(bundleDigest(join(dir, out), "architectures-smoke"));
    }
    assert.equal(digests[0], digests[1], "the same study gives the same bytes");

    const { bundle, table } = await readBundle(join(dir, "out", "bundles", "architectures-smoke"));
    assert.deepEqual(bundle.arithmetic.tfjs, { train: 1, forward: 2 });
    const layers = Object.fromEntries(bundle.problems.map((problem) => [problem.arm, problem.layers]));
    assert.deepEqual(layers.main.map(({ name, units }) => [name, units]), [["joined", 12], ["output", 2]]);
    assert.deepEqual(layers.cnn.map(({ name, units }) => [name, units]), [["conv 1", 24], ["output", 2]]);

    const { rows: trials } = await table("trials");
    for (const { arm, outcome, train_loss_bits } of trials) {
      assert.equal(outcome, arm === "diverging" ? "diverged" : "done", String(arm));
      if (arm !== "diverging") assert.ok(Number(train_loss_bits) < 1.5, `${arm}: ${train_loss_bits} bits`);
    }
    const said: Record<string, Set<unknown>> = {};
    for (const name of ["estimates", "series"]) {
      for (const { arm, arithmetic } of (await table(name)).rows) (said[String(arm)] ??= new Set()).add(arithmetic);
    }
    const only = Object.fromEntries(Object.entries(said).map(([arm, values]) => [arm, [...values]]));
    assert.deepEqual(only, {
      main: ["pinned"],
      cnn: ["pinned"],
      "cnn-cpu": ["host"],
      dense: ["portable"],
      diverging: ["pinned"],
    });
    const measured = (await table("estimates")).rows.filter(({ arm, status }) =>
      arm === "cnn" && status === "measured"
    );
    assert.equal(measured.length, 4 * 2, "four snapshots of two layers");
  });
});

const REFUSED: readonly (readonly [string, JsonObject, RegExp])[] = [
  [
    "a window larger than its inputs",
    { id: "acme/small-cnn", options: { kernelSize: 4 } },
    /Cannot use architecture "acme\/small-cnn" as it cannot be built: .* layer "conv 1" must have windows that fit its inputs: they are \[4, 4\] on \[3, 4\]/,
  ],
  [
    "a layer of code that slots do not have",
    { id: "acme/custom-layer" },
    /layer "passing" must be one that can be built again without other code \(.*Dense.*\): it is Passing/,
  ],
];

for (const [what, architecture, message] of REFUSED) {
  Deno.test(`${what} is refused on the command line, with exit code 3`, async () => {
    await withStudy(studyOf(architecture), async (study, dir) => {
      const at = ["--profile", "smoke", "--store", join(dir, "store")];
      const said = await infoplane(["run", study, ...at, ...PLUGINS]);
      assert.equal(said.code, EXIT.plugin, said.stdout + said.stderr);
      assert.match(said.stderr, message);
    });
  });
}
