/**
 * Mutual information of a sample and its labels by nearest neighbours.
 *
 * @module
 */
import type { Tensor } from "../contracts/tensor.ts";
import { digamma } from "../numerics/digamma.ts";
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
 * ψ(n) + ⟨ψ(k) − ψ(N) − ψ(m)⟩ with N the rows of the label, k at most N − 1, and m the other rows of any label up to that distance;
 * where rows of the label tie at it, they all count as k. So it is Ross's estimate for continuous T, near the plug-in estimate for values that
 * recur more than k times, and never above ψ(n) − ⟨ψ(N)⟩, which is near H(Y). Vectors that are all equal give 0.
 *
 * Sources: Ross, PLoS ONE 9(2), e87357 (2014), equation 2; Gao, Kannan, Oh and Viswanath, NeurIPS 2017 (arXiv:1709.06212), who count ties
 * at the distance 0.
 *
 * @param kernels From `loadKernels`.
 * @param t Shape [n, …].
 * @param labels Class of each row, shape [n].
 * @param k Which neighbour sets the scale, or the farthest where a label has fewer.
 * @throws {TypeError} If the values do not fill the shape, or there are not n labels.
 * @throws {RangeError} If a value is not finite, k is no positive integer, or no two rows share a label.
 *
 * @example Four coinciding rows of each label: ψ(8) − ψ(4), near one bit
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadKernels } from "./mod.ts";
 * const t = { data: Float64Array.of(0, 0, 0, 0, 1, 1, 1, 1), shape: [8, 1] };
 * const { bits } = ksgLabelsBits(await loadKernels(), t, Uint8Array.of(0, 0, 0, 0, 1, 1, 1, 1), 3);
 * assert.equal(bits.toFixed(3), "1.096");
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
    const upTo = same.count(first, "upTo");
    members.forEach((row, i) => {
      radii[row] = first[i];
      near[row] = upTo[i];
      size[row] = members.length;
    });
  }
  const within = createNeighbours(kernels, rows.values, columns).count(radii, "upTo");
  let sum = 0;
  for (let i = 0; i < n; i++) sum += digamma(near[i]) - digamma(size[i]) - digamma(within[i]);
  return digamma(n) + sum / n;
}
