import type { Analysis, Row, StudyRows } from "@infoplane/core";
import { PROTOCOL } from "@infoplane/core/claims";
import assert from "node:assert/strict";
import { calibration } from "../../../plugins/analyses/calibration.ts";
import { drawFigure } from "../../../reports/figures/mod.ts";
import { plantedRows, reduceOf } from "./planted.ts";

const analysis = calibration as unknown as Analysis<never>;
const TRUTH = 2;
const NOISE = [-0.04, 0.06, 0.01, -0.02, 0.03];

/** A law of 2 bits whose labels are coins, measured with a bias of each quantity. */
function planted(arm: string, estimator: string, [ixt, ity]: readonly number[], truth = TRUTH): StudyRows {
  const rows = plantedRows(
    NOISE.map((noise) => ({ ixt: [[truth + ixt + noise]], ity: [[ity + noise]] })),
    { epochs: [0], estimator, setting: "{}", arm, hxBits: 7 },
  );
  const layers = [{ name: "law", units: 1, activation: "unknown", ixtBits: truth, ityBits: 0 }];
  return { ...rows, problems: rows.problems.map((problem) => ({ ...problem, layers })) };
}

function together(parts: readonly StudyRows[]): StudyRows {
  return {
    ...parts[0],
    trials: parts.flatMap(({ trials }) => trials),
    estimates: parts.flatMap(({ estimates }) => estimates),
    problems: parts.flatMap(({ problems }) => problems),
  };
}

const pick = (rows: readonly Row[], ...columns: string[]) => rows.map((row) => columns.map((name) => row[name]));

Deno.test("an estimator that is biased is flagged on the quantity it misses, one that is right is not", async () => {
  const rows = together([
    planted("law", "honest", [0, 0]),
    planted("law", "low", [-0.5, 0]),
    planted("law", "high", [
      0,
      0.2,
    ]),
  ]);
  const { tables, claims } = await reduceOf(analysis, rows);
  assert.equal(claims, undefined);
  const [table] = tables!;
  assert.deepEqual(pick(table.rows, "estimator", "quantity", "flagged", "deviation"), [
    ["honest", "I(X;T)", false, "within 0.1 bit"],
    ["honest", "I(T;Y)", false, "within 0.1 bit"],
    ["low", "I(X;T)", true, "more than 0.1 bit off"],
    ["low", "I(T;Y)", false, "within 0.1 bit"],
    ["high", "I(X;T)", false, "within 0.1 bit"],
    ["high", "I(T;Y)", true, "more than 0.1 bit off"],
  ]);
  const wide = await reduceOf(analysis, rows, { tolerance: 0.4 });
  assert.deepEqual(wide.tables![0].rows.map(({ flagged }) => flagged), [false, false, true, false, false, false]);
});

Deno.test("the error is the median over replicates, inside its intervals, with the truth and the ceiling beside it", async () => {
  const { tables } = await reduceOf(analysis, planted("law", "low", [-0.5, 0]));
  const [ixt, ity] = tables![0].rows as Record<string, number>[];
  const error = -0.5 + 0.01;
  assert.ok(Math.abs(ixt.error_bits - error) < 1e-12 && Math.abs(ixt.estimate_bits - TRUTH - error) < 1e-12);
  assert.deepEqual([ixt.truth_bits, ixt.ceiling_bits, ixt.replicates, ixt.missing], [2, 7, 5, 0]);
  assert.deepEqual([ity.truth_bits, ity.ceiling_bits], [0, null]);
  const mean = NOISE.reduce((a, b) => a + b) / 5;
  const deviation = Math.sqrt(NOISE.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 4 / 5);
  assert.ok(Math.abs(ixt.error_high95_bits - (-0.5 + mean + 2.7764451051977943 * deviation)) < 1e-12);
  assert.ok(ixt.error_low_bits < ixt.error_low95_bits && PROTOCOL.alpha < PROTOCOL.shownAlpha);
});

Deno.test("a replicate without an estimate is counted with its reason, and a layer of unknown truth says nothing", async () => {
  const rows = planted("law", "low", [0, 0]);
  const estimates = rows.estimates.map((row) =>
    row.replicate === 2 ? { ...row, ixt_bits: null, reason: "no I(X;T): planted" } : row
  );
  const [ixt] = (await reduceOf(analysis, { ...rows, estimates })).tables![0].rows;
  assert.deepEqual([ixt.replicates, ixt.missing, ixt.reason, ixt.error_low95_bits], [
    4,
    1,
    "no I(X;T): planted",
    null,
  ]);
  const none = estimates.map((row) => ({ ...row, ixt_bits: null, reason: "never" }));
  const [never] = (await reduceOf(analysis, { ...rows, estimates: none })).tables![0].rows;
  assert.deepEqual([never.status, never.error_bits, never.flagged, never.deviation], ["missing", null, false, "none"]);
  const unknown = rows.problems.map((problem) => ({ ...problem, layers: [] }));
  assert.deepEqual((await reduceOf(analysis, { ...rows, problems: unknown })).tables![0].rows, []);
});

Deno.test("an arm whose truth changes along the axes has no one truth and is refused", async () => {
  const [one, two] = [planted("law", "low", [0, 0]), planted("law", "low", [0, 0], 3)];
  await assert.rejects(
    reduceOf(analysis, { ...one, problems: [...one.problems, ...two.problems] }),
    /Cannot calibrate on arm "law" as its truth must be the same along the axes: it is 2, 3/,
  );
});

Deno.test("settings of an estimator are named by the options in which they differ", async () => {
  const rows = planted("law", "ksg", [0, 0]);
  const settings = ['{"form":1,"k":3}', '{"form":"mixed","k":3}'];
  const estimates = settings.flatMap((setting) => rows.estimates.map((row) => ({ ...row, setting })));
  const { tables } = await reduceOf(analysis, { ...rows, estimates });
  assert.deepEqual([...new Set(tables![0].rows.map(({ measurement }) => measurement))], ["ksg, form 1", "ksg, mixed"]);
});

Deno.test("figures tell T from other variables, draw laws by rising truth, and estimates against truth", async () => {
  const rows = together([
    planted("large", "ksg", [-3, 0], 6),
    planted("small", "ksg", [0, 0], 1),
    planted("small", "binning", [3, 0], 1),
  ]);
  const rising = [{ family: "both", arms: ["large", "small"] }];
  const { tables, figures } = await reduceOf(analysis, rows, { rising });
  assert.deepEqual(figures!.map(({ id }) => id), [
    "calibration-rising",
    "calibration-ixt-errors",
    "calibration-ixt-others",
    "calibration-ity-errors",
    "calibration-ity-others",
  ]);
  const [path, own, others] = figures!;
  assert.deepEqual(own.scales!.y.domain, ["small, 1", "large, 6"]);
  assert.match(own.caption, /With 4096 rows, .*: ksg, 1 of 2 \(−2\.99 on large\)/);
  assert.match(others.caption, /not T but the binned layer/);
  const lines = tables!.find(({ name }) => name === path.table)!;
  assert.deepEqual(pick(lines.rows, "arm", "truth_bits"), [["small", 1], ["large", 6]]);
  for (const figure of figures!) {
    const drawing = drawFigure({ figure, rows: tables!.find(({ name }) => name === figure.table)!.rows });
    assert.equal(drawing.empty, undefined, figure.id);
    assert.equal(drawing.panels.length, 1);
  }
});
