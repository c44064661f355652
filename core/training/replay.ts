import type { Net } from "../contracts/architecture.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import { Problem } from "../contracts/problem.ts";
import type { RecordedSnapshot } from "../contracts/recorded.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Training } from "../contracts/study.ts";
import type { Kernels } from "../kernels/mod.ts";
import type { DenseValues } from "./dense.ts";
import { densePrediction } from "./dense_training.ts";
import { evaluate, type Prediction, softmaxPrediction } from "./evaluation.ts";
import { createForward } from "./forward.ts";
import { float32Of, float64Of } from "./inputs.ts";
import { layerNoiseStream } from "./layer_noise.ts";
import { measuredLayers, parameterTensors } from "./net.ts";
import type { Snapshot, Trajectory } from "./trajectory.ts";

/**
 * A trajectory out of what another program recorded.
 *
 * Losses and accuracies are computed as for nets trained here, from the net's output where that is a distribution over the classes;
 * otherwise they are the recorded ones, or none.
 *
 * @param epochs Those the snapshots must be of.
 * @param replicate Where noisy layers draw from.
 * @throws {Problem} If a snapshot is missing, of another size or type, or holds what is not finite.
 */
export async function replay(
  net: Net,
  dataset: LoadedDataset,
  recorded: readonly RecordedSnapshot[],
  epochs: readonly number[],
  training: Training,
  kernels: Kernels,
  replicate: Stream,
): Promise<Trajectory> {
  check(net, recorded, epochs);
  const forward = await createForward(net, dataset.inputs, kernels);
  const inputs = recorded[0].values instanceof Float64Array ? float64Of(dataset.inputs) : float32Of(dataset.inputs);
  const snapshots = recorded.map((snapshot): Snapshot => {
    const { epoch, values: parameters } = snapshot;
    const layers = forward.at(parameters, undefined, layerNoiseStream(replicate, "evaluation", epoch));
    const prediction = predictionOf(net, dataset, inputs, layers, parameters);
    const found = prediction && evaluate(prediction, dataset);
    return {
      epoch,
      parameters,
      onlineLossBits: null,
      trainLossBits: found?.trainLossBits ?? snapshot.trainLossBits ?? null,
      trainAccuracy: found?.trainAccuracy ?? snapshot.trainAccuracy ?? null,
      testLossBits: found?.testLossBits ?? snapshot.testLossBits ?? null,
      testAccuracy: found?.testAccuracy ?? snapshot.testAccuracy ?? null,
      testAccuracySampled: found?.testAccuracySampled ?? snapshot.testAccuracy ?? null,
    };
  });
  const { batch, partialBatch } = training;
  const batches = batch === "full" ? 1 : dataset.splits.train.length / batch;
  const updatesPerEpoch = Math.max(1, partialBatch === "drop" ? Math.floor(batches) : Math.ceil(batches));
  return { outcome: "done", lastEpoch: epochs[epochs.length - 1], updatesPerEpoch, snapshots };
}

function predictionOf(
  net: Net,
  dataset: LoadedDataset,
  inputs: DenseValues,
  layers: readonly DenseValues[],
  parameters: DenseValues,
): Prediction | undefined {
  if (net.kind === "layers") return densePrediction(dataset, inputs, layers, parameters);
  const { units, activation } = measuredLayers(net).at(-1)!;
  if (activation !== "softmax" || units !== dataset.classes) return undefined;
  return softmaxPrediction(layers[layers.length - 1], dataset.classes);
}

function check(net: Net, recorded: readonly RecordedSnapshot[], epochs: readonly number[]): void {
  const found = recorded.map(({ epoch }) => epoch);
  if (found.length !== epochs.length || found.some((epoch, i) => epoch !== epochs[i])) {
    throw new Problem(`Cannot replay a run as it must have epochs ${epochs.join(", ")}: it has ${found.join(", ")}`);
  }
  const tensors = parameterTensors(net);
  const sizes = tensors.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  const size = sizes.reduce((a, b) => a + b, 0);
  const double = net.kind === "layers" ? net.precision === "float64" : recorded[0].values instanceof Float64Array;
  for (const { epoch, values } of recorded) {
    if (values.length !== size || values instanceof Float64Array !== double) {
      const need = `epoch ${epoch} must hold ${size} values of float${double ? 64 : 32}`;
      throw new Problem(`Cannot replay a run as ${need}: it holds ${values.length} of ${values.constructor.name}`);
    }
    const odd = values.findIndex((value) => !Number.isFinite(value));
    if (odd < 0) continue;
    let k = 0;
    let at = odd;
    while (at >= sizes[k]) at -= sizes[k++];
    const index = tensors[k].shape.toReversed().map((extent) => {
      const i = at % extent;
      at = (at - i) / extent;
      return i;
    });
    throw new Problem(
      `Cannot replay a run as ${tensors[k].name} of epoch ${epoch} must be finite: ` +
        `[${index.reverse().join(", ")}] is ${values[odd]}`,
    );
  }
}
