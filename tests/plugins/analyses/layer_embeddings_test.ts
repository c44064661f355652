import type {
  Analysis,
  LoadedDataset,
  MapRow,
  PointRow,
  SeriesRow,
  StudyRows,
  Tensor,
  TrialView,
} from "@infoplane/core";
import { plantedRows, root, testContext } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { layerComponents, layerNeighbours } from "../../../plugins/analyses/layer_embeddings.ts";
import { drawFigure } from "../../../reports/figures/mod.ts";
import { twinComponents } from "../../oracles/power_iteration_twin.ts";
import { viewedNet } from "../../core/measuring/viewed_net.ts";
import { reduceOf } from "./planted.ts";

const both = [layerComponents, layerNeighbours] as unknown as Analysis<never>[];
const [components, neighbours] = both;

/** A net of one layer that has the same rows at every snapshot. */
function viewOf(rows: readonly (readonly number[])[], parts: Partial<TrialView & LoadedDataset> = {}): TrialView {
  const activations: Tensor = { data: Float64Array.from(rows.flat()), shape: [rows.length, rows[0].length] };
  const { labels = new Uint8Array(rows.length), classes = 2, joint } = parts;
  return {
    ...{ trial: "some", arm: "main", replicate: 0, epochs: [0, 3, 8], layers: 1 },
    dataset: {
      inputs: activations,
      labels,
      classes,
      joint,
      splits: { train: new Uint32Array(), test: new Uint32Array() },
    },
    activations: () => activations,
    ...parts,
  } as TrialView;
}

async function mapped(analysis: Analysis<never>, view: TrialView, options: object = {}, seed = 1) {
  const read = analysis.options["~standard"].validate({ epochs: [0], ...options }) as { value: never };
  return await analysis.map!(view, read.value, null, testContext(root(seed)).ctx);
}

/** Normal rows about each centre. */
function clouds(centres: readonly (readonly number[])[], each: number): number[][] {
  const stream = root(7);
  return centres.flatMap((centre) => Array.from({ length: each }, () => centre.map((c) => c + 0.1 * stream.normal())));
}

const valuesOf = (rows: readonly MapRow[], quantity: string) =>
  rows.filter((row) => row.quantity === quantity).map(({ value }) => value!);

/** The study whose only net gave these rows. */
function studyOf(rows: readonly MapRow[], place = { arm: "main", axes: "{}" }): StudyRows {
  const all = rows.map(({ reason = null, ...row }): SeriesRow | PointRow => ({
    ...{ trial: "some", ...place, replicate: 0, ...row },
    ...{ arithmetic: "portable", reason },
  }));
  const points = all.filter((row): row is PointRow => "row" in row);
  return { ...plantedRows([], { epochs: [0] }), series: all.filter((row) => !("row" in row)), points };
}

Deno.test("layer-components: scores and shares are those of the twin, of every layer of a net", async () => {
  const { view } = await viewedNet();
  const rows = await mapped(components, view, { epochs: [5] });
  for (const layer of [1, 2, 3]) {
    const { data, shape: [n, units] } = view.activations(5, layer);
    const layerRows = Array.from({ length: n }, (_, i) => [...data.subarray(i * units, (i + 1) * units)]);
    const mean = layerRows[0].map((_, c) => layerRows.reduce((sum, row) => sum + row[c], 0) / n);
    const total = layerRows.reduce((sum, row) => sum + row.reduce((all, t, c) => all + (t - mean[c]) ** 2, 0), 0) / n;
    const own = rows.filter((row) => row.layer === layer);
    // The softmax of two has one direction alone.
    twinComponents(layerRows, layer === 3 ? 1 : 2).forEach(({ direction, variance }, k) => {
      const [share] = valuesOf(own, `component_${k + 1}_share`);
      assert.ok(Math.abs(share - variance / total) < 1e-9, `layer ${layer}: ${share}, twin ${variance / total}`);
      const scores = valuesOf(own, `component_${k + 1}`);
      const wanted = layerRows.map((row) => row.reduce((sum, t, c) => sum + (t - mean[c]) * direction[c], 0));
      const sign = Math.sign(scores[0] * wanted[0]);
      scores.forEach((score, i) => assert.ok(Math.abs(score - sign * wanted[i]) < 1e-6, `${score}, ${wanted[i]}`));
    });
  }
});

Deno.test("layer-components: rows count by p(x) where it is known", async () => {
  const joint = { px: Float64Array.of(0.5, 0.5, 0, 0), pyx: Float64Array.of(1, 0, 0.25, 0.75, 0, 1, 0, 1) };
  const rows = await mapped(components, viewOf([[0, 0], [2, 0], [0, 50], [0, -50]], { joint }));
  assert.deepEqual(valuesOf(rows, "component_1"), [-1, 1, -1, -1]);
  assert.deepEqual(valuesOf(rows, "component_1_share"), [1]);
  assert.deepEqual(valuesOf(rows, "p_label_1"), [0, 0.75, 1, 1]);
});

Deno.test("layer-components: a layer of one unit lies on the first axis, one of equal rows or too many units nowhere", async () => {
  const one = await mapped(components, viewOf([[1], [2], [3], [6]]));
  assert.deepEqual(valuesOf(one, "component_1"), [-2, -1, 0, 3]);
  assert.deepEqual([valuesOf(one, "component_2"), valuesOf(one, "component_2_share")], [[0, 0, 0, 0], [0]]);
  const wide = [0, 1, 2, 3].map((i) => Array.from({ length: 257 }, () => i));
  for (
    const [rows, reason] of [[[[1, 2], [1, 2], [1, 2], [1, 2]], /all rows are equal/], [wide, /it has 257/]] as const
  ) {
    const found = (await mapped(components, viewOf(rows))).filter(({ layer }) => layer !== null);
    assert.deepEqual(found.map(({ quantity, value }) => [quantity, value]), [
      ["component_1_share", null],
      ["component_2_share", null],
    ]);
    assert.match(found[0].reason!, reason);
  }
});

Deno.test("layer-neighbours: rows of three clouds have neighbours of their own cloud, at root mean square distance 1", async () => {
  const rows = await mapped(neighbours, viewOf(clouds([[0, 0, 0], [9, 0, 0], [0, 9, 9]], 20)), { neighbours: 8 });
  const [x, y] = [valuesOf(rows, "neighbour_1"), valuesOf(rows, "neighbour_2")];
  x.forEach((_, i) => {
    const near = x.map((_, j) => j).filter((j) => j !== i)
      .sort((a, b) => Math.hypot(x[a] - x[i], y[a] - y[i]) - Math.hypot(x[b] - x[i], y[b] - y[i])).slice(0, 5);
    const same = near.filter((j) => Math.floor(j / 20) === Math.floor(i / 20)).length;
    assert.ok(same >= 4, `row ${i} has neighbours ${near}`);
  });
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  assert.ok(Math.abs(mean(x)) < 1e-12 && Math.abs(mean(y)) < 1e-12);
  assert.ok(Math.abs(mean(x.map((_, i) => x[i] ** 2 + y[i] ** 2)) - 1) < 1e-12);
});

Deno.test("layer-neighbours: the stream decides, rows that fall together have places, and equal rows a reason", async () => {
  const rows = clouds([[0, 0]], 12);
  const [one, again, other] = [await mapped(neighbours, viewOf(rows)), await mapped(neighbours, viewOf(rows)), [
    ...await mapped(neighbours, viewOf(rows), {}, 2),
  ]];
  assert.deepEqual(one, again);
  assert.notDeepEqual(valuesOf(one, "neighbour_1"), valuesOf(other, "neighbour_1"));
  const saturated = await mapped(neighbours, viewOf(Array.from({ length: 40 }, (_, i) => [i % 3, i % 2])));
  assert.ok(
    valuesOf(saturated, "neighbour_2").length === 40 && valuesOf(saturated, "neighbour_2").every(Number.isFinite),
  );
  for (
    const [few, reason] of [[[[1], [1], [1], [1]], "all rows are equal"], [
      [[1], [2]],
      "it needs 4 rows: there are 2",
    ]] as const
  ) {
    const [row] = (await mapped(neighbours, viewOf(few))).filter(({ layer }) => layer !== null);
    assert.deepEqual([row.value, row.reason, row.row], [null, reason, undefined]);
  }
});

for (const analysis of both) {
  const axis = analysis === components ? "component_1" : "neighbour_1";

  Deno.test(`${analysis.id}: of the replicates the first, of the rows a draw of the stream, the same in every layer and snapshot`, async () => {
    const rows = clouds([[0, 0], [3, 3]], 30);
    assert.deepEqual(await mapped(analysis, viewOf(rows, { replicate: 1 })), []);
    const view = viewOf(rows, { layers: 2, labels: Uint8Array.from(rows, (_, i) => i < 30 ? 0 : 1) });
    const found = await mapped(analysis, view, { rows: 9, epochs: [0, 8] });
    const drawn = (epoch: number, layer: number) =>
      found.filter((row) => row.quantity === axis && row.epoch === epoch && row.layer === layer).map(({ row }) => row!);
    const chosen = drawn(0, 1);
    assert.equal(new Set(chosen).size, 9);
    assert.deepEqual(chosen, chosen.toSorted((a, b) => a - b));
    for (const [epoch, layer] of [[0, 2], [8, 1], [8, 2]]) assert.deepEqual(drawn(epoch, layer), chosen);
    const labels = found.filter(({ quantity }) => quantity === "label");
    assert.deepEqual(labels.map(({ row, value }) => [row, value]), chosen.map((row) => [row, row < 30 ? 0 : 1]));
    const other = await mapped(analysis, view, { rows: 9 }, 2);
    assert.notDeepEqual(other.filter(({ quantity }) => quantity === "label").map(({ row }) => row), chosen);
  });

  Deno.test(`${analysis.id}: a snapshot is the first at the epoch or after it, or else the last, and none twice`, async () => {
    const found = await mapped(analysis, viewOf(clouds([[0, 0]], 8)), { epochs: [400, 1, 0, 2, 10_000] });
    assert.deepEqual([...new Set(found.filter(({ layer }) => layer === 1).map(({ epoch }) => epoch))], [0, 3, 8]);
  });

  Deno.test(`${analysis.id}: a row of the table is a place with its colour, drawn in a panel for each snapshot and layer`, async () => {
    const joint = { px: new Float64Array(8).fill(1 / 8), pyx: Float64Array.from({ length: 16 }, (_, i) => i / 15) };
    const rows = clouds([[0, 0]], 8);
    const study = studyOf(await mapped(analysis, viewOf(rows, { layers: 2, joint }), { epochs: [0, 8] }));
    const { tables: [table] = [], figures: [figure] = [], claims } = await reduceOf(analysis, study);
    assert.deepEqual([table.rows.length, claims], [2 * 2 * 8, undefined]);
    const point = study.points!.find((one) =>
      one.quantity === axis && one.epoch === 8 && one.layer === 2 && one.row === 5
    )!;
    const row = table.rows.find((one) => one.epoch === 8 && one.layer === 2 && one.row === 5)!;
    assert.deepEqual([row[axis], row.p_label_1, row.label, row.net], [point.value, 11 / 15, 0, "main"]);
    const drawing = drawFigure({ figure, rows: table.rows });
    assert.equal(drawing.panels.length, 4);
    assert.deepEqual(drawing.notes, []);
    assert.equal(drawing.panels[0].svg.match(/<circle /g)!.length, 8);
    assert.match(figure.caption, /coloured by p\(y=1\|x\)/);
    assert.equal(figure.controls, undefined);

    const labelled = studyOf(await mapped(analysis, viewOf(rows)), { arm: "other", axes: '{"a":1}' });
    const two = await reduceOf(analysis, { ...study, points: [...study.points!, ...labelled.points!] });
    assert.match(two.figures![0].caption, /coloured by label/);
    assert.deepEqual(two.figures![0].controls, [{ column: "net", kind: "choice" }]);
    assert.deepEqual(drawFigure({ figure: two.figures![0], rows: two.tables![0].rows }).choice!.values, [
      "main",
      'other {"a":1}',
    ]);
  });
}

Deno.test("the captions say how much is seen, and what distances do not mean", async () => {
  const rows = clouds([[0, 0, 0]], 10);
  const captionOf = async (analysis: Analysis<never>) => {
    const { figures } = await reduceOf(analysis, studyOf(await mapped(analysis, viewOf(rows))));
    return figures![0].caption;
  };
  const found = await mapped(components, viewOf(rows));
  const held = valuesOf(found, "component_1_share")[0] + valuesOf(found, "component_2_share")[0];
  assert.ok(held < 0.99);
  assert.match(await captionOf(components), new RegExp(`the two hold from ${(100 * held).toFixed(0)} %`));
  assert.match(await captionOf(neighbours), /Distances between groups, .* mean nothing/);
});
