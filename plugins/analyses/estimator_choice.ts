import {
  type Analysis,
  type AnalysisResult,
  type Claim,
  type ClaimResult,
  type Context,
  defineAnalysis,
  NET_COLUMNS,
  type PlantedCase,
  type Row,
  type StudyRows,
  type Table,
  type Verdict,
} from "@infoplane/core";
import {
  judge,
  type MeasuredNet,
  notMeasured,
  once,
  primaryOf,
  PROTOCOL,
  type Rule,
  runningMedian,
  type Setting,
  settingsOf,
  twoPhasesOnNoise,
  twoPhasesStatistic,
} from "@infoplane/core/claims";
import { noisy, plantedNets, plantedPath, plantedRows, together } from "@infoplane/core/testing";
import { z } from "zod";

const family = z.strictObject({
  family: z.string().describe("what the estimator is an example of"),
  estimator: z.string(),
  options: z.record(z.string(), z.json()).default({}).describe("options that the measurement must have"),
});

const options = z.strictObject({
  families: z.array(family).min(2).default([
    { family: "binning", estimator: "binning", options: { count: 30, range: [-1, 1] } },
    { family: "noise", estimator: "noise-bounds", options: { variance: 0.1 } },
    { family: "parametric", estimator: "gaussian-noise", options: { variance: 0.1 } },
  ]).describe("the measurement that speaks for each family"),
  delta: z.number().positive().default(0.25).describe("bits by which both phases must exceed"),
});

type Options = z.infer<typeof options>;

const DELTAS = [0.1, 0.25, 0.5];

/** Whether the verdict on two phases depends on how information is estimated: the same nets under every estimator. */
export const estimatorChoice: Analysis<Options> = defineAnalysis({
  id: "estimator-choice",
  title: "Choice of the estimator",
  description:
    "Do binning, noise and parametric estimates of the same nets say the same of two phases? The rule of two-phases under each " +
    "measurement (Saxe et al., ICLR 2018; Goldfeld et al., ICML 2019).",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted,
});

function reduce(rows: StudyRows, { families, delta }: Options, { stream }: Context): AnalysisResult {
  const settings = settingsOf(rows, ["ixt"]).filter(({ role }) => role === "main");
  const statistic = once(twoPhasesStatistic());
  const rule: Rule = { side: "above", delta };
  const named = families.map(({ family, ...choice }) => ({ family, on: primaryOf(settings, choice) }));
  const judged = named.map(({ family, on }) => ({
    family,
    on,
    result: on ? judge(on, statistic, rule) : notMeasured(family, "bits"),
  }));
  const onHost = named.every(({ on }) => on?.arithmetic === "host");
  const verdict = onHost ? "undecided" : agreement(judged.map(({ result }) => result.verdict));
  const said = judged.map(({ family, result }) => `${family}: ${result.verdict}`).join("; ");
  const planned = Math.max(...judged.map(({ result }) => result.planned));
  const noise = named.flatMap(({ on }) => on ? [twoPhasesOnNoise(on, rule, stream.child(on.label))] : [])
    .filter((rate) => rate !== undefined)
    .sort((a, b) => b.rate - a.rate)[0];
  const claim: Claim = {
    id: "estimator-choice",
    statement: "Binning, noise and parametric estimates of the same nets agree on whether they fit and then compress.",
    rule: "The rule of two-phases under one measurement of each family. Supported if all are decided and equal, " +
      "contradicted if one supports and one contradicts, else undecided.",
    ...notMeasured(judged.map(({ family }) => family).join(", "), "bits"),
    planned,
    failed: judged.reduce((sum, { result }) => sum + result.failed, 0),
    verdict,
    reason: onHost ? `${said}; no verdict from host arithmetic alone` : said,
    protocol: PROTOCOL.version,
    delta,
    level: 1 - PROTOCOL.alpha,
    arithmetic: settings.every(({ arithmetic }) => arithmetic === "portable") ? "portable" : "host",
    settings: [
      ...judged.map(({ family, result }): ClaimResult => ({ ...result, setting: `${family}: ${result.setting}` })),
      ...settings.filter((setting) => named.every(({ on }) => on !== setting)).map((setting) =>
        judge(setting, statistic, rule)
      ),
    ],
    sensitivity: settings.flatMap((setting) =>
      DELTAS.map((delta) => ({
        label: setting.label,
        delta,
        verdict: judge(setting, statistic, { side: "above", delta }).verdict,
      }))
    ),
    ...(noise ? { falseSupport: { ...noise, model: `the worst family: ${noise.model}` } } : {}),
    provisional: rows.profile !== "full",
  };
  const table = pathsTable(settings);
  return {
    tables: [table],
    claims: [claim],
    figures: [{
      id: "choice-paths",
      title: "The same nets under every estimator",
      caption:
        "I(X;T) of the last hidden layer along training, each net a line, one panel a measurement; the axis is that of " +
        "the estimator's own variable. What rises and falls under one may only rise, or stay, under another.",
      alt: "Encoder information of the last hidden layer against the epoch, one panel for each estimator.",
      table: table.name,
      marks: [{ mark: "line", x: "epoch", y: "ixt_bits", z: "trial", stroke: "muted", fx: "measurement" }],
      scales: {
        x: { label: "epoch", type: "symlog" },
        y: { label: "I(X;T) of the last hidden layer, bits, running median of 5 snapshots" },
      },
    }],
  };
}

function agreement(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("supported") && verdicts.includes("contradicted")) return "contradicted";
  return verdicts.every((verdict) => verdict === verdicts[0]) && verdicts[0] !== "undecided"
    ? "supported"
    : "undecided";
}

function pathsTable(settings: readonly Setting[]): Table {
  const rows = settings.flatMap((setting): Row[] => {
    const nets = setting.nets.filter((net): net is MeasuredNet => net.state === "measured");
    return nets.flatMap(({ trial, replicate, epochs, layers }) => {
      const k = Math.max(0, layers.length - 2);
      const smooth = runningMedian(layers[k].ixt);
      return epochs.map((epoch, e): Row => ({
        trial,
        arm: setting.arm,
        axes: setting.axes,
        replicate,
        estimator: setting.estimator,
        setting: setting.setting,
        measurement: setting.label.replace(/,[^,]*$/, ""),
        layer: k + 1,
        epoch,
        ixt_bits: smooth[e],
      }));
    });
  });
  return {
    name: "choice-paths",
    title: "The last hidden layer of every net under every measurement",
    columns: [
      ...NET_COLUMNS,
      { name: "measurement", type: "string", unit: null, text: "Estimator and options in words." },
      { name: "layer", type: "int32", unit: "1", text: "The last hidden layer." },
      { name: "epoch", type: "int32", unit: "epochs", text: "Passes over the training set." },
      { name: "ixt_bits", type: "float64", unit: "bits", text: "Ĩ(X;T), the running median of 5 snapshots." },
    ],
    rows,
  };
}

/** Twelve nets that fall by ½ bit under all three measurements, or under binning alone. */
function planted(): PlantedCase[] {
  const epochs = Array.from({ length: 30 }, (_, e) => e * 20);
  const under = (estimator: string, options: PlantedCase["options"], fall: number) => {
    const nets = plantedNets(12, (chance) => {
      const path = (from: number) =>
        noisy(plantedPath(epochs, { from, rise: 1, peak: 100, fall, settle: 200 }), 0.02, chance);
      return { ixt: [path(6), path(4)], ity: [0.7, 0.6].map((bits) => epochs.map(() => bits)) };
    });
    return plantedRows(nets, { epochs, estimator, options });
  };
  const rows = (others: number) =>
    together(
      under("binning", { count: 30, range: [-1, 1] }, 0.5),
      under("noise-bounds", { variance: 0.1 }, others),
      under("gaussian-noise", { variance: 0.1 }, others),
    );
  return [
    {
      name: "12 nets that fall under all three",
      ...{ truth: "positive", rows: rows(0.5), verdicts: { "estimator-choice": "supported" } },
    },
    {
      name: "12 nets that fall under binning alone",
      ...{ truth: "null", rows: rows(0), verdicts: { "estimator-choice": "contradicted" } },
    },
  ];
}
