/**
 * The SNR crossing, word for word: the first snapshot whose median-of-5 log SNR is ≤ 0 there and up to twice that epoch,
 * log-interpolated.
 *
 * @returns How it ended, and the epoch at or after which it lies.
 */
export function crossingTwin(epochs: readonly number[], logSnr: readonly number[]): { state: string; epoch: number } {
  const smooth = logSnr.map((_, i) => {
    const near = logSnr.slice(Math.max(0, i - 2), i + 3).sort((a, b) => a - b);
    return (near[Math.floor((near.length - 1) / 2)] + near[Math.ceil((near.length - 1) / 2)]) / 2;
  });
  const noiseFor = (i: number) => smooth.every((value, j) => j < i || epochs[j] > 2 * epochs[i] || value <= 0);
  const i = epochs.findIndex((_, i) => noiseFor(i));
  const last = epochs[epochs.length - 1];
  if (i < 0) return { state: "none", epoch: last };
  if (i === 0) return { state: "from the start", epoch: 0 };
  const share = smooth[i - 1] / (smooth[i - 1] - smooth[i]);
  const epoch = epochs[i - 1] === 0
    ? share * epochs[i]
    : Math.exp((1 - share) * Math.log(epochs[i - 1]) + share * Math.log(epochs[i]));
  return { state: 2 * epochs[i] > last ? "censored" : "crossed", epoch };
}
