export * from "../../numerics/elementary";
export * from "./activations";
export * from "./binning";
export { denseForward, denseForwardBegin, denseGradient, denseStep } from "./dense";
export * from "./dense64";
export * from "./memory";
export * from "./moving_codes";
