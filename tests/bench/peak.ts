import { compileKernels } from "../../core/kernels/build.ts";
import { loadKernels } from "../../core/kernels/mod.ts";
import { timed } from "./timing.ts";

/** What this machine can do on one core: the rates that a floor is made of. */
export interface Rates {
  /** Multiply-adds of f32 in a second: the best of a family of wasm SIMD loops. */
  readonly multiplyAdds: number;
  /** Hyperbolic tangents of f32 in a second by our kernel. */
  readonly tanh: number;
}

const TURNS = 20_000;
const VALUES = 14_848;

interface PeakExports {
  readonly memory: WebAssembly.Memory;
  multiplyAdds(width: number, operands: number, pointer: number, count: number): number;
}

let compiled: PeakExports | undefined;

async function peakLoops(): Promise<PeakExports> {
  if (compiled) return compiled;
  const { instance } = await WebAssembly.instantiate(await compileKernels("tests/bench/assembly/peak.ts"), {});
  compiled = instance.exports as unknown as PeakExports;
  compiled.memory.grow(1);
  return compiled;
}

/** Measures the rates anew. */
export async function rates(): Promise<Rates> {
  const loops = await peakLoops();
  const values = new Float32Array(loops.memory.buffer, 4096, 1024).fill(1);
  let best = 0;
  for (const operands of [0, 1, 2]) {
    for (const width of [4, 6, 8, 10]) {
      const ms = timed(() => void loops.multiplyAdds(width, operands, values.byteOffset, TURNS), {
        rounds: 3,
        calls: 10,
        warmUp: 10,
      });
      best = Math.max(best, TURNS * width * 4 / ms * 1000);
    }
  }
  const { exports, reserve } = (await loadKernels()).instantiate();
  const pointer = reserve(4 * VALUES);
  const fresh = Float32Array.from({ length: VALUES }, (_, i) => (i % 200 - 100) / 40);
  new Float32Array(exports.memory.buffer, pointer, VALUES).set(fresh);
  const tanh = timed(() => exports.tanhArray(pointer, VALUES), { rounds: 5 });
  return { multiplyAdds: best, tanh: VALUES / tanh * 1000 };
}
