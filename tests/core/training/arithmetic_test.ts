import assert from "node:assert/strict";
import type { Net } from "../../../core/contracts/architecture.ts";
import { keyedArithmetic, netArithmetic, weakest } from "../../../core/training/arithmetic.ts";

const layers: Net = { kind: "layers", inputShape: [1], layers: [] };
const deep: Net = { kind: "deep", inputShape: [1], layers: [] };

Deno.test("what came of several numbers repeats as far as the weakest of them", () => {
  assert.equal(weakest("portable", "portable"), "portable");
  assert.equal(weakest("portable", "pinned"), "pinned");
  assert.equal(weakest("host", "pinned"), "host");
  assert.equal(weakest("portable", "host"), "host");
});

Deno.test("nets of our kernels are portable, of tfjs pinned on wasm and host elsewhere", () => {
  assert.equal(netArithmetic(layers), "portable");
  assert.equal(netArithmetic(deep), "pinned");
  assert.equal(netArithmetic({ ...deep, backend: "wasm" }), "pinned");
  assert.equal(netArithmetic({ ...deep, backend: "webgpu" }), "host");
  assert.equal(netArithmetic({ ...deep, backend: "cpu" }), "host");
});

Deno.test("keys of dense nets hold what they always held, those of tfjs nets its integers and the backend of training", () => {
  assert.deepEqual(keyedArithmetic(layers), { train: { train: 1 }, forward: { forward: 1 } });
  assert.deepEqual(keyedArithmetic(deep), {
    train: { tfjsTrain: 1, backend: "wasm" },
    forward: { tfjsForward: 2 },
  });
  assert.deepEqual(keyedArithmetic({ ...deep, backend: "cpu" }).train, { tfjsTrain: 1, backend: "cpu" });
  assert.deepEqual(keyedArithmetic({ ...deep, backend: "wasm" }), keyedArithmetic(deep));
});
