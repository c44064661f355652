import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BUILT_INS, REQUIRES } from "../../core/cli/new.ts";
import { readBundle } from "../../core/store/bundle.ts";
import { inFolder, infoplane, ROOT, treeDigest } from "./harness.ts";

const STEPS = [
  "fmt --check",
  "lint",
  "check",
  "doc --lint mod.ts",
  "test --no-check",
  "publish --dry-run --allow-dirty",
];

/** Kinds with names to make them by; a long name breaks lines elsewhere. */
const ITEMS = {
  estimator: "acme/rounded",
  dataset: "some-rather-long-namespace/parity-of-all-the-bits-in-a-pattern",
  architecture: "acme/f",
  analysis: "acme/example-of-what-is-forgotten",
};

const folderOf = (name: string) => name.split("/").at(-1)!;

async function ok(folder: string): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "ok"],
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  assert.equal(code, 0, [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join(""));
}

Deno.test("a new item of each kind passes its own checks untouched, and all four go into one study and its bundle", async () => {
  await inFolder(async (dir) => {
    const env = { INIT_CWD: dir };
    await Promise.all(
      Object.entries(ITEMS).map(async ([kind, name]) => {
        const said = await infoplane(["new", kind, name], { env });
        assert.equal(said.code, 0, said.stderr);
        const folder = join(dir, folderOf(name));
        const { tasks, name: scoped } = JSON.parse(readFileSync(join(folder, "deno.json"), "utf8"));
        assert.equal(scoped, `@${name}`);
        assert.equal(tasks.ok, STEPS.map((step) => `deno ${step}`).join(" && "));
        assert.doesNotMatch(readFileSync(join(folder, "README.md"), "utf8"), /\{\{|acme\/example\b(?!-)/);
        await ok(folder);
      }),
    );

    for (const [kind, name] of Object.entries(ITEMS)) {
      const checked = await infoplane(["check", `./${folderOf(name)}/mod.ts`], { env });
      assert.equal(checked.code, 0, checked.stdout + checked.stderr);
      const [, which, ran, applicable] = checked.stdout.match(
        /^(\w+) [^]*ran (\d+) of (\d+) applicable, none failed\n$/,
      )!;
      assert.deepEqual([which, ran], [kind, applicable]);
      assert.ok(Number(ran) >= 8, checked.stdout);
    }

    const { dataset, architecture, estimator, analysis } = ITEMS;
    const study = {
      format: 1,
      id: "all-new",
      title: "Does everything new go the whole way?",
      seed: 1,
      base: {
        dataset: { id: dataset, options: { bits: 4 } },
        architecture: { id: architecture, options: { depth: 1 } },
        training: { optimiser: { id: "sgd", rate: 0.1 }, batch: "full", epochs: 3 },
      },
      replicates: 1,
      measure: [{ estimator }],
      analyses: [{ id: analysis }],
      profiles: { smoke: {}, quick: {}, full: {} },
    };
    Deno.writeTextFileSync(join(dir, "study.json"), JSON.stringify(study));
    const plugins = Object.values(ITEMS).flatMap((name) => ["--plugin", `./${folderOf(name)}/mod.ts`]);
    const at = ["--profile", "smoke", "--no-site", "--store", "store", "--out", "out"];
    const reproduced = await infoplane(["reproduce", "./study.json", ...at, ...plugins], { env });
    assert.match(reproduced.stdout, /1 trained/, reproduced.stderr);
    const { bundle, table } = await readBundle(join(dir, "out", "bundles", "all-new-smoke"));
    assert.deepEqual(
      bundle.plugins.map(({ id, from, version, rights }) => ({ id, from, version, rights })),
      Object.values(ITEMS).map((id) => ({ id, from: id, version: "0.1.0", rights: {} })),
    );
    for (const { integrity } of bundle.plugins) assert.match(integrity!, /^[0-9a-f]{64}$/);
    const { rows } = await table("forgotten");
    assert.deepEqual(rows.map(({ layer }) => layer), [1, 2]);
  });
});

Deno.test("the options table of a new README is that of the schema", async () => {
  await inFolder(async (dir) => {
    const said = await infoplane(["new", "dataset", "acme/parity"], { env: { INIT_CWD: dir } });
    assert.equal(said.code, 0, said.stderr);
    const table = readFileSync(join(dir, "parity", "README.md"), "utf8").split("## Options\n\n")[1].split("\n\n")[0];
    assert.deepEqual(
      table.split("\n").map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim())).filter((_, i) =>
        i !== 1
      ),
      [
        ["option", "type", "default", "meaning"],
        ["bits", "integer in [2, 16]", "8", "bits in a pattern"],
        ["trainFraction", "number in (0, 1)", "0.8", "share of the patterns trained on"],
      ],
    );
  });
});

Deno.test("a new study passes its own checks and can be planned as it stands", async () => {
  await inFolder(async (dir) => {
    const env = { INIT_CWD: dir };
    const said = await infoplane(["new", "study", "my-weight-decay"], { env });
    assert.equal(said.code, 0, said.stderr);
    const folder = join(dir, "my-weight-decay");
    await ok(folder);
    const planned = await infoplane(
      ["plan", "./my-weight-decay/study.ts", "--profile", "smoke", "--store", "store", "--json"],
      { env },
    );
    assert.equal(planned.code, 0, planned.stderr);
    const [{ study, nets }] = JSON.parse(planned.stdout).studies;
    assert.deepEqual([study, nets.total], ["my-weight-decay", 4]);
  });
});

Deno.test("a folder that holds something, a kind or a name that is none: refused in one line with a right example, exit 2", async () => {
  await inFolder(async (dir) => {
    Deno.mkdirSync(join(dir, "knn"));
    Deno.writeTextFileSync(join(dir, "knn", "mine.txt"), "mine");
    const before = treeDigest(dir);
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ["estimator", "acme/knn", /as \.\/knn must be new or empty: it holds mine\.txt$/],
      ["estimater", "acme/other", /Cannot make a new "estimater": did you mean "estimator"\?$/],
      ["estimator", "knn", /"knn" as its name must be a namespace and a name, both kebab-case, such as acme\/knn$/],
      ["dataset", "acme/Parity", /such as acme\/knn$/],
      ["dataset", "acme/../parity", /such as acme\/knn$/],
      ["reports", "My Reports", /"My Reports" as its name must be kebab-case, such as my-reports$/],
      ["study", "acme/study", /"acme\/study" as its name must be kebab-case, such as my-batch-sizes$/],
    ];
    for (const [kind, name, line] of cases) {
      const said = await infoplane(["new", kind, name], { env: { INIT_CWD: dir } });
      assert.equal(said.code, 2, said.stdout);
      assert.match(said.stderr.trim(), line);
    }
    assert.equal(treeDigest(dir), before);
  });
});

Deno.test("a new package asks for this core and for the schema library of the built-ins, reports for the built-ins too", () => {
  const { imports } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));
  const asked = (folder: string) => {
    const { name, version } = JSON.parse(readFileSync(join(ROOT, folder, "deno.json"), "utf8"));
    return `jsr:${name}@^${version}`;
  };
  assert.deepEqual(REQUIRES, { "@infoplane/core": asked("core"), zod: imports.zod });
  assert.deepEqual(BUILT_INS, { "@infoplane/plugins": asked("plugins") });
  const config = readFileSync(join(ROOT, "core/cli/templates/reports/infoplane.config.ts"), "utf8");
  assert.ok(config.includes(`"${asked("plugins")}"`));
});
