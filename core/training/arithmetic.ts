import type { Net, NetDescription } from "../contracts/architecture.ts";
import type { DeepNetDescription } from "../contracts/deep_net.ts";
import type { RecordedNetDescription } from "../contracts/recorded.ts";
import type { Arithmetic, JsonObject } from "../contracts/tensor.ts";
import { CONVOLUTION_ARITHMETIC } from "./convolution.ts";
import { ARITHMETIC } from "./dense.ts";

/**
 * Integers that enter keys of nets that tfjs trains, `train` for parameters and `forward` for activations and what is known of their
 * range, both on wasm. A golden test pins the bytes each stands for; whoever changes bytes, or the version of tfjs, raises the integer.
 */
export const TFJS_ARITHMETIC: { readonly train: number; readonly forward: number } = { train: 1, forward: 2 };

/** A net of layers that the kernels train. */
export type KernelsNet = DeepNetDescription & { readonly backend: "kernels" };

/** True of nets of layers that the kernels train. */
export function isByKernels(net: Net): net is KernelsNet {
  return net.kind === "deep" && net.backend === "kernels";
}

/** True of nets that need no tfjs: dense ones, those that the kernels train, and those whose activations were recorded. */
export function isPortable(net: Net): net is NetDescription | RecordedNetDescription | KernelsNet {
  return net.kind === "layers" || net.kind === "recorded" || isByKernels(net);
}

/** What stands in keys for the arithmetic that trains a net, and for the one that runs it forward. */
export function keyedArithmetic(net: Net): { readonly train: JsonObject; readonly forward: JsonObject } {
  if (isByKernels(net)) {
    const { train, forward } = CONVOLUTION_ARITHMETIC;
    return { train: { convolutionTrain: train }, forward: { convolutionForward: forward } };
  }
  if (isPortable(net)) return { train: { train: ARITHMETIC.train }, forward: { forward: ARITHMETIC.forward } };
  const { backend = "wasm" } = net;
  return {
    train: { tfjsTrain: TFJS_ARITHMETIC.train, backend },
    forward: { tfjsForward: TFJS_ARITHMETIC.forward },
  };
}

/**
 * How far the numbers of a net can be trusted to repeat: portable by our kernels, and as functions of a recording; by tfjs `pinned` on wasm, whose build is a
 * fixed file, `host` on webgpu and cpu, which compute as the hardware and the JavaScript engine do.
 */
export function netArithmetic(net: Net): Arithmetic {
  if (isPortable(net)) return "portable";
  return (net.backend ?? "wasm") === "wasm" ? "pinned" : "host";
}

const FROM_STRONGEST: readonly Arithmetic[] = ["portable", "pinned", "host"];

/**
 * How far a number repeats that came of several: as far as the weakest of them.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(weakest("pinned", "portable"), "pinned");
 * ```
 */
export function weakest(...parts: readonly Arithmetic[]): Arithmetic {
  return FROM_STRONGEST[Math.max(...parts.map((part) => FROM_STRONGEST.indexOf(part)))];
}
