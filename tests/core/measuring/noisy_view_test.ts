import assert from "node:assert/strict";
import fc from "fast-check";
import type { LoadedDataset, NetDescription, TrialView } from "../../../core/mod.ts";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { layerParts } from "../../../core/measuring/layer_parts.ts";
import { trialView } from "../../../core/measuring/trial_view.ts";
import { root } from "../../../core/random/mod.ts";
import { denseNet } from "../../../core/training/dense_training.ts";
import { lcg, norm, range } from "../training/some_nets.ts";

const kernels = await loadKernels();
const weights = { distribution: "normal", sigma: 1 } as const;
const NET: NetDescription = {
  kind: "layers",
  inputShape: [3],
  layers: [
    { kind: "dense", name: "hidden 1", units: 4, activation: "tanh", noise: 0.4, weights, bias: 0 },
    { kind: "dense", name: "hidden 2", units: 4, activation: "softplus", noise: 0.3, residual: true, weights, bias: 0 },
    { kind: "dense", name: "output", units: 2, activation: "softmax", weights, bias: 0 },
  ],
  precision: "float64",
};
const COUNT = 16 + 20 + 10;
// More rows than a pass takes.
const ROWS = 600;
const next = lcg(3);
const dataset: LoadedDataset = {
  inputs: { data: Float64Array.from({ length: 3 * ROWS }, next), shape: [ROWS, 3] },
  labels: Uint8Array.from({ length: ROWS }, (_, row) => row % 2),
  classes: 2,
  splits: { train: Uint32Array.from(range(0, ROWS)), test: new Uint32Array() },
};
const START = Float64Array.from({ length: COUNT }, next);

/** A view of the net at these parameters, each an epoch, in a replicate. */
function viewOf(parameters: readonly Float64Array[], replicate = 0): Promise<TrialView> {
  const training = { optimiser: { id: "sgd", rate: 0.1 }, batch: 200, epochs: 5 } as const;
  const trial = { trial: "noisy", arm: "main", net: NET, training, chance: { replicate } };
  const snapshots = parameters.map((values, epoch) => ({ epoch, parameters: values }));
  return trialView(trial, dataset, snapshots, kernels, root(1).child("replicate", replicate));
}

const meanOf = (view: TrialView, epoch = 0) =>
  Float64Array.from(view.gradients(epoch).flatMap(({ mean }) => [...mean]));

Deno.test("a noisy net gives the same derivatives and activations whenever they are asked for, others in another replicate", async () => {
  const [view, again, other] = [await viewOf([START]), await viewOf([START]), await viewOf([START], 1)];
  const first = meanOf(view);
  view.hessianVector(0, START);
  view.gradientCovariance(0, 2);
  assert.deepEqual(meanOf(view), first);
  assert.deepEqual(meanOf(again), first);
  assert.notDeepEqual(meanOf(other), first);
  assert.deepEqual(again.activations(0, 2), view.activations(0, 2));
  assert.notDeepEqual(other.activations(0, 2), view.activations(0, 2));
});

Deno.test("the covariance of a noisy layer's gradients has the mean and the trace that gradients() gives", async () => {
  const view = await viewOf([START]);
  view.gradients(0).forEach(({ mean, variance }, k) => {
    const { mean: own, covariance } = view.gradientCovariance(0, k + 1);
    assert.deepEqual(own, mean);
    const trace = own.reduce((sum, _, i) => sum + covariance[i * own.length + i], 0);
    assert.ok(Math.abs(trace / variance - 1) < 1e-12, `layer ${k + 1}: ${trace}, ${variance}`);
  });
});

Deno.test("products with the Hessian of a noisy net are the slope of its gradient with the noise held", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const v = Float64Array.from({ length: COUNT }, lcg(seed));
      const moved = (h: number) => viewOf([START.map((value, i) => value + h * v[i])]);
      const [up, down] = [meanOf(await moved(1e-5)), meanOf(await moved(-1e-5))];
      const slope = up.map((value, i) => (value - down[i]) / 2e-5);
      const view = await viewOf([START]);
      const off = norm(view.hessianVector(0, v).map((value, i) => value - slope[i]));
      assert.ok(off < 1e-7 * norm(slope), `off by ${off} of ${norm(slope)}`);
      const { from, to } = layerParts(denseNet(NET))[1];
      const part = view.gaussNewtonVector(0, v.slice(from, to), { layer: 2 });
      assert.ok(
        part.reduce((sum, value, i) => sum + value * v[from + i], 0) >= 0,
        "Gauss–Newton is positive semidefinite",
      );
    }),
    { numRuns: 10, seed: 2018 },
  );
});
