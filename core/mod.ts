/**
 * What a plugin author imports: the contracts, and a `define…` helper for each. Loads no kernels, no tfjs and no npm package.
 *
 * @module
 */
export * from "./contracts/analysis.ts";
export * from "./contracts/architecture.ts";
export * from "./contracts/bundle.ts";
export * from "./contracts/context.ts";
export * from "./contracts/dataset.ts";
export * from "./contracts/deep_net.ts";
export * from "./contracts/estimator.ts";
export * from "./contracts/fingerprint.ts";
export * from "./contracts/gradients.ts";
export * from "./contracts/model_net.ts";
export * from "./contracts/options.ts";
export * from "./contracts/plugin.ts";
export * from "./contracts/recorded.ts";
export * from "./contracts/rows.ts";
export * from "./contracts/stream.ts";
export * from "./contracts/study.ts";
export * from "./contracts/tensor.ts";
export * from "./contracts/unfit.ts";
