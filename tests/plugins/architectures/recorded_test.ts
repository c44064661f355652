import assert from "node:assert/strict";
import type { LoadedDataset, RecordedNetDescription } from "@infoplane/core";
import { testContext } from "@infoplane/core/testing";
import { writeSafetensors } from "../../../core/store/safetensors.ts";
import { recorded } from "../../../plugins/architectures/recorded.ts";
import { IRISES, SMALL, smallWeights, writeRecording } from "../../core/store/recordings.ts";
import { temporary } from "../../core/store/temporary.ts";

const { ctx } = testContext();
/** What is recorded does not look at it. */
const data: LoadedDataset = {
  inputs: { data: new Float32Array(0), shape: [0, 2] },
  labels: new Uint8Array(0),
  classes: 2,
  splits: { train: new Uint32Array(0), test: new Uint32Array(0) },
};

Deno.test("weights of PyTorch [out, in] and of Keras [in, out] are the same parameters, [in, out] then biases", async () => {
  await using scratch = await temporary();
  const { dir } = scratch;
  await writeRecording(dir, SMALL);
  const torch = await recorded.replay({ path: dir }, ctx);
  const net = torch.net([2], 2, 10);
  assert.ok(net.kind === "layers");
  assert.deepEqual(net.layers.map(({ name, units, activation }) => [name, units, activation]), [
    ["a", 3, "tanh"],
    ["b", 2, "softmax"],
  ]);
  const [snapshot] = await torch.snapshots(net, 0, [5], data);
  const [weights, biases] = smallWeights(5).map(([, { data }]) => data);
  const byHand = [0, 2, 4, 1, 3, 5].map((i) => weights[i]);
  assert.deepEqual(snapshot.values.slice(0, 9), Float32Array.of(...byHand, ...biases));

  const turned = smallWeights(5).map(([name, { data, shape }]): [string, { data: Float32Array; shape: number[] }] => {
    if (shape.length === 1) return [name, { data, shape }];
    const [rows, columns] = shape;
    const other = Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]);
    return [name, { data: other, shape: [columns, rows] }];
  });
  const files = { "e5.safetensors": writeSafetensors(turned) };
  await writeRecording(
    dir,
    { ...SMALL, layout: "in-out", runs: [{ epochs: [5], files: "e{epoch}.safetensors" }] },
    files,
  );
  const keras = await recorded.replay({ path: dir }, ctx);
  assert.deepEqual(await keras.snapshots(net, 0, [5], data), [snapshot]);
});

Deno.test("activations make a recorded net with as many rows as the dataset", async () => {
  const recording = await recorded.replay({ path: "iris-activations" }, { ...ctx, data: [IRISES] });
  assert.deepEqual(recording.runs, [0, 1].map(() => [0, 1, 2, 4, 8, 16, 32, 64, 128, 200]));
  const net = recording.net([4], 3, 150) as RecordedNetDescription;
  assert.deepEqual([net.kind, net.rows, net.layers.map(({ units }) => units)], ["recorded", 150, [5, 3, 3]]);
  const [{ values }] = await recording.snapshots(net, 1, [200], data);
  assert.equal(values.length, 150 * 11);
  await assert.rejects(
    recording.snapshots({ ...net, rows: 4096 }, 0, [0], data),
    /its shape must be \[4096, 5\]: it is \[150, 5\]/,
  );
});

Deno.test("recorded losses become bits", async () => {
  await using scratch = await temporary();
  const runs = [{
    epochs: [0, 5],
    files: "e{epoch}.safetensors",
    trainLossNats: [1, Math.LN2],
    testAccuracy: [0.5, 0.75],
  }];
  await writeRecording(scratch.dir, { ...SMALL, runs });
  const recording = await recorded.replay({ path: scratch.dir }, ctx);
  const [, last] = await recording.snapshots(recording.net([2], 2, 10), 0, [0, 5], data);
  assert.deepEqual([last.epoch, last.trainLossBits, last.testLossBits, last.testAccuracy], [5, 1, undefined, 0.75]);
});

Deno.test("weights whose output is no distribution, or whose activation is unknown, are refused with what to do", async () => {
  await using scratch = await temporary();
  const [a, b] = SMALL.layers as { name: string; units: number; activation: string }[];
  const cases: [Record<string, unknown>[], RegExp][] = [
    [
      [a, { ...b, activation: "linear" }],
      /softmax over 2 classes \(also where the loss applies it\).*: it is linear of 2/,
    ],
    [[a, { ...b, units: 3 }], /softmax over 2 classes.*: it is softmax of 3/],
    [
      [{ ...a, activation: "unknown" }, b],
      /activation of layer "a" must be known: it is "unknown"; record activations/,
    ],
  ];
  for (const [layers, line] of cases) {
    await writeRecording(scratch.dir, { ...SMALL, layers });
    const recording = await recorded.replay({ path: scratch.dir }, ctx);
    assert.throws(() => recording.net([2], 2, 10), (error: Error & { exitCode?: number }) => {
      assert.match(error.message, line);
      return error.exitCode === 2;
    });
  }
});
