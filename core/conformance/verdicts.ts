/**
 * The verdict of a claim worked out again from what stands in it: θ, its interval, δ.
 *
 * @module
 */
import type { Claim, ClaimResult } from "../contracts/bundle.ts";
import { medianInterval, medianTheta, PROTOCOL, together, verdictOf } from "../claims/protocol.ts";

/** Sums of another order round otherwise. */
const ROUNDING = 1e-9;

/** How such an interval is called. */
const PERMUTATIONS = "permutations of the replicates";

const SIDES = ["above", "below", "at most"] as const;

/** What a claim says that its own numbers do not; undefined if nothing. */
export function wrongVerdict(claim: Claim): string | undefined {
  // A claim without θ of its own rests on its settings.
  const resting = claim.theta.length === 0 && claim.verdict !== "undecided" && !isOverNets(claim);
  if (resting && claim.settings.filter(({ verdict }) => verdict !== "undecided").length < 2) {
    return `it is ${claim.verdict} without a θ, and fewer than two of its settings are decided`;
  }
  const { parts = [], controls = [], test } = claim;
  if (test !== undefined && test.delta !== claim.delta) {
    return `its δ is ${claim.delta}, that of its rule ${test.delta}`;
  }
  // A claim of parts has the numbers of the one that decides, a verdict that controls withheld the reason why.
  const results = [...resting || parts.length > 0 ? [] : [claim], ...parts, ...controls, ...claim.settings];
  if (parts.length > 0) {
    const joint = together(parts.map(({ verdict }) => verdict));
    if (claim.verdict !== joint && !(claim.verdict === "undecided" && claim.reason !== undefined)) {
      return `it is ${claim.verdict} where its parts together are ${joint}`;
    }
  }
  for (const result of results) {
    const wrong = wrongInterval(result);
    if (wrong !== undefined) return `under ${result.setting}, ${wrong}`;
  }
  const says = (side: typeof SIDES[number]) => ({ low, high, verdict, reason, test }: ClaimResult) =>
    verdictOf({ low: low ?? -Infinity, high: high ?? Infinity }, test ?? { side, delta: claim.delta }) === verdict ||
    (verdict === "undecided" && reason !== undefined);
  if (SIDES.some((side) => results.every(says(side)))) return undefined;
  const odd = results.find((result) => !SIDES.some((side) => says(side)(result)));
  if (odd === undefined) return `its settings are judged by rules on different sides of δ = ${claim.delta}`;
  return `under ${odd.setting}, it is ${odd.verdict} where θ lies in [${odd.low ?? "−∞"}, ${
    odd.high ?? "∞"
  }] and δ is ${odd.test?.delta ?? claim.delta}`;
}

/** A result over all nets at once: its interval comes from permutations, and no net has a θ of its own. */
function isOverNets({ theta, interval }: ClaimResult): boolean {
  return theta.length === 0 && interval === PERMUTATIONS;
}

/** What is wrong with one number over all nets. */
function wrongOverNets(
  { planned, failed, censored, low, high, low95, high95, median }: ClaimResult,
): string | undefined {
  const ends = [low ?? -Infinity, low95 ?? -Infinity, median ?? NaN, high95 ?? Infinity, high ?? Infinity];
  if (ends.some((end, i) => i > 0 && !(end >= ends[i - 1] - ROUNDING))) {
    return `its number must lie within its intervals, the wider around the narrower: they are ${ends.join(", ")}`;
  }
  if (failed > 0 || censored > 0) return `it has a number though ${failed + censored} nets have none`;
  if (planned < PROTOCOL.leastNets) return `it is from ${planned} nets: the protocol asks for ${PROTOCOL.leastNets}`;
  return undefined;
}

/** What is wrong with the numbers beside a verdict. */
function wrongInterval(result: ClaimResult): string | undefined {
  if (isOverNets(result)) return result.verdict === "undecided" ? undefined : wrongOverNets(result);
  const { theta, planned, failed, verdict, interval, low, high, median } = result;
  if (theta.length === 0) return verdict === "undecided" ? undefined : `it is ${verdict} without a θ`;
  if (theta.length !== planned) {
    return `there must be a θ, or null, for each of ${planned} nets: there are ${theta.length}`;
  }
  if (failed > 0 && verdict !== "undecided") return `it is ${verdict} though ${failed} nets failed`;
  if (planned - failed < PROTOCOL.leastNets && verdict !== "undecided") {
    return `it is ${verdict} from ${planned - failed} nets: the protocol asks for ${PROTOCOL.leastNets}`;
  }
  const odd = theta.find((value) => value !== null && !Number.isFinite(value));
  if (odd !== undefined) return `θ must be finite or null: it is ${odd}`;
  // Of censored nets the interval knows more than θ says.
  if (theta.includes(null)) return undefined;
  const points = theta.map((value) => ({ low: value!, high: value! }));
  const exact = medianInterval(points, PROTOCOL.alpha);
  if (interval !== exact.kind) return `the interval of ${planned} nets is by ${exact.kind}: it says ${interval}`;
  if (!close(median, medianTheta(points))) return `the median of θ is ${medianTheta(points)}: it says ${median}`;
  if (exact.kind === "none") return undefined;
  if (!close(low ?? -Infinity, exact.low)) return `the interval for θ begins at ${exact.low}: it says ${low}`;
  // The upper end may come from a second, larger statistic; of Student's interval only the middle is then known to be larger.
  const least = exact.kind === "order statistics" ? exact.high : (exact.low + exact.high) / 2;
  if (!((high ?? Infinity) >= least - ROUNDING)) return `the interval for θ ends at ${exact.high}: it says ${high}`;
  return undefined;
}

function close(one: number | null, other: number | null): boolean {
  return one === other ||
    (one !== null && other !== null && Math.abs(one - other) <= ROUNDING * Math.max(1, Math.abs(other)));
}
