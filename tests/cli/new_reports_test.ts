import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { inFolder, infoplane, ROOT, type Said } from "./harness.ts";
import { serveRegistry } from "./registry.ts";

const FILES = [
  ".github/workflows/reproduce.yml",
  ".gitignore",
  "CITATION.cff",
  "README.md",
  "deno.json",
  "deno.lock",
  "infoplane.config.ts",
  "reports/weight-decay/expected.json",
  "reports/weight-decay/index.mdx",
  "reports/weight-decay/study.ts",
  "reports/weight-decay/study_test.ts",
];
const STUDY = "reports/weight-decay";

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}

async function inReports(work: (folder: string, dir: string) => Promise<void>): Promise<void> {
  await inFolder(async (dir) => {
    const said = await infoplane(["new", "reports", "my-reports"], { env: { INIT_CWD: dir } });
    assert.equal(said.code, 0, said.stderr);
    await work(join(dir, "my-reports"), dir);
  });
}

async function deno(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<Said> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    // `deno task` keeps the folder that it finds here, which is that of the task that runs these tests.
    env: { NO_COLOR: "1", INIT_CWD: cwd, ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Runs a task of the repository, from its root or a folder of it. */
const task = (cwd: string, ...args: readonly string[]) => deno(cwd, ["task", "--quiet", ...args]);

function change(path: string, from: string | RegExp, to: string): void {
  const text = readFileSync(path, "utf8");
  const changed = text.replace(from, to);
  assert.notEqual(changed, text, `${path} holds ${from}`);
  writeFileSync(path, changed);
}

Deno.test("a new repository of reports", async (t) => {
  await inReports(async (folder, dir) => {
    const config = join(folder, "infoplane.config.ts");
    const page = join(folder, "out", "site", "studies", "weight-decay-quick", "index.html");

    await t.step("holds what is its own and nothing of this tree", () => {
      assert.deepEqual(filesOf(folder), FILES);
      for (const file of FILES.filter((file) => file !== "deno.json")) {
        assert.doesNotMatch(readFileSync(join(folder, file), "utf8"), /\{\{options|example-study|acme\/example/, file);
      }
      const { links } = JSON.parse(readFileSync(join(folder, "deno.json"), "utf8"));
      assert.deepEqual(links, [relative(folder, ROOT)]);
      const locked = (root: string) => JSON.parse(readFileSync(join(root, "deno.lock"), "utf8"));
      assert.deepEqual(locked(folder).npm, locked(ROOT).npm, "the versions that were tested");
      assert.equal(locked(folder).workspace, undefined);
    });

    await t.step(
      "goes through its own workflow untouched: installed, checked, run to what is expected, built",
      async () => {
        const workflow = readFileSync(join(folder, ".github/workflows/reproduce.yml"), "utf8");
        const steps = [...workflow.matchAll(/- run: npx --yes deno@[\d.]+ (.*)/g)].map(([, step]) => step);
        assert.deepEqual(steps, ["install", "task ok", "task reproduce"]);
        for (const step of steps) {
          const said = await deno(folder, step.split(" "));
          assert.equal(said.code, 0, `${step}: ${said.stdout}${said.stderr}`);
          if (step === "task reproduce") {
            assert.match(said.stdout, /^ {2}as expected$/m);
            assert.ok(said.stdout.includes(`site ${join(folder, "out", "site", "index.html")}`), said.stdout);
          }
        }
        const made = filesOf(folder).filter((file) => !FILES.includes(file));
        assert.deepEqual([...new Set(made.map((file) => file.split("/")[0]))], [".infoplane", "out"]);
      },
    );

    await t.step("has pages of its own name, with the study's text, that need no place and name none", () => {
      const first = readFileSync(join(folder, "out", "site", "index.html"), "utf8");
      assert.match(first, /<title>my-reports: What do our nets learn, in bits\?<\/title>/);
      assert.match(first, /<h1>What do our nets learn, in bits\?<\/h1>/);
      assert.match(first, /Made with Infoplane \d+\.\d+\.\d+\./);
      assert.equal(first.match(/Infoplane/g)!.length, 1, "a guest's site says the name once");
      const study = readFileSync(page, "utf8");
      assert.match(study, /<title>Does weight decay make layers forget more of the input\? · my-reports<\/title>/);
      assert.match(study, /<h2 id="why-ask">Why ask<\/h2>\s*<p>Weight decay pulls/);
      assert.match(study, /in a checkout of my-reports:/);
      const site = join(folder, "out", "site");
      for (const file of filesOf(site).filter((file) => /\.(html|css|svg|js)$/.test(file))) {
        const text = readFileSync(join(site, file), "utf8");
        for (const place of [ROOT, dir, "file://"]) assert.ok(!text.includes(place), `${file} holds ${place}`);
        if (file === "404.html") continue;
        for (const [, link] of text.matchAll(/ (?:href|src)="([^"#]+)/g)) {
          if (/^data:/.test(link)) continue;
          assert.ok(statSync(join(site, dirname(file), link)).isFile(), `${file}: ${link}`);
        }
      }
    });

    await t.step("a second run, from a folder of it and to places named there, trains nothing", async () => {
      const inner = join(folder, "reports");
      const said = await task(inner, "reproduce", "--store", "../.infoplane/store", "--out", "mine", "--no-site");
      assert.equal(said.code, 0, said.stdout + said.stderr);
      assert.match(said.stdout, /\(0 trained, 10 reused\)[^]*\n {2}as expected\n/);
      assert.ok(existsSync(join(inner, "mine", "bundles", "weight-decay-quick", "bundle.json")));
      rmSync(join(inner, "mine"), { recursive: true });
    });

    await t.step("its address sets the base and is named by every page", async () => {
      change(config, `site: {`, `site: {\n    url: "https://acme.example/my-reports",`);
      const said = await task(folder, "site");
      assert.equal(said.code, 0, said.stderr);
      assert.match(readFileSync(join(folder, "out/site/404.html"), "utf8"), /href="\/my-reports\/index\.html"/);
      const address = "https://acme.example/my-reports/studies/weight-decay-quick/";
      assert.ok(readFileSync(page, "utf8").includes(`<link rel="canonical" href="${address}">`));
      assert.match(readFileSync(page, "utf8"), /<a class="wordmark" href="\.\.\/\.\.\/index\.html">/);
    });

    await t.step("a plugin of its own goes into its study; other results exit 1 until they are blessed", async () => {
      const made = await task(folder, "infoplane", "new", "estimator", "acme/rounded");
      assert.equal(made.code, 0, made.stderr);
      change(config, /plugins: \[/, `plugins: ["./rounded/mod.ts", `);
      change(join(folder, STUDY, "study.ts"), "measure: [", `measure: [{ estimator: "acme/rounded", perDecade: 1 }, `);
      const at = ["--profile", "smoke", "--no-site"];
      const differs = await task(folder, "reproduce", ...at);
      assert.equal(differs.code, 1, differs.stdout + differs.stderr);
      const blessed = await task(folder, "infoplane", "bless", "--profile", "smoke", "--reason", "rounded as well");
      assert.equal(blessed.code, 0, blessed.stderr);
      const again = await task(folder, "reproduce", ...at);
      assert.match(again.stdout, /^ {2}as expected$/m, again.stderr);
      assert.match(readFileSync(join(folder, STUDY, "history.jsonl"), "utf8"), /"reason":"rounded as well"/);
      rmSync(join(folder, STUDY, "expected.json"));
      assert.equal((await task(folder, "reproduce", ...at)).code, 6);
    });

    await t.step("what is wrong in it is told in a line that names its file", async () => {
      const text = join(folder, STUDY, "index.mdx");
      for (
        const [written, place] of [["A text that <ends", `${text}:1:`], ["A text that {asks}", `${text}: asks is not`]]
      ) {
        writeFileSync(text, written);
        const broken = await task(folder, "site");
        assert.equal(broken.code, 4);
        assert.ok(broken.stderr.startsWith(`infoplane: Cannot build the site: ${place}`), broken.stderr);
      }
      change(config, "https://acme.example/", "acme.example/");
      const refused = await task(folder, "site");
      assert.equal(refused.code, 2);
      assert.equal(
        refused.stderr.trim(),
        `infoplane: Cannot read configuration ${config}: site.url must be an address such as ` +
          `https://acme.github.io/my-reports/: it is "acme.example/my-reports"`,
      );
    });
  });
});

Deno.test("with the packages from a registry, a repository of reports gets the bytes it gets from a checkout", async () => {
  const registry = serveRegistry(["core", "plugins"]);
  try {
    await inReports(async (folder, dir) => {
      const { links: _, ...manifest } = JSON.parse(readFileSync(join(folder, "deno.json"), "utf8"));
      writeFileSync(join(folder, "deno.json"), JSON.stringify(manifest, null, 2));
      const env = { JSR_URL: `http://127.0.0.1:${registry.addr.port}/`, DENO_DIR: await cacheOfOwn(dir) };
      const run = (...args: readonly string[]) => deno(folder, args, env);
      const at = ["--profile", "smoke"];

      const early = await run("task", "reproduce", ...at, "--no-site");
      assert.equal(early.code, 4);
      assert.match(early.stderr, /as it is not installed: deno install fetches it$/m);

      assert.equal((await run("install")).code, 0);
      const said = await run("task", "reproduce", ...at, "--no-site");
      assert.equal(said.code, 0, said.stdout + said.stderr);
      assert.match(said.stdout, /4 trained[^]*\n {2}as expected\n/);

      const pages = await run("task", "site");
      assert.equal(pages.code, 2);
      assert.match(pages.stderr, /Cannot build the site as its builder must lie in a folder/);
    });
  } finally {
    await registry.shutdown();
  }
});

/** A cache without the packages of this project and with all others. */
async function cacheOfOwn(dir: string): Promise<string> {
  const { stdout } = await deno(ROOT, ["info", "--json"]);
  const own = join(dir, "cache");
  await Deno.mkdir(own);
  await Deno.symlink(JSON.parse(stdout).npmCache, join(own, "npm"));
  return own;
}

Deno.test("the packages that others ask for could be published as they stand", async () => {
  const said = await deno(ROOT, ["publish", "--dry-run", "--allow-dirty"]);
  assert.equal(said.code, 0, said.stderr);
});
