/**
 * What an architecture plugin needs to write a net as a tfjs LayersModel: tfjs itself, and {@link modelNet}, which turns a model
 * into data. Importing it loads tfjs, on the cpu backend.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { startBackend } from "./training/tfjs/backend.ts";

export type * from "./contracts/deep_net.ts";
export type * from "./contracts/model_net.ts";
export { modelNet, type ModelNetOptions } from "./training/tfjs/model_net.ts";
/** tfjs, the version that the engine computes with. */
export { tf };

// Building a model allocates its weights; the engine draws them anew.
await startBackend("cpu");
