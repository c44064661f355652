import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { root } from "../../../../core/testing.ts";
import { startBackend } from "../../../../core/training/tfjs/backend.ts";

type Op = (x: tf.Tensor4D, w: tf.Tensor4D) => tf.Tensor;

/** Gradients of Σ op(x, w)·v for fixed x, w and v, in x and w, on a backend. */
async function gradients(backend: "wasm" | "cpu", shape: number[], window: number[], op: Op): Promise<Float32Array[]> {
  await startBackend(backend);
  const stream = root(4).child("kernels");
  const drawn = (shape: number[]) =>
    tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal() - 1), shape);
  const [x, w] = [drawn(shape), drawn([...window, shape[3], 2])];
  const found = tf.tidy(() => {
    const v = drawn(op(x as tf.Tensor4D, w as tf.Tensor4D).shape);
    return tf.grads((x, w) => op(x as tf.Tensor4D, w as tf.Tensor4D).mul(v).sum().add(w.mul(0).sum()))([x, w]);
  });
  const values = await Promise.all(found.map((tensor) => tensor.data() as Promise<Float32Array>));
  tf.dispose([x, w, ...found]);
  return values;
}

const CASES: readonly (readonly [shape: number[], window: number[], strides: [number, number], "valid" | "same"])[] = [
  [[3, 6, 5, 2], [3, 2], [1, 1], "valid"],
  [[3, 6, 5, 2], [3, 2], [1, 1], "same"],
  [[3, 6, 5, 2], [2, 3], [2, 1], "valid"],
  [[3, 7, 7, 1], [3, 3], [2, 2], "valid"],
  [[3, 7, 7, 1], [3, 3], [2, 2], "same"],
  [[2, 7, 6, 3], [2, 2], [3, 3], "valid"],
  [[2, 7, 6, 3], [5, 4], [3, 2], "same"],
  [[1, 4, 4, 1], [1, 1], [1, 1], "valid"],
  [[1, 4, 4, 2], [4, 4], [1, 1], "valid"],
];

const OPS: { readonly [what: string]: (...given: (typeof CASES)[number]) => Op } = {
  "a convolution": (_shape, _window, strides, padding) => (x, w) => tf.conv2d(x, w, strides, padding),
  "a pool of largest values, all negative or not": (_shape, window, strides, padding) => (x) =>
    tf.maxPool(x, window as [number, number], strides, padding),
};

for (const [what, opOf] of Object.entries(OPS)) {
  Deno.test(`gradients of ${what} are on wasm what they are on cpu, for windows, strides and paddings`, async () => {
    for (const given of CASES) {
      const [shape, window] = given;
      const [wasm, cpu] = [
        await gradients("wasm", shape, window, opOf(...given)),
        await gradients("cpu", shape, window, opOf(...given)),
      ];
      wasm.forEach((values, k) => {
        const size = Math.max(1, ...cpu[k].map(Math.abs));
        values.forEach((value, i) => {
          assert.ok(Math.abs(value - cpu[k][i]) < 2e-6 * size, `${JSON.stringify(given)}: ${value}, not ${cpu[k][i]}`);
        });
      });
    }
  });
}

Deno.test("of equal largest values the first one has the gradient, on wasm as on cpu", async () => {
  const found = [];
  for (const backend of ["wasm", "cpu"] as const) {
    await startBackend(backend);
    const x = tf.zeros([1, 2, 2, 1]);
    const gradient = tf.grad((x) => tf.maxPool(x as tf.Tensor4D, 2, 1, "valid").sum())(x);
    found.push([...await gradient.data()]);
    tf.dispose([x, gradient]);
  }
  assert.deepEqual(found, [[1, 0, 0, 0], [1, 0, 0, 0]]);
});

Deno.test("a gradient leaves no tensor behind on wasm", async () => {
  await startBackend("wasm");
  const before = tf.memory().numTensors;
  await gradients("wasm", [2, 5, 5, 2], [2, 2], (x, w) => tf.maxPool(tf.conv2d(x, w, 1, "same"), 2, 1, "same"));
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("a backend that tfjs does not have is refused by name", async () => {
  await assert.rejects(startBackend("webgl" as "cpu"), {
    name: "RangeError",
    message: 'Cannot compute with tfjs as its backends are wasm, webgpu, cpu: "webgl" is none',
  });
});
