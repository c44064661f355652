import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Claim, Figure, RunRecord } from "../../../core/contracts/bundle.ts";
import type { Row, Table } from "../../../core/contracts/rows.ts";
import { type BundleContents, readBundle, writeBundle } from "../../../core/store/bundle.ts";
import { canonical } from "../../../core/store/canonical.ts";
import { sha256Of } from "../../../core/store/digest.ts";
import { golden } from "./golden.ts";
import { temporary } from "./temporary.ts";

Deno.test("readBundle() gives back what writeBundle() got", async () => {
  await using scratch = await temporary();
  const dir = join(scratch.dir, "bundles", "tiny");
  const { tables, ...rest } = CONTENTS;
  const written = await writeBundle(dir, CONTENTS, RUN);
  const { bundle, digest, run, table } = await readBundle(dir);
  assert.equal(digest, written);
  assert.deepEqual(run, { ...RUN, digest });
  const { files, ...found } = bundle;
  assert.deepEqual(found, { format: "infoplane.bundle", version: 1, ...rest });
  assert.deepEqual(files.map(({ path, rows }) => [path, rows]), [["tables/extra.parquet", 0], [
    "tables/series.parquet",
    3,
  ]]);
  for (const one of tables) assert.deepEqual(await table(one.name), one);
  await assert.rejects(table("estimates"), {
    name: "Problem",
    message: `Cannot read table "estimates" as the bundle ${dir} must have it: it has extra, series`,
  });
  assert.deepEqual((await readdir(dir)).sort(), ["bundle.json", "run.json", "tables"]);
  assert.deepEqual(await readdir(join(scratch.dir, "bundles")), ["tiny"]);
});

Deno.test("writeBundle() gives pinned bytes of bundle.json, its digest, and nothing of the machine in them", async () => {
  await using scratch = await temporary();
  const digest = await writeBundle(join(scratch.dir, "a"), CONTENTS, RUN);
  const other = { ...RUN, date: "2031-01-01T00:00:00Z", cores: 99, platform: "windows arm64" };
  const turned = Object.fromEntries(Object.entries(CONTENTS).reverse()) as unknown as BundleContents;
  assert.equal(
    await writeBundle(join(scratch.dir, "b"), { ...turned, tables: CONTENTS.tables.toReversed() }, other),
    digest,
  );
  const bytes = new Uint8Array(await readFile(join(scratch.dir, "b", "bundle.json")));
  assert.equal(await sha256Of(bytes), digest);
  await golden("bundle.json", bytes);
});

Deno.test("writeBundle() replaces a bundle whole, and leaves the old one if it cannot", async () => {
  await using scratch = await temporary();
  const dir = join(scratch.dir, "tiny");
  const first = await writeBundle(dir, CONTENTS, RUN);
  const bad = { ...CONTENTS, figures: [{ ...FIGURE, viewOptions: { rate: -Infinity } }] };
  await assert.rejects(writeBundle(dir, bad, RUN), {
    name: "RangeError",
    message: "Cannot write canonical JSON as every number must be finite: figures[0].viewOptions.rate is -Infinity",
  });
  assert.equal((await readBundle(dir)).digest, first);
  const second = await writeBundle(dir, { ...CONTENTS, tables: [] }, RUN);
  assert.notEqual(second, first);
  assert.equal((await readBundle(dir)).digest, second);
  assert.deepEqual(await readdir(scratch.dir), ["tiny"]);
  assert.deepEqual((await readdir(dir)).sort(), ["bundle.json", "run.json"]);
});

Deno.test("writeBundle() refuses contents that are not a bundle's, and says where", async () => {
  await using scratch = await temporary();
  const dir = join(scratch.dir, "tiny");
  const claim = { ...CLAIM, settings: [{ ...CLAIM.settings[0], verdict: "true" as "supported" }] };
  const refused: [Partial<BundleContents>, RegExp][] = [
    [{ claims: [claim] }, /^Cannot write bundle "tiny" as claims\[0\]\.settings\[0\]\.verdict must fit its schema: /],
    [{ claims: [{ ...CLAIM, theta: [NaN] }] }, /every number must be finite: claims\[0\]\.theta\[0\] is NaN$/],
    [
      { claims: [{ ...CLAIM, mood: 1 } as Claim] },
      /^Cannot write bundle "tiny" as claims\[0\] must fit its schema: .*mood/,
    ],
    [{ tables: [SERIES, SERIES] }, /^Cannot write bundle "tiny" as names of tables must differ: "series" is twice$/],
    [
      { tables: [{ ...SERIES, rows: [{ epoch: 0, value: NaN }] }] },
      /column "value" must hold a finite number .*row 0 has NaN$/,
    ],
  ];
  for (const [part, message] of refused) {
    await assert.rejects(writeBundle(dir, { ...CONTENTS, ...part }, RUN), { message });
  }
  await assert.rejects(readdir(dir), { code: "ENOENT" });
});

Deno.test("writeBundle() leaves out members that are undefined, as JSON does", async () => {
  await using scratch = await temporary();
  const claim: Claim = { ...CLAIM, reason: undefined, falseSupport: undefined };
  const digest = await writeBundle(join(scratch.dir, "a"), { ...CONTENTS, claims: [claim] }, RUN);
  assert.equal(digest, await writeBundle(join(scratch.dir, "b"), { ...CONTENTS, claims: [CLAIM] }, RUN));
});

Deno.test("writeBundle() does not replace a folder that is no bundle", async () => {
  await using scratch = await temporary();
  await writeFile(join(scratch.dir, "thesis.tex"), "years of work");
  await assert.rejects(writeBundle(scratch.dir, CONTENTS, RUN), {
    name: "Problem",
    exitCode: 2,
    message:
      `Cannot write a bundle at ${scratch.dir} as the folder must be empty or hold a bundle: it holds thesis.tex`,
  });
  await assert.rejects(
    writeBundle(join(scratch.dir, "thesis.tex", "b"), CONTENTS, RUN),
    /must be a folder that can be written/,
  );
  assert.equal(await readFile(join(scratch.dir, "thesis.tex"), "utf8"), "years of work");
  await mkdir(join(scratch.dir, "empty"));
  await writeBundle(join(scratch.dir, "empty"), CONTENTS, RUN);
});

Deno.test("readBundle() refuses a bundle that is not what was written, and says why in a line", async () => {
  await using scratch = await temporary();
  const dir = join(scratch.dir, "tiny");
  const write = (name: string, text: string) => writeFile(join(dir, name), text);
  const cases: [(text: string) => Promise<void>, RegExp][] = [
    [() => Deno.remove(join(dir, "bundle.json")), /as it must hold bundle\.json: it is missing$/],
    [() => write("bundle.json", "{"), /bundle\.json as it must be JSON: it is not$/],
    [() => write("bundle.json", "null"), /as its format must be "infoplane\.bundle": it is none$/],
    [(text) => write("bundle.json", text.replace("infoplane.bundle", "x")), /must be "infoplane\.bundle": it is "x"$/],
    [
      (text) => write("bundle.json", text.replace(/"version":1\}$/, '"version":2}')),
      /bundle\.json as its version must be at most 1: it is 2, of a newer Infoplane \(core\/VERSIONING\.md/,
    ],
    [
      (text) => write("bundle.json", text.replace('"theta"', '"zeta"')),
      /bundle\.json as claims\[0\]\S* must fit its schema: /,
    ],
    [
      (text) => write("bundle.json", text.replace("tables/extra", "../extra")),
      /as files\[0\]\.path must fit its schema: /,
    ],
    [
      (text) => write("bundle.json", text.replace("A tiny", "A huge")),
      /as bundle\.json must hash to [0-9a-f]{64}: it hashes to /,
    ],
    [
      () => write("tables/series.parquet", "x"),
      /as tables\/series\.parquet must be the file that bundle\.json names: its digest/,
    ],
    [() => Deno.remove(join(dir, "tables/series.parquet")), /as it must hold tables\/series\.parquet: it is missing$/],
    [
      (text) => write("bundle.json", text.replace('"profile":', '"colour":"red","profile":')),
      /bundle\.json as the value must fit its schema: .*"colour"$/,
    ],
    [
      async () => {
        const run = await readFile(join(dir, "run.json"), "utf8");
        await write("run.json", run.replace(/"version":1\}$/, '"version":2}'));
      },
      /run\.json as its version must be at most 1: it is 2, of a newer Infoplane/,
    ],
    [() => write("run.json", "[]"), /run\.json as its format must be "infoplane\.run": it is none$/],
  ];
  for (const [damage, message] of cases) {
    await writeBundle(dir, CONTENTS, RUN);
    await damage(await readFile(join(dir, "bundle.json"), "utf8"));
    await assert.rejects(readBundle(dir), (error: Error) => {
      assert.equal(error.name, "Problem");
      assert.doesNotMatch(error.message, /\n/);
      assert.match(error.message, message);
      return true;
    });
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("readBundle() reads a bundle without run.json, and notices a table that changes later", async () => {
  await using scratch = await temporary();
  const dir = join(scratch.dir, "tiny");
  await writeBundle(dir, CONTENTS, RUN);
  await Deno.remove(join(dir, "run.json"));
  const { run, table } = await readBundle(dir);
  assert.equal(run, null);
  await writeFile(join(dir, "tables", "series.parquet"), "x");
  await assert.rejects(table("series"), /its digest is another$/);
});

Deno.test("bundle.json is canonical JSON", async () => {
  await using scratch = await temporary();
  await writeBundle(scratch.dir, CONTENTS, RUN);
  const text = await readFile(join(scratch.dir, "bundle.json"), "utf8");
  assert.equal(text, canonical(JSON.parse(text)));
});

const SERIES: Table = {
  name: "series",
  title: "Series",
  columns: [
    { name: "epoch", type: "int32", unit: "epochs", text: "Passes." },
    { name: "value", type: "float64", unit: null, text: "The number.", nullable: true },
  ],
  rows: [0, 1, 2].map((epoch): Row => ({ epoch, value: epoch === 1 ? null : epoch / 3 })),
};

const CLAIM: Claim = {
  id: "two-phases",
  protocol: 1,
  statement: "Fitting, then compression.",
  rule: "median θ > δ",
  delta: 0.1,
  level: 0.999,
  arithmetic: "portable",
  setting: "binning count=30",
  theta: [0.25, null],
  unit: "bits",
  median: 0.25,
  low: null,
  high: 1e21,
  interval: "order statistics",
  planned: 2,
  failed: 0,
  censored: 1,
  verdict: "undecided",
  settings: [{
    setting: "binning count=10",
    theta: [],
    unit: "bits",
    median: null,
    low: null,
    high: null,
    interval: "none",
    planned: 2,
    failed: 2,
    censored: 0,
    verdict: "undecided",
    reason: "no replicate",
  }],
  sensitivity: [{ label: "count=10", delta: 0.05, verdict: "contradicted" }],
  provisional: true,
};

const FIGURE: Figure = {
  id: "plane",
  title: "Plane",
  caption: "See.",
  alt: "A plane.",
  table: "series",
  view: "information-plane",
  viewOptions: { epochs: [0, 1] },
  marks: [{ mark: "dot", x: "epoch", y: "value", where: { epoch: 1 } }],
  scales: { y: { type: "log", domain: [0.1, 1], scheme: "epoch" } },
  controls: [{ column: "epoch", kind: "slider" }],
};

const CONTENTS: BundleContents = {
  study: {
    format: 1,
    id: "tiny",
    title: "A tiny study?",
    seed: 2018,
    base: {
      dataset: { id: "symmetric-rule", options: { form: "stochastic" } },
      architecture: { id: "dense", options: { widths: [3] } },
      training: { optimiser: { id: "sgd", rate: 0.1 }, batch: "full", epochs: 10 },
    },
    arms: { main: {}, adam: { role: "control", training: { optimiser: { id: "adam", rate: 0.001 }, batch: 16 } } },
    axes: [{ path: "training.batch", values: [16, "full"] }],
    replicates: 2,
    measure: [{ estimator: "binning", options: { count: 30 }, on: "all" }],
    analyses: [{ id: "two-phases" }],
    profiles: { smoke: { "base.training.epochs": 2 }, quick: {}, full: {} },
  },
  profile: "smoke",
  plugins: [{ id: "infoplane", from: "plugins/mod.ts", version: "0.1.0", integrity: null, rights: {} }],
  arithmetic: { train: 1, forward: 1, binning: "portable" },
  problems: [{
    arm: "main",
    dataset: "symmetric-rule",
    n: 4096,
    classes: 2,
    trainRows: 3277,
    testRows: 819,
    hxBits: 12,
    hyBits: 1,
    ixyBits: 0.99,
    bayesAccuracy: null,
    layers: [{ name: "dense-1", units: 3, activation: "tanh" }],
    parameters: 47,
  }],
  counts: { trials: 2, done: 2, diverged: 0, skipped: 0, failed: 0, estimates: 0 },
  tables: [SERIES, { ...SERIES, name: "extra", title: "Nothing", rows: [] }],
  claims: [CLAIM],
  figures: [FIGURE],
};

const RUN: Omit<RunRecord, "digest"> = {
  format: "infoplane.run",
  version: 1,
  infoplane: "0.1.0",
  deno: "2.9.6",
  v8: "15.0",
  platform: "linux x86_64",
  cores: 2,
  jobs: 2,
  date: "2026-11-23T12:00:00Z",
  seconds: { run: 1.5 },
  trained: 2,
  reused: 0,
};
