import assert from "node:assert/strict";
import type { Bundle } from "../../../core/contracts/bundle.ts";
import { ESTIMATE_COLUMNS, type Row, SERIES_COLUMNS, type Table, TRIAL_COLUMNS } from "../../../core/contracts/rows.ts";
import { expectationOf, finalValues, TOLERANCE } from "../../../core/pipeline/quantities.ts";

const digest = "d".repeat(64);
const bundle = {
  study: { id: "s" },
  profile: "quick",
  plugins: [{ id: "infoplane", version: "1.2.3" }],
  arithmetic: { train: 1, binning: "portable" },
  problems: [{
    arm: "main",
    hxBits: 12,
    hyBits: 1,
    ixyBits: 0.9,
    bayesAccuracy: null,
    layers: [{ name: "t", ixtBits: 2 }],
  }],
  counts: { trials: 3 },
  files: ["estimates", "series", "trials", "phases"].map((table, i) => ({
    path: `tables/${table}.parquet`,
    sha256: String(i).repeat(64),
    table,
  })),
  claims: [
    { id: "two-phases", verdict: "supported", arithmetic: "portable", median: 1, low: 0, high: null, interval: "t" },
    { id: "chain", verdict: "undecided", arithmetic: "portable", median: 1, low: null, high: null, interval: "none" },
  ],
} as unknown as Bundle;

const series = (arithmetic: string): Row[] =>
  [0, 1, 2].flatMap((replicate) =>
    [0, 10].map((epoch) => ({
      ...{ arm: "main", axes: "{}", replicate, epoch, layer: null, quantity: "train_loss", arithmetic },
      value: epoch === 10 ? 0.5 + replicate : 7,
    }))
  );
const tables = (arithmetic: string): Table[] => [
  { name: "trials", title: "", columns: TRIAL_COLUMNS, rows: [{ arithmetic: "portable" }] },
  { name: "estimates", title: "", columns: ESTIMATE_COLUMNS, rows: [{ arithmetic: "portable" }] },
  { name: "series", title: "", columns: SERIES_COLUMNS, rows: series(arithmetic) },
];

Deno.test("of a portable bundle every digest and closed form is exact, and no number needs a tolerance", () => {
  const { exact, numeric, statistical, qualitative, info } = expectationOf(bundle, digest, tables("portable"));
  assert.deepEqual(exact, {
    "bundle.json": digest,
    "tables/estimates.parquet": "0".repeat(64),
    "tables/series.parquet": "1".repeat(64),
    "tables/trials.parquet": "2".repeat(64),
    "tables/phases.parquet": "3".repeat(64),
    "main: H(X) bits": 12,
    "main: H(Y) bits": 1,
    "main: I(X;Y) bits": 0.9,
    "main: I(X;T) bits of layer t": 2,
  });
  assert.deepEqual(numeric, {});
  assert.deepEqual(
    statistical,
    { "two-phases": { median: 1, low: 0, high: null } },
    "what has no interval has none here",
  );
  assert.deepEqual(qualitative, { "two-phases": "supported", chain: "undecided" });
  assert.deepEqual(info, { trials: 3, "plugin infoplane": "1.2.3" });
});

Deno.test("of rows that are not portable the last median is a number, and their digest is for information", () => {
  for (const arithmetic of ["pinned", "host"]) {
    const mixed = { ...bundle, arithmetic: { ...bundle.arithmetic, snr: arithmetic } };
    const { exact, numeric, info } = expectationOf(mixed, digest, tables(arithmetic));
    assert.deepEqual(Object.keys(exact).filter((name) => name.includes(".")), [
      "tables/estimates.parquet",
      "tables/trials.parquet",
    ], "portable tables stay exact; a table that does not say what it rests on is not");
    assert.deepEqual(numeric, { "main: train_loss": { value: 1.5, absolute: TOLERANCE, relative: 0 } });
    assert.equal(info["bundle.json"], digest);
    assert.ok("tables/series.parquet" in info && "tables/phases.parquet" in info);
  }
});

Deno.test("finalValues() are those of the last snapshot of each net, whatever order rows stand in", () => {
  const found = finalValues([{ name: "series", title: "", columns: SERIES_COLUMNS, rows: series("host").reverse() }]);
  assert.deepEqual([...found.get("main: train_loss")!].sort(), [[0, 0.5], [1, 1.5], [2, 2.5]]);
});
