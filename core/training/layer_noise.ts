import type { Stream } from "../contracts/stream.ts";

/**
 * Where the noise in a net's layers is drawn from: one source for the updates of each epoch, and others for what is read off the net there, so
 * that what is measured depends on the weights alone and not on how often it was looked at.
 *
 * @param replicate The replicate's stream.
 * @param epoch 1… for `training`, else that of the snapshot.
 * @param pass Counts the passes of `measuring`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { root } from "../random/mod.ts";
 * const { path } = layerNoiseStream(root(1).child("replicate", 0), "measuring", 40, 2);
 * assert.deepEqual(path.slice(-4), ["layer-noise", "measuring", 40, 2]);
 * ```
 */
export function layerNoiseStream(
  replicate: Stream,
  role: "training" | "evaluation" | "gradients" | "measuring",
  epoch: number,
  pass = 0,
): Stream {
  return replicate.child("layer-noise", role, epoch, pass);
}
