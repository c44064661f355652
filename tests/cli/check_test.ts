import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder, infoplane, ROOT, type Said, spawn } from "./harness.ts";

const PLANTED = join(ROOT, "tests/fixtures/plugins/planted_estimators.ts");
const HOSTILE = join(ROOT, "tests/fixtures/plugins/hostile.ts");

interface Checked {
  readonly kind: string;
  readonly id: string;
  readonly setting: string;
  readonly conforms: boolean;
  readonly ran: number;
  readonly summary: string;
  readonly checks: readonly { readonly name: string; readonly status: string; readonly reason?: string }[];
}

function checkedOf(said: Said): Checked[] {
  const { format, items } = JSON.parse(said.stdout);
  assert.equal(format, "infoplane.check/2");
  return items;
}

Deno.test("a built-in estimator keeps its promises, under the options given, within seconds", async () => {
  const started = performance.now();
  const said = await infoplane(["check", "binning:width=0.07"]);
  assert.equal(said.code, 0, said.stderr);
  assert.match(said.stdout, /^estimator binning \{"width":0.07\}\n {2}✓ claims what can be checked\n/);
  assert.match(said.stdout, / {2}ran 20 of 20 applicable, none failed\n$/);
  assert.ok(performance.now() - started < 15_000);
});

Deno.test("a stranger's plugin is checked by its path, from where the user stands", async () => {
  const said = await infoplane(["check", "./mod.ts", "--json"], {
    env: { INIT_CWD: join(ROOT, "examples/sign-patterns") },
  });
  assert.equal(said.code, 0, said.stderr);
  const [{ id, conforms, summary, ...rest }] = checkedOf(said);
  assert.deepEqual([id, conforms, summary], ["acme/sign-patterns", true, "ran 19 of 19 applicable"]);
  assert.equal(rest.checks.length, 31);
});

Deno.test("every planted mistake is caught in the plugin's own slot, and the plain estimator passes: exit code 3", async () => {
  const said = await infoplane(["check", PLANTED, "--json"]);
  assert.equal(said.code, 3, said.stderr);
  const caught = Object.fromEntries(
    checkedOf(said).map(({ id, conforms, checks }) => [
      id,
      conforms ? [] : checks.filter(({ status }) => status === "failed").map(({ name }) => name),
    ]),
  );
  const right: Record<string, string> = {
    "acme/off-by-a-bit": "is exact on finite joints",
    "acme/clamps-negatives": "leaves negative values negative",
    "acme/mutates": "leaves the sample as it was",
    "acme/depends-on-row-order": "does not depend on the order of rows",
    "acme/wrong-side": "never gives less than I(X;T)",
    "acme/nats": "answers in bits",
    "acme/reads-the-clock": "gives the same answer for the same stream, at any time",
    "acme/constant": "tells something from nothing",
  };
  assert.deepEqual(Object.keys(caught).sort(), ["acme/plain", ...Object.keys(right)].sort());
  assert.deepEqual(caught["acme/plain"], []);
  for (const [id, name] of Object.entries(right)) assert.ok(caught[id].includes(name), `${id}: ${caught[id]}`);
  assert.match(
    said.stderr.trim(),
    /^infoplane: Not as promised: estimator "acme\/off-by-a-bit" failed 3 of \d+ checks, /,
  );
});

Deno.test("datasets, architectures and analyses are checked in their slot as estimators are: one that breaks its promise, exit code 3", async () => {
  const broken = { dataset: "nan", architecture: "one-name-for-all", analysis: "always-supported" };
  await Promise.all(
    Object.entries(broken).map(async ([kind, name]) => {
      const plural = kind === "analysis" ? "analyses" : `${kind}s`;
      const plugin = join(ROOT, `tests/fixtures/plugins/broken_${plural}.ts`);
      const sound = await infoplane(["check", "acme/sound", "--plugin", plugin, "--json"]);
      assert.equal(sound.code, 0, sound.stderr);
      const [{ kind: given, ran, conforms }] = checkedOf(sound);
      assert.deepEqual([given, conforms], [kind, true]);
      assert.ok(ran >= 8);
      const said = await infoplane(["check", `acme/${name}`, "--plugin", plugin]);
      assert.equal(said.code, 3, said.stderr);
      assert.match(
        said.stdout,
        new RegExp(`^${kind} acme/${name} \\{.*\\}\n( {2}[✓✗○] .*\n)+ {2}ran \\d+ of \\d+ applicable, [1-3] failed\n$`),
      );
      assert.match(said.stderr, new RegExp(`Not as promised: ${kind} "acme/${name}" failed [1-3] of \\d+ checks`));
    }),
  );
});

Deno.test("one id may be a dataset's and an architecture's: both are checked, and what lacks options says so", async () => {
  const bare = await infoplane(["check", "recorded"]);
  assert.equal(bare.code, 0, bare.stderr);
  assert.deepEqual(bare.stdout.match(/^\w+ recorded .*$/gm), [
    "dataset recorded without options",
    "architecture recorded without options",
  ]);
  assert.match(bare.stdout, /ran 1 of \d+ applicable, skipped \d+ because it has options without a default/);
  const data = join(ROOT, "tests/fixtures/recorded");
  const said = await infoplane(["check", "recorded:path=my-run", "--data", data, "--json"]);
  assert.equal(said.code, 0, said.stderr);
  const found = checkedOf(said).map(({ kind, conforms, ran }) => [kind, conforms, ran > 5]);
  assert.deepEqual(found, [["dataset", true, true], ["architecture", true, true]]);
});

Deno.test("a check that ends the process is known by its name, and the rest is skipped", async () => {
  const said = await infoplane(["check", "acme/exits", "--plugin", HOSTILE, "--json"]);
  assert.equal(said.code, 3, said.stderr);
  const [{ checks, summary }] = checkedOf(said);
  const failed = checks.filter(({ status }) => status === "failed");
  assert.deepEqual(failed.map(({ name }) => name), ["tells something from nothing"]);
  assert.match(failed[0].reason!, /its process ended with code 0/);
  assert.match(summary, /^ran 2 of \d+ applicable, skipped \d+ because the process was ended when/);
});

Deno.test("a plugin of nothing, an unknown id, unreadable modules and options are refused", async () => {
  await inFolder(async (dir) => {
    await Deno.writeTextFile(
      join(dir, "empty.ts"),
      'import { definePlugin, type Plugin } from "@infoplane/core";\n' +
        'const plugin: Plugin = definePlugin({ name: "acme/empty", version: "1.0.0", api: 1 });\nexport default plugin;\n',
    );
    const cases: readonly (readonly [string, number, RegExp])[] = [
      [join(dir, "empty.ts"), 3, /Nothing is checked: ".*empty.ts" brings nothing to check/],
      [join(dir, "gone.ts"), 3, /Cannot load plugin/],
      ["bining", 2, /Cannot find "bining" to check it: did you mean "binning"\?/],
      ["binning:cuont=3", 2, /did you mean "count"\?/],
    ];
    for (const [spec, code, line] of cases) {
      const said = await infoplane(["check", spec]);
      assert.equal(said.code, code, said.stderr);
      assert.match(said.stderr.trim(), line);
    }
  });
});

Deno.test("a plugin that is watched is checked again when a file of its folder changes, and Ctrl-C ends with 130", async () => {
  await inFolder(async (dir) => {
    const text = Deno.readTextFileSync(join(ROOT, "examples/sign-patterns/mod.ts"));
    const [good, helper] = [join(dir, "mod.ts"), join(dir, "bits.ts")];
    Deno.writeTextFileSync(
      good,
      text.replace("{ bits: ht }", "{ bits: ht + more }") + '\nimport { more } from "./bits.ts";\n',
    );
    Deno.writeTextFileSync(helper, "export const more = 0;\n");
    const child = spawn(["check", "./mod.ts", "--watch"], { env: { INIT_CWD: dir } });
    const said = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
    let heard = "";
    const until = async (line: RegExp) => {
      while (!line.test(heard)) {
        const { value, done } = await said.read();
        assert.ok(!done, `it ended: ${heard}`);
        heard += value;
      }
      heard = "";
    };
    const shown = child.stdout.pipeThrough(new TextDecoderStream());
    const report = (async () => {
      let all = "";
      for await (const piece of shown) all += piece;
      return all;
    })();

    await until(/^Watching .*\n$/);
    Deno.writeTextFileSync(helper, "export const more = 1;\n");
    await until(/Not as promised: estimator "acme\/sign-patterns" failed \d+ of \d+ checks\nWatching /);
    Deno.writeTextFileSync(helper, "export const more = (;\n");
    await until(/Cannot load plugin .*\nWatching /);
    Deno.writeTextFileSync(helper, "export const more = 0;\n");
    await until(/^Watching .*\n$/);
    child.kill("SIGINT");
    await until(/^infoplane: Interrupted/);
    said.releaseLock();
    await child.stderr.cancel().catch(() => {});
    assert.equal((await child.status).code, 130);
    assert.deepEqual((await report).match(/none failed|\d+ failed/g)?.map((line) => line === "none failed"), [
      true,
      false,
      true,
    ]);
  });
});

Deno.test("only a plugin's own file can be watched: exit code 2", async () => {
  for (const spec of ["binning", "npm:acme-knn@1.0.0", "./gone.ts"]) {
    const said = await infoplane(["check", spec, "--watch"]);
    assert.equal(said.code, 2, said.stderr);
    assert.match(said.stderr.trim(), /as it must be a file of a plugin, such as \.\/mod\.ts$/);
  }
});
