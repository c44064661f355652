export * from "../../numerics/elementary";
export * from "./activations";
export * from "./binning";
export { denseForward, denseForwardBegin, denseGradient, denseStep } from "./dense";
export * from "./dense64";
export * from "./eigenvalues";
export * from "./memory";
export * from "./neighbours";
