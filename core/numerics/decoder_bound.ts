/**
 * What a decoder of the label proves: a lower bound on I(T;Y) from its cross-entropy.
 *
 * @module
 */
import type { Joint } from "../contracts/dataset.ts";
import { entropyBits, jointFacts } from "./entropy.ts";
import { meanAndError } from "./standard_error.ts";

/** An estimate with what chance alone would move it by. */
export interface BitsWithError {
  /** In bits. */
  readonly bits: number;
  /** Standard error of the mean over the held-out rows, in bits. */
  readonly standardErrorBits: number;
}

/**
 * H(Y) − E[−log₂ q(y|t)] in bits over held-out rows: at most I(T;Y) in expectation, whatever q is (Barber and Agakov 2003), as
 * the difference is the mean of D[p(y|t)‖q(y|t)].
 *
 * H(Y) is exact under a joint, else by the frequencies of all labels, too low by about (K − 1) / (2n ln 2) bits for K of them. Each
 * held-out row counts once; with a joint its labels are weighed by p(y|x).
 *
 * @param labels Class of each of all n rows.
 * @param joint Exact probabilities of all n rows, where they are known.
 * @param heldOut Numbers of the rows that q has not seen, at least 2.
 * @param cost `cost(i, y)` is −log₂ q(y|t) in bits for the row heldOut[i].
 *
 * @example A decoder that knows nothing, and one that copies the label
 * ```ts
 * import assert from "node:assert/strict";
 * const labels = Uint8Array.of(0, 1, 0, 1);
 * const heldOut = Uint32Array.of(2, 3);
 * assert.deepEqual(decoderBound(labels, undefined, heldOut, () => 1), { bits: 0, standardErrorBits: 0 });
 * assert.equal(decoderBound(labels, undefined, heldOut, () => 0).bits, 1);
 * ```
 */
export function decoderBound(
  labels: Uint8Array,
  joint: Joint | undefined,
  heldOut: Uint32Array,
  cost: (i: number, y: number) => number,
): BitsWithError {
  const classes = joint ? joint.pyx.length / labels.length : 256;
  const counts = new Uint32Array(256);
  for (const label of labels) counts[label]++;
  const hyBits = joint ? jointFacts(joint).hyBits : entropyBits(counts);
  const costs = Float64Array.from(heldOut, (row, i) => {
    if (!joint) return cost(i, labels[row]);
    let sum = 0;
    for (let y = 0; y < classes; y++) {
      const p = joint.pyx[row * classes + y];
      if (p > 0) sum += p * cost(i, y);
    }
    return sum;
  });
  const { mean, standardError } = meanAndError(costs);
  return { bits: hyBits - mean, standardErrorBits: standardError };
}
