/**
 * The gradient of a net beside differences of its loss.
 *
 * @module
 */
import type { LoadedDataset } from "../contracts/dataset.ts";
import { type Kernels, loadKernels } from "../kernels/mod.ts";
import { root } from "../random/mod.ts";
import { isByKernels, type KernelsNet } from "../training/arithmetic.ts";
import { createConvolutionEngine } from "../training/convolution.ts";
import { createDenseEngine, type DenseValues } from "../training/dense.ts";
import { denseNet } from "../training/dense_training.ts";
import { float64Of } from "../training/inputs.ts";
import { parameterTensors } from "../training/net.ts";
import { type Built, someRows, startOf, STILL, type TrainedNet } from "./built_nets.ts";

/** Loss in nats and its gradient at given parameters, by the engine that trains the net. */
interface Slope {
  loss(parameters: Float64Array): Promise<number>;
  gradient(parameters: Float64Array): Promise<DenseValues>;
}

/** Steps and tolerances: of a dense net in float64; of tfjs and of convolutions by the kernels, in float32. */
export const DIFFERENCES = {
  layers: { step: 1e-5, absolute: 1e-7, relative: 1e-5 },
  tfjs: { step: 1e-2, absolute: 2e-3, relative: 0.03 },
} as const;

/**
 * Central differences of the mean cross-entropy of a few rows, tensor by tensor, along a direction that is half the gradient's own and
 * half chance, at weights somewhat off the initial ones, where no unit stands at a kink.
 *
 * @returns What is wrong; undefined if nothing.
 */
export async function wrongSlope({ problem, net }: Built & { net: TrainedNet }): Promise<string | undefined> {
  const rows = someRows(problem);
  const { step, absolute, relative } = DIFFERENCES[net.kind === "layers" ? "layers" : "tfjs"];
  const slope = net.kind === "layers"
    ? denseSlope(net, rows, await loadKernels())
    : isByKernels(net)
    ? convolutionSlope(net, rows, await loadKernels())
    : tfjsSlope(net, rows);
  const stream = root(0).child("conformance", "differences");
  const at = Float64Array.from(startOf(net), (value) => value + 0.05 * stream.normal());
  const gradient = await slope.gradient(at);
  let to = 0;
  for (const { name, shape } of parameterTensors(net)) {
    const from = to;
    to += shape.reduce((a, b) => a * b, 1);
    const own = unit(gradient.subarray(from, to));
    const chance = unit(Float64Array.from(own, () => stream.normal()));
    const direction = unit(own.map((value, i) => value + chance[i]));
    const moved = (by: number) => at.map((value, i) => i >= from && i < to ? value + by * direction[i - from] : value);
    const found = direction.reduce((sum, value, i) => sum + value * gradient[from + i], 0);
    const truth = (await slope.loss(moved(step)) - await slope.loss(moved(-step))) / (2 * step);
    if (!(Math.abs(found - truth) <= absolute + relative * Math.abs(truth))) {
      return `along ${name} the loss changes by ${truth}: the gradient says ${found}`;
    }
  }
  return undefined;
}

function convolutionSlope(net: KernelsNet, data: LoadedDataset, kernels: Kernels): Slope {
  const engine = createConvolutionEngine(kernels, net, data, { optimiser: STILL, maxBatch: data.labels.length });
  return {
    loss(parameters) {
      engine.setParameters(parameters);
      // A step at rate 0 moves nothing.
      return Promise.resolve(engine.step(data.splits.train));
    },
    gradient(parameters) {
      engine.setParameters(parameters);
      return Promise.resolve(engine.gradient(data.splits.train));
    },
  };
}

function unit(values: DenseValues): Float64Array {
  const copy = Float64Array.from(values);
  const norm = Math.sqrt(copy.reduce((sum, value) => sum + value * value, 0));
  return copy.map((value) => norm > 0 ? value / norm : 0);
}

function denseSlope(
  net: Extract<TrainedNet, { kind: "layers" }>,
  { inputs, labels, splits: { train } }: ReturnType<typeof someRows>,
  kernels: Kernels,
): Slope {
  const double = { ...denseNet(net), precision: "float64" } as const;
  const engine = createDenseEngine<Float64Array>(kernels, double, { optimiser: STILL, maxBatch: train.length });
  engine.setData(float64Of(inputs), labels);
  return {
    loss(parameters) {
      engine.setParameters(parameters);
      return Promise.resolve(engine.step(train));
    },
    gradient(parameters) {
      engine.setParameters(parameters);
      return Promise.resolve(engine.gradient(train));
    },
  };
}

/** An engine for each evaluation: the masks of a dropout layer are then those of the first update. */
function tfjsSlope(net: Exclude<TrainedNet, { kind: "layers" }>, rows: ReturnType<typeof someRows>): Slope {
  const engineAt = async (parameters: Float64Array) => {
    const { createTfjsEngine } = await import("../training/tfjs/engine.ts");
    return await createTfjsEngine({ ...net, backend: "wasm" }, rows, STILL, parameters, root(0).child("dropout"));
  };
  return {
    async loss(parameters) {
      using engine = await engineAt(parameters);
      return await engine.step(rows.splits.train);
    },
    async gradient(parameters) {
      using engine = await engineAt(parameters);
      return await engine.gradient(rows.splits.train);
    },
  };
}
