/**
 * How two numbers of a net go together over nets, with an interval from permutations of the replicates.
 *
 * @module
 */
import type { Stream } from "../contracts/stream.ts";
import { orthonormalBasis, residualRanks } from "../numerics/partial_correlation.ts";
import { ranks } from "../numerics/rank_correlation.ts";
import { shuffle } from "../random/mod.ts";

/** Numbers of the nets of one arm, by replicate; in every arm the same replicates in the same order. */
export interface AssociationArm {
  /** Numbers that go along. */
  readonly x: readonly number[];
  /** Numbers they may go along with. */
  readonly y: readonly number[];
  /** Numbers that may explain both. */
  readonly given: readonly (readonly number[])[];
}

/** Permutations drawn for an interval. */
export const PERMUTATIONS = 9999;

/** Halvings of the way to an end of an interval. */
const HALVINGS = 40;
/** Two statistics that differ by less are equal: the permutation that changes nothing must count as such. */
const EQUAL = 1e-12;

/** The association of y with x given others, pooled over arms. */
export interface Association {
  /** Partial rank correlation; NaN if in no arm anything is left of x and of y. */
  readonly rho: number;
  /** Arms that add to it: in the others x or y does not vary beyond what is given. */
  readonly arms: number;
  /**
   * The interval at an error α: the slopes β in [−1, 1] that a permutation test does not reject; undefined where so few replicates
   * have fewer than 1/α permutations, or no more than there are numbers given and two.
   */
  interval(alpha: number): { readonly low: number; readonly high: number } | undefined;
}

/**
 * The partial Spearman correlation over nets, ranks taken within each arm and residuals of all arms together, and what a permutation test
 * leaves of it.
 *
 * β is the slope of the residual ranks of y on those of x, each scaled to unit length, so that its estimate is the partial correlation.
 * For each β the residuals of y − βx are permuted, the others' part taken away again, and their correlation with x compared with the
 * observed one, both signs (Freedman and Lane, J. Bus. Econ. Stat. 1, 1983; the interval by inversion: Garthwaite, Biometrics 52, 1996).
 * Replicates are permuted, the same way in every arm, since nets of one replicate share split and labels. Of a strong common cause a
 * little stays, as ranks that follow it are no straight line of its ranks.
 *
 * @param permutations How many are drawn.
 * @throws {RangeError} If arms differ in their number of nets.
 *
 * @example
 * ```ts
 * import { root } from "@infoplane/core/random";
 * import assert from "node:assert/strict";
 * const x = [1, 2, 3, 4, 5, 6, 7, 8];
 * const { rho, interval } = association([{ x, y: [1, 3, 2, 4, 5, 6, 8, 7], given: [] }], root(1));
 * assert.equal(rho.toFixed(3), "0.952");
 * assert.ok(interval(0.05)!.low > 0.5);
 * assert.equal(association([{ x: [1, 2, 3], y: [1, 2, 3], given: [] }], root(1)).interval(0.05), undefined);
 * ```
 */
export function association(
  all: readonly AssociationArm[],
  stream: Stream,
  permutations: number = PERMUTATIONS,
): Association {
  const n = all[0]?.x.length ?? 0;
  const odd = all.find(({ x, y }) => x.length !== n || y.length !== n);
  if (odd) {
    throw new RangeError(
      `Cannot permute replicates as every arm must have ${n} nets: one has ${odd.x.length} and ${odd.y.length}`,
    );
  }
  const arms = all.map(({ x, y, given }) => ({
    x: residualRanks(x, given),
    y: residualRanks(y, given),
    basis: orthonormalBasis(n, given.map(ranks)),
  })).filter(({ x, y }) => x.some((value) => value !== 0) && y.some((value) => value !== 0));
  const none = { rho: NaN, arms: 0, interval: () => undefined };
  if (arms.length === 0) return none;
  for (const side of ["x", "y"] as const) {
    const length = Math.sqrt(arms.reduce((sum, arm) => sum + dot(arm[side], arm[side]), 0));
    for (const arm of arms) for (let i = 0; i < n; i++) arm[side][i] /= length;
  }
  const rho = arms.reduce((sum, { x, y }) => sum + dot(x, y), 0);
  const given = arms.reduce((most, { basis }) => Math.max(most, basis.length - 1), 0);
  // Products of permuted residuals, the others' part taken away: yx, xx', |y|², xy, |x|² for each permutation.
  let drawn: Float64Array | undefined;
  const products = () => drawn ??= permutedProducts(arms, n, stream, permutations);

  /** Share of permutations whose correlation is as far from 0 as that of the observed y − βx. */
  function share(beta: number): number {
    const of = products();
    const rest = 1 - 2 * beta * rho + beta * beta;
    const observed = rest > 0 ? (rho - beta) * (rho - beta) / rest : 0;
    let count = 1;
    for (let i = 0; i < of.length; i += 5) {
      const along = of[i] - beta * of[i + 1];
      const squares = of[i + 2] - 2 * beta * of[i + 3] + beta * beta * of[i + 4];
      if (!(squares > 0) || along * along / squares >= observed - EQUAL) count++;
    }
    return count / (permutations + 1);
  }

  function end(alpha: number, outer: number): number {
    if (share(outer) > alpha) return outer;
    let [inside, outside] = [rho, outer];
    for (let i = 0; i < HALVINGS; i++) {
      const middle = (inside + outside) / 2;
      if (share(middle) > alpha) inside = middle;
      else outside = middle;
    }
    return inside;
  }

  return {
    rho: Math.max(-1, Math.min(1, rho)),
    arms: arms.length,
    interval: (alpha) =>
      orders(n) < 1 / alpha || n <= given + 2 ? undefined : { low: end(alpha, -1), high: end(alpha, 1) },
  };
}

function permutedProducts(
  arms: readonly { readonly x: Float64Array; readonly y: Float64Array; readonly basis: readonly Float64Array[] }[],
  n: number,
  stream: Stream,
  permutations: number,
): Float64Array {
  const found = new Float64Array(5 * permutations);
  const draw = stream.child("permutations");
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let p = 0; p < permutations; p++) {
    shuffle(order, draw);
    for (const { x, y, basis } of arms) {
      let [yx, xx, yy, xy, squares] = [0, 0, 0, 0, 0];
      for (let i = 0; i < n; i++) {
        const [px, py] = [x[order[i]], y[order[i]]];
        yx += py * x[i];
        xx += px * x[i];
        yy += py * py;
        xy += px * py;
        squares += px * px;
      }
      for (const along of basis) {
        let [ofX, ofY] = [0, 0];
        for (let i = 0; i < n; i++) {
          ofX += x[order[i]] * along[i];
          ofY += y[order[i]] * along[i];
        }
        yy -= ofY * ofY;
        xy -= ofX * ofY;
        squares -= ofX * ofX;
      }
      [yx, xx, yy, xy, squares].forEach((value, k) => found[5 * p + k] += value);
    }
  }
  return found;
}

/** n!, the number of orders of n replicates. */
function orders(n: number): number {
  let product = 1;
  for (let i = 2; i <= n; i++) product *= i;
  return product;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
