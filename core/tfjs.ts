/**
 * What an architecture plugin needs to write a net as a tfjs LayersModel: tfjs itself, and {@link modelNet}, which turns a model
 * into data. Importing it loads tfjs, on the cpu backend.
 *
 * @module
 */
import * as tfjs from "@tensorflow/tfjs";
import { startBackend } from "./training/tfjs/backend.ts";

export type { Activation, Initialiser } from "./contracts/architecture.ts";
export type { TfjsBackend } from "./contracts/deep_net.ts";
export type * from "./contracts/model_net.ts";
export type { Json, JsonObject } from "./contracts/tensor.ts";
export { type LayersModel, modelNet, type ModelNetOptions } from "./training/tfjs/model_net.ts";

/** tfjs, of the version that the engine computes with. */
export const tf: typeof tfjs = tfjs;
/** What a layer gives for a tensor without values yet. */
export type SymbolicTensor = tfjs.SymbolicTensor;

// Building a model allocates its weights; the engine draws them anew.
await startBackend("cpu");
