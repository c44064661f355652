import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { Arithmetic } from "../../contracts/tensor.ts";
import { registerConv2dBackpropFilter } from "./conv2d_backprop_filter.ts";

/** Where tfjs computes: its WebAssembly build on one thread, a graphics card, or plain JavaScript. */
export type TfjsBackend = "wasm" | "webgpu" | "cpu";

const BACKENDS: readonly TfjsBackend[] = ["wasm", "webgpu", "cpu"];

/**
 * How far the bytes of what a backend computes can be trusted to repeat: `pinned` for wasm, whose build is a fixed file, `host`
 * for webgpu and cpu, which compute as the hardware and the JavaScript engine do.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(tfjsArithmetic("wasm"), "pinned");
 * ```
 */
export function tfjsArithmetic(backend: TfjsBackend): Arithmetic {
  return backend === "wasm" ? "pinned" : "host";
}

let prepared = false;

function prepare(): void {
  if (prepared) return;
  prepared = true;
  // tfjs would advertise its node build on the standard error.
  tf.enableProdMode();
  const folder = new URL(".", import.meta.resolve("@tensorflow/tfjs-backend-wasm"));
  // Off the web the loader wants a path, not a URL.
  setWasmPaths(folder.protocol === "file:" ? decodeURIComponent(folder.pathname) : folder.href);
  registerConv2dBackpropFilter();
}

/**
 * Makes a backend the one tfjs computes on; starts it the first time. Needs no rights for cpu, for wasm read access to
 * `node_modules`.
 *
 * @throws {RangeError} If there is no such backend, or nobody registered it: tfjs-backend-webgpu is a package of its own.
 */
export async function useBackend(backend: TfjsBackend): Promise<void> {
  if (tf.getBackend() === backend && prepared) return;
  const doing = `Cannot compute with tfjs on ${JSON.stringify(backend)} as`;
  if (!BACKENDS.includes(backend)) throw new RangeError(`${doing} its backends are ${BACKENDS.join(", ")}`);
  prepare();
  if (tf.findBackendFactory(backend) === null) {
    throw new RangeError(`${doing} its package must be imported first: it is not`);
  }
  // Another engine may ask for its own while this one waits.
  while (tf.getBackend() !== backend) {
    if (!await tf.setBackend(backend)) throw new RangeError(`${doing} this machine must support it: it does not`);
  }
}
