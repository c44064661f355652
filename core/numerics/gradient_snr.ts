/**
 * Signal-to-noise ratio of the gradient of a mini-batch, dimensionless: ‖ḡ‖ / √(v/b).
 *
 * ḡ is the mean over examples of their gradients g_i and v the mean of ‖g_i − ḡ‖², so that √(v/b) is the root mean square by which the mean
 * of b examples, drawn with replacement, is off ḡ. It grows like √b: compare at one b. Shwartz-Ziv and Tishby (arXiv:1703.00810) take
 * mean and deviation over the mini-batches of an epoch instead.
 *
 * @param gradients `meanNorm` is ‖ḡ‖, `variance` v in the square of its unit, both >= 0.
 * @param batch b, the number of examples in a mini-batch, > 0.
 * @returns The ratio; Infinity where v alone is 0, NaN where ‖ḡ‖ is as well.
 * @throws {RangeError} If the batch is not above 0.
 *
 * @example A mean of 1 under a variance of 512
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(gradientSnr({ meanNorm: 1, variance: 512 }, 512), 1);
 * assert.equal(gradientSnr({ meanNorm: 1, variance: 512 }, 128), 0.5);
 * ```
 */
export function gradientSnr(
  { meanNorm, variance }: { readonly meanNorm: number; readonly variance: number },
  batch: number,
): number {
  if (!(batch > 0)) {
    throw new RangeError(`Cannot compute the SNR of a gradient as the batch must be > 0: it is ${batch}`);
  }
  return meanNorm / Math.sqrt(variance / batch);
}
