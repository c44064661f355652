/**
 * From θ of every net to a claim with its verdict, intervals and caveats.
 *
 * @module
 */
import type { Claim, ClaimResult, Verdict } from "../contracts/bundle.ts";
import type { ProfileName } from "../contracts/study.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Net, Setting } from "./nets.ts";
import {
  medianInterval,
  medianTheta,
  PROTOCOL,
  type Rule,
  type Theta,
  together,
  UNKNOWN,
  verdictOf,
} from "./protocol.ts";

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

/** What a net says of a claim: its θ, why it has none, or why it was not measured. */
export type NetOutcome =
  & {
    /** Number of the replicate. */
    readonly replicate: number;
  }
  & (
    | { readonly state: "counted"; readonly theta: Theta }
    | { readonly state: "left out" | "diverged" | "skipped" | "failed"; readonly reason: string }
  );

/** Judges one setting by the statistic of its nets: see {@link judgeNets}. */
export function judge(setting: Setting, statistic: Statistic, rule: Rule): ClaimResult {
  const measured = setting.nets.filter((net): net is MeasuredNet => net.state === "measured");
  const given = statistic.thetas(setting, measured);
  const of = new Map<Net, NetTheta>(measured.map((net, i) => [net, given[i]]));
  const outcomes = setting.nets.map((net): NetOutcome => {
    const { replicate } = net;
    if (net.state !== "measured") return { replicate, state: net.state, reason: net.reason };
    return outcomeOf(replicate, of.get(net)!);
  });
  return judgeNets(setting.label, statistic.unit, outcomes, rule, statistic.leastShare);
}

/** The outcome of a net that was measured. */
export function outcomeOf(replicate: number, theta: NetTheta): NetOutcome {
  return "leftOut" in theta
    ? { replicate, state: "left out", reason: theta.leftOut }
    : { replicate, state: "counted", theta };
}

/**
 * Judges θ of every net: what diverged counts as −∞ for L and +∞ for U, with a net that failed there is no verdict, and no net is
 * dropped without being counted.
 *
 * @param label Says estimator, resolution and arm.
 * @param unit Of θ: `bits`, or `1` for a pure number.
 * @param nets One outcome each net that was planned.
 * @param leastShare The least share of the planned nets that must have a θ.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const nets = [1, 2, 3, 4, 5].map((slope, replicate) => outcomeOf(replicate, { low: slope, high: slope }));
 * assert.equal(judgeNets("slope, main", "1", nets, { side: "above", delta: 10 }).verdict, "contradicted");
 * ```
 */
export function judgeNets(
  label: string,
  unit: string,
  nets: readonly NetOutcome[],
  rule: Rule,
  leastShare: number = 0,
): ClaimResult {
  const inOrder = [...nets].sort((a, b) => a.replicate - b.replicate);
  const planned = inOrder.length;
  const reasonsOf = (state: NetOutcome["state"]) =>
    inOrder.flatMap((net) => net.state === state && net.state !== "counted" ? [net.reason] : []);
  const leftOut = reasonsOf("left out");
  const diverged = reasonsOf("diverged");
  const skipped = reasonsOf("skipped");
  const failed = reasonsOf("failed");
  const known = inOrder.flatMap((net) => {
    if (net.state === "counted") return [{ replicate: net.replicate, theta: net.theta }];
    const unknown = net.state === "diverged" || net.state === "skipped";
    return unknown ? [{ replicate: net.replicate, theta: UNKNOWN }] : [];
  });
  const thetas = known.map(({ theta }) => theta);
  const interval = medianInterval(thetas, PROTOCOL.alpha);
  const shown = medianInterval(thetas, PROTOCOL.shownAlpha);
  const censored = thetas.filter((theta) => !finite(theta));

  const reasons: string[] = [];
  let verdict: Verdict = verdictOf(interval, rule);
  const withhold = (reason: string) => {
    verdict = "undecided";
    reasons.push(reason);
  };
  if (failed.length > 0) withhold(`no verdict as ${failed.length} of ${planned} nets failed: ${failed[0]}`);
  if (thetas.length < leastShare * planned) {
    withhold(`no verdict as only ${thetas.length} of ${planned} nets have a θ`);
  } else if (thetas.length < PROTOCOL.leastNets) {
    withhold(`no verdict from ${thetas.length} nets: the protocol asks for ${PROTOCOL.leastNets}`);
  }
  if (diverged.length > 0) {
    reasons.push(`${diverged.length} of ${planned} nets diverged and count as −∞ for L and +∞ for U`);
  }
  if (skipped.length > 0) {
    reasons.push(`${skipped.length} of ${planned} nets were not measured and count as unknown: ${skipped[0]}`);
  }
  if (leftOut.length > 0) reasons.push(`${leftOut.length} of ${planned} nets have no θ: ${leftOut[0]}`);

  const none = interval.kind === "none";
  return {
    setting: label,
    theta: inOrder.map((net) => net.state === "counted" && finite(net.theta) ? net.theta.low : null),
    unit,
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
    test: rule,
    counted: known.map(({ replicate, theta: { low, high } }) => ({
      replicate,
      low: numberOrNull(low),
      high: numberOrNull(high),
    })),
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
  /** Every statistic of a claim that has several, the primary's among them; the verdict is theirs together. */
  readonly parts?: readonly ClaimResult[];
  /** The same rule in arms that must fail it. */
  readonly controls?: readonly ClaimResult[];
  /** True if there is no verdict as soon as a control passes; otherwise the cause alone may not be named. */
  readonly controlsDecide?: boolean;
  /** What the primary setting rests on. */
  readonly on: Pick<Setting, "estimator" | "arithmetic">;
  /** Cells of the sensitivity grid. */
  readonly sensitivity: Claim["sensitivity"];
  /** How often the rule supports the claim on planted noise. */
  readonly falseSupport?: Claim["falseSupport"];
}

/**
 * Puts a claim together. The numbers are those of the part that decides, where there are several. The verdict is called `binning only`
 * if an estimator of another family says the opposite, and withheld if it would rest on host arithmetic: such numbers stand beside a
 * verdict, never alone under it.
 */
export function claimOf(text: ClaimText, rule: Rule, judged: Judged, profile: ProfileName): Claim {
  const { others, on, sensitivity, falseSupport, parts, controls } = judged;
  const all = (parts ?? [judged.primary]).map((part) => on.arithmetic === "host" ? withoutVerdict(part) : part);
  const primary = decidingPart(all);
  const joint = primary.verdict;
  const passed = (controls ?? []).filter((control) => control.verdict === "supported");
  const withheld = judged.controlsDecide === true && joint === "supported" && passed.length > 0;
  const verdict: Verdict = withheld ? "undecided" : joint;
  const family = (label: string) => label.split(/[ ,]/)[0];
  const opposite = others.find((other) =>
    family(other.setting) !== on.estimator && other.verdict !== "undecided" && verdict !== "undecided" &&
    other.verdict !== verdict
  );
  const only = opposite && `${on.estimator} only: ${opposite.setting} says ${opposite.verdict}`;
  const reason = [primary.reason, controlsSay(joint, passed, controls, withheld), only].filter(Boolean).join("; ");
  return {
    ...text,
    ...primary,
    verdict,
    ...(reason === "" ? {} : { reason }),
    protocol: PROTOCOL.version,
    delta: (primary.test ?? rule).delta,
    level: 1 - PROTOCOL.alpha,
    arithmetic: on.arithmetic,
    settings: others,
    ...(parts ? { parts } : {}),
    ...(controls ? { controls } : {}),
    sensitivity,
    ...(falseSupport ? { falseSupport } : {}),
    provisional: profile !== "full",
  };
}

/**
 * The first part whose verdict is that of all parts together.
 *
 * @throws {RangeError} If there is none.
 */
export function decidingPart(parts: readonly ClaimResult[]): ClaimResult {
  const joint = together(parts.map(({ verdict }) => verdict));
  return parts.find(({ verdict }) => verdict === joint)!;
}

/** What the controls mean for a claim that holds in the main arm. */
function controlsSay(
  verdict: Verdict,
  passed: readonly ClaimResult[],
  controls: readonly ClaimResult[] | undefined,
  withheld: boolean,
): string | undefined {
  if (verdict !== "supported" || !controls || controls.length === 0) return undefined;
  if (passed.length > 0) {
    const names = passed.map(({ setting }) => setting).join(" and ");
    return withheld
      ? `no verdict as a control passes the same rule: ${names}`
      : `no cause may be named as a control passes the same rule: ${names}`;
  }
  const open = controls.filter(({ verdict }) => verdict !== "contradicted");
  if (open.length === 0) return "every control fails the same rule";
  return `no cause may be named as a control does not decide: ${open.map(({ setting }) => setting).join(" and ")}`;
}

/** The same without its verdict. */
function withoutVerdict(result: ClaimResult): ClaimResult {
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
  return falseSupportOfParts((draw) => [plant(draw)], [rule], stream, model);
}

/**
 * The same for a claim of several statistics that must hold together.
 *
 * @param plant For each rule, θ of every net of one planted study.
 */
export function falseSupportOfParts(
  plant: (stream: Stream) => readonly (readonly Theta[])[],
  rules: readonly Rule[],
  stream: Stream,
  model: string,
): NonNullable<Claim["falseSupport"]> {
  let supported = 0;
  for (let draw = 0; draw < PLANTED_STUDIES; draw++) {
    const verdicts = plant(stream.child("planted", draw)).map((thetas, part) =>
      verdictOf(medianInterval(thetas, PROTOCOL.alpha), rules[part])
    );
    if (together(verdicts) === "supported") supported++;
  }
  return { rate: supported / PLANTED_STUDIES, draws: PLANTED_STUDIES, model };
}

function finite({ low, high }: Theta): boolean {
  return Number.isFinite(low) && Number.isFinite(high);
}

function numberOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
