/**
 * How a claim is judged: paths of nets through the plane, their phases, and the protocol from θ to a verdict.
 *
 * @module
 */
export * from "./arms.ts";
export * from "./association.ts";
export * from "./censored.ts";
export * from "./gradients.ts";
export * from "./growth_laws.ts";
export * from "./horizon.ts";
export * from "./judge.ts";
export * from "./nets.ts";
export * from "./paths.ts";
export * from "./protocol.ts";
export * from "./speed.ts";
export * from "./two_phases.ts";
