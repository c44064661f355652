import type { TrialView } from "../contracts/analysis.ts";
import type { NetDescription } from "../contracts/architecture.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import type { Kernels } from "../kernels/mod.ts";
import { createDenseEngine } from "../training/dense.ts";
import { float32Of } from "../training/inputs.ts";
import { denseNet } from "../training/trajectory.ts";
import { FORWARD_ROWS, type WeightedSnapshot } from "./measure.ts";

/** What an analysis sees of one net: weights as stored, activations recomputed when asked for. */
export function trialView(
  trial: {
    readonly trial: string;
    readonly arm: string;
    readonly net: NetDescription;
    readonly chance: { readonly replicate: number };
  },
  dataset: LoadedDataset,
  snapshots: readonly WeightedSnapshot[],
  kernels: Kernels,
): TrialView {
  const { net } = trial;
  const inputs = float32Of(dataset.inputs);
  const n = dataset.labels.length;
  const engine = createDenseEngine(kernels, denseNet(net), {
    optimiser: { id: "sgd", rate: 0 },
    maxBatch: FORWARD_ROWS,
  });
  engine.setData(inputs, dataset.labels);
  let at: { epoch: number; layers: Float32Array[] } | undefined;

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
      const { parameters } = snapshot(epoch);
      let fanIn = inputs.length / n;
      let from = 0;
      return net.layers.map(({ units }) => {
        const weights = parameters.slice(from, from + fanIn * units);
        const biases = parameters.slice(from + fanIn * units, from + (fanIn + 1) * units);
        from += (fanIn + 1) * units;
        const shape = [fanIn, units];
        fanIn = units;
        return { weights: { data: weights, shape }, biases: { data: biases, shape: [units] } };
      });
    },
    activations(epoch, layer) {
      if (layer === 0) return dataset.inputs;
      if (at?.epoch !== epoch) {
        engine.setParameters(snapshot(epoch).parameters);
        at = { epoch, layers: engine.forwardData() };
      }
      const data = at.layers[layer - 1];
      if (data === undefined) {
        throw new RangeError(`Cannot find layer ${layer} as the net has layers 0 to ${net.layers.length}`);
      }
      return { data, shape: [n, net.layers[layer - 1].units] };
    },
  };
}
