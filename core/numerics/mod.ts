/**
 * Information measures and elementary functions: bits of finite distributions, e^x and its kin the same everywhere, the symmetric
 * rule, and the protocol by which claims are judged.
 *
 * @module
 */
export * from "./channel_information.ts";
export * from "./cholesky.ts";
export * from "./circle.ts";
export * from "./critic_bounds.ts";
export * from "./decoder_bound.ts";
export * from "./diffusion.ts";
export * from "./digamma.ts";
export * from "./eigenvectors.ts";
export * from "./elementary.ts";
export * from "./entropy.ts";
export * from "./entropy_corrections.ts";
export * from "./gaussian.ts";
export * from "./gaussian_channel.ts";
export * from "./gaussian_information.ts";
export * from "./gaussian_kernel.ts";
export * from "./gaussian_mixture.ts";
export * from "./gradient_snr.ts";
export * from "./ising.ts";
export * from "./linear_cka.ts";
export * from "./noise.ts";
export * from "./normal_distribution.ts";
export * from "./partial_correlation.ts";
export * from "./principal_components.ts";
export * from "./rank_correlation.ts";
export * from "./real_rows.ts";
export * from "./renyi.ts";
export * from "./saturation.ts";
export * from "./standard_error.ts";
export * from "./student_information.ts";
export * from "./symmetric_rule.ts";
