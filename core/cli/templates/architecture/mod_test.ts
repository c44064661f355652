import assert from "node:assert/strict";
import { checkItem } from "@infoplane/core/conformance";
import { architecture } from "./mod.ts";

Deno.test("widths fall evenly from twelve inputs to two classes", () => {
  const { layers } = architecture.build([12], 2, { depth: 4, activation: "tanh" });
  assert.deepEqual(layers.map(({ units }) => units), [10, 8, 6, 4, 2]);
  assert.deepEqual(layers.map(({ activation }) => activation), ["tanh", "tanh", "tanh", "tanh", "softmax"]);
});

Deno.test("inputs of several axes are counted as one row", () => {
  const { inputShape, layers } = architecture.build([4, 4, 1], 4, { depth: 2, activation: "relu" });
  assert.deepEqual(inputShape, [4, 4, 1]);
  assert.deepEqual(layers.map(({ units }) => units), [12, 8, 4]);
});

Deno.test("weights are drawn with σ = 1/√(inputs of the layer)", () => {
  const { layers } = architecture.build([16], 4, { depth: 1, activation: "tanh" });
  assert.deepEqual(layers.map(({ weights }) => weights), [
    { distribution: "truncated-normal", sigma: 1 / 4 },
    { distribution: "truncated-normal", sigma: 1 / Math.sqrt(10) },
  ]);
});

Deno.test("it keeps what every architecture promises", async () => {
  const { checks, conforms } = await checkItem("architecture", architecture, { depth: 4, activation: "tanh" });
  assert.deepEqual(checks.filter(({ status }) => status === "failed"), []);
  assert.ok(conforms);
});
