/**
 * The program whose digest must be the same everywhere: 200 SGD steps and 50 Adam steps of the small net, then a forward pass.
 * Bundled for Chromium and for Node by `engine_test.ts`, and run as it is in Deno.
 *
 * @module
 */
import {
  createDenseEngine,
  type DenseOptimiser,
  initialParameters,
  loadKernels,
  root,
  shuffle,
} from "../../core/browser.ts";

const net = {
  kind: "layers" as const,
  inputShape: [12],
  inputs: 12,
  layers: [10, 7, 5, 4, 3, 2].map((units, k) => ({
    kind: "dense" as const,
    name: `layer ${k + 1}`,
    units,
    activation: k < 5 ? "tanh" as const : "softmax" as const,
    weights: { distribution: "truncated-normal" as const, sigma: 1 / Math.sqrt([12, 10, 7, 5, 4, 3][k]) },
    bias: 0,
  })),
};

/** Bytes of weights, losses and activations after the steps, as numbers in one array. */
export async function trained(): Promise<Float64Array> {
  const kernels = await loadKernels();
  const labels = Uint8Array.from({ length: 4096 }, (_, row) => bitCount(row) > 6 ? 1 : 0);
  const inputs = Float32Array.from({ length: 4096 * 12 }, (_, i) => (Math.floor(i / 12) >> (11 - i % 12)) & 1);
  const numbers: number[] = [];
  const optimisers: [DenseOptimiser, number][] = [
    [{ id: "sgd", rate: 0.1 }, 200],
    [{ id: "adam", rate: 0.0004, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, 50],
  ];
  for (const [optimiser, steps] of optimisers) {
    const engine = createDenseEngine(kernels, net, { optimiser, maxBatch: 512 });
    engine.setData(inputs, labels);
    engine.setParameters(initialParameters(net, root(2018).child("replicate", 0, "weights")));
    const batches = root(2018).child("replicate", 0, "batches");
    for (let step = 0; step < steps; step++) {
      const rows = shuffle(Uint32Array.from({ length: 4096 }, (_, row) => row), batches.child(step));
      numbers.push(engine.step(rows.subarray(0, step % 8 === 7 ? 205 : 512)));
    }
    numbers.push(...engine.parameters());
    for (const layer of engine.forwardData()) for (let i = 0; i < layer.length; i += 97) numbers.push(layer[i]);
  }
  return Float64Array.from(numbers);
}

function bitCount(row: number): number {
  let count = 0;
  for (let bits = row; bits > 0; bits >>= 1) count += bits & 1;
  return count;
}

/** FNV-1a over the bytes: the same few lines wherever they run. */
export async function digest(): Promise<string> {
  const bytes = new Uint8Array((await trained()).buffer);
  let low = 0x811c9dc5;
  let high = 0xcbf29ce4;
  for (const byte of bytes) {
    low = Math.imul(low ^ byte, 0x01000193) >>> 0;
    high = Math.imul(high ^ (byte + low & 255), 0x01000193) >>> 0;
  }
  return `${bytes.length}:${low.toString(16).padStart(8, "0")}${high.toString(16).padStart(8, "0")}`;
}
