import { ksgBits, loadKernels } from "../../core/kernels/mod.ts";
import { root } from "../../core/random/mod.ts";
import { timed } from "./timing.ts";

/** Milliseconds of KSG 1 on 4096 pairs of two columns each; `tests/bench/peers/ksg.py` is the same in scikit-learn. */
export async function ksgMilliseconds(): Promise<number> {
  const kernels = await loadKernels();
  const stream = root(1);
  const shape = [4096, 2];
  const x = { data: Float64Array.from({ length: 8192 }, () => stream.normal()), shape };
  const y = { data: x.data.map((value) => 0.75 * value + Math.sqrt(1 - 0.75 * 0.75) * stream.normal()), shape };
  return timed(() => void ksgBits(kernels, x, y), { rounds: 7, calls: 2, warmUp: 10 });
}
