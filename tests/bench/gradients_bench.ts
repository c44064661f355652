import { loadKernels } from "../../core/kernels/mod.ts";
import { createCurvature } from "../../core/measuring/curvature.ts";
import { GRADIENT_ROWS, layerGradients, meanGradient } from "../../core/measuring/gradients.ts";
import { createDenseEngine, type DenseNet } from "../../core/training/dense.ts";
import { parameters, patterns, SMALL_NET, smallEngine } from "./small_net.ts";
import { timed } from "./timing.ts";

/** Examples the default net is trained on. */
const TRAIN_ROWS = 3277;

/** Milliseconds for the mean gradient of the small net, for its statistics over single examples, and for H v in f64. */
export async function gradientMilliseconds(): Promise<{ mean: number; statistics: number; hessianVector: number }> {
  const rows = Uint32Array.from({ length: TRAIN_ROWS }, (_, i) => i);
  const engine = await smallEngine();
  const net: DenseNet = { ...SMALL_NET, precision: "float64" };
  const options = { optimiser: { id: "sgd", rate: 0 }, maxBatch: GRADIENT_ROWS } as const;
  const precise = createDenseEngine<Float64Array>(await loadKernels(), net, options);
  const { inputs, labels } = patterns();
  precise.setData(inputs, labels);
  precise.setParameters(parameters());
  const curvature = createCurvature(precise, net);
  const v = Float64Array.from(parameters());
  const few = { calls: 20, warmUp: 20 };
  return {
    mean: timed(() => void meanGradient(engine, rows, GRADIENT_ROWS), few),
    statistics: timed(() => void layerGradients(engine, SMALL_NET, rows), few),
    hessianVector: timed(() => void curvature.hessianVector(v, rows), { calls: 3, warmUp: 3 }),
  };
}
