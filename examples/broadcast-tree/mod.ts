/**
 * A stranger's dataset whose truth is known: a bit that is passed down a tree, and read at its leaves.
 *
 * @module
 */
import {
  type Context,
  type Dataset,
  defineDataset,
  definePlugin,
  type LoadedDataset,
  type Plugin,
} from "@infoplane/core";
import { splitRows } from "@infoplane/core/random";
import { z } from "zod";

const options = z.strictObject({
  branching: z.number().int().min(1).max(12).default(2).describe("children of each node"),
  depth: z.number().int().min(1).max(12).default(3).describe("generations from the root to the leaves"),
  flip: z.number().min(0).max(0.5).default(0.1).describe("probability that a child differs from its parent"),
  trainFraction: z.number().gt(0).lt(1).default(0.8).describe("share of the patterns trained on"),
}).refine(({ branching, depth }) => leavesOf(branching, depth) <= 12, {
  path: ["depth"],
  message: "must leave at most 12 leaves, branching^depth",
});

type Options = z.infer<typeof options>;

/**
 * All patterns of leaves with exact p(x, y): the root is a fair bit, the label; each child copies its parent but for a flip (Evans, Kenyon,
 * Peres and Schulman, Annals of Applied Probability 10, 410–433, 2000). A layer that computes the nodes of a generation keeps what the
 * leaves tell of the root and forgets the rest: what is relevant has a depth here.
 *
 * A replicate's labels are drawn from its stream `labels`, one uniform number a pattern in order; its split from `split`. A net is trained
 * on each pattern once an epoch, whatever p(x); all is measured under p(x).
 */
export const broadcastTree: Dataset<Options> = defineDataset({
  id: "acme/broadcast-tree",
  title: "Broadcast on a tree",
  description:
    "Leaves of a tree down which a fair bit, the label, is passed with a chance of flipping at each step: hierarchical " +
    "inputs with exact p(x) and p(y|x) (Evans, Kenyon, Peres and Schulman 2000).",
  version: 1,
  arithmetic: "portable",
  options,
  rights: "Computed; no data of others.",
  load,
});

function load({ branching, depth, flip, trainFraction }: Options, { stream }: Context): LoadedDataset {
  const leaves = leavesOf(branching, depth);
  const n = 1 << leaves;
  const [zero, one] = leavesGivenRoot(branching, depth, flip);
  const px = Float64Array.from(zero, (p, x) => (p + one[x]) / 2);
  const shown = Uint32Array.from({ length: n }, (_, x) => x).filter((x) => px[x] > 0);
  const pyx = Float64Array.from({ length: 2 * shown.length }, (_, i) => {
    const x = shown[i >> 1];
    return (i & 1 ? one[x] : zero[x]) / (zero[x] + one[x]);
  });
  const dealt = stream.child("labels");
  return {
    inputs: {
      data: Uint8Array.from({ length: shown.length * leaves }, (_, i) => {
        return shown[Math.floor(i / leaves)] >> (leaves - 1 - i % leaves) & 1;
      }),
      shape: [shown.length, leaves],
      scale: 2,
      offset: -1,
    },
    labels: Uint8Array.from(shown, (_, row) => dealt.uniform() < pyx[2 * row + 1] ? 1 : 0),
    classes: 2,
    splits: splitRows(shown.length, trainFraction, stream.child("split")),
    joint: { px: Float64Array.from(shown, (x) => px[x]), pyx },
  };
}

/** p(leaves | root = 0) and p(leaves | root = 1), by generations from the leaves up; the first leaf is the highest bit of the pattern. */
function leavesGivenRoot(branching: number, depth: number, flip: number): [Float64Array, Float64Array] {
  let below: [Float64Array, Float64Array] = [Float64Array.of(1, 0), Float64Array.of(0, 1)];
  for (let generation = 0; generation < depth; generation++) {
    const [zero, one] = below;
    const child = [
      zero.map((p, x) => (1 - flip) * p + flip * one[x]),
      one.map((p, x) => (1 - flip) * p + flip * zero[x]),
    ];
    below = [power(child[0], branching), power(child[1], branching)];
  }
  return below;
}

/** The distribution of so many independent patterns, one behind the other. */
function power(p: Float64Array, times: number): Float64Array {
  let all = Float64Array.of(1);
  for (let i = 0; i < times; i++) {
    const fewer = all;
    all = Float64Array.from(
      { length: fewer.length * p.length },
      (_, x) => fewer[Math.floor(x / p.length)] * p[x % p.length],
    );
  }
  return all;
}

function leavesOf(branching: number, depth: number): number {
  let leaves = 1;
  for (let generation = 0; generation < depth; generation++) leaves *= branching;
  return leaves;
}

const plugin: Plugin = definePlugin({
  name: "acme/broadcast-tree",
  version: "1.0.0",
  api: 1,
  datasets: [broadcastTree],
});
export default plugin;
