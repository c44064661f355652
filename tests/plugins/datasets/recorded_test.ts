import assert from "node:assert/strict";
import { testContext } from "@infoplane/core/testing";
import { recordedData } from "../../../plugins/datasets/recorded.ts";
import { IRISES, npy, SMALL, writeRecording } from "../../core/store/recordings.ts";
import { temporary } from "../../core/store/temporary.ts";

const { ctx } = testContext();

const FILES = {
  "x.npy": npy([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]),
  "y.npy": npy([0, 0, 1, 1]),
  "test.npy": npy([3, 0]),
  "px.npy": npy([0.5, 0.25, 0.125, 0.125]),
  "pyx.npy": npy([1, 0, 0.5, 0.5, 0, 1, 0.25, 0.75], [4, 2]),
};
const NAMED = { inputs: "x.npy", labels: "y.npy", test: "test.npy" };

async function load(dataset: Record<string, unknown> | undefined, files: Record<string, Uint8Array> = {}) {
  await using scratch = await temporary();
  await writeRecording(scratch.dir, { ...SMALL, dataset }, { ...FILES, ...files });
  return await recordedData.load({ path: scratch.dir }, ctx);
}

Deno.test("what PyTorch recorded is loaded with its split", async () => {
  const dataset = await recordedData.load({ path: "iris-weights" }, { ...ctx, data: [IRISES] });
  assert.deepEqual([dataset.inputs.shape, dataset.classes, dataset.joint], [[150, 4], 3, undefined]);
  assert.deepEqual([dataset.splits.train.length, dataset.splits.test.length], [120, 30]);
  assert.deepEqual([0, 50, 100].map((row) => dataset.labels[row]), [0, 1, 2]);
});

Deno.test("rows outside the test split are trained on, unless told", async () => {
  const dataset = await load(NAMED);
  assert.deepEqual(dataset.splits, { train: Uint32Array.of(1, 2), test: Uint32Array.of(0, 3) });
  const told = await load({ ...NAMED, train: "t.npy" }, { "t.npy": npy([2]) });
  assert.deepEqual(told.splits.train, Uint32Array.of(2));
  const none = await load({ inputs: "x.npy", labels: "y.npy" });
  assert.deepEqual([none.splits.train.length, none.splits.test.length], [4, 0]);
});

Deno.test("p(y|x) makes the joint exact, with rows equally likely unless p(x) is told", async () => {
  const pyx = Float64Array.of(1, 0, 0.5, 0.5, 0, 1, 0.25, 0.75);
  assert.deepEqual((await load({ ...NAMED, pyx: "pyx.npy" })).joint, { px: new Float64Array(4).fill(0.25), pyx });
  const told = await load({ ...NAMED, pyx: "pyx.npy", px: "px.npy" });
  assert.deepEqual(told.joint, { px: Float64Array.of(0.5, 0.25, 0.125, 0.125), pyx });
});

Deno.test("data that do not fit together are refused by name", async () => {
  const cases: [Record<string, unknown> | undefined, Record<string, Uint8Array>, RegExp][] = [
    [undefined, {}, /its manifest must name them under "dataset": it does not/],
    [NAMED, { "x.npy": npy([0, 1, 2, 3]) }, /x\.npy as inputs must be \[n, …\], a row an example: the shape is \[4\]/],
    [NAMED, { "x.npy": npy([0, 0, 0, 1, 1, NaN, 1, 1], [4, 2]) }, /inputs must be finite: a number of row 2 is NaN/],
    [NAMED, { "y.npy": npy([0, 1]) }, /y\.npy as labels must be a list of 4, one a row: the shape is \[2\]/],
    [NAMED, { "y.npy": npy([0, 1, 0.5, 1]) }, /y\.npy as labels must be integers from 0 to 255: \[2\] is 0\.5/],
    [{ ...NAMED, classes: 2 }, { "y.npy": npy([0, 1, 2, 1]) }, /labels must be below 2: the largest is 2/],
    [NAMED, { "test.npy": npy([4]) }, /test\.npy as test rows must be integers from 0 to 3: \[0\] is 4/],
    [{ ...NAMED, pyx: "pyx.npy" }, { "pyx.npy": npy([1, 0], [1, 2]) }, /p\(y\|x\) must be \[4, 2\]: it is \[1, 2\]/],
    [
      { ...NAMED, pyx: "pyx.npy" },
      { "pyx.npy": npy([1, 0, 0.5, 0.6, 0, 1, 1, 0], [4, 2]) },
      /p\(y\|x\) must sum to 1: row 1 is/,
    ],
    [
      { ...NAMED, pyx: "pyx.npy", px: "px.npy" },
      { "px.npy": npy([0.5, 0.25]) },
      /p\(x\) must be 4 numbers that sum to 1: 2 sum to 0\.75/,
    ],
  ];
  for (const [dataset, files, line] of cases) {
    await assert.rejects(load(dataset, files), (error: Error & { exitCode?: number }) => {
      assert.match(error.message, line);
      return error.exitCode === 2;
    });
  }
});
