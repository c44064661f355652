import assert from "node:assert/strict";
import type { NetDescription } from "../../../core/contracts/architecture.ts";
import type { LoadedDataset } from "../../../core/contracts/dataset.ts";
import { probeSet, sampleAt, samplesOf } from "../../../core/measuring/samples.ts";

const dataset: LoadedDataset = {
  inputs: { data: Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7), shape: [4, 2, 1], scale: 0.5 },
  labels: Uint8Array.of(0, 1, 1, 0),
  classes: 2,
  splits: { train: Uint32Array.of(3, 1), test: Uint32Array.of(0, 2) },
  joint: { px: new Float64Array(4).fill(0.25), pyx: Float64Array.of(1, 0, 0.2, 0.8, 0.1, 0.9, 1, 0) },
};
const net = { kind: "layers", layers: [{ units: 1, activation: "tanh" }] } as unknown as NetDescription;
const activations = [Float32Array.of(0.1, 0.2, 0.3, 0.4)];

Deno.test("samples carry the inputs of their rows, and that T is a function of them", () => {
  const [all] = samplesOf(net, activations, probeSet(dataset, "all"), 2);
  assert.equal(all.inputs, dataset.inputs);
  assert.deepEqual([all.meta.deterministic, all.meta.exactJoint], [true, true]);
  const [train] = samplesOf(net, activations, probeSet(dataset, "train"), 2);
  assert.deepEqual(train.inputs, { data: Uint8Array.of(2, 3, 6, 7), shape: [2, 2, 1], scale: 0.5 });
  assert.deepEqual([train.meta.deterministic, train.meta.exactJoint], [true, false]);
});

Deno.test("a sample at some rows takes all that belongs to them, as often as they are named", () => {
  const [train] = samplesOf(net, activations, probeSet(dataset, "train"), 2);
  const some = sampleAt(train, Uint32Array.of(1, 1));
  assert.deepEqual(some.activations, { data: Float32Array.of(0.4, 0.4), shape: [2, 1] });
  assert.deepEqual(some.inputs, { data: Uint8Array.of(6, 7, 6, 7), shape: [2, 2, 1], scale: 0.5 });
  assert.deepEqual([...some.labels, some.meta.n], [0, 0, 2]);
  assert.deepEqual(some.joint, { px: Float64Array.of(0.5, 0.5), pyx: Float64Array.of(1, 0, 1, 0) });
});
