export * from "../../numerics/elementary";
export * from "./activations";
export * from "./binning";
export * from "./dense";
export * from "./memory";
