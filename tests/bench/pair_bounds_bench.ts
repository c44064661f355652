import { testContext } from "../../core/testing.ts";
import { noiseBounds } from "../../plugins/estimators/noise_bounds.ts";
import { timedAsync } from "./timing.ts";

/** Milliseconds for both bounds on both informations of 4096 × 10 activations with two labels, σ² = 0.1: one layer. */
export async function pairBoundsMilliseconds(): Promise<number> {
  const { ctx } = testContext();
  const [n, units] = [4096, 10];
  const stream = ctx.stream.child("layer");
  const data = Float32Array.from({ length: n * units }, () => Math.tanh(stream.normal()));
  const labels = Uint8Array.from({ length: n }, () => stream.integer(2));
  const sample = {
    layer: 1,
    meta: { n, units, activation: "tanh", exactJoint: false, classes: 2 },
    activations: { data, shape: [n, units] },
    labels,
  } as const;
  return await timedAsync(() => noiseBounds.estimateAll!([sample], [{ variance: 0.1 }], ctx), {
    rounds: 5,
    calls: 4,
    warmUp: 4,
  });
}
