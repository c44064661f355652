/**
 * Entropies and mutual informations of finite distributions, in bits.
 *
 * @module
 */
import type { Joint } from "../contracts/dataset.ts";
import { log2 } from "./elementary.ts";

const SUM_TOLERANCE = 1e-9;

/**
 * Shannon entropy H(T) in bits of a sequence of symbols, by relative frequency.
 *
 * The plug-in estimate: too low by about (K − 1) / (2N ln 2) bits for K occupied symbols and N samples (Miller 1955). Equal counts
 * are summed together, smallest first, so that K equal counts give log₂ K without rounding and the order of symbols cannot show.
 *
 * @param counts `counts[k]` is how many samples fell on symbol k, shape [K].
 * @returns Between 0 and log₂ K.
 * @throws {RangeError} If a count is negative or not finite, or none was counted.
 *
 * @example A fair coin carries one bit
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(entropyBits([5, 5]), 1);
 * ```
 */
export function entropyBits(counts: ArrayLike<number>): number {
  const sorted = Float64Array.from(counts).sort();
  const refused = Array.prototype.findIndex.call(counts, (count: number) => !(count >= 0 && count < Infinity));
  if (refused >= 0) {
    throw new RangeError(`Cannot compute H(T) as every count must be >= 0: counts[${refused}] is ${counts[refused]}`);
  }
  const total = sorted.reduce((sum, count) => sum + count, 0);
  if (total === 0) throw new RangeError("Cannot compute H(T) as a count must be > 0: none is");
  let entropy = 0;
  for (let k = 0; k < sorted.length;) {
    const count = sorted[k];
    let times = 0;
    while (sorted[k] === count) {
      times++;
      k++;
    }
    if (count > 0) entropy += times * count / total * log2(total / count);
  }
  return entropy;
}

/**
 * Shannon entropy in bits of a distribution: −Σ_k p_k log₂ p_k, with 0 log₂ 0 = 0.
 *
 * @param probabilities p_k, shape [K]; sums to 1 within 1e-9.
 * @returns Between 0 and log₂ K.
 * @throws {RangeError} If a probability is negative or they do not sum to 1.
 *
 * @example Two fair bits
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(entropyOfProbabilities([0.25, 0.25, 0.25, 0.25]), 2);
 * ```
 */
export function entropyOfProbabilities(probabilities: ArrayLike<number>): number {
  checkDistribution("an entropy", probabilities, "probabilities");
  let entropy = 0;
  for (let k = 0; k < probabilities.length; k++) entropy += surprise(probabilities[k]);
  return entropy;
}

/**
 * Mutual information I(X;Y) in bits of a joint distribution: Σ_xy p(x,y) log₂ [p(x,y) / p(x)p(y)].
 *
 * Symmetric in x and y up to rounding; 0 exactly where p(x,y) = p(x)p(y) does not round.
 *
 * @param joint p(x,y), row-major, shape [rows, columns]: rows x, columns y; sums to 1 within 1e-9.
 * @param columns Number of values of y.
 * @returns Between 0 and min(H(X), H(Y)).
 * @throws {TypeError} If the values do not fill rows of `columns`.
 * @throws {RangeError} If a probability is negative or they do not sum to 1.
 *
 * @example A copied fair bit
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(mutualInformationBits([0.5, 0, 0, 0.5], 2), 1);
 * ```
 */
export function mutualInformationBits(joint: ArrayLike<number>, columns: number): number {
  const rows = joint.length / columns;
  if (!Number.isInteger(columns) || !Number.isInteger(rows) || rows < 1) {
    throw new TypeError(
      `Cannot compute I(X;Y) as p(x,y) must fill rows of ${columns}: it holds ${joint.length} values`,
    );
  }
  checkDistribution("I(X;Y)", joint, "joint");
  const px = new Float64Array(rows);
  const py = new Float64Array(columns);
  for (let x = 0; x < rows; x++) {
    for (let y = 0; y < columns; y++) {
      px[x] += joint[x * columns + y];
      py[y] += joint[x * columns + y];
    }
  }
  let information = 0;
  for (let x = 0; x < rows; x++) {
    for (let y = 0; y < columns; y++) {
      const p = joint[x * columns + y];
      if (p > 0) information += p * log2(p / px[x] / py[y]);
    }
  }
  return information;
}

/** What is true of an exact joint distribution of pattern and label, whatever net looks at it. */
export interface JointFacts {
  /** H(X) in bits. */
  readonly hxBits: number;
  /** H(Y) in bits. */
  readonly hyBits: number;
  /** I(X;Y) in bits: no layer's I(T;Y) exceeds it. */
  readonly ixyBits: number;
  /** p(y), shape [classes]. */
  readonly py: Float64Array;
  /** Σ_x p(x) max_y p(y|x): no classifier is right more often. */
  readonly bayesAccuracy: number;
}

/**
 * H(X), H(Y), I(X;Y) = H(Y) − H(Y|X), p(y) and the accuracy of the best classifier.
 *
 * @param joint p(x), shape [n], and p(y|x), row-major, shape [n, classes].
 * @throws {TypeError} If p(y|x) does not hold a row for each x.
 * @throws {RangeError} If p(x) or a row of p(y|x) is no distribution.
 *
 * @example A label that is seen through a symmetric channel with a tenth of errors
 * ```ts
 * import assert from "node:assert/strict";
 * const facts = jointFacts({ px: Float64Array.of(0.5, 0.5), pyx: Float64Array.of(0.9, 0.1, 0.1, 0.9) });
 * assert.equal(facts.hxBits, 1);
 * assert.equal(facts.bayesAccuracy, 0.9);
 * assert.equal(facts.ixyBits.toFixed(6), "0.531004");
 * ```
 */
export function jointFacts({ px, pyx }: Joint): JointFacts {
  const classes = pyx.length / px.length;
  if (!Number.isInteger(classes) || classes < 1) {
    throw new TypeError(`Cannot read p(y|x) as it must have ${px.length} rows: it holds ${pyx.length} values`);
  }
  const hxBits = entropyOfProbabilities(px);
  const py = new Float64Array(classes);
  let hyxBits = 0;
  let bayesAccuracy = 0;
  px.forEach((p, x) => {
    const row = pyx.subarray(x * classes, (x + 1) * classes);
    checkDistribution(`H(Y|x = ${x})`, row, "p(y|x)");
    hyxBits += p * row.reduce((sum, q) => sum + surprise(q), 0);
    bayesAccuracy += p * row.reduce((most, q) => q > most ? q : most, 0);
    row.forEach((q, y) => py[y] += p * q);
  });
  const hyBits = py.reduce((sum, p) => sum + surprise(p), 0);
  return { hxBits, hyBits, ixyBits: hyBits - hyxBits, py, bayesAccuracy };
}

function surprise(p: number): number {
  return p > 0 ? -p * log2(p) : 0;
}

function checkDistribution(quantity: string, p: ArrayLike<number>, name: string): void {
  let sum = 0;
  for (let k = 0; k < p.length; k++) {
    if (!(p[k] >= 0)) {
      throw new RangeError(`Cannot compute ${quantity} as probabilities must be >= 0: ${name}[${k}] is ${p[k]}`);
    }
    sum += p[k];
  }
  if (!(sum > 1 - SUM_TOLERANCE && sum < 1 + SUM_TOLERANCE)) {
    throw new RangeError(`Cannot compute ${quantity} as probabilities must sum to 1: ${name} sums to ${sum}`);
  }
}
