/**
 * Rows of a study, gathered to what a claim is judged on: the paths of every net under one setting.
 *
 * @module
 */
import type { StudyRows } from "../contracts/analysis.ts";
import type { ProblemFacts } from "../contracts/bundle.ts";
import type { EstimateRow, TrialRow } from "../contracts/rows.ts";
import type { Measure } from "../contracts/study.ts";
import type { Arithmetic, Json, JsonObject } from "../contracts/tensor.ts";

/** An estimator and some of its options: a setting agrees if it has these, whatever else it has. */
export interface SettingChoice {
  /** Id of the estimator. */
  readonly estimator: string;
  /** Options that must agree. */
  readonly options: JsonObject;
}

/** A layer's path through the plane: bits at each snapshot of its net. */
export interface LayerPath {
  /** I(X;T_k), shape [snapshots]. */
  readonly ixt: Float64Array;
  /** I(T_k;Y), shape [snapshots]. */
  readonly ity: Float64Array;
}

/** One net under one setting. */
export type Net =
  & {
    /** Key of the net. */
    readonly trial: string;
    /** Number of the replicate. */
    readonly replicate: number;
  }
  & (
    | {
      readonly state: "measured";
      /** Epochs of the snapshots, ascending from 0. */
      readonly epochs: readonly number[];
      /** Layers 1…K, at index k − 1. */
      readonly layers: readonly LayerPath[];
    }
    | {
      /** `diverged` and `skipped` follow from the inputs; with a net that `failed` there is no verdict. */
      readonly state: "diverged" | "skipped" | "failed";
      readonly reason: string;
    }
  );

/** All nets of an arm at one point of the axes, seen by one estimator with one choice of options. */
export interface Setting {
  /** Arm of the study. */
  readonly arm: string;
  /** What the arm is for. */
  readonly role: TrialRow["role"];
  /** Values of the axes, canonical JSON. */
  readonly axes: string;
  /** Id of the estimator. */
  readonly estimator: string;
  /** Its options after defaults, canonical JSON. */
  readonly setting: string;
  /** In words, for claims and tables: `binning count=30 range=[-1,1], main`. */
  readonly label: string;
  /** How far the numbers repeat. */
  readonly arithmetic: Arithmetic;
  /** Facts of its dataset and nets. */
  readonly problem: ProblemFacts;
  /** The largest I(X;T) that the estimator could give of layers 1…K, in bits; null or absent where it does not say. */
  readonly ceilings?: readonly (number | null)[];
  /** By replicate. */
  readonly nets: readonly Net[];
}

/**
 * The rows that claims are judged on: all of them where a study measures all, otherwise those its first measurement names.
 */
export function judgedProbe({ study }: Pick<StudyRows, "study">): NonNullable<Measure["on"]> {
  const measured = study.measure.map(({ on = "all" }) => on);
  return measured.includes("all") ? "all" : measured[0] ?? "all";
}

/**
 * Settings of a study in the order of its rows: measurements within arms and axes, of the rows that claims are judged on.
 *
 * @param probe Those rows, if others, as the rows' own column names them: `train`, `test · 16 components`.
 * @param needed What a net must have at every layer and snapshot to count as measured; the other path may hold NaN.
 */
export function settingsOf(
  { study, trials, estimates, problems }: StudyRows,
  needed: readonly (keyof LayerPath)[] = ["ixt", "ity"],
  probe: string = judgedProbe({ study }),
): Setting[] {
  const byTrial = grouped(trials, ({ trial, arm, axes }) => JSON.stringify([trial, arm, axes]));
  const found = grouped(
    estimates.filter((row) => row.probe === probe),
    ({ arm, axes, estimator, setting }) => JSON.stringify([arm, axes, estimator, setting]),
  );
  return [...found.values()].map((rows): Setting => {
    const [{ arm, axes, estimator, setting, arithmetic }] = rows;
    const ofNet = grouped(rows, ({ trial }) => trial);
    const nets = [...byTrial.values()].map(([trial]) => trial).filter((trial) =>
      trial.arm === arm && trial.axes === axes
    );
    return {
      arm,
      axes,
      estimator,
      setting,
      arithmetic,
      role: nets[0].role,
      label: `${[estimator, ...optionWords(setting)].join(" ")}, ${arm}${axes === "{}" ? "" : ` ${axes}`}${
        probe === "all" ? "" : `, ${probe.replace(/^\w+/, "$& rows")}`
      }`,
      problem: problems.find((problem) => problem.arm === arm)!,
      ceilings: ceilingsOf(rows),
      nets: nets.map((trial) => netOf(trial, ofNet.get(trial.trial) ?? [], needed))
        .sort((a, b) => a.replicate - b.replicate),
    };
  });
}

function ceilingsOf(rows: readonly EstimateRow[]): (number | null)[] {
  const largest: (number | null)[] = [];
  for (const { layer, ceiling_bits } of rows) {
    const before = largest[layer - 1] ?? null;
    largest[layer - 1] = ceiling_bits === null ? before : Math.max(before ?? 0, ceiling_bits);
  }
  return largest;
}

/** The setting that verdicts rest on: the first main arm's that agrees with the choice. */
export function primaryOf(settings: readonly Setting[], { estimator, options }: SettingChoice): Setting | undefined {
  return settings.find((one) => {
    const has = JSON.parse(one.setting) as { [option: string]: Json };
    return one.role === "main" && one.estimator === estimator &&
      Object.entries(options).every(([key, value]) => JSON.stringify(has[key]) === JSON.stringify(value));
  });
}

function netOf(
  { trial, replicate, outcome, reason }: TrialRow,
  rows: readonly EstimateRow[],
  needed: readonly (keyof LayerPath)[],
): Net {
  const net = { trial, replicate };
  if (outcome !== "done") return { ...net, state: outcome, reason: reason ?? outcome };
  const missing = rows.find(({ status }) => status === "failed") ?? rows.find(({ status }) => status === "skipped");
  if (missing) {
    return { ...net, state: missing.status as "failed" | "skipped", reason: missing.reason ?? missing.status };
  }
  if (rows.length === 0) return { ...net, state: "failed", reason: "it has no estimate" };
  const epochs = [...new Set(rows.map(({ epoch }) => epoch))].sort((a, b) => a - b);
  const at = new Map(epochs.map((epoch, i) => [epoch, i]));
  const count = rows.reduce((most, { layer }) => Math.max(most, layer), 0);
  const layers = Array.from({ length: count }, () => ({
    ixt: new Float64Array(epochs.length).fill(NaN),
    ity: new Float64Array(epochs.length).fill(NaN),
  }));
  for (const { layer, epoch, ixt_bits, ity_bits } of rows) {
    if (layer < 1) continue;
    layers[layer - 1].ixt[at.get(epoch)!] = ixt_bits ?? NaN;
    layers[layer - 1].ity[at.get(epoch)!] = ity_bits ?? NaN;
  }
  const absent = needed.find((path) => layers.some((layer) => layer[path].includes(NaN)));
  if (absent) {
    return { ...net, state: "skipped", reason: `the estimator gives no ${absent === "ixt" ? "I(X;T)" : "I(T;Y)"}` };
  }
  return { ...net, state: "measured", epochs, layers };
}

function optionWords(setting: string): string[] {
  return Object.entries(JSON.parse(setting) as { [option: string]: Json }).map(([key, value]) =>
    `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`
  );
}

function grouped<Row>(rows: readonly Row[], nameOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = nameOf(row);
    const group = groups.get(name);
    if (group) group.push(row);
    else groups.set(name, [row]);
  }
  return groups;
}
