import type { TrialView } from "../contracts/analysis.ts";
import type { Net } from "../contracts/architecture.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import type { Kernels } from "../kernels/mod.ts";
import type { DenseValues } from "../training/dense.ts";
import { createForward } from "../training/forward.ts";
import { measuredLayers, parameterTensors } from "../training/net.ts";
import type { WeightedSnapshot } from "./measure.ts";

/** What an analysis sees of one net: weights as stored, activations recomputed when asked for. */
export async function trialView(
  trial: {
    readonly trial: string;
    readonly arm: string;
    readonly net: Net;
    readonly chance: { readonly replicate: number };
  },
  dataset: LoadedDataset,
  snapshots: readonly WeightedSnapshot[],
  kernels: Kernels,
): Promise<TrialView> {
  const { net } = trial;
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
    epochs: snapshots.map(({ epoch }) => epoch),
    dataset,
    weights(epoch) {
      if (net.kind === "recorded") {
        throw new RangeError(`Cannot give weights of trial ${trial.trial} as its activations alone were recorded`);
      }
      const { parameters } = snapshot(epoch);
      let from = 0;
      const tensors = parameterTensors(net).map(({ shape }) => {
        const size = shape.reduce((a, b) => a * b, 1);
        const tensor = { data: parameters.slice(from, from + size), shape };
        from += size;
        return tensor;
      });
      return Array.from({ length: tensors.length / 2 }, (_, k) => ({
        weights: tensors[2 * k],
        biases: tensors[2 * k + 1],
      }));
    },
    activations(epoch, layer) {
      if (layer === 0) return dataset.inputs;
      if (at?.epoch !== epoch) {
        at = { epoch, layers: forward.at(snapshot(epoch).parameters) };
      }
      const data = at.layers[layer - 1];
      if (data === undefined) {
        throw new RangeError(`Cannot find layer ${layer} as the net has layers 0 to ${layers.length}`);
      }
      return { data, shape: [dataset.labels.length, layers[layer - 1].units] };
    },
  };
}
