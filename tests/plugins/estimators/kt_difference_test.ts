import fc from "fast-check";
import assert from "node:assert/strict";
import { ktDifference } from "../../../plugins/estimators/noise_bounds.ts";
import { noiseBounds } from "../../../plugins/estimators/noise_bounds.ts";
import { informationOnALine, type WeighedLayer } from "../../oracles/mixture_twin.ts";
import { layerOf, layerShape, measured, sampleOfLayer } from "./noisy_layers.ts";

/** How far U − ΣU lies above I(T+σZ;Y) at σ² = 0.1, in bits. */
async function excess(layer: WeighedLayer): Promise<number> {
  const { ity } = await measured(ktDifference, sampleOfLayer(layer), { variance: 0.1 });
  return ity!.bits - informationOnALine(layer, 0.1).ity;
}

Deno.test("U − ΣU lies above I(T+σZ;Y) for some layers and below it for others", async () => {
  const above = await excess({
    rows: [[0], [0.5], [1], [1.5]],
    px: [0.25, 0.25, 0.25, 0.25],
    pyx: [[1, 0], [0, 1], [1, 0], [0, 1]],
  });
  const below = await excess({ rows: [[0], [0.7]], px: [0.01, 0.99], pyx: [[1, 0], [0.4, 0.6]] });
  assert.ok(above > 0.1, `${above}`);
  assert.ok(below < -1e-4, `${below}`);
});

Deno.test("U − ΣU lies between the bounds on I(T+σZ;Y), and I(X;T+σZ) is the upper one", async () => {
  await fc.assert(fc.asyncProperty(layerShape, fc.constantFrom(0.003, 0.1, 1), async (shape, variance) => {
    const { sample } = layerOf(shape);
    const bounds = await measured(noiseBounds, sample, { variance });
    const { ixt, ity } = await measured(ktDifference, sample, { variance });
    assert.deepEqual(ixt, { bits: bounds.ixt!.bits });
    assert.ok(bounds.ity!.low! <= ity!.bits + 1e-12 && ity!.bits <= bounds.ity!.high! + 1e-12);
    assert.equal(ity!.low, undefined);
  }));
});
