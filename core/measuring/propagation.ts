import type { Net } from "../contracts/architecture.ts";
import type { Tensor } from "../contracts/tensor.ts";
import type { DenseValues } from "../training/dense.ts";
import { firstNoisyLayer } from "../training/net.ts";
import { gather } from "./samples.ts";

/** One pass of all rows through a net, by layer row-major [n, units]; fills in each layer without its own noise. */
export type Pass = (pass: number, activations: DenseValues[], centres: DenseValues[]) => void;

/**
 * Sends rows through a noisy net a number of times and keeps what layers are without their own noise (sample propagation; Goldfeld et al.,
 * ICML 2019).
 *
 * @param layers Indices of the layers to keep.
 * @param like Activations of all layers, for their sizes.
 * @param rows Row numbers to keep; all unless told.
 * @returns By layer its centres, shape [passes, n, units]; of the lowest noisy layer one pass, as all are alike.
 */
export function propagate(
  net: Net,
  layers: readonly number[],
  passes: number,
  like: readonly DenseValues[],
  n: number,
  rows: Uint32Array | undefined,
  run: Pass,
): ReadonlyMap<number, Tensor> {
  const lowest = firstNoisyLayer(net);
  const passesOf = (k: number) => k === lowest ? 1 : passes;
  const [activations, centres] = [0, 1].map(() => like.map((values) => values.slice() as DenseValues));
  const kept = new Map(layers.map((k) => {
    const units = like[k].length / n;
    const size = passesOf(k) * (rows?.length ?? n) * units;
    return [k, { units, data: like[k] instanceof Float64Array ? new Float64Array(size) : new Float32Array(size) }];
  }));
  for (let pass = 0; pass < Math.max(0, ...layers.map(passesOf)); pass++) {
    run(pass, activations, centres);
    for (const [k, { units, data }] of kept) {
      if (pass >= passesOf(k)) continue;
      const values = rows ? gather(centres[k], rows, units) : centres[k];
      data.set(values, pass * values.length);
    }
  }
  return new Map([...kept].map(([k, { units, data }]) => [
    k,
    { data, shape: [passesOf(k), rows?.length ?? n, units] },
  ]));
}
