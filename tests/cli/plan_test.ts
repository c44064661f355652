import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inFolder, infoplane } from "./harness.ts";

const study = {
  format: 1,
  id: "planned",
  title: "What is missing, and why?",
  seed: 5,
  base: {
    dataset: { id: "symmetric-rule" },
    architecture: { id: "dense", options: { widths: [4] } },
    training: { optimiser: { id: "sgd", rate: 0.3 }, batch: 512, epochs: 6 },
  },
  replicates: 2,
  measure: [{ estimator: "binning", options: { count: 30, range: [-1, 1] } }],
  analyses: [{ id: "gradient-snr" }],
  profiles: { smoke: { replicates: 1 }, quick: {}, full: { "base.training.epochs": 60 } },
};

Deno.test("plan says what is missing, why, and about how long it takes", async () => {
  await inFolder(async (dir) => {
    const file = join(dir, "study.json");
    const plan = async (profile: string, changes: object = {}) => {
      await writeFile(file, JSON.stringify({ ...study, ...changes }));
      const said = await infoplane(["plan", file, "--profile", profile, "--store", join(dir, "store"), "--json"]);
      assert.equal(said.code, 0, said.stderr);
      const [{ misses, cost, nets, measurements, maps }] = JSON.parse(said.stdout).studies;
      const reasons = misses.map(({ name, count, reason }: { name: string; count: number; reason: string }) => [
        name.split(" ")[0],
        count,
        reason,
      ]);
      return { reasons, cost, stored: [nets, measurements, maps].map((share) => `${share.stored}/${share.total}`) };
    };
    const empty = await plan("smoke");
    assert.deepEqual(empty.stored, ["0/1", "0/1", "0/1"]);
    assert.deepEqual(empty.reasons[0], ["net", 1, "never stored"]);
    assert.deepEqual(empty.cost, { seconds: 0, bytes: 0, unknown: ["binning", "gradient-snr", "net"] });

    await infoplane(["run", file, "--profile", "smoke", "--store", join(dir, "store")]);
    const done = await plan("smoke");
    assert.deepEqual([done.stored, done.reasons], [["1/1", "1/1", "1/1"], []]);

    const quick = await plan("quick");
    assert.deepEqual(quick.reasons, [
      ["net", 1, "never stored, though others like it are"],
      ["measurements", 1, "their nets are missing"],
      ["analyses", 1, "their nets are missing"],
    ]);
    assert.ok(quick.cost.seconds > 0 && quick.cost.bytes > 0);
    assert.deepEqual(quick.cost.unknown, []);

    assert.deepEqual((await plan("full")).reasons[0], ["net", 1, "covers 6 epochs, not 60"]);
    const measure = [{ estimator: "binning", options: { count: 31, range: [-1, 1] } }];
    assert.deepEqual((await plan("smoke", { measure })).reasons, [
      ["binning", 1, "stored with estimator.options.count 30, not 31"],
    ]);

    const said = await infoplane(["plan", file, "--profile", "full", "--store", join(dir, "store")]);
    assert.match(said.stdout, /takes about \d+ s of one core, about [\d.]+ kB of store\n {2}missing:\n {4}main {2}net/);
    const status = await infoplane(["status", file, "--profile", "smoke", "--store", join(dir, "store")]);
    assert.match(status.stdout, /0 of 1 measurements {2}1 of 1 analyses of nets {2}incomplete/);
  });
});
