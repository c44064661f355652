/**
 * Mutual information of two samples by nearest neighbours.
 *
 * @module
 */
import type { Stream } from "../contracts/stream.ts";
import type { Tensor } from "../contracts/tensor.ts";
import { digamma } from "../numerics/digamma.ts";
import { isConstant, isDiscrete, jittered, type RealRows, realRows } from "../numerics/real_rows.ts";
import type { Kernels } from "./mod.ts";
import { createNeighbours } from "./neighbours.ts";

/**
 * 1 and 2: the two estimates of Kraskov, Stögbauer and Grassberger, for continuous vectors. `mixed`: that of Gao, Kannan, Oh and
 * Viswanath, for vectors that may repeat values, be it some, all or none of them.
 */
export type KsgForm = 1 | 2 | "mixed";

/** How neighbours are read. */
export interface KsgSettings {
  /** Which neighbour sets the scale: an integer in 1…n − 1; 3 unless told otherwise. */
  readonly k?: number;
  /** 1 unless told otherwise. */
  readonly form?: KsgForm;
  /** Parts equal values by 1e-10 standard deviations, in forms 1 and 2; without it they stay equal. */
  readonly jitter?: Stream;
}

/**
 * Mutual information I(X;Y) in bits of n pairs of vectors, by the distance of the k-th nearest pair in the maximum norm.
 *
 * With n_x(i) and n_y(i) the others nearer to x_i and y_i than that distance, form 1 is ψ(k) + ψ(n) − ⟨ψ(n_x + 1) + ψ(n_y + 1)⟩. Form 2
 * counts up to the sides of the smallest rectangle around the k neighbours: ψ(k) − 1/k + ψ(n) − ⟨ψ(n_x) + ψ(n_y)⟩. `mixed` is form 1
 * where no distances tie. Where some do, as among values that recur or lie on a lattice, all pairs up to the distance count as k, and
 * all x and y up to it as n_x + 1 and n_y + 1. So it is near the plug-in estimate for values that recur more than k times.
 *
 * Raw, so it can be negative; never above {@link ksgCeilingBits}, but for ties in forms 1 and 2. A vector that never changes gives 0.
 * Nearly unbiased for a few dimensions and smooth densities; far too low from about ten on, under heavy tails, or where the
 * information is not small beside ln n (Gao, Ver Steeg and Galstyan 2015). Infinite information, as between continuous X and a function of it,
 * shows as a number that grows with n.
 *
 * Sources: Kraskov, Stögbauer and Grassberger, Phys. Rev. E 69, 066138 (2004), equations 8 and 9. Gao, Kannan, Oh and Viswanath,
 * NeurIPS 2017 (arXiv:1709.06212), count coinciding pairs where the distance is 0; here that is done for ties at any distance, with ψ
 * throughout, as ln(n_x + 1) in the place of ψ reads .05 nats too low of .41 in a thousand normal pairs.
 *
 * @param kernels From `loadKernels`.
 * @param x Shape [n, …].
 * @param y Shape [n, …].
 * @throws {TypeError} If the values do not fill their shapes, or there are not as many y as x.
 * @throws {RangeError} If a value is not finite, k is no integer in 1…n − 1, or forms 1 and 2 meet a discrete side: one in
 * every column of which fewer than half of the values are distinct.
 *
 * @example What does not change tells nothing
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadKernels } from "./mod.ts";
 * const x = { data: Float64Array.of(0.1, 0.5, 0.2, 0.9, 0.4), shape: [5, 1] };
 * const y = { data: new Float64Array(5), shape: [5, 1] };
 * assert.equal(ksgBits(await loadKernels(), x, y, { form: "mixed" }), 0);
 * ```
 */
export function ksgBits(
  kernels: Kernels,
  x: Tensor,
  y: Tensor,
  { k = 3, form = 1, jitter }: KsgSettings = {},
): number {
  const sides = [realRows(x, "x"), realRows(y, "y")];
  const { n } = sides[0];
  if (sides[1].n !== n) {
    throw new TypeError(`Cannot compute I(X;Y) as there must be ${n} y, one for each x: there are ${sides[1].n}`);
  }
  if (!(Number.isInteger(k) && k >= 1 && k < n)) {
    throw new RangeError(`Cannot compute I(X;Y) as k must be an integer in 1…${n - 1}, n being ${n}: it is ${k}`);
  }
  if (sides.some(isConstant)) return 0;
  if (form === "mixed") return mixedNats(kernels, sides, k) / Math.LN2;
  const discrete = sides.findIndex(isDiscrete);
  if (discrete >= 0) {
    throw new RangeError(
      `Cannot compute I(X;Y) by form ${form} as ${
        "xy"[discrete]
      } must be continuous: in every column fewer than half of its ` +
        'values are distinct; form "mixed" can',
    );
  }
  const parted = jitter ? sides.map((side, i) => jittered(side, jitter.child("xy"[i]))) : sides;
  return (form === 1 ? firstNats : secondNats)(kernels, parted, k) / Math.LN2;
}

/**
 * The most that {@link ksgBits} can give, in bits: every pair of neighbours in X is one in Y.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(ksgCeilingBits(4096, { k: 3 }).toFixed(3), "10.669");
 * ```
 */
export function ksgCeilingBits(n: number, { k = 3, form = 1 }: KsgSettings = {}): number {
  return (digamma(n) - digamma(k) - (form === 2 ? 1 / k : 0)) / Math.LN2;
}

function firstNats(kernels: Kernels, sides: readonly RealRows[], k: number): number {
  const { n } = sides[0];
  const { first, rest } = reachOf(kernels, sides, k);
  const radii = first.map((reach, i) => Math.max(reach, rest[i]));
  const [inX, inY] = sides.map((side) => createNeighbours(kernels, side.values, side.columns).count(radii, "below"));
  const psi = tableOf(digamma, n);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += psi[inX[i] + 1] + psi[inY[i] + 1];
  return psi[k] + psi[n] - sum / n;
}

function secondNats(kernels: Kernels, sides: readonly RealRows[], k: number): number {
  const { n } = sides[0];
  const { first, rest } = reachOf(kernels, sides, k);
  const [inX, inY] = [first, rest].map((radii, s) =>
    createNeighbours(kernels, sides[s].values, sides[s].columns).count(radii, "upTo")
  );
  const psi = tableOf(digamma, n);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += psi[inX[i]] + psi[inY[i]];
  return psi[k] - 1 / k + psi[n] - sum / n;
}

function mixedNats(kernels: Kernels, sides: readonly RealRows[], k: number): number {
  const { n } = sides[0];
  const joint = createNeighbours(kernels, joined(sides), sides[0].columns + sides[1].columns);
  const { first, rest } = joint.reach(k, sides[0].columns);
  const radii = first.map((reach, i) => Math.max(reach, rest[i]));
  const near = joint.count(radii, "upTo");
  const psi = tableOf(digamma, n);
  const sums = new Float64Array(n);
  for (const side of sides) {
    const rows = createNeighbours(kernels, side.values, side.columns);
    const [below, upTo] = [rows.count(radii, "below"), rows.count(radii, "upTo")];
    for (let i = 0; i < n; i++) sums[i] += psi[Math.max(below[i] + 1, upTo[i])];
  }
  return psi[n] + sums.reduce((sum, own, i) => sum + psi[near[i]] - own, 0) / n;
}

function reachOf(kernels: Kernels, sides: readonly RealRows[], k: number): { first: Float64Array; rest: Float64Array } {
  const columns = sides[0].columns + sides[1].columns;
  return createNeighbours(kernels, joined(sides), columns).reach(k, sides[0].columns);
}

/** The two sides in one row. */
function joined([x, y]: readonly RealRows[]): Float64Array {
  const columns = x.columns + y.columns;
  const values = new Float64Array(x.n * columns);
  for (let i = 0; i < x.n; i++) {
    values.set(x.values.subarray(i * x.columns, (i + 1) * x.columns), i * columns);
    values.set(y.values.subarray(i * y.columns, (i + 1) * y.columns), i * columns + x.columns);
  }
  return values;
}

/** f(0), …, f(n). */
function tableOf(f: (x: number) => number, n: number): Float64Array {
  return Float64Array.from({ length: n + 1 }, (_, i) => f(i));
}
