/**
 * Information measures and elementary functions: bits of finite distributions, e^x and its kin the same everywhere, the symmetric
 * rule, and the protocol by which claims are judged.
 *
 * @module
 */
export * from "./channel_information.ts";
export * from "./circle.ts";
export * from "./elementary.ts";
export * from "./entropy.ts";
export * from "./gaussian_information.ts";
export * from "./ising.ts";
export * from "./normal_distribution.ts";
export * from "./saturation.ts";
export * from "./student_information.ts";
export * from "./symmetric_rule.ts";
