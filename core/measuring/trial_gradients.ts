import type { TrialView } from "../contracts/analysis.ts";
import type { Net } from "../contracts/architecture.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Training } from "../contracts/study.ts";
import type { Kernels } from "../kernels/mod.ts";
import { shuffle } from "../random/mod.ts";
import { batchesOf } from "../training/batches.ts";
import { isByKernels, type KernelsNet } from "../training/arithmetic.ts";
import { type ConvolutionEngine, createConvolutionEngine } from "../training/convolution.ts";
import { tapsOf } from "../training/net.ts";
import { createDenseEngine, type DenseEngine, type DenseNet, type DenseValues } from "../training/dense.ts";
import { denseNet } from "../training/dense_training.ts";
import { float32Of, float64Of } from "../training/inputs.ts";
import { layerNoiseStream } from "../training/layer_noise.ts";
import { createCurvature, type Curvature } from "./curvature.ts";
import { gradientCovariance } from "./gradient_covariance.ts";
import { batchGradients, convolutionGradients, GRADIENT_ROWS, layerGradients } from "./gradients.ts";

/** Rows in a pass through a convolutional net, whose blocks take more room. */
const DEEP_ROWS = 64;

/** The parameters that lead into each measured layer of a net: those of the layers above the measured one below. */
function stretchesOf(net: KernelsNet, { parts }: ConvolutionEngine): { from: number; to: number }[] {
  const places = new Map(net.layers.map(({ name }, i) => [name, i]));
  let from = 0;
  return tapsOf(net).map((tap) => {
    const within = parts.filter(({ name }) => places.get(name)! <= places.get(tap)!);
    const stretch = { from, to: within[within.length - 1]?.to ?? 0 };
    from = stretch.to;
    return stretch;
  });
}

/** What an analysis may ask of a net's derivatives. */
export type TrialGradients = Pick<
  TrialView,
  "gradients" | "batchGradients" | "gradientCovariance" | "hessianVector" | "gaussNewtonVector"
>;

/**
 * First and second derivatives of one net's loss at its snapshots; engines are made when first asked for.
 *
 * Noisy layers draw the same noise at each call for the same epoch, so that derivatives are those of one function of the weights.
 *
 * @param weightsAt Parameters at an epoch, in the engine's layout.
 * @param replicate Where noisy layers draw from.
 */
export function trialGradients(
  net: Net,
  training: Training,
  dataset: LoadedDataset,
  weightsAt: (epoch: number) => DenseValues,
  kernels: Kernels,
  replicate: Stream,
): TrialGradients {
  const trainRows = dataset.splits.train.slice().sort();
  const engines = new Map<string, { readonly engine: DenseEngine<DenseValues>; readonly net: DenseNet }>();
  let curvature: Curvature | undefined;

  function engineAt(epoch: number, precision: "float32" | "float64" | undefined) {
    if (net.kind !== "layers") {
      throw new RangeError(
        `Cannot take derivatives of a net as it must be one of dense layers, or for gradients one that the kernels train: its kind is "${net.kind}"`,
      );
    }
    let made = engines.get(String(precision));
    if (made === undefined) {
      const own: DenseNet = { ...denseNet(net), precision };
      const options = { optimiser: { id: "sgd", rate: 0 }, maxBatch: GRADIENT_ROWS } as const;
      const engine = createDenseEngine<DenseValues>(kernels, own, options);
      engine.setData((precision === "float64" ? float64Of : float32Of)(dataset.inputs), dataset.labels);
      engines.set(String(precision), made = { engine, net: own });
    }
    made.engine.setParameters(weightsAt(epoch));
    made.engine.setNoise(layerNoiseStream(replicate, "gradients", epoch));
    return made;
  }

  let deep: ConvolutionEngine | undefined;
  function deepGradients(net: KernelsNet, epoch: number, rows: Uint32Array) {
    const options = { optimiser: { id: "sgd", rate: 0 }, maxBatch: DEEP_ROWS } as const;
    deep ??= createConvolutionEngine(kernels, net, dataset, options);
    deep.setParameters(weightsAt(epoch));
    return convolutionGradients(deep, stretchesOf(net, deep), rows, DEEP_ROWS);
  }

  /** The net as it is. */
  const ownAt = (epoch: number) => engineAt(epoch, net.kind === "layers" ? net.precision : undefined);
  const preciseAt = (epoch: number) => {
    const { engine, net } = engineAt(epoch, "float64");
    return { engine: engine as DenseEngine<Float64Array>, net };
  };
  const curvatureAt = (epoch: number) => {
    const { engine, net } = preciseAt(epoch);
    return curvature ??= createCurvature(engine, net);
  };

  return {
    gradients(epoch, rows = trainRows) {
      if (isByKernels(net)) return deepGradients(net, epoch, rows);
      const own = ownAt(epoch);
      return layerGradients(own.engine, own.net, rows);
    },
    batchGradients(epoch, stream) {
      const { engine, net } = ownAt(epoch);
      return batchGradients(engine, net, batchesOf(shuffle(trainRows.slice(), stream), training));
    },
    gradientCovariance(epoch, layer, rows = trainRows) {
      const { engine, net } = preciseAt(epoch);
      return gradientCovariance(
        engine,
        net,
        layer,
        rows,
        GRADIENT_ROWS,
        layerNoiseStream(replicate, "gradients", epoch),
      );
    },
    hessianVector: (epoch, v, { layer, rows = trainRows } = {}) => curvatureAt(epoch).hessianVector(v, rows, layer),
    gaussNewtonVector: (epoch, v, { layer, rows = trainRows } = {}) =>
      curvatureAt(epoch).gaussNewtonVector(v, rows, layer),
  };
}
