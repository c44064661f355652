import assert from "node:assert/strict";
import { join } from "node:path";
import { openWorkspace } from "../../core/cli/workspace.ts";
import { readBundle } from "../../core/store/bundle.ts";
import { inFolder, infoplane, ROOT } from "./harness.ts";

const PLUGIN = join(ROOT, "tests/fixtures/plugins/external.ts");
const GRANTED = ["--allow-run", Deno.execPath(), "--allow-run", "no-such-program"];

const STUDY = {
  format: 1,
  id: "outside",
  title: "Does a program of another language measure?",
  seed: 1,
  base: {
    dataset: { id: "symmetric-rule" },
    architecture: { id: "dense", options: { widths: [3] } },
    training: { optimiser: { id: "sgd", rate: 0.5 }, batch: 512, epochs: 1 },
  },
  replicates: 2,
  measure: [
    { estimator: "acme/willing" },
    { estimator: "acme/lacks" },
    { estimator: "acme/absent" },
    { estimator: "acme/willing", options: { deed: "gone" } },
  ],
  analyses: [{ id: "two-phases", options: { primary: { estimator: "acme/willing", options: { deed: "good" } } } }],
  profiles: { smoke: {}, quick: {}, full: {} },
};

/** Reproduces a study of those measurements; what the store holds then, and the rows. */
async function reproduced(dir: string, measure: typeof STUDY.measure, granted: readonly string[]) {
  const path = join(dir, "study.json");
  Deno.writeTextFileSync(path, JSON.stringify({ ...STUDY, measure }));
  const given = [path, "--profile", "smoke", "--store", join(dir, "store"), "--plugin", PLUGIN, ...granted];
  const said = await infoplane(["reproduce", ...given, "--out", join(dir, "out"), "--no-site"]);
  const planned = await infoplane(["plan", ...given, "--json"]);
  assert.equal(planned.code, 0, planned.stderr);
  const { bundle, table } = await readBundle(join(dir, "out/bundles/outside-smoke"));
  const { rows } = await table("estimates");
  return { said, bundle, rows, measurements: JSON.parse(planned.stdout).studies[0].measurements };
}

Deno.test("a study measures with a program: its rows say host, its plugin what it may start, and no verdict rests on it", async () => {
  await inFolder(async (dir) => {
    const { said, bundle, rows, measurements } = await reproduced(dir, STUDY.measure.slice(0, 3), GRANTED);
    assert.equal(said.code, 6, said.stderr);
    const of = (id: string) => rows.filter(({ estimator }) => estimator === `acme/${id}`);
    assert.equal(of("willing").length, 8, "two nets, two snapshots, two layers");
    for (const { status, ixt_bits, ity_bits, arithmetic } of of("willing")) {
      assert.deepEqual([status, ixt_bits, ity_bits, arithmetic], ["measured", 0.5, 0.25, "host"]);
    }
    for (const id of ["lacks", "absent"]) {
      assert.equal(of(id).length, 8);
      for (const { status, reason } of of(id)) {
        assert.equal(status, "skipped");
        assert.match(String(reason), /^there is no such library$|^no-such-program is not installed: /);
      }
    }
    assert.deepEqual(measurements, { stored: 2, total: 6 }, "what this machine lacks is tried again the next time");
    const { rights, integrity } = bundle.plugins.find(({ id }) => id === "acme/external")!;
    assert.deepEqual(rights, { run: ["deno", "no-such-program"] });
    assert.match(String(integrity), /^[0-9a-f]{64}$/);
    const [{ verdict, reason, arithmetic }] = bundle.claims;
    assert.deepEqual([verdict, arithmetic], ["undecided", "host"]);
    assert.match(reason!, /no verdict from host arithmetic alone$/);
  });
});

Deno.test("a program that fails is failed rows and exit code 4, a program not granted skipped ones and none", async () => {
  await inFolder(async (dir) => {
    const { said, rows, measurements } = await reproduced(dir, STUDY.measure.slice(3), GRANTED);
    assert.equal(said.code, 4, said.stderr);
    assert.ok(rows.length > 0);
    for (const { status, reason } of rows) {
      assert.equal(status, "failed");
      assert.match(
        String(reason),
        /^Cannot estimate with deno as it ended with code 7; it said last: .*no more paper$/,
      );
    }
    assert.deepEqual(measurements, { stored: 0, total: 2 });

    const without = await reproduced(dir, STUDY.measure.slice(0, 1), []);
    assert.equal(without.said.code, 6, without.said.stderr);
    for (const { status, reason } of without.rows) {
      assert.equal(status, "skipped");
      assert.match(String(reason), /^deno is not granted: /);
    }
    assert.equal(without.measurements.stored, 0);
  });
});

Deno.test("a plugin that may start programs is known by all that lies in its folder, but for what Python leaves there", async () => {
  await inFolder(async (dir) => {
    const mod = join(dir, "mod.ts");
    Deno.copyFileSync(join(ROOT, "examples/python-mi/mod.ts"), mod);
    const script = join(dir, "estimator.py");
    Deno.writeTextFileSync(script, "print(1)\n");
    const integrityOf = async (allowRun: string[]) => {
      const { catalogue, close } = await openWorkspace({ plugin: [mod], allowRun, jobs: 1 }, () => {});
      close();
      return catalogue.plugins.at(-1)!.integrity;
    };
    const [granted, without] = [await integrityOf(["python3"]), await integrityOf([])];
    assert.notEqual(granted, without);
    Deno.mkdirSync(join(dir, "__pycache__"));
    Deno.writeTextFileSync(join(dir, "__pycache__", "estimator.pyc"), "bytes");
    assert.equal(await integrityOf(["python3"]), granted);
    Deno.writeTextFileSync(script, "print(2)\n");
    assert.notEqual(await integrityOf(["python3"]), granted);
    assert.equal(await integrityOf([]), without);
  });
});

Deno.test("list and info say what a plugin may start", async () => {
  const granted = ["--plugin", PLUGIN, ...GRANTED];
  const listed = await infoplane(["list", "estimators", ...granted]);
  assert.match(listed.stdout, /^ {2}acme\/willing +willing +acme\/external · may start deno, no-such-program$/m);
  const json = JSON.parse((await infoplane(["list", "estimators", ...granted, "--json"])).stdout);
  const { rights } = json.estimators.find(({ id }: { id: string }) => id === "acme/willing");
  assert.deepEqual(rights, { run: ["deno", "no-such-program"] });
  const told = await infoplane(["info", "acme/willing", ...granted]);
  assert.match(told.stdout, /from plugin acme\/external · version 1 · host · may start deno, no-such-program\n/);
  const alone = await infoplane(["info", "acme/willing", "--plugin", PLUGIN]);
  assert.match(alone.stdout, /from plugin acme\/external · version 1 · host\n/);
});
