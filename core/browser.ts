/**
 * The engine for browsers: random streams, numerics, kernels, dense training and binning. No Deno, no node:, no DOM, no clock.
 *
 * @module
 */
export * from "./contracts/stream.ts";
export { root, shuffle, truncatedNormal } from "./random/mod.ts";
export * from "./numerics/mod.ts";
export * from "./kernels/mod.ts";
export * from "./training/dense.ts";
export { denseNet } from "./training/dense_training.ts";
export { initialParameters } from "./training/initial_weights.ts";
export { snapshotEpochs } from "./training/snapshots.ts";
