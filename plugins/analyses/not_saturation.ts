import {
  type Analysis,
  type AnalysisResult,
  type Claim,
  type ClaimResult,
  type Context,
  defineAnalysis,
  type EstimateRow,
  type Figure,
  NET_COLUMNS,
  type PlantedCase,
  type Row,
  type StudyRows,
  type Table,
} from "@infoplane/core";
import {
  association,
  type AssociationArm,
  claimOf,
  decidingPart,
  endOf,
  layerPhases,
  type MeasuredNet,
  notMeasured,
  PLANTED_STUDIES,
  PROTOCOL,
  type Rule,
  runningMedian,
  type Setting,
  settingsOf,
  together,
  verdictOf,
} from "@infoplane/core/claims";
import type { Json, Stream } from "@infoplane/core";
import { plantedNets, plantedPath, plantedRows, together as joined } from "@infoplane/core/testing";
import { z } from "zod";

const options = z.strictObject({
  primary: z.strictObject({
    estimator: z.string().default("noise-bounds"),
    options: z.record(z.string(), z.json()).default({ alpha: 0.1, ruler: "fixed" }),
  }).prefault({}).describe("the measurement the verdict rests on"),
  families: z.record(z.string(), z.array(z.string()).min(1)).default({
    tanh: ["tanh", "tanh-2018"],
    ReLU: ["main", "relu-12", "relu-2018"],
  }).describe("arms whose nets are compared within each, pooled by family; the claim must hold in every family"),
  delta: z.number().gt(0).lt(1).default(0.3).describe("partial rank correlation that is more than small"),
});

type Options = z.infer<typeof options>;

const DELTAS = [0.1, 0.3, 0.5];

/** Nets that compress more are not those in which more units come to saturate. */
export const notSaturation: Analysis<Options> = defineAnalysis({
  id: "not-saturation",
  title: "Compression and saturation",
  description:
    "Do those nets compress more in which more units come to saturate (Saxe et al., ICLR 2018)? Rank correlation over nets of the " +
    "compression of a layer with the growth of its saturated fraction, given how far the layer rose and how well the net predicts.",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted: plantedCases,
});

/** A layer of a net. */
interface Reading {
  readonly trial: string;
  readonly replicate: number;
  readonly own: number;
  readonly loo: number;
  readonly fit: number;
  readonly ceiling: boolean;
  /** Growth of the saturated fraction from where c^own, or c^loo, is read to the end. */
  readonly saturation: { readonly own: number; readonly loo: number };
  readonly accuracy: number;
}

/** What the association is taken of, and given. */
interface Definition {
  readonly compression: "own" | "loo";
  readonly given: readonly ("fit" | "accuracy")[];
}

const BY_RULE: Definition = { compression: "loo", given: ["fit", "accuracy"] };
const DEFINITIONS: readonly Definition[] = [
  BY_RULE,
  { compression: "loo", given: ["fit"] },
  { compression: "loo", given: [] },
  { compression: "own", given: ["fit", "accuracy"] },
];

function reduce(rows: StudyRows, { primary, families, delta }: Options, { stream }: Context): AnalysisResult {
  const settings = settingsOf(rows, ["ixt"]);
  const names = Object.keys(families);
  const measurements = distinct(settings.filter(({ arm }) => names.some((name) => families[name].includes(arm))));
  const on = measurements.find((one) => agrees(one, primary));
  if (!on) return {};
  const rule: Rule = { side: "below", delta };
  const saturated = saturatedPaths(rows.estimates);
  const readings = new Map(settings.map((setting) => [setting, readingsOf(setting, rows, saturated)]));

  /** The association in one family; `back` is how many layers below the output. */
  function judged(measurement: Setting, family: string, back: number, definition: Definition, rule: Rule): ClaimResult {
    const arms = families[family].map((arm) => settings.find((one) => one.arm === arm && sameRuler(one, measurement)));
    const present = arms.filter((arm) => arm !== undefined);
    const label = `${family}, ${measurementOf(measurement)}, ${
      back === 1 ? "last hidden layer" : `${back} below the output`
    }`;
    if (present.length < arms.length) return notMeasured(label, "1");
    const layers = present.map((arm) => ({ arm, layer: readings.get(arm)!.at(-1 - back) ?? [] }));
    return resultOf(label, layers, definition, rule, stream.child(label, JSON.stringify(definition)));
  }

  const partsOf = (measurement: Setting, definition = BY_RULE, asked = rule) =>
    names.map((family) => judged(measurement, family, 1, definition, asked));
  const parts = partsOf(on);
  const hidden = Math.max(...[...readings.values()].map(({ length }) => length)) - 1;
  const claim = claimOf(
    {
      id: "not-saturation",
      statement:
        "Compression does not come from saturation: nets that compress more are not those whose units saturate more.",
      rule:
        "θ = partial Spearman correlation over nets of c^loo of the last hidden layer with the growth of its saturated fraction, both " +
        "from where the other nets' median path peaks to the net's own end, given its fit g and the net's test accuracy at the end, " +
        "which move with both; had each net its own peak, late peaks alone would make both small. Ranks within an arm, arms pooled. " +
        `Supported if U < ${delta} in ${
          names.join(" and ")
        }, contradicted if L > ${delta} in one. θ is one number over nets: its ` +
        "interval is that of permutations of the replicates at the same level, and there is none where fewer than 1/α orders exist or a " +
        "net has no number. An association is no cause, and its absence over nets does not tell what happens within one.",
    },
    rule,
    {
      on,
      primary: parts[0],
      parts,
      others: [
        ...names.flatMap((family) =>
          Array.from({ length: Math.max(0, hidden - 1) }, (_, i) => judged(on, family, i + 2, BY_RULE, rule))
        ),
        ...measurements.filter((one) => one !== on).map((one) => decidingPart(partsOf(one))),
      ],
      sensitivity: DEFINITIONS.flatMap((definition) => {
        const found = partsOf(on, definition);
        return DELTAS.map((delta) => ({
          label: `c^${definition.compression}, given ${definition.given.join(" and ") || "nothing"}`,
          delta,
          verdict: together(found.map((part) => againstDelta(part, delta))),
        }));
      }),
      falseSupport: planted(parts, families, delta, stream),
    },
    rows.profile,
  );
  const table = readingsTable(settings, readings, families);
  return { tables: [table], claims: [claim], figures: [figureOf(table, on)] };
}

/** The same part under another threshold; a part without an interval stays undecided. */
function againstDelta({ low, high, verdict }: ClaimResult, delta: number) {
  return low === null || high === null ? verdict : verdictOf({ low, high }, { side: "below", delta });
}

/** The association over the nets of some arms, as a result. */
function resultOf(
  label: string,
  layers: readonly { readonly arm: Setting; readonly layer: readonly Reading[] }[],
  { compression, given }: Definition,
  rule: Rule,
  stream: Stream,
): ClaimResult {
  const nets = layers.flatMap(({ arm }) => arm.nets);
  const failed = nets.filter(({ state }) => state === "failed").length;
  const found = layers.flatMap(({ layer }) => layer.filter((reading) => usable(reading, compression)));
  const missing = nets.length - found.length;
  const base = {
    setting: label,
    theta: [],
    unit: "1",
    median: null,
    low: null,
    high: null,
    interval: "none",
    planned: nets.length,
    failed,
    censored: missing - failed,
    verdict: "undecided",
    test: rule,
  } as const;
  const replicates = layers.map(({ arm }) => arm.nets.map(({ replicate }) => replicate).join());
  if (missing > 0) {
    return { ...base, reason: `no interval as ${missing} of ${nets.length} nets are at the ceiling or have no number` };
  }
  if (new Set(replicates).size > 1) return { ...base, reason: "no interval as the arms differ in their replicates" };
  const { rho, arms, interval } = association(
    layers.map(({ layer }): AssociationArm => ({
      x: layer.map(({ saturation }) => saturation[compression]),
      y: layer.map((reading) => reading[compression]),
      given: given.map((name) => layer.map((reading) => reading[name])),
    })),
    stream,
  );
  if (Number.isNaN(rho)) {
    const still = found.every(({ saturation }) => saturation[compression] === 0);
    const most = found.reduce((most, reading) => Math.max(most, reading[compression]), -Infinity);
    return {
      ...base,
      reason: still
        ? `no association as saturation grows in no net, while layers compress by up to ${most.toFixed(2)} bit`
        : "no association as compression or saturation does not vary over nets beyond what is given",
    };
  }
  const ends = interval(PROTOCOL.alpha);
  if (ends === undefined) {
    return { ...base, median: rho, reason: "no interval as so few replicates have too few permutations" };
  }
  const shown = interval(PROTOCOL.shownAlpha)!;
  return {
    ...base,
    median: rho,
    ...ends,
    interval: "permutations of the replicates",
    low95: shown.low,
    high95: shown.high,
    verdict: verdictOf(ends, rule),
    ...(arms < layers.length
      ? { reason: `in ${layers.length - arms} of ${layers.length} arms compression or saturation does not vary` }
      : {}),
  };
}

function usable({ ceiling, saturation, accuracy, ...reading }: Reading, compression: "own" | "loo"): boolean {
  return !ceiling && [saturation[compression], accuracy, reading[compression]].every(Number.isFinite);
}

/** Permutations behind each planted interval; fewer, as there are many studies. */
const PLANTED_PERMUTATIONS = 1999;

/** Nets whose compression goes with saturation just as much as is no longer small, in every family, in numbers that know of nothing else. */
function planted(
  parts: readonly ClaimResult[],
  families: Options["families"],
  delta: number,
  stream: Stream,
): Claim["falseSupport"] {
  const sizes = Object.values(families).map((arms, i) => ({
    arms: arms.length,
    nets: parts[i].interval === "none" ? 0 : parts[i].planned / arms.length,
  }));
  if (sizes.some(({ nets }) => nets === 0)) return undefined;
  const rule: Rule = { side: "below", delta };
  let supported = 0;
  for (let study = 0; study < PLANTED_STUDIES; study++) {
    const verdicts = sizes.map(({ arms, nets }, family) => {
      const draw = stream.child("planted", study, family);
      const list = () => Array.from({ length: nets }, () => draw.normal());
      const { interval } = association(
        Array.from({ length: arms }, (): AssociationArm => {
          const [x, noise, given] = [list(), list(), [list(), list()]];
          return { x, y: x.map((value, i) => delta * value + Math.sqrt(1 - delta * delta) * noise[i]), given };
        }),
        draw,
        PLANTED_PERMUTATIONS,
      );
      const ends = interval(PROTOCOL.alpha);
      return ends ? verdictOf(ends, rule) : "undecided";
    });
    if (together(verdicts) === "supported") supported++;
  }
  return {
    rate: supported / PLANTED_STUDIES,
    draws: PLANTED_STUDIES,
    model:
      `normal numbers of as many nets whose correlation is ${delta} in every family, given two others that know nothing of them; ` +
      `${PLANTED_PERMUTATIONS} permutations`,
  };
}

/** Fifteen nets of each of two arms, whose fit and accuracy know nothing of how far layers fall and saturate. */
function plantedCases(): PlantedCase[] {
  const epochs = Array.from({ length: 30 }, (_, e) => e * 20);
  const rows = (along: 1 | -1) => {
    const armOf = (arm: string) => {
      const replicates = Array.from(
        { length: 15 },
        (_, i) => ({ growth: 0.2 + 0.02 * i, fall: 1.5 + 0.1 * along * (i - 7) }),
      );
      const nets = plantedNets(15, (chance, replicate) => {
        const { fall } = replicates[replicate];
        const path = plantedPath(epochs, { from: 4, rise: 4 + 0.3 * chance.normal(), peak: 100, fall, settle: 200 });
        return { ixt: [path, path], ity: [path, path].map((layer) => layer.map(() => 0.8)) };
      });
      const found = plantedRows(nets, {
        epochs,
        arm,
        estimator: "noise-bounds",
        options: { alpha: 0.1, ruler: "fixed" },
      });
      const saturated = replicates.map(({ growth }) =>
        plantedPath(epochs, { from: 0.2, peak: 100, fall: -growth, settle: 200 })
      );
      return {
        ...found,
        trials: found.trials.map((trial) => ({ ...trial, test_accuracy: 0.9 + 0.01 * (7 * trial.replicate % 5) })),
        estimates: found.estimates.map((row) => ({
          ...row,
          saturated: saturated[row.replicate][epochs.indexOf(row.epoch)],
        })),
      };
    };
    return joined(armOf("tanh"), armOf("main"));
  };
  const options = { families: { tanh: ["tanh"], ReLU: ["main"] } };
  return [
    {
      name: "nets that compress more the less they saturate, in two families",
      ...{ truth: "positive", rows: rows(-1), options, verdicts: { "not-saturation": "supported" } },
    },
    {
      name: "nets that compress more the more they saturate, in two families",
      ...{ truth: "null", rows: rows(1), options, verdicts: { "not-saturation": "contradicted" } },
    },
  ];
}

/** Saturated fraction by measurement, net, layer and epoch. */
type Saturated = ReadonlyMap<string, number | null>;

function placeOf({ arm, axes, estimator, setting }: Pick<EstimateRow, "arm" | "axes" | "estimator" | "setting">) {
  return `${arm} ${axes} ${estimator} ${setting}`;
}

function saturatedPaths(estimates: readonly EstimateRow[]): Saturated {
  return new Map(
    estimates.filter(({ probe }) => probe === "all").map((row) => [
      `${placeOf(row)} ${row.trial} ${row.layer} ${row.epoch}`,
      row.saturated,
    ]),
  );
}

/** Readings of every measured net, by layer 1…K. */
function readingsOf(setting: Setting, { trials }: StudyRows, saturated: Saturated): Reading[][] {
  const nets = setting.nets.filter((net): net is MeasuredNet => net.state === "measured");
  const accuracies = new Map(
    trials.filter(({ arm, axes }) => arm === setting.arm && axes === setting.axes)
      .map(({ trial, test_accuracy }) => [trial, test_accuracy ?? NaN]),
  );
  const place = placeOf(setting);
  return (nets[0]?.layers ?? []).map((_, index) => {
    const phases = layerPhases(setting, nets, index + 1);
    return nets.map(({ trial, replicate, epochs }, i): Reading => {
      const path = epochs.map((epoch) => saturated.get(`${place} ${trial} ${index + 1} ${epoch}`) ?? NaN);
      const smooth = runningMedian(path);
      const { own, loo, fit, ceiling, peakEpoch, othersPeakEpoch } = phases[i];
      const growth = (epoch: number) => endOf(path) - (smooth[epochs.indexOf(epoch)] ?? NaN);
      return {
        ...{ trial, replicate, own, loo, fit, ceiling },
        saturation: { own: growth(peakEpoch), loo: growth(othersPeakEpoch) },
        accuracy: accuracies.get(trial) ?? NaN,
      };
    });
  });
}

/** One setting of each measurement. */
function distinct(settings: readonly Setting[]): Setting[] {
  return settings.filter((setting, i) => settings.findIndex((one) => sameRuler(one, setting)) === i);
}

function sameRuler(a: Setting, b: Setting): boolean {
  return a.axes === b.axes && a.estimator === b.estimator && a.setting === b.setting;
}

function agrees({ estimator, setting }: Setting, choice: Options["primary"]): boolean {
  const has = JSON.parse(setting) as { [option: string]: Json };
  return estimator === choice.estimator &&
    Object.entries(choice.options).every(([key, value]) => JSON.stringify(has[key]) === JSON.stringify(value));
}

/** The estimator and its options, without the arm. */
function measurementOf({ label }: Setting): string {
  return label.replace(/,[^,]*$/, "");
}

function readingsTable(
  settings: readonly Setting[],
  readings: ReadonlyMap<Setting, readonly (readonly Reading[])[]>,
  families: Options["families"],
): Table {
  const number = (
    name: string,
    unit: string,
    text: string,
  ) => ({ name, type: "float64", unit, text, nullable: true } as const);
  const known = (value: number) => Number.isFinite(value) ? value : null;
  return {
    name: "saturation",
    title: "Compression and saturation of every hidden layer",
    columns: [
      ...NET_COLUMNS,
      { name: "family", type: "string", unit: null, text: "Arms that are judged together." },
      { name: "layer", type: "int32", unit: "1", text: "1…K − 1." },
      { name: "last_hidden", type: "boolean", unit: null, text: "True of the last hidden layer." },
      number("own_bits", "bits", "c^own = max Ĩ − I_end of I(X;T)."),
      number("loo_bits", "bits", "c^loo = Ĩ where the other nets' median path peaks, minus I_end."),
      number("fit_bits", "bits", "g = max Ĩ − Ĩ(0)."),
      number(
        "saturation_loo",
        "1",
        "Saturated fraction at the end, median of 5, less that where c^loo is read, running median of 5.",
      ),
      number("saturation_own", "1", "The same from where c^own is read."),
      number("test_accuracy", "1", "Expected test accuracy at the last snapshot."),
      { name: "ceiling", type: "boolean", unit: null, text: "I_end > H(X) − 0.25 bit: reported, not judged." },
    ],
    rows: settings.flatMap((setting) => {
      const family = Object.keys(families).find((name) => families[name].includes(setting.arm));
      if (family === undefined) return [];
      const layers = readings.get(setting)!.slice(0, -1);
      return layers.flatMap((layer, index) =>
        layer.map((reading): Row => ({
          trial: reading.trial,
          arm: setting.arm,
          axes: setting.axes,
          replicate: reading.replicate,
          estimator: setting.estimator,
          setting: setting.setting,
          family,
          layer: index + 1,
          last_hidden: index === layers.length - 1,
          own_bits: reading.own,
          loo_bits: known(reading.loo),
          fit_bits: reading.fit,
          saturation_loo: known(reading.saturation.loo),
          saturation_own: known(reading.saturation.own),
          test_accuracy: known(reading.accuracy),
          ceiling: reading.ceiling,
        }))
      );
    }),
  };
}

function figureOf({ name }: Table, on: Setting): Figure {
  return {
    id: "compression-against-saturation",
    title: "Compression against the growth of saturation",
    caption:
      "Each dot is a net: c^loo of its last hidden layer against the growth of its saturated fraction, both from where the other nets' " +
      "median path peaks to the net's end. The claim is judged on ranks within an arm, given fit and accuracy, neither of which is seen " +
      "here.",
    alt: "Compression in bits against the growth of the saturated fraction, one dot a net, a panel a family of arms.",
    table: name,
    where: { last_hidden: true, estimator: on.estimator, setting: on.setting },
    marks: [{ mark: "dot", x: "saturation_loo", y: "loo_bits", stroke: "arm", fx: "family" }],
    scales: {
      x: { label: "growth of the saturated fraction" },
      y: { label: `c^loo of I(X;T), bits, ${measurementOf(on)}` },
      color: { scheme: "arm" },
    },
  };
}
