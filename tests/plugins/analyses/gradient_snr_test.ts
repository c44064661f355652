import type { Analysis, Context, MapRow, SeriesRow, StudyRows, Training } from "@infoplane/core";
import { gradientSnr as snrOf } from "@infoplane/core/numerics";
import { root, testContext } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { gradientSnr } from "../../../plugins/analyses/gradient_snr.ts";
import { drawFigure } from "../../../reports/figures/mod.ts";
import { viewedNet } from "../../core/measuring/viewed_net.ts";
import { twinExampleGradients, twinMean } from "../../oracles/gradient_twin.ts";
import { norm } from "../../core/training/some_nets.ts";
import { plantedRows, reduceOf } from "./planted.ts";

const analysis = gradientSnr as unknown as Analysis<never>;

async function mapped(net: Awaited<ReturnType<typeof viewedNet>>, options: object = {}): Promise<readonly MapRow[]> {
  const { ctx } = testContext(root(1)) as { ctx: Context };
  const read = analysis.options["~standard"].validate(options) as { value: never };
  return await analysis.map!(net.view, read.value, null, ctx);
}

const valueOf = (rows: readonly MapRow[], quantity: string, layer: number, epoch = 0) =>
  rows.find((row) => row.quantity === quantity && row.layer === layer && row.epoch === epoch)?.value;

Deno.test("gradient-snr: norm, deviation and ratio of every layer and snapshot are those of the stored gradients, in bits", async () => {
  const net = await viewedNet();
  const rows = await mapped(net);
  assert.equal(rows.length, 2 * 3 * 5);
  const gradients = twinExampleGradients(net.setting.net, net.setting.start, net.setting.data, [...net.train]);
  [[0, 16], [16, 31], [31, 39]].forEach(([from, to], k) => {
    const ofLayer = gradients.map((g) => g.subarray(from, to));
    const mean = twinMean(ofLayer);
    const v = ofLayer.reduce((sum, g) => sum + norm(g.map((value, i) => value - mean[i])) ** 2, 0) / 40;
    const close = (quantity: string, wanted: number) => {
      const found = valueOf(rows, quantity, k + 1)!;
      assert.ok(Math.abs(found / wanted - 1) < 1e-5, `${quantity} of layer ${k + 1}: ${found}, twin ${wanted}`);
    };
    close("gradient_norm", norm(mean) / Math.LN2);
    close("gradient_sd", Math.sqrt(v) / Math.LN2);
    close("weight_norm", norm(net.setting.start.subarray(from, to)));
    close("gradient_snr_512", norm(mean) / Math.sqrt(v / 512));
    close("gradient_snr_training_batch", norm(mean) / Math.sqrt(v / 16));
  });
});

Deno.test("gradient-snr: the training batch is the whole split at most, and stands beside 512 only if it differs", async () => {
  const ratio = async (batch: Training["batch"]) => {
    const rows = await mapped(await viewedNet({ batch }));
    const own = valueOf(rows, "gradient_snr_training_batch", 2);
    return own === undefined ? undefined : own! / valueOf(rows, "gradient_snr_512", 2)!;
  };
  for (const [batch, examples] of [[8, 8], ["full", 40], [512, 40]] as const) {
    assert.ok(Math.abs((await ratio(batch))! - Math.sqrt(examples / 512)) < 1e-12);
  }
});

Deno.test("gradient-snr: a layer that no gradient reaches has no ratio, with the reason", async () => {
  // The output's weights are 0, so that no error comes down.
  const net = await viewedNet({}, { change: (start) => start.map((value, i) => i >= 31 && i < 37 ? 0 : value) });
  const rows = await mapped(net);
  const row = rows.find(({ quantity, layer }) => quantity === "gradient_snr_512" && layer === 1)!;
  assert.deepEqual([row.value, row.reason], [null, "all examples have the same gradient"]);
  assert.equal(valueOf(rows, "gradient_norm", 1), 0);
  assert.ok(valueOf(rows, "gradient_snr_512", 3)! > 0);
});

Deno.test("gradient-snr: the published ratio comes from the batches of one epoch, and from none of one batch", async () => {
  const net = await viewedNet();
  const rows = await mapped(net, { published: true });
  const stream = root(1).child("published", 5);
  net.view.batchGradients(5, stream).forEach(({ meanNorm, deviationNorm }, k) =>
    assert.equal(valueOf(rows, "gradient_snr_published", k + 1, 5), meanNorm / deviationNorm)
  );
  const full = await mapped(await viewedNet({ batch: "full" }), { published: true });
  const row = full.find(({ quantity }) => quantity === "gradient_snr_published")!;
  assert.deepEqual([row.value, row.reason], [null, "the epoch is one batch"]);
});

Deno.test("gradient-snr: one figure, a panel a layer, every net a line, and a choice only between points of the axes", async () => {
  const series = (axes: readonly string[]) =>
    axes.flatMap((axes, point) =>
      [0, 1, 2].flatMap((replicate) =>
        [1, 2].flatMap((layer) =>
          [0, 1, 10, 100].map((epoch): SeriesRow => ({
            trial: `net-${point}-${replicate}`,
            ...{ arm: "main", axes, replicate, epoch, layer, quantity: "gradient_snr_512", unit: "1" },
            value: (3 + replicate) / (1 + epoch * layer / 20),
            arithmetic: "portable",
            reason: null,
          }))
        )
      )
    );
  const drawn = async (axes: readonly string[]) => {
    const rows: StudyRows = { ...plantedRows([], { epochs: [0] }), series: series(axes) };
    const { figures, claims, tables } = await reduceOf(analysis, rows);
    assert.deepEqual([figures!.length, claims, tables], [1, undefined, undefined]);
    return { figure: figures![0], drawing: drawFigure({ figure: figures![0], rows: rows.series }) };
  };
  const one = await drawn(["{}"]);
  assert.equal(one.drawing.empty, undefined);
  assert.equal(one.drawing.panels.length, 2);
  assert.equal(one.drawing.panels[0].svg.match(/<path [^>]*d="M[^"]*L[^"]*L[^"]*"/g)!.length, 3);
  assert.equal(one.figure.controls, undefined);
  const two = await drawn(['{"training.batch":16}', '{"training.batch":64}']);
  assert.deepEqual(two.figure.controls, [{ column: "axes", kind: "choice" }]);
  assert.equal(two.drawing.panels.length, 4);
});

Deno.test("of a sample of the examples the caption says from where on a ratio is the sample's own noise", async () => {
  const captionOf = async (options: object) =>
    (await reduceOf(analysis, analysis.planted!()[0].rows, options)).figures![0].caption;
  assert.match(
    await captionOf({ examples: 2048 }),
    /that of 2048 examples at the most: .* about √\(512\/2048\) is seen\.$/,
  );
  assert.doesNotMatch(await captionOf({}), /examples at the most/);
});

Deno.test("the mean of n examples whose gradients cancel gives a ratio of about √(b/n), as is said", () => {
  // Gradients ±1 of one weight, as many of each: a sample of n has a mean of variance 1/n and a variance of about 1.
  const stream = root(8);
  const [n, draws] = [2048, 400];
  let square = 0;
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += stream.uniform() < 0.5 ? 1 : -1;
    const mean = sum / n;
    square += snrOf({ meanNorm: Math.abs(mean), variance: 1 - mean * mean }, 512) ** 2 / draws;
  }
  assert.ok(Math.abs(Math.sqrt(square) - Math.sqrt(512 / n)) < 0.06, String(Math.sqrt(square)));
});
