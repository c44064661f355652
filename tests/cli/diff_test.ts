import assert from "node:assert/strict";
import { join } from "node:path";
import { EXIT } from "../../core/contracts/problem.ts";
import { diffBundles } from "../../core/pipeline/bundle_diff.ts";
import { publishBundle } from "../../core/pipeline/published.ts";
import { type BundleContents, readBundle, writeBundle } from "../../core/store/bundle.ts";
import { SMALL_SIZE, writeFixtureBundle } from "../site/fixture_bundle.ts";
import { inFolder, infoplane } from "./harness.ts";

const NAME = "synthetic-plane-quick";

/** Writes the made-up bundle, and beside it one that was changed. */
async function twoBundles(dir: string, change: (contents: BundleContents) => BundleContents): Promise<void> {
  const bundles = join(dir, "out", "bundles");
  const contents = await writeFixtureBundle(bundles, SMALL_SIZE);
  const { digest: _, ...run } = (await readBundle(join(bundles, NAME))).run!;
  await writeBundle(join(bundles, "other"), change(contents), run);
}

function changed(contents: BundleContents): BundleContents {
  const [claim, ...others] = contents.claims;
  return {
    ...contents,
    plugins: contents.plugins.map((plugin) => ({ ...plugin, version: "9.9.9" })),
    claims: [{ ...claim, verdict: "contradicted", median: -3, low: null }, ...others],
    tables: contents.tables.filter(({ name }) => name !== "compression").map((table) => ({
      ...table,
      rows: table.name === "series" ? table.rows.map((row, i) => i === 5 ? { ...row, value: 99 } : row) : table.rows,
    })),
  };
}

Deno.test("diff names claims, cells, tables and plugins that differ, and exits 1; equal bundles are equal, and 0", async () => {
  await inFolder(async (dir) => {
    await twoBundles(dir, changed);
    const out = ["--out", join(dir, "out")];
    const said = await infoplane(["diff", NAME, join(dir, "out", "bundles", "other", "bundle.json"), ...out]);
    assert.equal(said.code, EXIT.differs, said.stderr);
    assert.match(said.stdout, /^claim \S+: \w+, median .* → contradicted, median -3 \[−∞, /m);
    assert.match(said.stdout, /^table series: 1 of \d+ rows differ: value in 1, at most by \d/m);
    assert.match(said.stdout, /^table compression: only in the first$/m);
    assert.match(said.stdout, /^plugin \S+: .* → 9\.9\.9$/m);
    assert.match(said.stdout, /^bundle\.json: plugins, files, claims differ$/m);
    assert.doesNotMatch(said.stdout, /table (estimates|trials)/);

    const json = await infoplane(["diff", NAME, "other", "--json", ...out]);
    const { format, equal, tables, missing } = JSON.parse(json.stdout);
    assert.deepEqual([format, equal, missing], ["infoplane.diff/1", false, [["compression"], []]]);
    assert.deepEqual(tables.map((one: { table: string; changed: number }) => [one.table, one.changed]), [[
      "series",
      1,
    ]]);

    const same = await infoplane(["diff", NAME, join(dir, "out", "bundles", NAME), ...out]);
    assert.deepEqual([same.code, /^equal$/m.test(same.stdout)], [0, true]);
    const unknown = await infoplane(["diff", NAME, "othr", ...out]);
    assert.deepEqual([unknown.code, /did you mean "other"/.test(unknown.stderr)], [EXIT.usage, true]);
  });
});

Deno.test("a bundle and what was published of it are equal; of another they are compared at the snapshots both have", async () => {
  await inFolder(async (dir) => {
    await twoBundles(dir, (contents) => ({
      ...contents,
      tables: contents.tables.map((table) => ({
        ...table,
        rows: table.name === "series" ? table.rows.map((row) => ({ ...row, value: 1 })) : table.rows,
      })),
    }));
    const [whole, other, thin] = [NAME, "other", "thin"].map((name) => join(dir, "out", "bundles", name));
    const { bundle } = await readBundle(whole);
    const bytes = bundle.files.reduce((sum, { bytes }) => sum + bytes, 0);
    await publishBundle(whole, thin, bytes / 2 + 20_000);
    const [a, b, c] = await Promise.all([whole, other, thin].map(readBundle));
    assert.ok(c.bundle.thinned !== undefined);
    const own = await diffBundles(a, c);
    assert.deepEqual([own.equal, own.tables], [true, []]);
    const others = await diffBundles(c, b);
    const kept = (await c.table("series")).rows.length;
    assert.deepEqual([others.equal, others.tables.map(({ table, rows, alone }) => [table, rows, alone])], [
      false,
      [["series", [kept, kept], [0, 0]]],
    ]);
  });
});
