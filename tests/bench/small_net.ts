import { createDenseEngine, type DenseEngine, type DenseNet } from "../../core/training/dense.ts";
import { loadKernels } from "../../core/kernels/mod.ts";
import { root } from "../../core/random/mod.ts";

/** The net of the studies, 12-10-7-5-4-3-2, tanh with a softmax output. */
export const SMALL_NET: DenseNet = {
  inputs: 12,
  layers: [
    ...[10, 7, 5, 4, 3].map((units) => ({ units, activation: "tanh" as const })),
    { units: 2, activation: "softmax" as const },
  ],
};

/** Examples in an update. */
export const BATCH = 512;

/** All 4096 patterns of twelve bits with arbitrary labels. */
export function patterns(): { inputs: Float32Array; labels: Uint8Array } {
  const inputs = Float32Array.from({ length: 4096 * 12 }, (_, i) => ((i / 12 | 0) >> (11 - i % 12)) & 1);
  const stream = root(1).child("labels");
  return { inputs, labels: Uint8Array.from({ length: 4096 }, () => stream.integer(2)) };
}

/** Parameters of the small net, uniform on ±0.5. */
export function parameters(): Float32Array {
  let count = 0;
  let fanIn = SMALL_NET.inputs;
  for (const { units } of SMALL_NET.layers) {
    count += (fanIn + 1) * units;
    fanIn = units;
  }
  const stream = root(2).child("weights");
  return Float32Array.from({ length: count }, () => stream.uniform() - 0.5);
}

/** An engine with the small net and all patterns. */
export async function smallEngine(): Promise<DenseEngine> {
  const engine = createDenseEngine(await loadKernels(), SMALL_NET, {
    optimiser: { id: "sgd", rate: 0.1 },
    maxBatch: BATCH,
  });
  const { inputs, labels } = patterns();
  engine.setData(inputs, labels);
  engine.setParameters(parameters());
  return engine;
}
