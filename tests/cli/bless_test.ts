import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EXIT } from "../../core/contracts/problem.ts";
import type { JsonObject } from "../../core/contracts/tensor.ts";
import { readExpected } from "../../core/pipeline/expected.ts";
import { inFolder, infoplane, ROOT, type Said } from "./harness.ts";

const PLUGINS = ["--plugin", join(ROOT, "tests/fixtures/plugins/architectures.ts")];

function studyOf(changes: JsonObject = {}): string {
  return `export default ${
    JSON.stringify({
      format: 1,
      id: "small",
      title: "Is what came out what is expected?",
      seed: 5,
      base: {
        dataset: { id: "symmetric-rule" },
        architecture: { id: "dense", options: { widths: [4, 3] } },
        training: { optimiser: { id: "sgd", rate: 0.3 }, batch: 512, epochs: 12 },
      },
      replicates: 6,
      measure: [{ estimator: "binning", options: { count: 30, range: [-1, 1] } }],
      analyses: [{ id: "two-phases" }, { id: "dpi-chain" }],
      profiles: { smoke: {}, quick: {}, full: {} },
      ...changes,
    })
  };\n`;
}

/** A study in a folder of its own, with the verbs run there. */
async function withStudy(
  changes: JsonObject,
  work: (place: {
    dir: string;
    run(verb: string, ...more: string[]): Promise<Said>;
    expected(): ReturnType<typeof readExpected>;
  }) => Promise<void>,
): Promise<void> {
  await inFolder(async (dir) => {
    writeFileSync(join(dir, "study.ts"), studyOf(changes));
    const places = ["--profile", "smoke", "--store", join(dir, "store"), "--out", join(dir, "out"), ...PLUGINS];
    await work({
      dir,
      run: (verb, ...more) =>
        infoplane([verb, join(dir, "study.ts"), ...places, ...verb === "reproduce" ? ["--no-site"] : [], ...more]),
      expected: () => readExpected(readFileSync(join(dir, "expected.json"), "utf8"), "expected.json"),
    });
  });
}

/** Adds half a bit to what an estimator found in one net, as a store would hold it whose code has changed since. */
function spoilMeasure(store: string): void {
  const entries = join(store, "v1", "entries", "measure");
  const [path] = (readdirSync(entries, { recursive: true }) as string[]).filter((name) => name.endsWith(".json"))
    .sort();
  const manifest = JSON.parse(readFileSync(join(entries, path), "utf8"));
  const blobOf = (sha256: string) => join(store, "v1", "blobs", sha256.slice(0, 2), sha256);
  const value = JSON.parse(readFileSync(blobOf(manifest.blobs[0].sha256), "utf8"));
  value.estimates.at(-1)[0].ixt.bits += 0.5;
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  Deno.mkdirSync(dirname(blobOf(sha256)), { recursive: true });
  writeFileSync(blobOf(sha256), bytes);
  manifest.blobs = [{ name: "value", sha256, bytes: bytes.length }];
  writeFileSync(join(entries, path), JSON.stringify(manifest));
}

Deno.test("what is blessed is measured again, kept with its reason, and expected from then on", async () => {
  await withStudy({}, async ({ dir, run, expected }) => {
    assert.equal((await run("bless", "--reason", "First")).code, EXIT.usage, "there is no bundle yet");
    assert.equal((await run("reproduce")).code, EXIT.nothing);
    assert.equal((await run("bless", "--reason", " ")).code, EXIT.usage);
    const blessed = await run("bless", "--reason", "First results");
    assert.equal(blessed.code, 0, blessed.stdout + blessed.stderr);
    assert.match(blessed.stdout, /1 nets? (was|were) trained and measured again/);
    const { exact, numeric, statistical, qualitative } = expected().profiles.smoke!;
    assert.equal(exact["main: H(X) bits"], 12);
    assert.deepEqual(numeric, {});
    assert.deepEqual(Object.keys(qualitative).sort(), ["dpi-chain", "two-phases"]);
    assert.ok(Object.keys(statistical).length > 0);
    const [line] = readFileSync(join(dir, "history.jsonl"), "utf8").trim().split("\n").map((text) => JSON.parse(text));
    assert.deepEqual(
      [line.profile, line.digest, line.reason, line.remeasured],
      ["smoke", exact["bundle.json"], "First results", 1],
    );

    const [junit, markdown] = [join(dir, "junit.xml"), join(dir, "summary.md")];
    const again = await run("reproduce", "--junit", junit, "--markdown", markdown);
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.match(again.stdout, /small +smoke +2 of 2 .* as expected/);
    assert.match(readFileSync(junit, "utf8"), /<testsuite name="small smoke" tests="4" failures="0"/);
    assert.match(readFileSync(markdown, "utf8"), /\| small \| smoke \| 2 of 2 \|/);
  });
});

Deno.test("a bundle that a run would not give today is not blessed", async () => {
  await withStudy({}, async ({ dir, run }) => {
    await run("reproduce");
    writeFileSync(join(dir, "study.ts"), studyOf({ replicates: 5 }));
    const said = await run("bless", "--reason", "Stale");
    assert.equal(said.code, EXIT.usage);
    assert.match(said.stderr, /its bundle must be what a run gives today: it hashes to \w{12}, today's to \w{12}/);
    assert.ok(!existsSync(join(dir, "expected.json")) && !existsSync(join(dir, "history.jsonl")));
  });
});

Deno.test("a store whose rows a net trained afresh does not give is noticed: nothing is blessed from it", async () => {
  await withStudy({ replicates: 1 }, async ({ dir, run }) => {
    await run("reproduce");
    spoilMeasure(join(dir, "store"));
    await run("reproduce");
    const said = await run("bless", "--reason", "Spoilt");
    assert.equal(said.code, EXIT.usage, said.stdout);
    assert.match(said.stderr, /nets trained afresh must give the rows that the store holds: of table estimates 1 of /);
    assert.match(said.stderr, /ixt_bits in 1, at most by 0.5 bits/);
    assert.ok(!existsSync(join(dir, "expected.json")));
  });
});

Deno.test("a digest that changes is explained by rows and columns while the bundle expected is at hand", async () => {
  await withStudy({}, async ({ dir, run }) => {
    await run("reproduce");
    await run("bless", "--reason", "First results");
    spoilMeasure(join(dir, "store"));
    for (const _ of ["at once", "and the next time"]) {
      const said = await run("reproduce");
      assert.equal(said.code, EXIT.differs, said.stdout);
      const [, line] = /exact · (tables\/estimates\.parquet: .*)/.exec(said.stdout)!;
      assert.match(line, /expected \w{12}, came \w{12} · 1 of \d+ rows differ: ixt_bits in 1, at most by 0\.5 bits$/);
      assert.match(said.stdout, /exact · bundle\.json: .* · what differs in it: files/);
    }
    await rm(join(dir, "store"), { recursive: true });
    assert.equal((await run("reproduce")).code, 0);
    assert.ok(!existsSync(join(dir, "out", "expected", "small-smoke")), "what was kept aside goes once all is well");
  });
});

Deno.test("rows that are not portable are numbers with a tolerance, which is no tighter than they move", async () => {
  const cpu = { architecture: { id: "acme/small-cnn", options: { backend: "cpu" } } };
  const base = {
    dataset: { id: "symmetric-rule" },
    training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 512, epochs: 2 },
  };
  const measure = [{ estimator: "binning", options: { width: 0.5 } }];
  await withStudy(
    { base: { ...base, ...cpu }, replicates: 1, measure, analyses: [] },
    async ({ dir, run, expected }) => {
      await run("reproduce");
      const blessed = await run("bless", "--reason", "First results");
      assert.equal(blessed.code, 0, blessed.stderr);
      const { exact, numeric, info } = expected().profiles.smoke!;
      assert.ok("bundle.json" in info && !("bundle.json" in exact) && !("tables/estimates.parquet" in exact));
      const name = 'main: binning {"width":0.5} on all: ixt_bits of layer 1';
      assert.equal(numeric[name].absolute, 0.01);

      spoilMeasure(join(dir, "store"));
      const off = await run("reproduce");
      assert.equal(off.code, EXIT.differs, off.stdout);
      assert.match(
        off.stdout,
        /numbers · main: binning .* ixt_bits of layer 1: expected .* ± 0.01, came .*, off by 0.5/,
      );
      const tight = await run("bless", "--reason", "Tight");
      assert.equal(tight.code, EXIT.usage);
      assert.match(
        tight.stderr,
        /at least the spread measured: "main: binning .*" may be off by 0.01 and moved by 0.5/,
      );
      const wide = await run("bless", "--reason", "Wide", "--tolerance", "ixt_bits=0.6");
      assert.equal(wide.code, 0, wide.stderr);
      assert.equal(expected().profiles.smoke!.numeric[name].absolute, 0.6);
      assert.match(readFileSync(join(dir, "history.jsonl"), "utf8"), /"reason":"Wide","remeasured":1,"spread":0.5/);

      await rm(join(dir, "store"), { recursive: true });
      assert.equal((await run("reproduce")).code, 0, "what is off by less than the tolerance is as expected");
    },
  );
});

Deno.test("another seed goes to a folder of its own and is held against intervals and verdicts", async () => {
  await withStudy({}, async ({ dir, run }) => {
    await run("reproduce");
    await run("bless", "--reason", "First results");
    const said = await run("reproduce", "--seed", "6", "--json");
    const [{ outcome, classes, notes }] = JSON.parse(said.stdout).comparisons;
    assert.equal(outcome, said.code === 0 ? "equal" : "differs");
    assert.deepEqual([classes.exact.expected, classes.qualitative.expected], [0, 2]);
    assert.match(notes[0], /seed 6 is not the study's/);
    assert.ok(existsSync(join(dir, "out", "seed-6", "bundles", "small-smoke", "bundle.json")));
    assert.equal((await run("reproduce")).code, 0, "the study's own results stand as they were");
  });
});
