import { loadKernels } from "../../core/kernels/mod.ts";
import { root } from "../../core/random/mod.ts";
import { createDenseEngine, type DenseActivation, type DenseEngine, type DenseNet } from "../../core/training/dense.ts";

/** A net with data and a batch: what is timed, here and in other programs. */
export interface Workload {
  readonly net: DenseNet;
  /** Examples in an update. */
  readonly batch: number;
  /** Row-major, shape [n, inputs]. */
  readonly inputs: Float32Array;
  readonly labels: Uint8Array;
  /** Uniform on ±1/√fan-in, in the engine's layout. */
  readonly parameters: Float32Array;
}

function workload(
  inputs: number,
  hidden: readonly number[],
  activation: DenseActivation,
  classes: number,
  batch: number,
  data: Float32Array,
): Workload {
  const layers = [
    ...hidden.map((units) => ({ units, activation })),
    { units: classes, activation: "softmax" as const },
  ];
  const weights = root(2).child("weights");
  const parameters: number[] = [];
  let fanIn = inputs;
  for (const { units } of layers) {
    const limit = 1 / Math.sqrt(fanIn);
    for (let i = 0; i < (fanIn + 1) * units; i++) parameters.push(limit * (2 * weights.uniform() - 1));
    fanIn = units;
  }
  const stream = root(1).child("labels");
  const labels = Uint8Array.from({ length: data.length / inputs }, () => stream.integer(classes));
  return { net: { inputs, layers }, batch, inputs: data, labels, parameters: Float32Array.from(parameters) };
}

/** The net of the studies, 12-10-7-5-4-3-2 with tanh, on all 4096 patterns of twelve bits, batch 512. */
export const SMALL: Workload = workload(
  12,
  [10, 7, 5, 4, 3],
  "tanh",
  2,
  512,
  Float32Array.from({ length: 4096 * 12 }, (_, i) => ((i / 12 | 0) >> (11 - i % 12)) & 1),
);

/** 784-256-128-10 with ReLU on uniform numbers, batch 128: an MNIST net without convolutions. */
export const WIDE: Workload = workload(784, [256, 128], "relu", 10, 128, uniform(1024 * 784));

function uniform(count: number): Float32Array {
  const stream = root(3).child("inputs");
  return Float32Array.from({ length: count }, () => stream.uniform());
}

/** Multiply-adds of one step: forward, errors handed down to every layer but the first, gradients. */
export function multiplyAddsOf({ net, batch }: Workload): number {
  let fanIn = net.inputs;
  let products = 0;
  net.layers.forEach(({ units }, k) => {
    products += (k === 0 ? 2 : 3) * fanIn * units;
    fanIn = units;
  });
  return products * batch;
}

/** The workload in our engine, under plain SGD at rate 0.1. */
export async function engineOf({ net, batch, inputs, labels, parameters }: Workload): Promise<DenseEngine> {
  const engine = createDenseEngine(await loadKernels(), net, { optimiser: { id: "sgd", rate: 0.1 }, maxBatch: batch });
  engine.setData(inputs, labels);
  engine.setParameters(parameters);
  return engine;
}
