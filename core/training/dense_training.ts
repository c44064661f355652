import type { NetDescription } from "../contracts/architecture.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Training } from "../contracts/study.ts";
import type { Kernels } from "../kernels/mod.ts";
import { createDenseEngine, type DenseNet, type DenseOptimiser, type DenseValues } from "./dense.ts";
import { logisticPrediction, type Prediction, softmaxPrediction } from "./evaluation.ts";
import { float32Of, float64Of } from "./inputs.ts";
import { layerNoiseStream } from "./layer_noise.ts";
import type { TrainingEngine } from "./trajectory.ts";

/** The engine's form of a net described as data. */
export function denseNet(net: NetDescription): DenseNet {
  return {
    inputs: net.inputShape.reduce((a, b) => a * b, 1),
    layers: net.layers.map(({ units, activation, slope, residual, quantisedBits, noise }) => ({
      ...{ units, activation, slope, residual, quantisedBits, noise },
    })),
    precision: net.precision,
  };
}

/**
 * A dense net ready to be trained from these parameters.
 *
 * @param replicate Its child `layer-noise` is where noisy layers draw from.
 */
export function denseTraining(
  net: NetDescription,
  dataset: LoadedDataset,
  training: Training,
  parameters: ArrayLike<number>,
  maxBatch: number,
  kernels: Kernels,
  replicate: Stream,
): TrainingEngine {
  const engine = createDenseEngine<DenseValues>(kernels, denseNet(net), {
    optimiser: optimiserOf(training),
    maxBatch,
    frozen: net.frozen?.layers,
  });
  const inputs = net.precision === "float64" ? float64Of(dataset.inputs) : float32Of(dataset.inputs);
  engine.setData(inputs, dataset.labels);
  engine.setParameters(parameters);
  return {
    parameterCount: engine.parameterCount,
    [Symbol.dispose]() {},
    startEpoch: (epoch) => engine.setNoise(layerNoiseStream(replicate, "training", epoch)),
    step: engine.step,
    parameters: engine.parameters,
    prediction(epoch) {
      engine.setNoise(layerNoiseStream(replicate, "evaluation", epoch));
      return densePrediction(dataset, inputs, engine.forwardData(), engine.parameters());
    },
  };
}

/**
 * What a dense net says of every row: by its softmax, or by one logistic unit, whose weights end the parameters.
 *
 * @param layers Activations of layers 1…K.
 */
export function densePrediction(
  { classes, labels }: LoadedDataset,
  inputs: DenseValues,
  layers: readonly DenseValues[],
  parameters: DenseValues,
): Prediction {
  const output = layers[layers.length - 1];
  const rows = labels.length;
  if (output.length > rows) return softmaxPrediction(output, classes);
  const below = layers[layers.length - 2] ?? inputs;
  return logisticPrediction(below, parameters.subarray(-below.length / rows - 1));
}

/** The engines' form of an optimiser, defaults filled in. */
export function optimiserOf({ optimiser }: Training): DenseOptimiser {
  if (optimiser.id === "recorded") throw new RangeError("Cannot train a net as its optimiser is recorded");
  if (optimiser.id !== "adam") return optimiser;
  const { rate, weightDecay, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = optimiser;
  return { id: "adam", rate, beta1, beta2, epsilon, weightDecay };
}
