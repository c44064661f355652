/**
 * Mutual information of a sample and its labels by nearest neighbours.
 *
 * @module
 */
import type { Tensor } from "../contracts/tensor.ts";
import { digamma } from "../numerics/digamma.ts";
import { log } from "../numerics/elementary.ts";
import { isConstant, type RealRows, realRows, rowsAt } from "../numerics/real_rows.ts";
import type { Kernels } from "./mod.ts";
import { createNeighbours } from "./neighbours.ts";

/** An estimate from neighbours of the same label. */
export interface KsgLabels {
  /** I(T;Y) in bits; raw, so it can be negative. */
  readonly bits: number;
  /** Rows left out because no other has their label. */
  readonly alone: number;
}

/**
 * Mutual information I(T;Y) in bits of n vectors and their labels, by the distance of the k-th nearest row of the same label in the
 * maximum norm.
 *
 * ln n + ⟨ψ(k) − ψ(N) − ψ(m + 1)⟩ with N the rows of the label, k at most N − 1, and m the other rows of any label nearer than that
 * distance; where it is 0, those of the label and those of all that coincide are counted, the row itself included, in place of k and
 * m + 1. For continuous T that is Ross's estimate, but for ψ(n) − ln n, which is about −1/2n; for discrete T whose values recur
 * more than k times it is near the plug-in estimate. Vectors that are all equal give 0.
 *
 * Sources: Ross, PLoS ONE 9(2), e87357 (2014), equation 2; Gao, Kannan, Oh and Viswanath, NeurIPS 2017 (arXiv:1709.06212), as in the
 * authors' program, with labels infinitely far from each other.
 *
 * @param kernels From `loadKernels`.
 * @param t Shape [n, …].
 * @param labels Class of each row, shape [n].
 * @param k Which neighbour sets the scale, or the farthest where a label has fewer.
 * @throws {TypeError} If the values do not fill the shape, or there are not n labels.
 * @throws {RangeError} If a value is not finite, k is no positive integer, or no two rows share a label.
 *
 * @example Four coinciding rows of each label show ψ(4) and ψ(8), one bit nearly
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadKernels } from "./mod.ts";
 * const t = { data: Float64Array.of(0, 0, 0, 0, 1, 1, 1, 1), shape: [8, 1] };
 * const { bits } = ksgLabelsBits(await loadKernels(), t, Uint8Array.of(0, 0, 0, 0, 1, 1, 1, 1), 3);
 * assert.equal(bits.toFixed(3), "1.188");
 * ```
 */
export function ksgLabelsBits(kernels: Kernels, t: Tensor, labels: Uint8Array, k = 3): KsgLabels {
  const all = realRows(t, "t");
  if (labels.length !== all.n) {
    throw new TypeError(`Cannot compute I(T;Y) as there must be ${all.n} labels: there are ${labels.length}`);
  }
  if (!(Number.isInteger(k) && k >= 1)) {
    throw new RangeError(`Cannot compute I(T;Y) as k must be an integer >= 1: it is ${k}`);
  }
  const sizes = new Uint32Array(256);
  labels.forEach((label) => sizes[label]++);
  const kept = Uint32Array.from(labels.keys()).filter((row) => sizes[labels[row]] > 1);
  const alone = all.n - kept.length;
  if (kept.length === 0) throw new RangeError("Cannot compute I(T;Y) as two rows must share a label: none do");
  const rows = rowsAt(all, kept);
  if (isConstant(rows)) return { bits: 0, alone };
  return { bits: natsOf(kernels, rows, Uint8Array.from(kept, (row) => labels[row]), k) / Math.LN2, alone };
}

function natsOf(kernels: Kernels, rows: RealRows, labels: Uint8Array, k: number): number {
  const { n, columns } = rows;
  const radii = new Float64Array(n);
  const near = new Uint32Array(n);
  const size = new Uint32Array(n);
  for (const label of new Set(labels)) {
    const members = Uint32Array.from(labels.keys()).filter((row) => labels[row] === label);
    const same = createNeighbours(kernels, rowsAt(rows, members).values, columns);
    const most = Math.min(k, members.length - 1);
    const { first } = same.reach(most, columns);
    const coincide = same.count(new Float64Array(members.length), "upTo");
    members.forEach((row, i) => {
      // Below the least positive number lies 0 alone, so coinciding rows are counted by the same rule.
      radii[row] = first[i] || Number.MIN_VALUE;
      near[row] = first[i] === 0 ? coincide[i] + 1 : most;
      size[row] = members.length;
    });
  }
  const within = createNeighbours(kernels, rows.values, columns).count(radii, "below");
  let sum = 0;
  for (let i = 0; i < n; i++) sum += digamma(near[i]) - digamma(size[i]) - digamma(within[i] + 1);
  return log(n) + sum / n;
}
