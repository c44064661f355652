import assert from "node:assert/strict";
import type { Sample } from "@infoplane/core";
import { checkEstimator } from "@infoplane/core/conformance";
import { testContext } from "@infoplane/core/testing";
import { estimator } from "./mod.ts";

const { ctx } = testContext();

/** Two units copy two fair bits; the label is the first. */
const twoBits: Sample = {
  layer: 1,
  meta: { n: 4, units: 2, activation: "tanh", range: [-1, 1], exactJoint: false, classes: 2 },
  activations: { data: Float32Array.of(-1, -1, -1, 1, 1, -1, 1, 1), shape: [4, 2] },
  labels: Uint8Array.of(0, 0, 1, 1),
};

Deno.test("two copied bits are two bits about the input and one about the label", async () => {
  const found = await estimator.estimate(twoBits, { step: 0.1 }, ctx);
  assert.ok(found.status === "measured");
  assert.deepEqual([found.ixt?.bits, found.ity?.bits, found.cells], [2, 1, 4]);
});

Deno.test("a step wider than the range sees nothing", async () => {
  const found = await estimator.estimate(twoBits, { step: 3 }, ctx);
  assert.ok(found.status === "measured");
  assert.deepEqual([found.ixt?.bits, found.ity?.bits, found.cells], [0, 0, 1]);
});

Deno.test("it keeps what it claims and what every estimator promises", async () => {
  const { checks, conforms } = await checkEstimator(estimator, { step: 0.1 });
  assert.deepEqual(checks.filter(({ status }) => status === "failed"), []);
  assert.ok(conforms);
});
