import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { withRelativeLinks } from "../../site/relative_links.ts";
import type { Ledger } from "../../core/contracts/ledger.ts";
import { readBundle } from "../../core/store/bundle.ts";
import { OLD_BUNDLES } from "../old_bundles.ts";
import builtIns from "../../plugins/mod.ts";
import { runs } from "../../reports/figures/mod.ts";
import { exportedNames } from "./exported_names.ts";
import { SMALL_SIZE, writeBareBundle, writeFixtureBundle } from "./fixture_bundle.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const SLUG = "synthetic-plane-quick";

async function build(bundles: string, out: string, base = "/x/y/"): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      `--config=${join(ROOT, "deno.json")}`,
      join(ROOT, "site", "build.ts"),
      "build",
      "--bundles",
      bundles,
      "--out",
      out,
      "--base",
      base,
    ],
  }).output();
  return { code, said: new TextDecoder().decode(new Uint8Array([...stdout, ...stderr])).trim() };
}

/** The HTML of a page of the reference. */
function referencePage(site: string, path: string): string {
  return readFileSync(join(site, "reference", path, "index.html"), "utf8");
}

/** The words of a page; lowered and raised characters are on the line, and marks of either kind are left out. */
function plainText(html: string): string {
  const text = html.replace(/<\/?su[bp]>/g, "").replace(/<[^>]+>/g, " ").replace(
    /&(quot|lt|gt|amp|#39);/g,
    (_, name) => {
      return { quot: '"', lt: "<", gt: ">", amp: "&", "#39": "'" }[name as string]!;
    },
  );
  return told(text);
}

/** Text with single spaces, as {@link plainText} has it. */
function told(text: string): string {
  const plain = runs(text).map(({ text }) => text).join("");
  return plain.replace(/\s+/g, " ");
}

type Properties = { readonly [name: string]: { readonly description?: string } };

/** The options of an item's schema, those of its forms too. */
function propertiesOf(schema: unknown): [string, { readonly description?: string }][] {
  const { properties = {}, anyOf = [], oneOf = [] } = schema as {
    properties?: Properties;
    anyOf?: unknown[];
    oneOf?: unknown[];
  };
  const own = Object.entries(properties);
  return [...own, ...own.flatMap(([, inner]) => propertiesOf(inner)), ...[...anyOf, ...oneOf].flatMap(propertiesOf)];
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}

Deno.test("the site of made-up bundles", async (t) => {
  const dir = await Deno.makeTempDir();
  const [bundles, out] = [join(dir, "bundles"), join(dir, "site")];
  const bundle = await writeFixtureBundle(bundles, SMALL_SIZE);
  await writeBareBundle(bundles);
  for (const { name, dir } of OLD_BUNDLES) await cp(dir, join(bundles, name), { recursive: true });
  const page = join(out, "studies", SLUG);
  try {
    assert.deepEqual(await build(bundles, out), { code: 0, said: "" });
    const html = readFileSync(join(page, "index.html"), "utf8");

    await t.step("every link leads to a file of the site, or to a place on a page", () => {
      let links = 0;
      for (const file of filesOf(out).filter((file) => /\.(html|css)$/.test(file))) {
        const text = readFileSync(join(out, file), "utf8");
        const found = [...text.matchAll(/ (?:href|src)="([^"]+)"|url\(["']?([^"')]+)/g)].map(([, a, b]) => a ?? b);
        for (const link of found.filter((link) => !/^(data:|https?:)/.test(link))) {
          const [path, anchor] = link.split("#");
          const folder = file === "404.html" && path.startsWith("/x/y/") ? out : join(out, dirname(file));
          const target = path === "" ? join(out, file) : join(folder, path.replace(/^\/x\/y\//, ""));
          assert.ok(existsSync(target) && statSync(target).isFile(), `${file}: ${link}`);
          if (anchor && target.endsWith(".html")) {
            assert.ok(readFileSync(target, "utf8").includes(`id="${anchor}"`), `${file}: ${link}`);
          }
          links++;
        }
        assert.ok(!found.some((link) => /^https?:/.test(link)), `${file} needs no network`);
      }
      assert.ok(links > 50);
    });

    await t.step("the plane has one path a net and layer of the main arm", () => {
      const layers = SMALL_SIZE.widths.length + 1;
      assert.equal(html.match(/<path [^>]*class="net"/g)!.length, SMALL_SIZE.nets * layers);
    });

    await t.step("the page names every claim, figure, table, digest and seed of the bundle", () => {
      const { claims, figures, tables, study } = bundle;
      const { files } = JSON.parse(readFileSync(join(page, "bundle.json"), "utf8"));
      const words = [
        study.title,
        String(study.seed),
        `reproduce ${study.id} --profile quick`,
        ...claims.flatMap(({ id, setting }) => [id, setting]),
        ...figures.map(({ title }) => title),
        ...tables.map(({ title }) => title),
        ...files.map(({ sha256 }: { sha256: string }) => sha256),
        "the loss was not finite after epoch 41",
      ];
      for (const word of words) assert.ok(html.includes(word), word);
      assert.equal(html.match(/class="chip [^"]*"/g)!.filter((chip) => !chip.includes("provisional")).length, 0);
    });

    await t.step("tables are the bundle's own bytes, and as CSV have its rows", () => {
      for (const { name, rows, columns } of bundle.tables) {
        const path = join("tables", `${name}.parquet`);
        assert.deepEqual(readFileSync(join(page, path)), readFileSync(join(bundles, SLUG, path)));
        const lines = readFileSync(join(page, "tables", `${name}.csv`), "utf8").trimEnd().split("\r\n");
        assert.equal(lines.length, rows.length + 1, name);
        assert.equal(lines[0], columns.map(({ name }) => name).join(","));
      }
      assert.deepEqual(readFileSync(join(page, "bundle.json")), readFileSync(join(bundles, SLUG, "bundle.json")));
    });

    await t.step("the ledger has every claim with its page, and fifty of them would fit in 300 kB", () => {
      const ledger: Ledger = JSON.parse(readFileSync(join(out, "ledger.json"), "utf8"));
      const text = readFileSync(join(out, "claims", "index.html"), "utf8");
      for (const { id, setting } of bundle.claims) {
        assert.ok(text.includes(`href="../studies/${SLUG}/index.html#claim-${id}"`), id);
        assert.ok(text.includes(setting.replaceAll("<", "&lt;")), setting);
      }
      const standing = ledger.claims.flatMap(({ tests }) => tests.filter(({ stands }) => stands));
      assert.equal(text.match(/<details>/g)!.length, standing.length);
      assert.ok(standing.length >= bundle.claims.length);
      assert.ok(50 * text.length / standing.length < 300_000, `${text.length} for ${standing.length}`);
      const lines = readFileSync(join(out, "claims.csv"), "utf8").trimEnd().split("\r\n");
      assert.equal(lines.filter((line) => line.startsWith("weight-diffusion,")).length, 6);
      assert.ok(existsSync(join(out, "claims.parquet")));
    });

    await t.step("what must hold together and what must fail stand in tables beside the verdict", () => {
      const shown = html.slice(html.indexOf('id="claim-weight-diffusion"'), html.indexOf('id="claim-mnist-cnn"'));
      const text = plainText(shown);
      assert.match(text, /α of layer 1, sgd \(above\) 0\.8 ≤ L, U ≤ 1\.2/);
      assert.match(text, /D² at the end, sgd L > 0\.5|D2 at the end, sgd L > 0\.5/);
      assert.match(
        text,
        /These arms must fail the same rule\. As α of layer 1, full batch passes it, there is no verdict\./,
      );
      assert.match(text, /θ inside \[0\.8, 1\.2\], protocol 1/);
      assert.match(
        text,
        /The interval lies \S+ within the range \[0\.8, 1\.2\] \(α of layer 1, sgd\), but does not decide/,
      );
      assert.equal(shown.match(/<details>/), null, "they are not folded away");
    });

    await t.step("a bundle without claims and figures, whose only net diverged, has a page that says so", () => {
      const bare = readFileSync(join(out, "studies", "bare-smoke", "index.html"), "utf8");
      assert.match(bare, /No analysis of this study makes a claim/);
      assert.match(bare, /no analysis of this study draws one/);
      assert.match(bare, /the loss was not finite after epoch 2/);
    });

    for (const { name, dir, digest } of OLD_BUNDLES) {
      await t.step(`the bundle ${name} of an earlier Infoplane has its page, with nothing missing`, async () => {
        const { bundle: { study, profile, claims, figures, files } } = await readBundle(dir);
        const place = join(out, "studies", `${study.id}-${profile}`);
        const text = readFileSync(join(place, "index.html"), "utf8").replaceAll("&quot;", '"');
        const words = [
          study.title,
          digest,
          ...claims.flatMap(({ id, setting }) => [id, setting]),
          ...figures.map(({ title }) => title),
          ...files.flatMap(({ title, sha256 }) => [title!, sha256]),
        ];
        for (const word of words) assert.ok(text.includes(word), word);
        assert.equal(text.match(/class="figure[" ]/g)!.length, figures.length);
        assert.doesNotMatch(text, /Nothing to draw/);
        for (const { path, rows } of files) {
          assert.ok(existsSync(join(place, path)));
          const csv = readFileSync(join(place, path.replace(".parquet", ".csv")), "utf8");
          assert.equal(csv.trimEnd().split("\r\n").length, rows! + 1, path);
        }
      });
    }

    await t.step("the reference has every name that an entry point exports, once, with a comment", () => {
      for (const [specifier, names] of exportedNames()) {
        const text = referencePage(out, specifier.replace("@infoplane/", ""));
        const documented = [...text.matchAll(/<h3 id="(\w+)"|<dt id="(\w+)"/g)].map(([, here, there]) => here ?? there);
        assert.deepEqual(documented.sort(), [...names].sort(), specifier);
        for (const section of text.split('<div class="exported"').slice(1)) {
          assert.match(
            section,
            /<pre class="signature"[^>]*><code>\S[^]*?<\/code><\/pre>\s*<p>\S/,
            section.slice(0, 300),
          );
        }
        assert.doesNotMatch(text, /@link|<code><\/code>|from &quot;\.|from "\./, specifier);
      }
    });

    await t.step("the reference has every built-in with all its options, what they mean, and what it claims", () => {
      const { datasets, architectures, estimators, analyses } = builtIns;
      let options = 0;
      for (const [folder, items] of Object.entries({ datasets, architectures, estimators, analyses })) {
        for (const item of items!) {
          const { id, title, description, version } = item;
          const text = plainText(referencePage(out, `${folder}/${id}`));
          assert.ok(plainText(referencePage(out, "")).includes(title), id);
          for (const word of [title, description, `Version ${version}`]) {
            assert.ok(text.includes(told(word)), `${id}: ${word}`);
          }
          const schema = item.options["~standard"].jsonSchema!.input({ target: "draft-2020-12" });
          for (const [name, property] of propertiesOf(schema)) {
            assert.ok(text.includes(told(`${name} `)), `${id}: ${name}`);
            assert.ok(text.includes(told(property.description ?? "")), `${id}: ${property.description}`);
            options++;
          }
          for (const claim of Object.keys("claims" in item ? item.claims : {})) {
            assert.ok(text.includes(`${claim} :`), claim);
          }
        }
      }
      assert.ok(options > 80, `${options} options`);
    });

    await t.step("no page holds a path of this machine", () => {
      for (const file of filesOf(out).filter((file) => /\.(html|css|svg|js)$/.test(file))) {
        const text = readFileSync(join(out, file), "utf8");
        for (const place of [ROOT, dir, "file://"]) assert.ok(!text.includes(place), `${file} holds ${place}`);
      }
    });

    await t.step("built again elsewhere it is the same bytes", async () => {
      const [other, again] = [join(dir, "elsewhere", "bundles"), join(dir, "elsewhere", "again")];
      await cp(bundles, other, { recursive: true });
      assert.equal((await build(other, again)).code, 0);
      assert.deepEqual(filesOf(again), filesOf(out));
      for (const file of filesOf(out)) {
        assert.ok(readFileSync(join(again, file)).equals(readFileSync(join(out, file))), file);
      }
    });

    await t.step("a build that fails says so in a line and leaves the old site", async () => {
      const before = filesOf(out);
      await writeFile(join(bundles, SLUG, "bundle.json"), "{");
      const { code, said } = await build(bundles, out);
      assert.equal(code, 1);
      assert.match(said, /^error: Cannot read .* as it must be JSON: it is not$/);
      assert.deepEqual(filesOf(out), before);
      assert.deepEqual(readdirSync(dir).sort(), ["bundles", "elsewhere", "site"]);
    });

    await t.step("a folder of other things is never replaced", async () => {
      const home = join(dir, "home");
      await mkdir(home);
      await writeFile(join(home, "letter.txt"), "Dear");
      const { code, said } = await build(bundles, home);
      assert.equal(code, 1);
      assert.match(said, /must be empty or hold a site/);
      assert.deepEqual(readdirSync(home), ["letter.txt"]);
    });
  } finally {
    await rm(dir, { recursive: true });
  }
});

Deno.test("withRelativeLinks() leaves other links alone", () => {
  const text = '<a href="/x/a/index.html#b"></a><a href="#c"></a><a href="https://d.e/x/"></a><a href="/y/"></a>';
  assert.equal(
    withRelativeLinks(text, "/x/", "a"),
    '<a href="index.html#b"></a><a href="#c"></a><a href="https://d.e/x/"></a><a href="/y/"></a>',
  );
  assert.equal(withRelativeLinks('<a href="/index.html">', "/", "a/b"), '<a href="../../index.html">');
  assert.equal(withRelativeLinks("src:url(/x/_astro/f.woff2)", "/x/", "_astro"), "src:url(f.woff2)");
});
