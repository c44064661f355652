import type { Claim, ClaimResult, Verdict } from "../../core/contracts/bundle.ts";

/** Slow twins of the claims' rules, from the rows of a bundle's tables and the text of CLAIMS, with nothing of the analyses' code. */

/** A row of a table. */
export type Row = { readonly [column: string]: unknown };

/** What a claim comes to. */
export interface Judgement {
  readonly theta: (number | null)[];
  readonly low: number;
  readonly high: number;
  readonly verdict: string;
}

const ALPHA = 0.05 / 50;
/** t at 1 − α/2 for n = 5…10, R: qt(0.9995, 4:9). */
const STUDENT = [8.610302, 6.868827, 5.958816, 5.407883, 5.041305, 4.780913];

/** The claims of one arm under one setting. */
export function judgeTwin(
  claim: "dpi-chain" | "two-phases" | "compression-takes-longest",
  trials: readonly Row[],
  estimates: readonly Row[],
  hxBits: number,
): Judgement {
  const nets = [...trials].sort((a, b) => Number(a.replicate) - Number(b.replicate));
  const done = nets.filter(({ outcome }) => outcome === "done");
  const of = done.map(({ trial }) => pathsOf(estimates.filter((row) => row.trial === trial)));
  const open = { low: -Infinity, high: Infinity };
  const lastLayer = of[0].ixt.length - 1;
  const theta: ({ low: number; high: number } | null)[] = nets.map(({ trial, outcome }) => {
    if (outcome !== "done") return open;
    const i = done.findIndex((net) => net.trial === trial);
    const { ixt, ity, epochs } = of[i];
    if (claim === "dpi-chain") {
      const excesses = [ixt, ity].flatMap((chain) =>
        chain.slice(1).flatMap((layer, k) => layer.map((bits, e) => bits - chain[k][e]))
      );
      const share = excesses.filter((bits) => bits > 0.05).length / excesses.length;
      return { low: share, high: share };
    }
    if (claim === "two-phases") {
      const layers = [lastLayer - 1, lastLayer].map((k) => {
        const smooth = smoothed(ixt[k]);
        const others = of.filter((_, j) => j !== i).map((net) => smoothed(net.ixt[k]));
        const path = smooth.map((_, e) => middle(others.map((one) => one[e])));
        const end = middle(ixt[k].slice(-5));
        if (end > hxBits - 0.25) return open;
        const fit = Math.max(...smooth) - smooth[0];
        return {
          low: Math.min(fit, smooth[path.indexOf(Math.max(...path))] - end),
          high: Math.min(fit, Math.max(...smooth) - end),
        };
      });
      return { low: Math.min(layers[0].low, layers[1].low), high: Math.min(layers[0].high, layers[1].high) };
    }
    const path = ixt[lastLayer - 1];
    const smooth = smoothed(path);
    const end = middle(path.slice(-5));
    const own = Math.max(...smooth) - end;
    if (own < 0.25) return null;
    const peak = epochs[smooth.indexOf(Math.max(...smooth))];
    const apart = smooth.map((bits) => Math.abs(bits - end) > 0.1 * own);
    const settle = epochs[Math.min(apart.lastIndexOf(true) + 1, epochs.length - 1)];
    const share = (settle - peak) / settle;
    return { low: share, high: settle > epochs[epochs.length - 1] / 2 ? Infinity : share };
  });
  const known = theta.filter((one) => one !== null);
  const { low, high } = intervalOf(known);
  const enough = claim !== "compression-takes-longest" || known.length >= nets.length / 2;
  const [above, below] = claim === "dpi-chain"
    ? [low > 0.01 ? "contradicted" : "", high <= 0.01 ? "supported" : ""]
    : claim === "two-phases"
    ? [low > 0.25 ? "supported" : "", high < 0.25 ? "contradicted" : ""]
    : [low > 0.5 ? "supported" : "", high < 0.5 ? "contradicted" : ""];
  return {
    theta: theta.map((one) => one !== null && Number.isFinite(one.low) && Number.isFinite(one.high) ? one.low : null),
    low,
    high,
    verdict: enough ? above || below || "undecided" : "undecided",
  };
}

function pathsOf(rows: readonly Row[]) {
  const epochs = [...new Set(rows.map(({ epoch }) => Number(epoch)))].sort((a, b) => a - b);
  const layers = Math.max(...rows.map(({ layer }) => Number(layer)));
  const path = (column: string) =>
    Array.from(
      { length: layers },
      (_, k) => epochs.map((epoch) => Number(rows.find((row) => row.epoch === epoch && row.layer === k + 1)![column])),
    );
  return { epochs, ixt: path("ixt_bits"), ity: path("ity_bits") };
}

function smoothed(path: readonly number[]): number[] {
  return path.map((_, e) => middle(path.filter((_, other) => Math.abs(other - e) <= 2)));
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}

function intervalOf(theta: readonly { low: number; high: number }[]): { low: number; high: number } {
  const n = theta.length;
  if (n < 5) return { low: -Infinity, high: Infinity };
  const lows = theta.map(({ low }) => low).sort((a, b) => a - b);
  const highs = theta.map(({ high }) => high).sort((a, b) => a - b);
  if (n < 11) {
    const reach = (values: number[]) => {
      const mean = values.reduce((a, b) => a + b) / n;
      const sd = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1));
      return [mean, STUDENT[n - 5] * sd / Math.sqrt(n)];
    };
    const [lowMean, lowHalf] = reach(lows);
    const [highMean, highHalf] = reach(highs);
    return {
      low: Number.isFinite(lowMean) ? lowMean - lowHalf : -Infinity,
      high: Number.isFinite(highMean) ? highMean + highHalf : Infinity,
    };
  }
  const choose = (k: number): number => k === 0 ? 1 : choose(k - 1) * (n - k + 1) / k;
  let r = 0;
  let below = 0;
  while (2 * (below + choose(r) / 2 ** n) <= ALPHA) below += choose(r++) / 2 ** n;
  return { low: lows[r - 1], high: highs[n - r] };
}

/**
 * The verdict of a result from its counted θ and its rule alone, written apart from the code that judges: protocol 1 of the claims.
 * Undefined where the result has no rule of its own.
 */
export function verdictAgain({ counted, test, failed }: ClaimResult): Verdict | undefined {
  if (counted === undefined || test === undefined) return undefined;
  if (failed > 0 || counted.length < 5) return "undecided";
  const { low, high } = intervalOf(counted.map(({ low, high }) => ({ low: low ?? -Infinity, high: high ?? Infinity })));
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

/**
 * What is wrong with the verdicts of a claim, each worked out again from counted θ: of every result by its own rule, of parts together,
 * and with what controls, host arithmetic or too few nets withhold. Undefined if nothing is.
 *
 * @param seen Told of every verdict that could be worked out again.
 */
export function wrongVerdictAgain(claim: Claim, seen: (verdict: Verdict) => void): string | undefined {
  const { parts = [], controls = [], settings, arithmetic } = claim;
  const single = parts.length > 0 ? [] : [claim];
  for (const result of [...single, ...parts, ...controls, ...settings]) {
    const again = verdictAgain(result);
    if (again === undefined) continue;
    seen(again);
    const withheld = result.verdict === "undecided" && [
      [/no verdict as only \d+ of \d+ nets have a θ/, result.counted!.length < result.planned],
      [/no verdict from host arithmetic alone/, arithmetic === "host"],
      [/no verdict as a control passes the same rule/, result === claim && passes(controls)],
    ].some(([why, holds]) => holds && (why as RegExp).test(result.reason ?? ""));
    if (result.verdict !== again && !withheld) {
      return `under ${result.setting} it is ${result.verdict}: θ says ${again}`;
    }
  }
  if (parts.length > 0) {
    const verdicts = parts.map(({ verdict }) => verdict);
    const joint = verdicts.includes("contradicted")
      ? "contradicted"
      : verdicts.includes("undecided")
      ? "undecided"
      : "supported";
    const withheld = claim.verdict === "undecided" && passes(controls) &&
      /no verdict as a control passes/.test(claim.reason ?? "");
    if (claim.verdict !== joint && !withheld) return `it is ${claim.verdict}: its parts together say ${joint}`;
  }
  if (claim.verdict === "supported" && passes(controls) && !/no cause may be named/.test(claim.reason ?? "")) {
    return "a control passes the same rule, and the claim does not say that no cause may be named";
  }
  return undefined;
}

/** True if an arm passes that must fail, by its counted θ. */
function passes(controls: readonly ClaimResult[]): boolean {
  return controls.some((control) => verdictAgain(control) === "supported");
}
