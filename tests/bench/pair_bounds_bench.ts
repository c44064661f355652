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

/**
 * Both bounds on both informations of 2000 × 5000 rectified activations with ten labels, α = 0.1 by both rulers, as the studies of
 * images ask for: seconds, and how many squared differences of two numbers half of the pairs have.
 */
export async function widePairBounds(): Promise<{ seconds: number; differences: number }> {
  const { ctx } = testContext();
  const [n, units] = [2000, 5000];
  const stream = ctx.stream.child("wide layer");
  const data = Float32Array.from({ length: n * units }, () => Math.max(0, stream.normal()));
  const labels = Uint8Array.from({ length: n }, () => stream.integer(10));
  const activations = { data, shape: [n, units] };
  const sample = {
    layer: 1,
    meta: { n, units, activation: "relu", exactJoint: false, classes: 10 },
    activations,
    labels,
    reference: { data: data.map((t) => 2 * t), shape: [n, units] },
  } as const;
  const levels = (["fixed", "moving"] as const).map((ruler) => ({ alpha: 0.1, ruler }));
  const milliseconds = await timedAsync(() => noiseBounds.estimateAll!([sample], levels, ctx), {
    rounds: 1,
    calls: 1,
    warmUp: 1,
  });
  return { seconds: milliseconds / 1000, differences: n * n / 2 * units };
}
