/**
 * At most `limit` of some epochs, evenly spaced in log(1 + epoch), always with the first and the last.
 *
 * @param epochs Distinct epochs in any order.
 */
export function thinEpochs(epochs: readonly number[], limit = 40): number[] {
  const sorted = [...epochs].sort((a, b) => a - b);
  if (sorted.length <= limit) return sorted;
  const first = Math.log1p(sorted[0]);
  const step = (Math.log1p(sorted[sorted.length - 1]) - first) / (limit - 1);
  const kept: number[] = [];
  let next = 0;
  for (let i = 0; i < limit; i++) {
    const aim = first + i * step;
    const lastAllowed = sorted.length - (limit - i);
    while (
      next < lastAllowed && Math.abs(Math.log1p(sorted[next + 1]) - aim) <= Math.abs(Math.log1p(sorted[next]) - aim)
    ) next++;
    kept.push(sorted[next++]);
  }
  return kept;
}

/** Epochs at which a logarithmic ramp is labelled: 0, the powers of ten, and the last. */
export function epochTicks(last: number): number[] {
  const ticks = [0];
  for (let power = 1; power < last * 0.4; power *= 10) ticks.push(power);
  if (last > 0) ticks.push(last);
  return ticks;
}
