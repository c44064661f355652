import type { LoadedDataset, RecordedNetDescription } from "@infoplane/core";
import assert from "node:assert/strict";
import { root, testContext } from "@infoplane/core/testing";
import { binormal, drawSample, gaussianMixture, type Law, type Truth } from "@infoplane/core/truths";
import { probeSet, samplesOf } from "../../../core/measuring/samples.ts";
import { lawLayer } from "../../../plugins/architectures/law.ts";
import { lawData } from "../../../plugins/datasets/law.ts";
import { loadAsSent } from "../datasets/loading.ts";

const ROWS = 40;
const PAIR: Law = { family: "binormal", rho: 0.75, mapX: "identity", mapT: "identity" };
const CLOUDS: Law = { family: "gaussian-mixture", distance: 2, dimensions: 3 };
const LAWS: readonly (readonly [Law, Truth])[] = [[PAIR, binormal(0.75)], [CLOUDS, gaussianMixture(2, 3)]];

async function layerOf(law: Law, replicate: number, dataset: LoadedDataset) {
  const { ctx } = testContext(root(2018).child("replicate", replicate));
  const recording = await lawLayer.replay({ law }, ctx);
  const net = recording.net(dataset.inputs.shape.slice(1), dataset.classes, dataset.labels.length);
  const [{ values }] = await recording.snapshots(net, replicate, [0], dataset);
  return { net: net as RecordedNetDescription, values: values as Float64Array };
}

Deno.test("dataset and layer of a law are the two sides of one draw; another replicate draws anew", async () => {
  for (const [law, truth] of LAWS) {
    const [first, second] = [0, 1].map((replicate) => loadAsSent(lawData, { law, rows: ROWS }, replicate));
    const drawn = drawSample(truth, ROWS, root(2018).child("replicate", 0).child("law"));
    const { net, values } = await layerOf(law, 0, first);
    assert.deepEqual(first.inputs.data, (drawn.inputs ?? drawn.activations).data);
    assert.deepEqual(first.labels, drawn.labels);
    assert.deepEqual(values, drawn.activations.data);
    assert.equal(net.layers[0].units * ROWS, values.length);
    assert.notDeepEqual(second.inputs.data, first.inputs.data);
    assert.notDeepEqual((await layerOf(law, 1, second)).values, values);
  }
});

Deno.test("of a pair I(X;T) is known and the labels are coins; of labelled points I(T;Y), as T is X", async () => {
  for (const [law, truth] of LAWS) {
    const dataset = loadAsSent(lawData, { law, rows: ROWS });
    const { net, values } = await layerOf(law, 0, dataset);
    const { ixtBits, ityBits } = net.layers[0];
    const pair = truth.kind === "pair";
    assert.deepEqual(
      [ixtBits, ityBits, dataset.ixyBits],
      pair ? [truth.bits, 0, 0] : [
        undefined,
        truth.bits,
        truth.bits,
      ],
    );
    const [{ meta }] = samplesOf(net, [values], probeSet(dataset, "all"), dataset.classes);
    assert.deepEqual([meta.deterministic, meta.activation, meta.range], [!pair, "unknown", undefined]);
    assert.equal(!pair, values.every((value, i) => value === dataset.inputs.data[i]));
  }
});

Deno.test("a layer is refused beside draws of another law, of another replicate, or of other rows", async () => {
  const other: Law = { ...PAIR, rho: 0.5, mapX: "asinh" };
  const cases: [Law, number][] = [[other, 0], [CLOUDS, 0], [PAIR, 1]];
  for (const [law, replicate] of cases) {
    const dataset = loadAsSent(lawData, { law, rows: ROWS }, replicate);
    await assert.rejects(
      layerOf(PAIR, 0, dataset),
      /Cannot draw a layer from binormal rho=0\.75.* as the dataset must be draws of the same law: value 0 of its inputs is/,
    );
  }
});
