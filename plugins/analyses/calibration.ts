import {
  type Analysis,
  type AnalysisResult,
  type Cell,
  type Column,
  defineAnalysis,
  type EstimateRow,
  type Figure,
  type Json,
  type PlantedCase,
  type Row,
  type StudyRows,
  type Table,
} from "@infoplane/core";
import { median, medianInterval, PROTOCOL } from "@infoplane/core/claims";
import { plantedNets, plantedRows } from "@infoplane/core/testing";
import { z } from "zod";

const options = z.strictObject({
  tolerance: z.number().positive().default(0.1).describe("bits beyond which the median error is flagged"),
  variables: z.record(z.string(), z.string()).default({
    "binning": "the binned layer",
    "noise-bounds": "the layer with noise added",
    "noise-mixture": "the layer with noise added",
    "kt-difference": "the layer with noise added",
    "renyi": "kernel matrices, in Rényi's entropy",
  }).describe("of what an estimator gives the information, if not of the layer itself"),
  rising: z.array(z.strictObject({
    family: z.string().min(1).describe("name of the family"),
    arms: z.array(z.string()).min(2).describe("arms that differ in how much they tell"),
  })).default([]).describe("families to draw estimate against truth for"),
});

type Options = z.infer<typeof options>;

const QUANTITIES = [
  { quantity: "I(X;T)", known: "ixtBits", bits: "ixt_bits" },
  { quantity: "I(T;Y)", known: "ityBits", bits: "ity_bits" },
] as const;

/** How far every estimator is from the truth on laws of known information, and where it must not be believed. */
export const calibration: Analysis<Options> = defineAnalysis({
  id: "calibration",
  title: "Calibration on known truth",
  description:
    "Error of every estimator in bits on layers whose information is known: median over replicates with the protocol's interval, " +
    "flagged where it exceeds the tolerance (compare Czyż et al., NeurIPS 2023).",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted,
});

function reduce(rows: StudyRows, settings: Options): AnalysisResult {
  const table = calibrationTable(rows, settings);
  const rising = risingTable(table.rows, settings);
  const figures = [
    ...(rising.rows.length > 0 ? [risingFigure(rising)] : []),
    ...QUANTITIES.flatMap(({ quantity }) =>
      [true, false].flatMap((own) => errorFigure(table.rows, quantity, own, settings) ?? [])
    ),
  ];
  return { tables: settings.rising.length > 0 ? [table, rising] : [table], figures };
}

const bits = (name: string, text: string): Column => ({ name, type: "float64", unit: "bits", text, nullable: true });

const RESULT_COLUMNS: readonly Column[] = [
  { name: "arm", type: "string", unit: null, text: "Arm of the study, which is a law." },
  { name: "axes", type: "json", unit: null, text: "Values of the study's axes, as canonical JSON." },
  { name: "n", type: "int32", unit: "1", text: "Rows drawn." },
  { name: "estimator", type: "string", unit: null, text: "Id of the estimator." },
  { name: "setting", type: "string", unit: null, text: "Its options after defaults, as canonical JSON." },
  {
    name: "measurement",
    type: "string",
    unit: null,
    text: "Estimator, with the options in which its settings in this study differ.",
  },
  { name: "truth_bits", type: "float64", unit: "bits", text: "Information of the law." },
  bits("estimate_bits", "Median over replicates."),
];

const COLUMNS: readonly Column[] = [
  ...RESULT_COLUMNS.slice(0, 6),
  { name: "law", type: "string", unit: null, text: "The arm and its truth, for figures." },
  { name: "layer", type: "int32", unit: "1", text: "The layer, 1…K." },
  { name: "epoch", type: "int32", unit: "epochs", text: "The snapshot; 0 where nothing was trained." },
  { name: "quantity", type: "string", unit: null, text: "I(X;T) or I(T;Y)." },
  {
    name: "variable",
    type: "string",
    unit: null,
    text:
      "What stands in T's place in the estimate: T itself, or another variable, whose information may differ from the law's.",
  },
  { name: "own", type: "boolean", unit: null, text: "True if the estimate is of T itself." },
  ...RESULT_COLUMNS.slice(6),
  bits("error_bits", "Median over replicates of estimate minus truth."),
  bits("error_low_bits", "Lower end of the protocol's interval for the median error; null if open."),
  bits("error_high_bits", "Upper end of it; null if open."),
  bits("error_low95_bits", "Lower end of the 95 % interval for the median error; null if open."),
  bits("error_high95_bits", "Upper end of it; null if open."),
  { name: "interval", type: "string", unit: null, text: "How the intervals came about." },
  bits("ceiling_bits", "Largest I(X;T) the estimator can return: the median over replicates."),
  { name: "replicates", type: "int32", unit: "1", text: "Replicates with an estimate." },
  { name: "missing", type: "int32", unit: "1", text: "Replicates without one." },
  { name: "status", type: "string", unit: null, text: "measured, or missing where no replicate has an estimate." },
  { name: "reason", type: "string", unit: null, text: "Why an estimate is missing.", nullable: true },
  { name: "flagged", type: "boolean", unit: null, text: "True if the median error exceeds the tolerance." },
  { name: "deviation", type: "string", unit: null, text: "The same in words." },
];

function calibrationTable({ estimates, problems }: StudyRows, { tolerance, variables }: Options): Table {
  const nameOf = measurementNames(estimates);
  const groups = Map.groupBy(
    estimates.filter(({ probe }) => probe === "all"),
    ({ arm, axes, estimator, setting, layer, epoch }) => JSON.stringify([arm, axes, estimator, setting, layer, epoch]),
  );
  const rows = [...groups.values()].flatMap((group): Row[] => {
    const { arm, axes, n, estimator, setting, layer, epoch } = group[0];
    return QUANTITIES.flatMap(({ quantity, known, bits }): Row[] => {
      const truth = truthOf(problems, arm, layer, known);
      if (truth === undefined) return [];
      const found = group.filter((row) => row[bits] !== null);
      const errors = found.map((row) => row[bits]! - truth).map((error) => ({ low: error, high: error }));
      const error = errors.length > 0 ? median(errors.map(({ low }) => low)) : null;
      const [decides, shown] = [PROTOCOL.alpha, PROTOCOL.shownAlpha].map((alpha) => medianInterval(errors, alpha));
      const ceilings = found.flatMap(({ ceiling_bits }) => ceiling_bits === null ? [] : [ceiling_bits]);
      const flagged = error !== null && Math.abs(error) > tolerance;
      return [{
        ...{ arm, axes, n, estimator, setting, measurement: nameOf(group[0]) },
        law: `${arm}, ${Number(truth.toFixed(2))}`,
        ...{ layer, epoch, quantity },
        variable: variables[estimator] ?? "T",
        own: variables[estimator] === undefined,
        truth_bits: truth,
        estimate_bits: error === null ? null : median(found.map((row) => row[bits]!)),
        error_bits: error,
        error_low_bits: finite(decides.low),
        error_high_bits: finite(decides.high),
        error_low95_bits: finite(shown.low),
        error_high95_bits: finite(shown.high),
        interval: decides.kind,
        ceiling_bits: quantity === "I(X;T)" && ceilings.length > 0 ? median(ceilings) : null,
        replicates: found.length,
        missing: group.length - found.length,
        status: error === null ? "missing" : "measured",
        reason: group.find((row) => row[bits] === null)?.reason ?? null,
        flagged,
        deviation: error === null ? "none" : deviationWords(flagged, tolerance),
      }];
    });
  });
  return { name: "calibration", title: "Error of every estimator on every law", columns: COLUMNS, rows };
}

/**
 * What is known of a layer's information, if it is.
 *
 * @throws {RangeError} If it changes along the study's axes, so that an arm has no one truth.
 */
function truthOf(problems: StudyRows["problems"], arm: string, layer: number, known: "ixtBits" | "ityBits") {
  const truths = new Set(problems.filter((one) => one.arm === arm).map(({ layers }) => layers[layer - 1]?.[known]));
  if (truths.size > 1) {
    throw new RangeError(
      `Cannot calibrate on arm "${arm}" as its truth must be the same along the axes: it is ${[...truths].join(", ")}`,
    );
  }
  return [...truths][0];
}

function deviationWords(flagged: boolean, tolerance: number): string {
  return flagged ? `more than ${tolerance} bit off` : `within ${tolerance} bit`;
}

/** Names an estimator's settings by the options in which they differ. */
function measurementNames(estimates: readonly EstimateRow[]): (row: EstimateRow) => string {
  const names = new Map<string, string>();
  for (const [estimator, rows] of Map.groupBy(estimates, ({ estimator }) => estimator)) {
    const settings = [...new Set(rows.map(({ setting }) => setting))];
    const parsed = settings.map((setting) => JSON.parse(setting) as { [option: string]: Json });
    const keys = [...new Set(parsed.flatMap((one) => Object.keys(one)))].filter((key) =>
      new Set(parsed.map((one) => JSON.stringify(one[key]))).size > 1
    );
    parsed.forEach((one, i) => {
      const words = keys.flatMap((key) => one[key] === undefined ? [] : [optionWords(key, one[key])]);
      names.set(JSON.stringify([estimator, settings[i]]), [estimator, ...words].join(", "));
    });
  }
  return ({ estimator, setting }) => names.get(JSON.stringify([estimator, setting]))!;
}

function optionWords(key: string, value: Json): string {
  return typeof value === "string" ? value : `${key} ${JSON.stringify(value)}`;
}

function risingTable(rows: readonly Row[], { rising }: Options): Table {
  const found = rising.flatMap(({ family, arms }) =>
    rows.filter(({ arm, quantity, own, status }) =>
      arms.includes(String(arm)) && quantity === "I(X;T)" && own && status === "measured"
    ).map((row): Row => ({
      ...Object.fromEntries(RESULT_COLUMNS.map(({ name }) => [name, row[name]])),
      low95_bits: sum(row.truth_bits, row.error_low95_bits),
      high95_bits: sum(row.truth_bits, row.error_high95_bits),
      ceiling_bits: row.ceiling_bits,
      family,
    }))
  );
  // A figure joins points in the order of the rows.
  found.sort((a, b) => Number(a.truth_bits) - Number(b.truth_bits));
  return {
    name: "calibration-rising",
    title: "Estimate against truth along families of rising truth",
    columns: [
      ...RESULT_COLUMNS,
      bits("low95_bits", "Lower end of the 95 % interval for the median estimate; null if open."),
      bits("high95_bits", "Upper end of it; null if open."),
      bits("ceiling_bits", "Largest I(X;T) the estimator can return."),
      { name: "family", type: "string", unit: null, text: "Laws that differ in how much they tell." },
    ],
    rows: found,
  };
}

const sum = (a: Cell, b: Cell): number | null => a === null || b === null ? null : Number(a) + Number(b);

function risingFigure({ name, rows }: Table): Figure {
  // Bars may leave the panel: those of an estimator of large variance would flatten all others.
  const drawn = rows.flatMap((row) => [row.estimate_bits, row.truth_bits, row.ceiling_bits ?? 0].map(Number));
  return {
    id: name,
    title: "What each estimator says as the truth rises",
    caption:
      "Estimate against truth, one panel an estimator; on the grey diagonal it is right. A dot is the median over " +
      "replicates, a bar its 95 % interval as far as the panel goes, the dark level the most the estimator can return. A curve that leaves the diagonal and flattens is at the end of what its estimator can say: " +
      "InfoNCE never exceeds the logarithm of its batch. What parts families of equal truth is how many dimensions it is spread over, " +
      "which takes most from neighbours and critics. An estimator that is made for these laws need not do as well on others.",
    alt: `Estimated against true information, a panel an estimator, for ${distinct(rows, "family").join(" and ")}.`,
    table: name,
    marks: [
      { mark: "line", x: "truth_bits", y: "truth_bits", stroke: "hairline", fx: "measurement" },
      { mark: "line", x: "truth_bits", y: "ceiling_bits", stroke: "muted", fx: "measurement" },
      { mark: "rule-x", x: "truth_bits", y: "low95_bits", y2: "high95_bits", stroke: "family", fx: "measurement" },
      { mark: "line", x: "truth_bits", y: "estimate_bits", z: "family", stroke: "family", fx: "measurement" },
      { mark: "dot", x: "truth_bits", y: "estimate_bits", fill: "family", fx: "measurement" },
    ],
    scales: {
      x: { label: "I(X;T) of the law, bits, exact" },
      y: {
        label: "estimate of I(X;T), bits, median over replicates",
        domain: [Math.min(0, ...drawn), Math.max(...drawn)],
      },
      color: { scheme: "arm" },
    },
    ...choiceOfRows(rows),
  };
}

/** Errors of the estimates of a quantity that are of T itself, or of those that are of another variable; none if there are none. */
function errorFigure(all: readonly Row[], quantity: string, own: boolean, settings: Options): Figure | undefined {
  const rows = all.filter((row) => row.quantity === quantity && row.own === own && row.status === "measured");
  if (rows.length === 0) return undefined;
  const laws = [...new Map(rows.map(({ law, truth_bits }) => [String(law), Number(truth_bits)]))]
    .sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)).map(([law]) => law);
  const words = [false, true].map((flagged) => deviationWords(flagged, settings.tolerance));
  const variables = distinct(rows, "variable").join("; ");
  return {
    id: `calibration-${quantity === "I(X;T)" ? "ixt" : "ity"}-${own ? "errors" : "others"}`,
    title: own ? `Error in ${quantity}` : `Estimates of another variable, against ${quantity} of the law`,
    caption:
      `Estimate minus truth, a panel an estimator, a line a law with its truth in bits; at the rule the error is 0. ` +
      `A dot is the median over replicates, a bar its 95 % interval; beyond 1 bit the axis is logarithmic. ` +
      (own
        ? ""
        : `What is measured here is not T but ${variables}: another question, and this is how far its answer lies from T's. `) +
      `${offenders(rows, settings.tolerance)}.`,
    alt: `Error in bits of each estimator of ${quantity} on ${laws.length} laws, a panel an estimator.`,
    table: "calibration",
    where: { quantity, own, status: "measured" },
    marks: [
      { mark: "rule-x", values: [0], stroke: "muted" },
      {
        ...{ mark: "rule-y", x: "error_low95_bits", x2: "error_high95_bits", y: "law" },
        ...{ stroke: "deviation", fx: "measurement" },
      },
      { mark: "dot", x: "error_bits", y: "law", fill: "deviation", fx: "measurement" },
    ],
    scales: {
      x: { label: `error in ${quantity}, bits, median over replicates`, type: "symlog" },
      y: { label: "", type: "ordinal", domain: laws },
      color: { scheme: "arm", domain: words },
    },
    ...choiceOfRows(rows),
  };
}

/** Of each measurement, on how many laws it is flagged, and the worst; where the most rows are drawn. */
function offenders(all: readonly Row[], tolerance: number): string {
  const n = Math.max(...all.map((row) => Number(row.n)));
  const groups = Map.groupBy(all.filter((row) => row.n === n), ({ measurement }) => measurement);
  return `With ${n} rows, laws where it is more than ${tolerance} bit off, and the worst: ` +
    [...groups].map(([measurement, rows]) => {
      const off = rows.filter(({ flagged }) => flagged);
      if (off.length === 0) return `${measurement}, 0 of ${rows.length}`;
      const worst = off.reduce((a, b) => Math.abs(Number(b.error_bits)) > Math.abs(Number(a.error_bits)) ? b : a);
      const error = Number(worst.error_bits).toFixed(2).replace("-", "−");
      return `${measurement}, ${off.length} of ${rows.length} (${error} on ${worst.arm})`;
    }).join("; ");
}

function choiceOfRows(rows: readonly Row[]): Pick<Figure, "controls"> {
  return distinct(rows, "n").length > 1 ? { controls: [{ column: "n", kind: "choice" }] } : {};
}

function distinct(rows: readonly Row[], column: string): Cell[] {
  return [...new Set(rows.map((row) => row[column]))];
}

const finite = (value: number): number | null => Number.isFinite(value) ? value : null;

/** Five draws of a layer of 2 bits, estimated as 2.5 or as 2.0625. */
function planted(): PlantedCase[] {
  const rows = (bits: number) => {
    const drawn = plantedRows(plantedNets(5, () => ({ ixt: [[bits]], ity: [[0]] })), { epochs: [0] });
    const layers = [{ name: "law", units: 1, activation: "unknown", ixtBits: 2 }];
    return { ...drawn, problems: drawn.problems.map((problem) => ({ ...problem, layers })) };
  };
  const found = (error: number, flagged: boolean) => ({
    calibration: [{ quantity: "I(X;T)", truth_bits: 2, error_bits: error, replicates: 5, flagged }],
  });
  return [
    { name: "estimates half a bit too high", truth: "positive", rows: rows(2.5), found: found(0.5, true) },
    { name: "estimates within the tolerance", truth: "null", rows: rows(2.0625), found: found(0.0625, false) },
  ];
}
