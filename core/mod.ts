/**
 * What a plugin author imports: the contracts, and a `define…` helper for each. Loads no kernels, no tfjs and no npm package, and of
 * contracts that are types alone nothing.
 *
 * @module
 */
export * from "./contracts/analysis.ts";
export * from "./contracts/architecture.ts";
export type * from "./contracts/bundle.ts";
export type * from "./contracts/context.ts";
export * from "./contracts/dataset.ts";
export type * from "./contracts/deep_net.ts";
export * from "./contracts/estimator.ts";
export type * from "./contracts/fingerprint.ts";
export type * from "./contracts/gradients.ts";
export type * from "./contracts/ledger.ts";
export type * from "./contracts/model_net.ts";
export type * from "./contracts/options.ts";
export * from "./contracts/plugin.ts";
export * from "./contracts/recorded.ts";
export * from "./contracts/rows.ts";
export type * from "./contracts/stream.ts";
export * from "./contracts/study.ts";
export type * from "./contracts/tensor.ts";
export * from "./contracts/unfit.ts";
