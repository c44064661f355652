import assert from "node:assert/strict";
import { root } from "../../../../core/testing.ts";
import { createTfjsEngine, createTfjsForward } from "../../../../core/training/tfjs/engine.ts";
import { initialDeepParameters } from "../../../../core/training/initial_deep_parameters.ts";
import type { TfjsBackend } from "../../../../core/contracts/deep_net.ts";
import { EVERY_LAYER, first, smallData } from "./nets.ts";

const adapter = await navigator.gpu?.requestAdapter();
if (!adapter) console.warn("skipped: webgpu, as this machine has no adapter, not even one of software");

Deno.test({
  name: "webgpu trains as wasm does: losses of 512 rows within 1e-3, and weights after ten updates",
  ignore: !adapter,
  // The device stays for the life of the process.
  sanitizeResources: false,
  async fn() {
    const data = smallData(EVERY_LAYER.inputShape, 512, 3);
    const start = initialDeepParameters(EVERY_LAYER, root(1));
    const found = [];
    for (const backend of ["wasm", "webgpu"] satisfies TfjsBackend[]) {
      const dropout = root(3).child("dropout");
      using engine = await createTfjsEngine(
        { ...EVERY_LAYER, backend },
        data,
        { id: "sgd", rate: 0.1 },
        start,
        dropout,
      );
      const { cost } = await engine.prediction(0);
      const costs = Array.from(first(512), (row) => [0, 1, 2].map((y) => cost(row, y)));
      for (let i = 0; i < 10; i++) await engine.step(first(64));
      found.push({ costs: costs.flat(), parameters: engine.parameters() });
    }
    const [wasm, webgpu] = found;
    wasm.costs.forEach((value, i) => assert.ok(Math.abs(webgpu.costs[i] - value) < 1e-3 * value, `cost ${i}`));
    const largest = Math.max(...wasm.parameters.map(Math.abs));
    wasm.parameters.forEach((value, i) =>
      assert.ok(
        Math.abs(webgpu.parameters[i] - value) < 1e-3 * largest,
        `weight ${i}: ${webgpu.parameters[i]}, ${value}`,
      )
    );
    // What webgpu trained is measured on wasm.
    using here = await createTfjsForward({ ...EVERY_LAYER, backend: "webgpu" }, data.inputs);
    using there = await createTfjsForward(EVERY_LAYER, data.inputs);
    assert.deepEqual(here.at(webgpu.parameters), there.at(webgpu.parameters));
  },
});
