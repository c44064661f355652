import type { TrialView } from "../contracts/analysis.ts";
import type { NetDescription } from "../contracts/architecture.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import type { Training } from "../contracts/study.ts";
import type { Kernels } from "../kernels/mod.ts";
import { shuffle } from "../random/mod.ts";
import { batchesOf } from "../training/batches.ts";
import { createDenseEngine, type DenseEngine, type DenseNet } from "../training/dense.ts";
import { float32Of } from "../training/inputs.ts";
import { denseNet } from "../training/trajectory.ts";
import { createCurvature, type Curvature } from "./curvature.ts";
import { gradientCovariance } from "./gradient_covariance.ts";
import { batchGradients, GRADIENT_ROWS, layerGradients } from "./gradients.ts";
import { FORWARD_ROWS, type WeightedSnapshot } from "./measure.ts";

/** What an analysis sees of one net: weights as stored, activations recomputed when asked for. */
export function trialView(
  trial: {
    readonly trial: string;
    readonly arm: string;
    readonly net: NetDescription;
    readonly training: Training;
    readonly chance: { readonly replicate: number };
  },
  dataset: LoadedDataset,
  snapshots: readonly WeightedSnapshot[],
  kernels: Kernels,
): TrialView {
  const { net, training } = trial;
  const inputs = float32Of(dataset.inputs);
  const n = dataset.labels.length;
  const ownNet = denseNet(net);
  const preciseNet: DenseNet = { ...ownNet, precision: "float64" };
  const engine = createDenseEngine(kernels, ownNet, {
    optimiser: { id: "sgd", rate: 0 },
    maxBatch: Math.max(FORWARD_ROWS, GRADIENT_ROWS),
  });
  engine.setData(inputs, dataset.labels);
  const trainRows = dataset.splits.train.slice().sort();
  let precise: DenseEngine<Float64Array> | undefined;
  let curvature: Curvature | undefined;
  let at: { epoch: number; layers: Float32Array[] } | undefined;

  function snapshot(epoch: number): WeightedSnapshot {
    const found = snapshots.find((candidate) => candidate.epoch === epoch);
    if (found === undefined) throw new RangeError(`Cannot find a snapshot of trial ${trial.trial} at epoch ${epoch}`);
    return found;
  }

  /** The net in f64, made when first asked for. */
  function preciseAt(epoch: number): DenseEngine<Float64Array> {
    const { parameters } = snapshot(epoch);
    if (precise === undefined) {
      precise = createDenseEngine<Float64Array>(kernels, preciseNet, {
        optimiser: { id: "sgd", rate: 0 },
        maxBatch: GRADIENT_ROWS,
      });
      precise.setData(inputs, dataset.labels);
    }
    precise.setParameters(parameters);
    return precise;
  }

  function curvatureAt(epoch: number): Curvature {
    const engine = preciseAt(epoch);
    return curvature ??= createCurvature(engine, preciseNet);
  }

  return {
    trial: trial.trial,
    arm: trial.arm,
    replicate: trial.chance.replicate,
    training,
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
    gradients(epoch, rows = trainRows) {
      engine.setParameters(snapshot(epoch).parameters);
      return layerGradients(engine, ownNet, rows);
    },
    batchGradients(epoch, stream) {
      engine.setParameters(snapshot(epoch).parameters);
      return batchGradients(engine, ownNet, batchesOf(shuffle(trainRows.slice(), stream), training));
    },
    gradientCovariance: (epoch, layer, rows = trainRows) =>
      gradientCovariance(preciseAt(epoch), preciseNet, layer, rows),
    hessianVector: (epoch, v, { layer, rows = trainRows } = {}) => curvatureAt(epoch).hessianVector(v, rows, layer),
    gaussNewtonVector: (epoch, v, { layer, rows = trainRows } = {}) =>
      curvatureAt(epoch).gaussNewtonVector(v, rows, layer),
  };
}
