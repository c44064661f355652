/**
 * The program whose digest must be the same everywhere: 200 SGD steps of the small net, fewer of every other kind of net and
 * optimiser, and forward passes. Bundled for Chromium and for Node by `engine_test.ts`, and run as it is in Deno.
 *
 * @module
 */
import {
  createDenseEngine,
  denseNet,
  type DenseOptimiser,
  type DenseValues,
  initialParameters,
  loadKernels,
  root,
  shuffle,
} from "../../core/browser.ts";
import type { DenseLayerDescription, NetDescription } from "../../core/contracts/architecture.ts";

const WIDTHS = [10, 7, 5, 4, 3];

function netOf(
  hidden: Partial<DenseLayerDescription>,
  rest: { widths?: readonly number[]; output?: "logistic"; precision?: "float64" } = {},
): NetDescription {
  const { widths = WIDTHS, output, precision } = rest;
  let fanIn = 12;
  const layer = (units: number, what: Partial<DenseLayerDescription>): DenseLayerDescription => {
    const sigma = 1 / Math.sqrt(fanIn);
    fanIn = units;
    const weights = { distribution: "truncated-normal" as const, sigma };
    return { kind: "dense", name: `of ${units}`, units, activation: "tanh", weights, bias: 0, ...what };
  };
  const last = output ? layer(1, { activation: "sigmoid" }) : undefined;
  fanIn = 12;
  const layers = widths.map((units) => layer(units, hidden));
  return {
    kind: "layers",
    inputShape: [12],
    layers: [...layers, last ?? layer(2, { activation: "softmax" })],
    precision,
  };
}

const sgd: DenseOptimiser = { id: "sgd", rate: 0.1 };
const adam: DenseOptimiser = { id: "adam", rate: 0.0004, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const RUNS: readonly [NetDescription, DenseOptimiser, number][] = [
  [netOf({}), sgd, 200],
  [netOf({}), adam, 50],
  [netOf({}), { id: "sgd", rate: 0.05, momentum: 0.9, weightDecay: 0.001 }, 20],
  [netOf({}), { id: "langevin", rate: 0.1, temperature: 1e-4, weightDecay: 0.01 }, 20],
  [netOf({ activation: "relu", residual: true }, { widths: [12, 12] }), sgd, 20],
  [netOf({ activation: "leaky-relu", slope: 0.1 }), adam, 20],
  [netOf({ activation: "softplus" }, { output: "logistic" }), sgd, 20],
  [netOf({ activation: "sigmoid", quantisedBits: 5 }), sgd, 20],
  [netOf({}, { precision: "float64" }), adam, 20],
];

/** Weights, losses and activations after the steps, in one array. */
export async function trained(): Promise<Float64Array> {
  const kernels = await loadKernels();
  const labels = Uint8Array.from({ length: 4096 }, (_, row) => bitCount(row) > 6 ? 1 : 0);
  const inputs = Float32Array.from({ length: 4096 * 12 }, (_, i) => (Math.floor(i / 12) >> (11 - i % 12)) & 1);
  const numbers: number[] = [];
  for (const [net, optimiser, steps] of RUNS) {
    const engine = createDenseEngine<DenseValues>(kernels, denseNet(net), { optimiser, maxBatch: 512 });
    engine.setData(inputs, labels);
    engine.setParameters(initialParameters(net, root(2018).child("replicate", 0, "weights")));
    const batches = root(2018).child("replicate", 0, "batches");
    const normal = root(2018).child("replicate", 0, "langevin");
    for (let step = 0; step < steps; step++) {
      const rows = shuffle(Uint32Array.from({ length: 4096 }, (_, row) => row), batches.child(step));
      const noise = optimiser.id === "langevin"
        ? Float64Array.from({ length: engine.parameterCount }, () => normal.normal())
        : undefined;
      numbers.push(engine.step(rows.subarray(0, step % 8 === 7 ? 205 : 512), noise));
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
