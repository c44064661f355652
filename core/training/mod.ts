/**
 * Training for estimators that learn: dense nets, rows held out, early stopping, and critics of mutual information.
 *
 * @module
 */
export * from "./critic.ts";
export * from "./critic_estimate.ts";
export * from "./dense.ts";
export { denseNet } from "./dense_training.ts";
export * from "./early_stopping.ts";
export { type Prediction, softmaxPrediction } from "./evaluation.ts";
export * from "./held_out.ts";
export { initialParameters } from "./initial_weights.ts";
export * from "./relu_net.ts";
