import { loadKernels } from "../../core/kernels/mod.ts";
import { createCurvature } from "../../core/measuring/curvature.ts";
import { GRADIENT_ROWS, layerGradients, meanGradient } from "../../core/measuring/gradients.ts";
import { createDenseEngine, type DenseNet } from "../../core/training/dense.ts";
import { type Figure, ms } from "./figure.ts";
import { timed } from "./timing.ts";
import { engineOf, SMALL } from "./workloads.ts";

/** Examples the default net is trained on. */
const TRAIN_ROWS = 3277;

/** The mean gradient of the small net, its statistics over single examples, and H v in f64. */
export async function gradientFigures(): Promise<Figure[]> {
  const rows = Uint32Array.from({ length: TRAIN_ROWS }, (_, i) => i);
  const engine = await engineOf(SMALL);
  const net: DenseNet = { ...SMALL.net, precision: "float64" };
  const options = { optimiser: { id: "sgd", rate: 0 }, maxBatch: GRADIENT_ROWS } as const;
  const precise = createDenseEngine<Float64Array>(await loadKernels(), net, options);
  precise.setData(SMALL.inputs, SMALL.labels);
  precise.setParameters(SMALL.parameters);
  const curvature = createCurvature(precise, net);
  const v = Float64Array.from(SMALL.parameters);
  const few = { calls: 20, warmUp: 20 };
  const mean = timed(() => void meanGradient(engine, rows, GRADIENT_ROWS), few);
  const statistics = timed(() => void layerGradients(engine, SMALL.net, rows), few);
  return [
    ms("gradients.ms", "gradient norms of 3277 single examples, by layer", statistics),
    {
      ...{ id: "gradients", name: "the same / their mean gradient alone", value: statistics / mean, unit: "×" },
      must: { relation: "<=", bound: 1.4 },
    },
    ms(
      "hessian.ms",
      "Hessian times a vector, 3277 examples",
      timed(() => void curvature.hessianVector(v, rows), { calls: 3, warmUp: 3 }),
    ),
  ];
}
