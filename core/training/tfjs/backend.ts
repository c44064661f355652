import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import type { TfjsBackend } from "../../contracts/deep_net.ts";
import { registerConv2dBackpropFilter } from "./conv2d_backprop_filter.ts";
import { tfjsBackend } from "../layer_shapes.ts";
import { registerMaxPoolGradient } from "./max_pool_gradient.ts";

let prepared = false;

function prepare(): void {
  if (prepared) return;
  prepared = true;
  // tfjs would advertise its node build on the standard error.
  tf.enableProdMode();
  registerConv2dBackpropFilter();
  registerMaxPoolGradient();
}

/**
 * Makes a backend the one tfjs computes on; starts it the first time. Needs no rights for cpu, for wasm read access to the folder of
 * `@tensorflow/tfjs-backend-wasm`, for webgpu a graphics card or a program that stands for one.
 *
 * @throws {RangeError} If there is no such backend, or this machine cannot run it.
 */
export async function startBackend(backend: TfjsBackend): Promise<void> {
  tfjsBackend(backend);
  prepare();
  if (backend === "webgpu" && tf.findBackendFactory(backend) === null) await import("@tensorflow/tfjs-backend-webgpu");
  // Another engine may ask for its own while this one waits.
  while (tf.getBackend() !== backend) {
    if (tf.findBackendFactory(backend) === null || !await tf.setBackend(backend)) {
      throw new RangeError(`Cannot compute with tfjs on ${backend} as this machine must support it: it does not`);
    }
  }
}

/** Makes a backend that was started the one tfjs computes on, at once: engines on different backends take turns. */
export function switchBackend(backend: TfjsBackend): void {
  // A started backend is set before the first await.
  if (tf.getBackend() !== backend) void tf.setBackend(backend);
}
