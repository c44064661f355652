import type { NamedTensor, TrialView } from "../contracts/analysis.ts";
import type { Net } from "../contracts/architecture.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Training } from "../contracts/study.ts";
import type { Kernels } from "../kernels/mod.ts";
import type { DenseValues } from "../training/dense.ts";
import { createForward } from "../training/forward.ts";
import { layerNoiseStream } from "../training/layer_noise.ts";
import { measuredLayers, parameterTensors } from "../training/net.ts";
import type { WeightedSnapshot } from "./measure.ts";
import { trialGradients } from "./trial_gradients.ts";

/**
 * What an analysis sees of one net: weights as stored, activations recomputed when asked for; `using` frees what it holds.
 *
 * @param replicate Where noisy layers draw from.
 */
export async function trialView(
  trial: {
    readonly trial: string;
    readonly arm: string;
    readonly net: Net;
    readonly training: Training;
    readonly chance: { readonly replicate: number };
  },
  dataset: LoadedDataset,
  snapshots: readonly WeightedSnapshot[],
  kernels: Kernels,
  replicate: Stream,
): Promise<TrialView & Disposable> {
  const { net, training } = trial;
  const layers = measuredLayers(net);
  const forward = await createForward(net, dataset.inputs, kernels);
  let at: { epoch: number; layers: DenseValues[] } | undefined;

  function snapshot(epoch: number): WeightedSnapshot {
    const found = snapshots.find((candidate) => candidate.epoch === epoch);
    if (found === undefined) throw new RangeError(`Cannot find a snapshot of trial ${trial.trial} at epoch ${epoch}`);
    return found;
  }

  return {
    trial: trial.trial,
    arm: trial.arm,
    replicate: trial.chance.replicate,
    training,
    epochs: snapshots.map(({ epoch }) => epoch),
    layers: layers.length,
    dataset,
    weights(epoch) {
      if (net.kind === "recorded") {
        throw new RangeError(`Cannot give weights of trial ${trial.trial} as its activations alone were recorded`);
      }
      const { parameters } = snapshot(epoch);
      let from = 0;
      const layers = new Map<string, { [tensor: string]: NamedTensor }>();
      for (const { name, shape } of parameterTensors(net)) {
        const size = shape.reduce((a, b) => a * b, 1);
        const cut = name.lastIndexOf(".");
        const layer = layers.get(name.slice(0, cut)) ?? {};
        layers.set(name.slice(0, cut), layer);
        layer[name.slice(cut + 1)] = { name, data: parameters.slice(from, from + size), shape };
        from += size;
      }
      return [...layers.values()];
    },
    activations(epoch, layer) {
      if (layer === 0) return dataset.inputs;
      if (at?.epoch !== epoch) {
        const noise = layerNoiseStream(replicate, "measuring", epoch);
        at = { epoch, layers: forward.at(snapshot(epoch).parameters, undefined, noise) };
      }
      const data = at.layers[layer - 1];
      if (data === undefined) {
        throw new RangeError(`Cannot find layer ${layer} as the net has layers 0 to ${layers.length}`);
      }
      return { data, shape: [dataset.labels.length, layers[layer - 1].units] };
    },
    ...trialGradients(net, training, dataset, (epoch) => snapshot(epoch).parameters, kernels, replicate),
    [Symbol.dispose]: () => forward[Symbol.dispose](),
  };
}
