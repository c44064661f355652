/** Milliseconds of one call: the median over `rounds` of the mean over `calls`, after a warm-up. */
export function timed(work: () => void, { rounds = 9, calls = 50, warmUp = 200 } = {}): number {
  for (let i = 0; i < warmUp; i++) work();
  return median(Array.from({ length: rounds }, () => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) work();
    return (performance.now() - start) / calls;
  }));
}

/** The same for work that ends later. */
export async function timedAsync(
  work: () => unknown,
  { rounds = 9, calls = 20, warmUp = 20 } = {},
): Promise<number> {
  for (let i = 0; i < warmUp; i++) await work();
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) await work();
    rates.push((performance.now() - start) / calls);
  }
  return median(rates);
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
