import assert from "node:assert/strict";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Bundle } from "../../../core/contracts/bundle.ts";
import { ESTIMATE_COLUMNS, type Row, SERIES_COLUMNS, type Table } from "../../../core/contracts/rows.ts";
import { expectationOf } from "../../../core/pipeline/quantities.ts";
import { publishBundle, PUBLISHED_BYTES, thinTable } from "../../../core/pipeline/published.ts";
import { readBundle } from "../../../core/store/bundle.ts";
import { snapshotEpochs } from "../../../core/training/snapshots.ts";
import { digestOf, expectedOf } from "../../../core/cli/expectations.ts";
import { inFolder, ROOT } from "../../cli/harness.ts";
import { FULL_SIZE, SMALL_SIZE, writeFixtureBundle } from "../../site/fixture_bundle.ts";

const table = (rows: Row[]): Table => ({ name: "series", title: "", columns: SERIES_COLUMNS, rows });
const epochsOf = ({ rows }: Table) => rows.map(({ epoch }) => epoch);

Deno.test("thinTable() leaves the snapshots of a coarser grid and the last of every sequence", () => {
  const epochs = snapshotEpochs(700);
  const long = epochs.map((epoch) => ({ trial: "a", quantity: "loss", layer: null, epoch }));
  const short = [0, 1, 2, 3].map((epoch) => ({ trial: "b", quantity: "loss", layer: null, epoch }));
  assert.deepEqual(epochsOf(thinTable(table([...long, ...short]), 1)), [0, 1, 10, 100, 668, 0, 1, 3]);
});

Deno.test("thinTable() leaves every layer of a snapshot, and sequences whole that are as coarse already", () => {
  const coarse = snapshotEpochs(700, 2).flatMap((epoch) =>
    [1, 2].map((layer) => ({ trial: "a", quantity: "snr", layer, epoch }))
  );
  assert.deepEqual(thinTable(table(coarse), 2).rows, coarse);
  assert.deepEqual(thinTable(table(coarse), 5).rows, coarse);
});

Deno.test("thinTable() leaves of epochs off the grid the first after each of its points", () => {
  const rows = [0, 7, 8, 20, 30].map((epoch) => ({ trial: "a", estimator: "e", setting: "s", probe: "all", epoch }));
  const thin = thinTable({ name: "estimates", title: "", columns: ESTIMATE_COLUMNS, rows }, 1);
  assert.deepEqual(epochsOf(thin), [0, 7, 20, 30]);
});

Deno.test("a bundle that fits is published whole, under its own digest", async () => {
  await inFolder(async (dir) => {
    await writeFixtureBundle(dir, SMALL_SIZE);
    const from = join(dir, "synthetic-plane-quick");
    const whole = await readBundle(from);
    const { digest, perDecade } = await publishBundle(from, join(dir, "published"));
    assert.deepEqual([digest, perDecade], [whole.digest, 40]);
  });
});

Deno.test("a bundle that is too large is published with as many snapshots a decade as fit, all else whole", async () => {
  await inFolder(async (dir) => {
    await writeFixtureBundle(dir, FULL_SIZE);
    const [from, to] = [join(dir, "synthetic-plane-quick"), join(dir, "published")];
    const whole = await readBundle(from);
    const limit = 700_000;
    const { bytes, perDecade } = await publishBundle(from, to, limit);
    const thin = await readBundle(to);
    assert.deepEqual(thin.bundle.thinned, { of: whole.digest, perDecade });
    assert.ok(perDecade < 40 && sizeOf(to) <= limit && bytes <= limit, `${perDecade} ${bytes} ${sizeOf(to)}`);
    const { files, thinned: _, ...facts } = thin.bundle;
    const { files: before, ...was } = whole.bundle;
    assert.deepEqual(facts, was, "claims, figures and counts are those of the whole one");
    for (const file of before) {
      const now = files.find(({ path }) => path === file.path)!;
      if (file.table === "estimates" || file.table === "series") assert.ok(now.rows! < file.rows!, file.table);
      else assert.deepEqual(now, file);
    }
    assert.deepEqual((await thin.table("series")).rows, thinTable(await whole.table("series"), perDecade).rows);
    const expected = expectationOf(whole.bundle, whole.digest, []);
    const { exact, qualitative } = expectationOf(thin.bundle, thin.digest, []);
    assert.equal(exact["bundle.json"], whole.digest, "run again, it gives the whole one");
    assert.deepEqual(qualitative, expected.qualitative);
    assert.ok(!("tables/estimates.parquet" in exact) && "tables/trials.parquet" in exact);
    for (const [name, value] of Object.entries(exact)) assert.equal(value, expected.exact[name]);

    await assert.rejects(publishBundle(to, join(dir, "twice"), limit), /must be whole: it is thinned itself/);
    await assert.rejects(
      publishBundle(from, to, 30_000),
      /must take at most 30000 bytes: with one snapshot a decade it takes \d+, the largest are table estimates \d+, /,
    );
    assert.equal((await readBundle(to)).digest, thin.digest, "what was published stays");
  });
});

Deno.test("what is published beside the studies is small and of the bundle that is expected", async () => {
  const reports = join(ROOT, "reports");
  for (const id of readdirSync(reports)) {
    const dir = join(reports, id, "published");
    if (!existsSync(dir)) continue;
    const { bundle, digest } = await readBundle(dir);
    assert.ok(sizeOf(dir) <= PUBLISHED_BYTES + 10_000, id);
    assert.equal(digestOf(expectationOf(bundle, digest, [])), expectedDigest(id, bundle), id);
  }
});

function expectedDigest(id: string, { study, profile }: Bundle): string | undefined {
  return digestOf(expectedOf({ study, folder: join(ROOT, "reports", id) })?.profiles[profile]);
}

/** Bytes of bundle.json and the tables. */
function sizeOf(dir: string): number {
  return [join(dir, "bundle.json"), ...readdirSync(join(dir, "tables")).map((name) => join(dir, "tables", name))]
    .reduce((sum, path) => sum + statSync(path).size, 0);
}
