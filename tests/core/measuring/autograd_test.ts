import assert from "node:assert/strict";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { createCurvature } from "../../../core/measuring/curvature.ts";
import { gradientCovariance } from "../../../core/measuring/gradient_covariance.ts";
import { layerGradients } from "../../../core/measuring/gradients.ts";
import { createDenseEngine, type DenseLayer, type DenseNet, type DenseValues } from "../../../core/training/dense.ts";
import cases from "../../fixtures/gradients/autograd.json" with { type: "json" };
import { distance, range } from "../training/some_nets.ts";

const kernels = await loadKernels();

for (const one of cases.cases) {
  const layers = one.layers as DenseLayer[];
  const name = layers.map(({ units, activation, residual }) => `${residual ? "+" : ""}${units} ${activation}`).join(
    ", ",
  );

  Deno.test(`gradients and second derivatives are those of PyTorch ${cases.torch}: ${name}`, () => {
    const rows = Uint32Array.from(range(0, one.y.length));
    const engineOf = <Values extends DenseValues>(net: DenseNet) => {
      const engine = createDenseEngine<Values>(kernels, net, { optimiser: { id: "sgd", rate: 0 }, maxBatch: 5 });
      engine.setData(one.x, Uint8Array.from(one.y));
      engine.setParameters(one.parameters);
      return engine;
    };
    for (const [precision, tolerance] of [["float32", 2e-6], ["float64", 1e-13]] as const) {
      const net: DenseNet = { inputs: one.inputs, layers, precision };
      const found = layerGradients(engineOf(net), net, rows, 5);
      const mean = found.flatMap(({ mean }) => [...mean]);
      assert.ok(distance(mean, one.mean) < tolerance, `ḡ ${precision}: ${distance(mean, one.mean)}`);
      const variance = found.map(({ variance }) => variance);
      assert.ok(distance(variance, one.variance) < tolerance, `v ${precision}: ${distance(variance, one.variance)}`);
    }
    const net: DenseNet = { inputs: one.inputs, layers, precision: "float64" };
    const engine = engineOf<Float64Array>(net);
    const within = (found: ArrayLike<number>, wanted: number[], what: string) =>
      assert.ok(distance(found, wanted) < 1e-13, `${what}: ${distance(found, wanted)}`);
    within(gradientCovariance(engine, net, layers.length, rows, 5).covariance, one.lastCovariance, "Σ");
    const { hessianVector, gaussNewtonVector } = createCurvature(engine, net, 5);
    within(hessianVector(one.vector, rows), one.hessianVector, "H v");
    within(gaussNewtonVector(one.vector, rows), one.gaussNewtonVector, "G v");
    const from = (one.inputs + 1) * layers[0].units;
    const part = one.vector.slice(from, from + one.hessianVectorOfLayer2.length);
    within(hessianVector(part, rows, 2), one.hessianVectorOfLayer2, "H v of layer 2");
  });
}
