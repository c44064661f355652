import assert from "node:assert/strict";
import { join } from "node:path";
import { testContext } from "@infoplane/core/testing";
import { recorded } from "../../plugins/architectures/recorded.ts";
import { recordedData } from "../../plugins/datasets/recorded.ts";
import { pythonTest } from "../core/store/python.ts";
import { temporary } from "../core/store/temporary.ts";

const FOLDER = join(import.meta.dirname!, "..", "..", "examples", "record-pytorch");
const { ctx } = testContext();

async function record(script: string, dir: string): Promise<void> {
  const { code, stderr } = await new Deno.Command("python3", {
    args: ["-c", script, dir],
    cwd: FOLDER,
    env: { PYTHONDONTWRITEBYTECODE: "1" },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
}

pythonTest(["numpy", "safetensors"], "record.py records arrays as Keras has them, [in, out], in doubles", async () => {
  await using scratch = await temporary();
  await record(
    `
import sys
import numpy as np
from record import Recorder

recorder = Recorder(sys.argv[1], {"dense": "tanh", "dense_1": "softmax"}, "arrays", layout="in-out")
recorder.data(np.eye(2), [0, 1], train=[0], test=[1])
for run in (0, 1):
    recorder.run()
    for epoch in (0, 3):
        weights = (np.arange(6).reshape(2, 3) - run) / 3
        recorder.snapshot(epoch, {
            "dense.weight": weights, "dense.bias": np.zeros(3),
            "dense_1.weight": weights.T, "dense_1.bias": np.full(2, epoch / 7),
        }, trainLossNats=0.5)
recorder.close()
`,
    scratch.dir,
  );
  const data = await recordedData.load({ path: scratch.dir }, ctx);
  assert.deepEqual(data.inputs, { data: Float64Array.of(1, 0, 0, 1), shape: [2, 2] });
  assert.deepEqual([data.labels, data.splits.train, data.splits.test], [
    Uint8Array.of(0, 1),
    Uint32Array.of(0),
    Uint32Array.of(1),
  ]);
  const recording = await recorded.replay({ path: scratch.dir }, ctx);
  assert.deepEqual(recording.runs, [[0, 3], [0, 3]]);
  const net = recording.net([2], 2, 2);
  const [{ values }] = await recording.snapshots(net, 1, [3], data);
  const weights = [0, 1, 2, 3, 4, 5].map((i) => (i - 1) / 3);
  const turned = [0, 3, 1, 4, 2, 5].map((i) => weights[i]);
  assert.deepEqual(values, Float64Array.of(...weights, 0, 0, 0, ...turned, 3 / 7, 3 / 7));
});

pythonTest(
  ["torch", "safetensors"],
  "record.py records activations by hooks in evaluation mode, softmax applied",
  async () => {
    await using scratch = await temporary();
    await record(
      `
import sys
import torch
from record import Recorder

net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Dropout(0.9), torch.nn.Linear(3, 2, bias=False))
with torch.no_grad():
    for parameter in net.parameters():
        parameter.fill_(0.25)
recorder = Recorder(sys.argv[1], {"1": "relu", "2": "relu", "3": "softmax"}, "hooks", records="activations")
recorder.data(torch.eye(2), [0, 1])
recorder.snapshot(0, net)
assert net.training
recorder.close()
`,
      scratch.dir,
    );
    const recording = await recorded.replay({ path: scratch.dir }, ctx);
    const net = recording.net([2], 2, 2);
    const data = await recordedData.load({ path: scratch.dir }, ctx);
    const [{ values }] = await recording.snapshots(net, 0, [0], data);
    assert.deepEqual(values, new Float32Array(16).fill(0.5), "dropout drops nothing, and equal logits are even odds");
  },
);
