export * from "../../numerics/elementary";
export * from "./activations";
export * from "./binning";
export { denseForward, denseForwardBegin, denseGradient, denseOutputs, denseStep, denseStepFrom } from "./dense";
export * from "./dense64";
export * from "./memory";
