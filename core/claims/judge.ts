/**
 * From θ of every net to a claim with its verdict, intervals and caveats.
 *
 * @module
 */
import type { Claim, ClaimResult, Verdict } from "../contracts/bundle.ts";
import type { ProfileName } from "../contracts/study.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Net, Setting } from "./nets.ts";
import { medianInterval, medianTheta, PROTOCOL, type Rule, type Theta, UNKNOWN, verdictOf } from "./protocol.ts";

/** θ of a measured net, or why the claim does not speak of this net. */
export type NetTheta = Theta | { readonly leftOut: string };

/** A net that was trained to its end and measured. */
export type MeasuredNet = Extract<Net, { state: "measured" }>;

/** The statistic of a claim. */
export interface Statistic {
  /** Unit of θ: `bits`, or `1` for a pure number. */
  readonly unit: string;
  /** θ of each measured net of a setting, in order. */
  thetas(setting: Setting, nets: readonly MeasuredNet[]): readonly NetTheta[];
  /** The least share of the planned nets that must have a θ; 0 unless told. */
  readonly leastShare?: number;
}

/**
 * Judges one setting: what diverged counts as −∞ for L and +∞ for U, with a net that failed there is no verdict, and no net is
 * dropped without being counted.
 */
export function judge(setting: Setting, statistic: Statistic, rule: Rule): ClaimResult {
  const measured = setting.nets.filter((net): net is MeasuredNet => net.state === "measured");
  const given = statistic.thetas(setting, measured);
  const byTrial = new Map(measured.map((net, i) => [net, given[i]]));
  const failed = setting.nets.filter(({ state }) => state === "failed");
  const of = setting.nets.map((net): NetTheta | undefined => {
    if (net.state === "measured") return byTrial.get(net);
    return net.state === "failed" ? undefined : UNKNOWN;
  });
  const thetas = of.filter((theta): theta is Theta => theta !== undefined && "low" in theta);
  const leftOut = of.filter((theta): theta is { leftOut: string } => theta !== undefined && "leftOut" in theta);
  const planned = setting.nets.length;
  const interval = medianInterval(thetas, PROTOCOL.alpha);
  const shown = medianInterval(thetas, PROTOCOL.shownAlpha);
  const censored = thetas.filter(({ low, high }) => !Number.isFinite(low) || !Number.isFinite(high));

  const reasons: string[] = [];
  let verdict: Verdict = verdictOf(interval, rule);
  const withhold = (reason: string) => {
    verdict = "undecided";
    reasons.push(reason);
  };
  if (failed.length > 0) withhold(`no verdict as ${failed.length} of ${planned} nets failed: ${reasonOf(failed[0])}`);
  if (thetas.length < (statistic.leastShare ?? 0) * planned) {
    withhold(`no verdict as only ${thetas.length} of ${planned} nets have a θ`);
  } else if (thetas.length < PROTOCOL.leastNets) {
    withhold(`no verdict from ${thetas.length} nets: the protocol asks for ${PROTOCOL.leastNets}`);
  }
  const diverged = setting.nets.filter(({ state }) => state === "diverged").length;
  const skipped = setting.nets.filter(({ state }) => state === "skipped");
  if (diverged > 0) reasons.push(`${diverged} of ${planned} nets diverged and count as −∞ for L and +∞ for U`);
  if (skipped.length > 0) {
    reasons.push(
      `${skipped.length} of ${planned} nets were not measured and count as unknown: ${reasonOf(skipped[0])}`,
    );
  }
  if (leftOut.length > 0) reasons.push(`${leftOut.length} of ${planned} nets have no θ: ${leftOut[0].leftOut}`);

  const none = interval.kind === "none";
  return {
    setting: setting.label,
    theta: of.map((theta) => theta !== undefined && "low" in theta && finite(theta) ? theta.low : null),
    unit: statistic.unit,
    median: medianTheta(thetas),
    low: none ? null : numberOrNull(interval.low),
    high: none ? null : numberOrNull(interval.high),
    interval: interval.kind,
    ...(none ? {} : { low95: numberOrNull(shown.low), high95: numberOrNull(shown.high) }),
    planned,
    failed: failed.length,
    censored: censored.length + leftOut.length,
    verdict,
    ...(reasons.length > 0 ? { reason: reasons.join("; ") } : {}),
  };
}

/** The same statistic, computed once for each setting however many thresholds it is held against. */
export function once(statistic: Statistic): Statistic {
  const known = new Map<Setting, readonly NetTheta[]>();
  return {
    ...statistic,
    thetas(setting, nets) {
      let thetas = known.get(setting);
      if (thetas === undefined) known.set(setting, thetas = statistic.thetas(setting, nets));
      return thetas;
    },
  };
}

/** What a claim says, apart from how it came out. */
export interface ClaimText {
  /** Id in the ledger of claims. */
  readonly id: string;
  /** The claim in one sentence. */
  readonly statement: string;
  /** The statistic and the rule. */
  readonly rule: string;
}

/** How a claim was judged, under every setting. */
export interface Judged {
  /** Under the setting the verdict rests on. */
  readonly primary: ClaimResult;
  /** Under the others. */
  readonly others: readonly ClaimResult[];
  /** The primary setting. */
  readonly on: Setting;
  /** Cells of the sensitivity grid. */
  readonly sensitivity: Claim["sensitivity"];
  /** How often the rule supports the claim on planted noise. */
  readonly falseSupport?: Claim["falseSupport"];
}

/**
 * Puts a claim together. The verdict is called `binning only` if an estimator of another family says the opposite, and withheld if it would
 * rest on host arithmetic: such numbers stand beside a verdict, never alone under it.
 */
export function claimOf(text: ClaimText, rule: Rule, judged: Judged, profile: ProfileName): Claim {
  const { others, on, sensitivity, falseSupport } = judged;
  const primary = on.arithmetic === "host" ? withheld(judged.primary) : judged.primary;
  const family = (label: string) => label.split(/[ ,]/)[0];
  const opposite = others.find(({ setting, verdict }) =>
    family(setting) !== on.estimator && verdict !== "undecided" && primary.verdict !== "undecided" &&
    verdict !== primary.verdict
  );
  const only = opposite && `${on.estimator} only: ${opposite.setting} says ${opposite.verdict}`;
  const reason = [primary.reason, only].filter(Boolean).join("; ");
  return {
    ...text,
    ...primary,
    ...(reason === "" ? {} : { reason }),
    protocol: PROTOCOL.version,
    delta: rule.delta,
    level: 1 - PROTOCOL.alpha,
    arithmetic: on.arithmetic,
    settings: others,
    sensitivity,
    ...(falseSupport ? { falseSupport } : {}),
    provisional: profile !== "full",
  };
}

/** The same without its verdict. */
function withheld(result: ClaimResult): ClaimResult {
  const why = "no verdict from host arithmetic alone";
  return { ...result, verdict: "undecided", reason: result.reason ? `${result.reason}; ${why}` : why };
}

/** A setting that the protocol asks for and this study does not have. */
export function notMeasured(label: string, unit: string): ClaimResult {
  return {
    setting: label,
    theta: [],
    unit,
    median: null,
    low: null,
    high: null,
    interval: "none",
    planned: 0,
    failed: 0,
    censored: 0,
    verdict: "undecided",
    reason: "not measured in this study",
  };
}

/** The estimator that protocol 1 asks for beside every verdict. */
const PAIR_BOUNDS = "noise-bounds";

/** Pair bounds at σ² = 0.1, which protocol 1 asks for beside the verdict, as not measured where a study does without them. */
export function pairBoundsUnlessMeasured(settings: readonly Setting[], unit: string): ClaimResult[] {
  const measured = settings.some(({ estimator, setting }) =>
    estimator === PAIR_BOUNDS && (JSON.parse(setting) as { variance?: unknown }).variance === 0.1
  );
  return measured ? [] : [notMeasured("pair-bound noise σ²=0.1", unit)];
}

/** Number of planted studies behind a rate of false support. */
export const PLANTED_STUDIES = 200;

/**
 * How often a rule supports a claim in studies where it is planted to be false.
 *
 * @param plant θ of every net of one planted study.
 * @param model What was planted, in words.
 */
export function falseSupportRate(
  plant: (stream: Stream) => readonly Theta[],
  rule: Rule,
  stream: Stream,
  model: string,
): NonNullable<Claim["falseSupport"]> {
  let supported = 0;
  for (let draw = 0; draw < PLANTED_STUDIES; draw++) {
    const thetas = plant(stream.child("planted", draw));
    if (verdictOf(medianInterval(thetas, PROTOCOL.alpha), rule) === "supported") supported++;
  }
  return { rate: supported / PLANTED_STUDIES, draws: PLANTED_STUDIES, model };
}

function reasonOf(net: Net): string {
  return "reason" in net ? net.reason : net.state;
}

function finite({ low, high }: Theta): boolean {
  return Number.isFinite(low) && Number.isFinite(high);
}

function numberOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
