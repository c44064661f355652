import type { LoadedDataset } from "../contracts/dataset.ts";
import type { Training } from "../contracts/study.ts";
import type { Tensor } from "../contracts/tensor.ts";
import type { Kernels } from "../kernels/mod.ts";
import type { KernelsNet } from "./arithmetic.ts";
import { type ConvolutionEngine, createConvolutionEngine } from "./convolution.ts";
import { optimiserOf } from "./dense_training.ts";
import { logitPrediction } from "./evaluation.ts";
import type { Forward } from "./forward.ts";
import { measuredLayers } from "./net.ts";
import type { TrainingEngine } from "./trajectory.ts";

/** Rows that go through a net at a time where it is not trained; it changes the time, not the bytes. */
const PASS_ROWS = 64;

/** A net of layers ready to be trained by the kernels from these parameters. */
export function convolutionTraining(
  net: KernelsNet,
  dataset: LoadedDataset,
  training: Training,
  parameters: ArrayLike<number>,
  maxBatch: number,
  kernels: Kernels,
): TrainingEngine {
  const engine = createConvolutionEngine(kernels, { ...net, taps: [outputOf(net)] }, dataset, {
    optimiser: optimiserOf(training),
    maxBatch,
  });
  engine.setParameters(parameters);
  const passRows = Math.min(maxBatch, PASS_ROWS);
  return {
    parameterCount: engine.parameterCount,
    [Symbol.dispose]() {},
    // An epoch takes seconds: the caller hears of it after every step.
    step: (rows, noise) => Promise.resolve(engine.step(rows, noise)),
    parameters: engine.parameters,
    prediction() {
      const rows = dataset.labels.length;
      const units = measuredLayers(net).at(-1)!.units;
      const output = [new Float32Array(rows * units)];
      const logits = new Float32Array(rows * units);
      passes(engine, rows, passRows, output, (first) => logits.set(engine.logits(), first * units));
      return logitPrediction(logits, units);
    },
  };
}

/** The way through a net for the rows of `inputs`, by the kernels. */
export function convolutionForward(net: KernelsNet, inputs: Tensor, kernels: Kernels): Forward {
  const rows = inputs.shape[0];
  const optimiser = { id: "sgd", rate: 0 } as const;
  const data = { inputs, labels: new Uint8Array(rows) };
  const engine = createConvolutionEngine(kernels, net, data, { optimiser, maxBatch: PASS_ROWS });
  const units = measuredLayers(net).map((layer) => layer.units);
  return {
    at(parameters, into) {
      engine.setParameters(parameters);
      const layers = (into ?? units.map((count) => new Float32Array(rows * count))) as Float32Array[];
      passes(engine, rows, PASS_ROWS, layers);
      return layers;
    },
    [Symbol.dispose]() {},
  };
}

/** Runs all rows forward, some at a time. */
function passes(
  engine: ConvolutionEngine,
  rows: number,
  passRows: number,
  into: readonly Float32Array[],
  afterPass?: (first: number) => void,
): void {
  for (let first = 0; first < rows; first += passRows) {
    const count = Math.min(passRows, rows - first);
    engine.forward(Uint32Array.from({ length: count }, (_, i) => first + i), into, first);
    afterPass?.(first);
  }
}

function outputOf({ layers }: KernelsNet): string {
  return layers[layers.length - 1].name;
}
