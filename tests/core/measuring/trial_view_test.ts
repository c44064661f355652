import assert from "node:assert/strict";
import { root, shuffle } from "../../../core/random/mod.ts";
import { twinGradient } from "../../oracles/dense_twin.ts";
import {
  twinCovariance,
  twinExampleGradients,
  twinGaussNewtonVector,
  twinHessianVector,
  twinMean,
} from "../../oracles/gradient_twin.ts";
import { distance, lcg, norm } from "../training/some_nets.ts";
import { viewedNet } from "./viewed_net.ts";

const half = (start: Float32Array) => start.map((value) => value / 2);

Deno.test("a view's gradients are those of its training rows at the epoch asked for, or of the rows given", async () => {
  const { view, setting, train } = await viewedNet();
  const meanOf = (epoch: number, rows?: Uint32Array) => view.gradients(epoch, rows).flatMap(({ mean }) => [...mean]);
  const twin = (parameters: Float32Array, rows: Uint32Array) =>
    twinGradient(setting.net, parameters, setting.data, [...rows]);
  const few = Uint32Array.of(0, 59, 3);
  assert.ok(distance(meanOf(5), twin(half(setting.start), train)) < 1e-5);
  assert.ok(distance(meanOf(0), twin(setting.start, train)) < 1e-5);
  assert.ok(distance(meanOf(0, few), twin(setting.start, few)) < 1e-5);
  assert.deepEqual(view.gradients(0).map(({ examples }) => examples), [40, 40, 40]);
  assert.throws(() => view.gradients(3), /Cannot find a snapshot of trial some at epoch 3/);
});

Deno.test("a view knows how many layers it has: the last has the outputs, and there is none beyond", async () => {
  const { view } = await viewedNet();
  assert.equal(view.layers, 3);
  assert.deepEqual(view.activations(5, view.layers).shape, [60, 2]);
  assert.throws(() => view.activations(5, view.layers + 1), /Cannot find layer 4/);
});

Deno.test("asking for gradients leaves the activations of another snapshot as they were", async () => {
  const { view } = await viewedNet();
  const before = view.activations(5, 2).data.slice();
  view.gradients(0);
  view.hessianVector(0, new Float64Array(39));
  assert.deepEqual(view.activations(5, 2).data, before);
});

Deno.test("mini-batches are cut from one shuffle of the ascending training rows, as training cuts them", async () => {
  const stream = () => root(1).child("epoch");
  for (
    const [training, sizes] of [
      [{ batch: 16 }, [16, 16, 8]],
      [{ batch: 16, partialBatch: "drop" }, [16, 16]],
      [{ batch: 1000 }, [40]],
      [{ batch: "full" }, [40]],
    ] as const
  ) {
    const { view, setting, train } = await viewedNet(training);
    const order = [...shuffle(train.slice(), stream())];
    const gradients = sizes.map((size) =>
      twinGradient(setting.net, setting.start, setting.data, order.splice(0, size))
    );
    const mean = twinMean(gradients);
    const found = view.batchGradients(0, stream());
    assert.equal(found[0].batches, sizes.length);
    const square = found.reduce((sum, { meanNorm }) => sum + meanNorm ** 2, 0);
    assert.ok(Math.abs(Math.sqrt(square) / norm(mean) - 1) < 1e-5);
    const variance = found.reduce((sum, { deviationNorm }) => sum + deviationNorm ** 2, 0);
    const wanted = gradients.reduce((sum, g) => sum + norm(g.map((value, i) => value - mean[i])) ** 2, 0) /
      sizes.length;
    assert.ok(Math.abs(variance - wanted) <= 1e-5 * wanted + 1e-12, `${variance}, twin ${wanted}`);
  }
});

Deno.test("a view's covariance and second derivatives are those of the twin, of the net or of a layer", async () => {
  const { view, setting, train } = await viewedNet();
  const parameters = half(setting.start);
  const rows = [...train];
  const { covariance } = view.gradientCovariance(5, 3);
  const gradients = twinExampleGradients(setting.net, parameters, setting.data, rows).map((g) => g.subarray(31));
  assert.ok(distance(covariance, twinCovariance(gradients).flat()) < 1e-12);
  const few = Uint32Array.of(1, 58);
  const fewGradients = twinExampleGradients(setting.net, parameters, setting.data, [...few]).map((g) => g.subarray(31));
  assert.ok(distance(view.gradientCovariance(5, 3, few).covariance, twinCovariance(fewGradients).flat()) < 1e-12);

  const v = Float64Array.from({ length: 39 }, lcg(3));
  assert.ok(
    distance(view.hessianVector(5, v), twinHessianVector(setting.net, parameters, setting.data, rows, v)) < 1e-7,
  );
  assert.ok(
    distance(
      view.gaussNewtonVector(0, v, { rows: few }),
      twinGaussNewtonVector(setting.net, setting.start, setting.data, [...few], v),
    ) < 1e-7,
  );
  const embedded = v.map((value, i) => i >= 16 && i < 31 ? value : 0);
  const twin = twinHessianVector(setting.net, parameters, setting.data, rows, embedded).slice(16, 31);
  assert.ok(distance(view.hessianVector(5, v.subarray(16, 31), { layer: 2 }), twin) < 1e-7);
});

Deno.test("a quantised net has gradients, as training lets them through, and no second derivatives", async () => {
  const { view } = await viewedNet({}, { quantisedBits: 16 });
  const { view: free } = await viewedNet();
  view.gradients(0).forEach(({ mean }, k) => assert.ok(distance(mean, free.gradients(0)[k].mean) < 1e-3));
  assert.equal(view.gradientCovariance(0, 1).mean.length, 16);
  assert.throws(() => view.hessianVector(0, new Float64Array(39)), /no layer may be quantised/);
  assert.throws(() => view.gaussNewtonVector(0, new Float64Array(39)), /layer 1 has 16 bits/);
});
