import assert from "node:assert/strict";
import type { Activation } from "../../../core/contracts/architecture.ts";
import { saturationLimits } from "../../../core/numerics/mod.ts";

const float = new Float32Array(1);
const pattern = new Int32Array(float.buffer);

/** The f32 next to x, away from 0 or towards it. */
function neighbour(x: number, direction: "outward" | "inward"): number {
  float[0] = x;
  pattern[0] += direction === "outward" ? 1 : -1;
  return float[0];
}

function saturated(activation: Activation, t: number): boolean {
  const limits = saturationLimits(activation);
  assert.ok(limits);
  return t < limits[0] || t > limits[1];
}

Deno.test("tanh is saturated from the first f32 beyond ±(1 − 2⁻⁸)", () => {
  assert.deepEqual(saturationLimits("tanh"), [-255 / 256, 255 / 256]);
  for (const end of [-255 / 256, 255 / 256]) {
    assert.equal(saturated("tanh", end), false);
    assert.equal(saturated("tanh", neighbour(end, "inward")), false);
    assert.equal(saturated("tanh", neighbour(end, "outward")), true);
    assert.equal(saturated("tanh", Math.sign(end)), true);
  }
  assert.equal(saturated("tanh", 0), false);
});

for (const activation of ["sigmoid", "softmax"] as const) {
  Deno.test(`${activation} is saturated from the first f32 nearer than 2⁻⁸ to 0 or 1`, () => {
    assert.deepEqual(saturationLimits(activation), [1 / 256, 255 / 256]);
    assert.equal(saturated(activation, 1 / 256), false);
    assert.equal(saturated(activation, neighbour(1 / 256, "inward")), true);
    assert.equal(saturated(activation, neighbour(1 / 256, "outward")), false);
    assert.equal(saturated(activation, 255 / 256), false);
    assert.equal(saturated(activation, neighbour(255 / 256, "outward")), true);
    assert.equal(saturated(activation, neighbour(255 / 256, "inward")), false);
    assert.deepEqual([0, 0.5, 1].map((t) => saturated(activation, t)), [true, false, true]);
  });
}

Deno.test("ReLU is saturated at exactly 0 of either sign, not at the smallest f32 above, nor at the largest", () => {
  const smallest = neighbour(0, "outward");
  assert.ok(smallest > 0 && smallest < 2e-45);
  assert.deepEqual([0, -0, smallest, 1, 3.4028234663852886e38].map((t) => saturated("relu", t)), [
    true,
    true,
    false,
    false,
    false,
  ]);
});

Deno.test("a linear unit and one nobody knows have no end to be saturated at", () => {
  assert.equal(saturationLimits("linear"), undefined);
  assert.equal(saturationLimits("unknown"), undefined);
});
