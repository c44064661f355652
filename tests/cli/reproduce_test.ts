import assert from "node:assert/strict";
import { join } from "node:path";
import { readBundle } from "../../core/store/bundle.ts";
import { verdictAgain } from "../oracles/verdict_twin.ts";
import { bundleDigest, inFolder, infoplane, ROOT, spawn, treeDigest } from "./harness.ts";

const STUDY = "information-plane";
const NAME = `${STUDY}-smoke`;

function reproduce(dir: string, extra: readonly string[] = [], env: Record<string, string> = {}) {
  const places = ["--store", join(dir, "store"), "--out", join(dir, "out")];
  return infoplane(["reproduce", STUDY, "--profile", "smoke", "--no-site", ...places, ...extra], { env });
}

Deno.test("one digest from one slot, two slots, four slots, random order, SIGKILL and resume, another folder and another HOME", async () => {
  const digests = new Map<string, string>();
  await inFolder(async (dir) => {
    const said = await reproduce(dir, ["--jobs", "1"]);
    assert.equal(said.code, 0, said.stdout + said.stderr);
    digests.set("one slot", bundleDigest(join(dir, "out"), NAME));

    const before = treeDigest(join(dir, "store"));
    const again = await reproduce(dir);
    assert.equal(again.code, 0);
    assert.match(again.stdout, /0 trained, 8 reused/);
    assert.equal(treeDigest(join(dir, "store")), before, "a second run writes nothing");
    digests.set("again, from the store", bundleDigest(join(dir, "out"), NAME));
  });
  await inFolder(async (dir) => {
    await Deno.mkdir(join(dir, "deeper"));
    const home = { HOME: dir, INFOPLANE_ORDER: "random", DENO_DIR: await denoDir() };
    const said = await reproduce(join(dir, "deeper"), ["--jobs", "2"], home);
    assert.equal(said.code, 0, said.stdout + said.stderr);
    digests.set("two slots, random order, another folder and HOME", bundleDigest(join(dir, "deeper", "out"), NAME));
  });
  await inFolder(async (dir) => {
    const said = await reproduce(dir, ["--jobs", "4"]);
    assert.equal(said.code, 0, said.stdout + said.stderr);
    digests.set("four slots", bundleDigest(join(dir, "out"), NAME));
  });
  await inFolder(async (dir) => {
    const args = ["run", STUDY, "--profile", "smoke", "--jobs", "1", "--store", join(dir, "store")];
    const child = spawn(args);
    while (await entries(join(dir, "store")) < 9) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill("SIGKILL");
    await child.output();
    const said = await reproduce(dir);
    assert.equal(said.code, 0, said.stdout + said.stderr);
    const reused = Number(/(\d+) reused/.exec(said.stdout)![1]);
    assert.ok(reused > 0 && reused < 8, `resumed with ${reused} of 8 nets stored`);
    digests.set("SIGKILL at half time and resume", bundleDigest(join(dir, "out"), NAME));
  });
  assert.equal(new Set(digests.values()).size, 1, JSON.stringify([...digests], null, 2));
});

Deno.test("one Ctrl-C ends a run with 130 and leaves a store that goes on", async () => {
  await inFolder(async (dir) => {
    const child = spawn(["run", STUDY, "--profile", "smoke", "--jobs", "1", "--store", join(dir, "store")]);
    while (await entries(join(dir, "store")) < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill("SIGINT");
    child.kill("SIGINT");
    const { code, stderr } = await child.output();
    assert.equal(code, 130);
    assert.match(new TextDecoder().decode(stderr), /Interrupted: what is done is stored/);
    const status = await infoplane(["status", STUDY, "--profile", "smoke", "--store", join(dir, "store"), "--json"]);
    const [{ nets }] = JSON.parse(status.stdout).studies;
    assert.ok(nets.stored >= 1 && nets.stored < nets.total);
  });
});

Deno.test("a bundle alone can be run again, to the same digest", async () => {
  await inFolder(async (dir) => {
    await reproduce(dir);
    const out = join(dir, "again");
    const bundle = join(dir, "out", "bundles", NAME, "bundle.json");
    const places = ["--store", join(dir, "store"), "--out", out, "--no-site"];
    const said = await infoplane(["reproduce", bundle, ...places]);
    assert.equal(said.code, 0, said.stdout + said.stderr);
    assert.equal(bundleDigest(out, NAME), bundleDigest(join(dir, "out"), NAME));
  });
});

Deno.test("the verdicts of a bundle are those that a slow twin finds in its numbers", async () => {
  await inFolder(async (dir) => {
    await reproduce(dir);
    const { bundle: { claims } } = await readBundle(join(dir, "out", "bundles", NAME));
    assert.deepEqual(claims.map(({ id }) => id), ["dpi-chain", "two-phases", "compression-takes-longest"]);
    let judged = 0;
    for (const result of claims.flatMap((claim) => [claim, ...claim.settings, ...claim.controls ?? []])) {
      const twin = verdictAgain(result);
      if (twin === undefined) continue;
      assert.equal(result.verdict, twin, result.setting);
      judged++;
    }
    assert.ok(judged >= claims.length);
  });
});

Deno.test("a study that is wrong, an unknown profile, study or dataset: exit 2, one line, and an unchanged store", async () => {
  await inFolder(async (dir) => {
    const store = join(dir, "store");
    await reproduce(dir);
    const before = treeDigest(store);
    const study = JSON.parse(await Deno.readTextFile(join(dir, "out", "bundles", NAME, "bundle.json"))).study;
    const attempt = async (changes: Record<string, unknown>, line: RegExp) => {
      const file = join(dir, "study.json");
      await Deno.writeTextFile(file, JSON.stringify({ ...study, ...changes }));
      const said = await infoplane([
        "reproduce",
        file,
        "--profile",
        "smoke",
        "--store",
        store,
        "--out",
        join(dir, "o"),
        "--no-site",
      ]);
      assert.match(said.stderr.trim(), line);
      assert.equal(said.stderr.trim().split("\n").length, 1, said.stderr);
      assert.equal(said.code, 2);
      assert.equal(treeDigest(store), before);
    };
    await attempt({ replicates: "many" }, /option "replicates" of study "information-plane".*it is "many"/);
    await attempt({ replicats: 3 }, /did you mean "replicates"/);
    const { base } = study;
    await attempt(
      { base: { ...base, dataset: { id: "symetric-rule" } } },
      /Cannot find dataset "symetric-rule": did you mean "symmetric-rule"/,
    );
    const off = { id: "symmetric-rule", options: { form: "stochastik" } };
    await attempt({ base: { ...base, dataset: off } }, /option "form" of dataset "symmetric-rule"/);
    await attempt(
      { measure: [{ estimator: "binning", options: { count: -3 } }] },
      /option "count" of estimator "binning".*-3/,
    );
    await attempt({ analyses: [{ id: "two-phase" }] }, /Cannot find analysis "two-phase": did you mean "two-phases"/);

    const unknown = await infoplane(["reproduce", "information-plan", "--no-site"]);
    assert.deepEqual([unknown.code, /did you mean "information-plane"/.test(unknown.stderr)], [2, true]);
    const profile = await infoplane(["reproduce", STUDY, "--profile", "ful", "--no-site", "--store", store]);
    assert.deepEqual([profile.code, /did you mean "full"/.test(profile.stderr)], [2, true]);
  });
});

Deno.test("a verdict or digest that is not as expected exits 1 and says which", async () => {
  await inFolder(async (dir) => {
    for (const name of ["study.ts", "expected.json"]) {
      await Deno.copyFile(join(ROOT, "reports", STUDY, name), join(dir, name));
    }
    const path = join(dir, "expected.json");
    const expected = JSON.parse(await Deno.readTextFile(path));
    expected.profiles.smoke.qualitative["two-phases"] = "supported";
    await Deno.writeTextFile(path, JSON.stringify(expected));
    const places = ["--store", join(dir, "store"), "--out", join(dir, "out"), "--no-site"];
    const said = await infoplane(["reproduce", join(dir, "study.ts"), "--profile", "smoke", ...places]);
    assert.equal(said.code, 1, said.stdout + said.stderr);
    assert.match(said.stdout, /claim two-phases: expected supported, came undecided/);
  });
});

async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

/** Entries in a store, by counting manifests. */
async function entries(store: string): Promise<number> {
  let count = 0;
  try {
    for await (const entry of Deno.readDir(store)) {
      const path = join(store, entry.name);
      if (entry.isDirectory) count += await entries(path);
      else if (/^\d+\.json$/.test(entry.name)) count++;
    }
  } catch { /* not made yet */ }
  return count;
}
