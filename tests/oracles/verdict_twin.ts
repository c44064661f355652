import type { ClaimResult, Verdict } from "../../core/contracts/bundle.ts";

/** P(Bin(n, ½) ≤ k) with exact integers. */
function binomialBelow(n: number, k: number): number {
  let sum = 0n;
  for (let i = 0, term = 1n; i <= k; i++) {
    sum += term;
    term = term * BigInt(n - i) / BigInt(i + 1);
  }
  return Number(sum * (1n << 60n) / (1n << BigInt(n))) / 2 ** 60;
}

/** Two-sided Student quantiles at .001 for 4…9 degrees of freedom, from tables. */
const STUDENT = [8.6103, 6.8688, 5.9588, 5.4079, 5.0413, 4.7809];

/**
 * The verdict of a result from its counted θ and its rule alone, written apart from the code that judges: protocol 1 of the claims.
 * Undefined where the result has no rule of its own.
 */
export function verdictAgain({ counted, test, failed }: ClaimResult): Verdict | undefined {
  if (counted === undefined || test === undefined) return undefined;
  const n = counted.length;
  if (failed > 0 || n < 5) return "undecided";
  const lows = counted.map(({ low }) => low ?? -Infinity).sort((a, b) => a - b);
  const highs = counted.map(({ high }) => high ?? Infinity).sort((a, b) => a - b);
  let [low, high] = [-Infinity, Infinity];
  if (n >= 11) {
    let r = 1;
    while (2 * binomialBelow(n, r) <= 0.05 / 50) r++;
    [low, high] = [lows[r - 1], highs[n - r]];
  } else {
    const end = (values: number[], sign: number) => {
      if (!values.every(Number.isFinite)) return sign * Infinity;
      const mean = values.reduce((a, b) => a + b) / n;
      const sd = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1));
      return mean + sign * STUDENT[n - 5] * sd / Math.sqrt(n);
    };
    [low, high] = [end(lows, -1), end(highs, 1)];
  }
  const [above, below] = [low > test.delta, high < test.delta];
  switch (test.side) {
    case "above":
      return above ? "supported" : high < (test.against ?? test.delta) ? "contradicted" : "undecided";
    case "below":
      return below ? "supported" : above ? "contradicted" : "undecided";
    case "at most":
      return high <= test.delta ? "supported" : above ? "contradicted" : "undecided";
    case "inside":
      if (low >= test.delta && high <= test.upper) return "supported";
      return below || low > test.upper ? "contradicted" : "undecided";
  }
}
