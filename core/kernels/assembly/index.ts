export * from "../../numerics/elementary";
export * from "./activations";
export * from "./binning";
export { denseCurvature64 } from "./curvature64";
export { denseForward, denseForwardBegin, denseGradient, denseOutputs, denseStep, denseStepFrom } from "./dense";
export { denseForward64, denseGradient64, denseStep64 } from "./dense64";
export * from "./gradient_scatter64";
export * from "./gradient_squares";
export * from "./memory";
