import type { Json, Study } from "@infoplane/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { openWorkspace } from "../../../core/cli/workspace.ts";
import { Problem } from "../../../core/contracts/problem.ts";
import { assemble } from "../../../core/pipeline/assemble.ts";
import { atProfile } from "../../../core/pipeline/cells.ts";
import { planStudy } from "../../../core/pipeline/plan.ts";
import { runPlan } from "../../../core/pipeline/run.ts";
import { storedShare } from "../../../core/pipeline/stored.ts";
import { readStudy } from "../../../core/pipeline/study_schema.ts";
import { tablesOf } from "../../../core/pipeline/tables.ts";
import { openStore } from "../../../core/store/store.ts";
import { inFolder, ROOT } from "../../cli/harness.ts";

const FIXTURES = join(ROOT, "tests/fixtures/plugins");
const SIGNS = join(ROOT, "examples/sign-patterns/mod.ts");
const HOSTILE = ["hostile", "tampering", "forging"].map((name) => join(FIXTURES, `${name}.ts`));
const SECRET = "the number is 42";

/** What each row must say that comes of a deed. */
const REASONS: Record<string, RegExp> = {
  reads: /Requires read access/,
  imports: /Requires read access/,
  "imports-by-name": /Requires read access/,
  fetches: /Requires net access/,
  connects: /Requires net access/,
  runs: /Requires run access/,
  environment: /Requires env access/,
  writes: /Requires write access/,
  throws: /no luck today/,
  blames: /do as if the user/,
  exits: /its process ended with code 0/,
  loops: /it said nothing for 5 s/,
  allocates: /it ran out of its 700 MiB|ended by|ended with code|allocation failed/,
  nan: /gave I\(X;T\) = NaN/,
  text: /gave string in the place of an estimate/,
  nothing: /gave undefined in the place of an estimate/,
  wordy: /gave cells = many: not finite/,
  silent: /gave no I\(T;Y\) and no reason/,
  mutates: /must leave its sample as it was: it wrote to activations of layer 1/,
  relabels: /must leave its sample as it was: it wrote to labels/,
  shouts: /what is no message|what was not asked/,
  answers: /what was not asked/,
};

const FORGED: Record<string, RegExp> = {
  '[[["one bit"]]]': /Cannot take the answer of estimator "acme\/forges" as it must hold 2 snapshots: there are 1/,
  '{"bits":1}': /as it must hold 1 settings: it is no list/,
  '[[["one bit","two"],[1,2]]]': /as it gave string in the place of an estimate/,
};

/** Runs a study of two nets in which these estimators measure; also what was stored of it. */
async function rowsOf(
  measure: Study["measure"],
  plugins: readonly string[],
  dir: string,
  analyses: Study["analyses"] = [],
  dataset: Study["base"]["dataset"] = { id: "symmetric-rule" },
) {
  const study: Study = {
    format: 1,
    id: "hostile",
    title: "Does what others do move a number?",
    seed: 1,
    base: {
      dataset,
      architecture: { id: "dense", options: { widths: [3] } },
      training: { optimiser: { id: "sgd", rate: 0.5 }, batch: 512, epochs: 1 },
    },
    replicates: 2,
    measure,
    analyses,
    profiles: { smoke: {}, quick: {}, full: {} },
  };
  const said: string[] = [];
  const limits = { memoryMb: 700, silenceSeconds: 5 };
  const { catalogue, slots, close } = await openWorkspace(
    { plugin: plugins, jobs: 2 },
    (line) => said.push(line),
    { limits },
  );
  try {
    const store = await openStore(await Deno.makeTempDir({ dir }));
    const plan = await planStudy(atProfile(readStudy(study), "smoke"), "smoke", catalogue, slots);
    const run = await runPlan(plan, { store, slots });
    const { measurements } = await storedShare(plan, store);
    const { contents, failures } = await assemble(plan, run, catalogue, slots);
    const { estimates: rows, series, trials } = tablesOf(plan, run);
    return {
      rows,
      series,
      trials,
      tables: contents.tables.map(({ name }) => name),
      failures,
      stored: measurements.stored,
      said: JSON.stringify([rows, run.failures, said]),
    };
  } finally {
    close();
  }
}

Deno.test("each deed of a hostile plugin is a failed row with its reason, and moves no number of another plugin", async () => {
  await inFolder(async (dir) => {
    const secret = join(dir, "secret.ts");
    await Deno.writeTextFile(secret, `export const secret = "${SECRET}";`);
    const good = { estimator: "acme/sign-patterns" };
    const alone = await rowsOf([good], [SIGNS], dir);
    const deeds = Object.keys(REASONS).map((deed) => ({ estimator: `acme/${deed}`, options: { secret } }));
    const forgeries = Object.keys(FORGED).map((answer) => ({ estimator: "acme/forges", options: { answer } }));
    const among = await rowsOf(
      [{ estimator: "acme/tampers" }, ...forgeries, ...deeds, good],
      [SIGNS, ...HOSTILE],
      dir,
    );
    assert.equal(alone.rows.length, 8, "two nets, two snapshots, two layers");
    const ofId = (id: string) => among.rows.filter(({ estimator }) => estimator === `acme/${id}`);
    assert.deepEqual(ofId("sign-patterns"), alone.rows);
    assert.ok(alone.rows.every(({ layer, ixt_bits }) => layer === 2 || ixt_bits! > 0));

    for (const [deed, reason] of Object.entries(REASONS)) {
      const rows = ofId(deed);
      assert.ok(rows.length >= 4, `${deed}: a row for each layer of each net`);
      for (const row of rows) {
        assert.deepEqual([row.status, row.ixt_bits, row.ity_bits], ["failed", null, null], deed);
        assert.match(row.reason!, reason, deed);
      }
    }
    assert.doesNotMatch(among.said, new RegExp(SECRET), "nothing of what was not to be read came out");
    assert.ok(ofId("forges").every(({ status, ixt_bits }) => status === "failed" && ixt_bits === null));

    const groups = new Map<string, boolean>();
    for (const { trial, estimator, setting, status } of among.rows) {
      const name = `${trial} ${estimator} ${setting}`;
      groups.set(name, (groups.get(name) ?? true) && status === "measured");
    }
    assert.equal(among.stored, [...groups.values()].filter((measured) => measured).length, "what failed is not stored");
  });
});

Deno.test("an answer forged within the slot is held against what was asked", async () => {
  await inFolder(async (dir) => {
    for (const [answer, reason] of Object.entries(FORGED)) {
      const { rows } = await rowsOf([{ estimator: "acme/forges", options: { answer } }], [HOSTILE[2]], dir);
      assert.equal(rows.length, 4);
      for (const row of rows) assert.match(row.reason!, reason);
    }
  });
});

Deno.test("a dataset or a trained net forged within the slot is refused before anything is stored", async () => {
  await inFolder(async (dir) => {
    const runOn = (property: string, answer: Json) =>
      rowsOf([{ estimator: "acme/sign-patterns" }], [SIGNS, HOSTILE[2]], dir, [], {
        id: "acme/forged",
        options: { property, answer },
      });
    const problem = await runOn("inputs", { classes: 2 }).then(
      () => assert.fail("planned"),
      (error) => error as Problem,
    );
    assert.match(problem.message, /^Cannot use dataset "acme\/forged" as it cannot be read: /);
    assert.equal(problem.exitCode, 3);
    for (
      const [answer, reason] of [
        ["soon", /^Cannot take the net that was trained as it must be done or diverged: it is undefined$/],
        [{ outcome: "done", lastEpoch: null }, /as its last epoch must be an integer: it is null$/],
      ] as const
    ) {
      const { trials, rows, stored } = await runOn("lastEpoch", answer);
      assert.deepEqual([trials.length, rows.length, stored], [2, 4, 0]);
      for (const trial of trials) {
        assert.equal(trial.outcome, "failed");
        assert.match(trial.reason!, reason);
      }
    }
  });
});

Deno.test("a plugin that imports what lies outside its folder by name, code or data, is not loaded: exit code 3", async () => {
  await inFolder(async (dir) => {
    await Deno.writeTextFile(join(dir, "secret.ts"), `export default "${SECRET}";`);
    await Deno.writeTextFile(join(dir, "secret.json"), `"${SECRET}"`);
    await Deno.mkdir(join(dir, "plugin"));
    const text = await Deno.readTextFile(SIGNS);
    for (const line of ['from "../secret.ts"', 'from "../secret.json" with { type: "json" }']) {
      const path = join(dir, "plugin", "mod.ts");
      await Deno.writeTextFile(path, `import secret ${line};\n${text}\nthrow new Error(secret);\n`);
      const problem = await openWorkspace({ plugin: [path], jobs: 1 }, () => {}).then(
        ({ close }) => (close(), assert.fail("loaded")),
        (error) => error as Problem,
      );
      assert.match(problem.message, /^Cannot load plugin .*Requires read access/);
      assert.equal(problem.exitCode, 3);
      assert.doesNotMatch(problem.message, new RegExp(SECRET));
    }
  });
});

Deno.test("rows and tables of an analysis that are none are refused with their reason, and the others are there", async () => {
  await inFolder(async (dir) => {
    const analyses = [{ id: "acme/muddles" }];
    const found = await rowsOf([{ estimator: "acme/sign-patterns" }], [SIGNS, HOSTILE[0]], dir, analyses);
    const refused = found.series.filter(({ quantity }) => quantity === "acme/muddles");
    assert.equal(refused.length, 2, "a row a net");
    for (const { value, reason } of refused) {
      assert.equal(value, null);
      assert.match(reason!, /as a row must have epoch, layer, quantity, unit and value: row 0 is "no row"/);
    }
    assert.match(found.failures.join("\n"), /^acme\/muddles: Cannot take the answer .*table "muddle".*x_bits/);
    assert.deepEqual(found.tables, ["trials", "estimates", "series"]);
  });
});
