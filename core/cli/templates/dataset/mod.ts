/**
 * The parity of some bits: a dataset for Infoplane whose truth is known.
 *
 * The rows are all 2^bits patterns of −1 and 1, equally likely; the label says whether the number of ones is odd. So I(X;Y) is one
 * bit, and any bits but all of them tell nothing of it.
 *
 * @module
 */
import {
  type Context,
  type Dataset,
  defineDataset,
  definePlugin,
  type LoadedDataset,
  type OptionsSchema,
  type Plugin,
} from "@infoplane/core";
import { splitRows } from "@infoplane/core/random";
import { z } from "zod";

export type * from "@infoplane/core";

/** What can be set. */
export interface Options {
  /** Bits in a pattern. */
  readonly bits: number;
  /** Share of the patterns trained on. */
  readonly trainFraction: number;
}

const options: OptionsSchema<Options> = z.strictObject({
  bits: z.number().int().min(2).max(16).default(8).describe("bits in a pattern"),
  trainFraction: z.number().gt(0).lt(1).default(0.8).describe("share of the patterns trained on"),
});

/** The dataset; see the module. */
export const dataset: Dataset<Options> = defineDataset({
  id: "acme/example",
  title: "Parity",
  description: "All patterns of some bits, labelled by whether the number of ones is odd.",
  version: 1,
  arithmetic: "portable",
  options,
  rights: "Computed; no data of others.",
  load,
});

function load({ bits, trainFraction }: Options, { stream }: Context): LoadedDataset {
  const n = 1 << bits;
  const inputs = new Float32Array(n * bits);
  const labels = new Uint8Array(n);
  const pyx = new Float64Array(2 * n);
  for (let row = 0; row < n; row++) {
    for (let bit = 0; bit < bits; bit++) {
      const one = row >> bit & 1;
      inputs[row * bits + bit] = one === 1 ? 1 : -1;
      labels[row] ^= one;
    }
    pyx[2 * row + labels[row]] = 1;
  }
  return {
    inputs: { data: inputs, shape: [n, bits] },
    labels,
    classes: 2,
    splits: splitRows(n, trainFraction, stream.child("split")),
    joint: { px: new Float64Array(n).fill(1 / n), pyx },
  };
}

/** What Infoplane loads. */
const plugin: Plugin = definePlugin({ name: "acme/example", version: "0.1.0", api: 1, datasets: [dataset] });
export default plugin;
