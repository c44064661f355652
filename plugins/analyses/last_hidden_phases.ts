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
} from "@infoplane/core";
import {
  claimOf,
  falseSupportRate,
  judge,
  layerPhases,
  leaveOneOutCompression,
  type MeasuredNet,
  median,
  primaryOf,
  type Rule,
  runningMedian,
  seriesPaths,
  type Setting,
  settingsOf,
  spreadOf,
  type Statistic,
  WINDOW,
} from "@infoplane/core/claims";
import { noisy, plantedNets, plantedPath, plantedRows } from "@infoplane/core/testing";
import { z } from "zod";

/** The claims about convolutional nets, all judged by the phases of the last hidden layer. */
const CLAIMS = {
  "mnist-cnn": "The last hidden layer of a rectified convolutional net first fits, then compresses, on MNIST.",
  "cifar-cnn": "The last hidden layer of a convolutional net first fits, then compresses, on CIFAR-10.",
  "cifar-widths":
    "The last hidden layer first fits, then compresses, on CIFAR-10, whether the layers grow wider or narrower.",
} as const;

const options = z.strictObject({
  claims: z.array(z.strictObject({
    id: z.enum(["mnist-cnn", "cifar-cnn", "cifar-widths"]),
    arms: z.array(z.string()).min(1),
  })).min(1).default([{ id: "mnist-cnn", arms: ["main"] }]).describe(
    "claims that are judged, each on arms that must all hold",
  ),
  controls: z.array(z.string()).default([]).describe("arms that stand beside"),
  primary: z.strictObject({
    estimator: z.string().default("noise-bounds"),
    options: z.record(z.string(), z.json()).default({ alpha: 0.1, ruler: "fixed" }),
  }).prefault({}).describe("the measurement the verdict rests on"),
  delta: z.number().positive().default(0.25).describe("bits by which both phases must exceed"),
});

type Options = z.infer<typeof options>;

/** A layer whose peak is this close to the ceiling of the sample, in bits, may have been cut off by it. */
const CEILING_BITS = 0.5;
const DELTAS = [0.1, 0.25, 0.5];

/**
 * Fitting, then compression, in the last hidden layer alone, of a net whose inputs are a sample: θ = min(g, c), with c^loo for L and
 * c^own for U as in `two-phases`; unknown where the peak lies within half a bit of log₂ n (Shwartz-Ziv and Tishby, arXiv:1703.00810).
 */
export const lastHiddenPhases: Analysis<Options> = defineAnalysis({
  id: "last-hidden-phases",
  title: "Phases of the last hidden layer",
  description: "Does the last hidden layer of a convolutional net first fit, then compress, under noise that stays? " +
    "Beside it, how accurate the nets are at what that layer knows of the label.",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted,
});

function reduce(rows: StudyRows, given: Options, { stream }: Context): AnalysisResult {
  const settings = settingsOf(rows, ["ixt"]);
  const table = phasesTable(rows, settings);
  const claims = given.claims.flatMap((claim) => claimOn(rows, settings, claim, given, stream.child(claim.id)));
  const on = primaryOf(settings, given.primary);
  return {
    tables: [table],
    claims,
    figures: [accuracyFigure(table), ...(on ? [phasesFigure(on, given.delta)] : [])],
  };
}

/** A claim on its arms; none where one of them was not measured. */
function claimOn(
  rows: StudyRows,
  settings: readonly Setting[],
  { id, arms }: Options["claims"][number],
  given: Options,
  stream: Context["stream"],
): Claim[] {
  const rule: Rule = { side: "above", delta: given.delta };
  const statistic = lastHidden();
  const ofArm = (arm: string) =>
    settings.find((setting) => setting.arm === arm && primaryOf([{ ...setting, role: "main" }], given.primary));
  const judged = arms.map(ofArm).filter((setting) => setting !== undefined);
  if (judged.length < arms.length) return [];
  const [on] = judged;
  const parts = judged.map((setting) => judge(setting, statistic, rule));
  const isPart = (setting: Setting) => judged.includes(setting);
  const beside = settings.filter((setting) => arms.includes(setting.arm) && !isPart(setting));
  return [claimOf(
    {
      id,
      statement: CLAIMS[id],
      rule:
        `θ = the smaller of g and c of I(X;T) at the last hidden layer, in bits${
          parts.length > 1 ? `, in each of ${arms.join(" and ")}` : ""
        }. Supported if L[min(g, c^loo)] > ${given.delta}, contradicted if U[min(g, c^own)] < ${given.delta}; a net whose ` +
        "peak lies within ½ bit of log₂ of the number of images measured has an unknown θ. Dots are min(g, c^loo).",
    },
    rule,
    {
      on,
      primary: parts[0],
      ...(parts.length > 1 ? { parts } : {}),
      others: beside.map((setting) => judge(setting, statistic, rule)),
      controls: given.controls.map(ofArm).flatMap((setting): ClaimResult[] =>
        setting ? [judge(setting, statistic, rule)] : []
      ),
      sensitivity: [...judged, ...beside].flatMap((setting) =>
        [WINDOW, 1].flatMap((window) =>
          DELTAS.map((delta) => ({
            label: `${setting.label} · ${
              window === 1 ? "peak of single snapshots" : `peak of the median of ${window}`
            }`,
            delta,
            verdict: judge(setting, lastHidden(window), { side: "above", delta }).verdict,
          }))
        )
      ),
      falseSupport: onNoise(on, rule, stream),
    },
    rows.profile,
  )];
}

/** Index of the last hidden layer. */
const lastHiddenOf = (nets: readonly MeasuredNet[]) => (nets[0]?.layers.length ?? 0) - 1;

function lastHidden(window = WINDOW): Statistic {
  return {
    unit: "bits",
    thetas(setting, nets) {
      const k = lastHiddenOf(nets);
      if (k < 1) return nets.map(() => ({ leftOut: "it has no hidden layer" }));
      const ceiling = setting.ceilings?.[k - 1] ?? null;
      return layerPhases(setting, nets, k, window).map(({ fit, own, loo, end }) => {
        const hidden = ceiling !== null && own + end > ceiling - CEILING_BITS;
        return {
          low: hidden || Number.isNaN(loo) ? -Infinity : Math.min(fit, loo),
          high: hidden ? Infinity : Math.min(fit, own),
        };
      });
    },
  };
}

/** The rule on nets that fit and then stay, with the noise between snapshots that was seen. */
function onNoise(setting: Setting, rule: Rule, stream: Context["stream"]): Claim["falseSupport"] {
  const nets = setting.nets.filter((net): net is MeasuredNet => net.state === "measured");
  const k = lastHiddenOf(nets);
  if (nets.length < 2 || k < 1) return undefined;
  const sd = median(nets.map(({ layers }) => spreadOf(layers[k - 1].ixt)));
  return falseSupportRate(
    (draw) => {
      const paths = nets.map((net) => Float64Array.from(net.epochs, () => sd * draw.normal()));
      const smooth = paths.map((path) => runningMedian(path));
      return [...leaveOneOutCompression(paths, smooth)].map((loo) => ({ low: loo, high: Infinity }));
    },
    rule,
    stream,
    `${nets.length} nets that fit and never compress: flat paths with white noise of ${sd.toFixed(3)} bit`,
  );
}

function phasesTable(rows: StudyRows, settings: readonly Setting[]): Table {
  const known = new Map<string, ReturnType<typeof seriesPaths>>();
  const accuracies = (arm: string, axes: string) => {
    const name = JSON.stringify([arm, axes]);
    if (!known.has(name)) known.set(name, seriesPaths(rows, arm, "test_accuracy", null, axes));
    return known.get(name)!;
  };
  const made = settings.flatMap((setting): Row[] => {
    const nets = setting.nets.filter((net): net is MeasuredNet => net.state === "measured");
    const k = lastHiddenOf(nets);
    if (k < 1) return [];
    const ceiling = setting.ceilings?.[k - 1] ?? null;
    return layerPhases(setting, nets, k).map(({ fit, own, loo, end, peakEpoch }, i): Row => {
      const { trial, replicate, layers, epochs } = nets[i];
      const path = accuracies(setting.arm, setting.axes).get(trial);
      const at = path?.epochs.indexOf(epochs[epochs.length - 1]) ?? -1;
      const ity = layers[k - 1].ity[epochs.length - 1];
      return {
        trial,
        arm: setting.arm,
        axes: setting.axes,
        replicate,
        estimator: setting.estimator,
        setting: setting.setting,
        fit_bits: fit,
        own_bits: own,
        loo_bits: Number.isNaN(loo) ? null : loo,
        end_bits: end,
        peak_bits: own + end,
        peak_epoch: peakEpoch,
        ceiling_bits: ceiling,
        ity_end_bits: Number.isFinite(ity) ? ity : null,
        test_accuracy: path && at >= 0 ? path.values[at] : null,
      };
    });
  });
  const bits = (name: string, text: string, nullable = false) =>
    ({ name, type: "float64", unit: "bits", text, ...(nullable ? { nullable } : {}) }) as const;
  return {
    name: "last-hidden-phases",
    title: "Fit, peak and compression of the last hidden layer",
    columns: [
      ...NET_COLUMNS,
      bits("fit_bits", "g = max Ĩ − Ĩ(0) of I(X;T), Ĩ the running median of 5 snapshots."),
      bits("own_bits", "c^own = max Ĩ − I_end, I_end the median of the last 5 snapshots."),
      bits("loo_bits", "c^loo = Ĩ where the other nets' median path peaks, minus I_end.", true),
      bits("end_bits", "I_end."),
      bits("peak_bits", "max Ĩ."),
      { name: "peak_epoch", type: "int32", unit: "epochs", text: "First epoch at which Ĩ is greatest." },
      bits("ceiling_bits", "log₂ of the number of images measured.", true),
      bits("ity_end_bits", "I(T;Y) at the last snapshot.", true),
      {
        name: "test_accuracy",
        type: "float64",
        unit: "1",
        text: "Share of test images classified rightly at the last snapshot measured.",
        nullable: true,
      },
    ],
    rows: made,
  };
}

function phasesFigure(
  { estimator, setting, label }: Setting,
  delta: number,
): NonNullable<AnalysisResult["figures"]>[number] {
  return {
    id: "last-hidden-phases",
    title: "How far the last hidden layer falls from the other nets' peak",
    caption:
      "Each dot is a net: I(X;T) of the last hidden layer where the other nets' median path peaks, minus the net's own " +
      `end. The claim asks for dots above the line at ${delta} bit; nets that do not compress lie around 0.`,
    alt: "Compression of the last hidden layer in bits, of every net, by arm.",
    table: "last-hidden-phases",
    where: { estimator, setting },
    marks: [
      { mark: "rule-y", values: [delta, 0], stroke: "muted" },
      { mark: "dot", x: "arm", y: "loo_bits", stroke: "arm" },
    ],
    scales: {
      x: { label: "arm", type: "ordinal" },
      y: { label: `c^loo of I(X;T), bits, ${label.replace(/,.*$/, "")}` },
      color: { scheme: "arm" },
    },
  };
}

/** Accuracy against what the last hidden layer knows, by the estimator that bounds it from held-out predictions if there is one. */
function accuracyFigure({ rows }: Table): NonNullable<AnalysisResult["figures"]>[number] {
  const withIty = rows.filter(({ ity_end_bits }) => ity_end_bits !== null);
  const chosen = withIty.find(({ estimator }) => estimator === "decoder") ?? withIty[0];
  return {
    id: "accuracy-and-information",
    title: "Accuracy against what the last hidden layer knows of the label",
    caption:
      "Each dot is a net at its last snapshot: I(T;Y) of the last hidden layer across, the share of test images it " +
      "classifies rightly up. The accuracy is that of the net's own output, which sees this layer alone.",
    alt: "Test accuracy against I(T;Y) of the last hidden layer, one dot a net, coloured by arm.",
    table: "last-hidden-phases",
    ...(chosen ? { where: { estimator: chosen.estimator!, setting: chosen.setting! } } : {}),
    marks: [{ mark: "dot", x: "ity_end_bits", y: "test_accuracy", stroke: "arm" }],
    scales: {
      x: { label: `I(T;Y) of the last hidden layer, bits, ${chosen?.estimator ?? "no estimator"}` },
      y: { label: "test accuracy" },
      color: { scheme: "arm" },
    },
  };
}

function planted(): PlantedCase[] {
  const epochs = Array.from({ length: 30 }, (_, e) => e);
  const rows = (fall: number, from = 4) =>
    plantedRows(
      plantedNets(5, (chance) => ({
        ixt: [
          epochs.map(() => 9),
          noisy(plantedPath(epochs, { from, rise: 1, peak: 10, fall, settle: 20 }), 0.01, chance),
          epochs.map(() => 3),
        ],
        ity: [1, 2, 2].map((bits) => epochs.map(() => bits)),
      })),
      { epochs, estimator: "noise-bounds", options: { alpha: 0.1, ruler: "fixed" }, hxBits: 10.97 },
    );
  const expect = (verdict: "supported" | "contradicted" | "undecided") => ({ "mnist-cnn": verdict });
  return [
    { name: "5 nets that fall by ½ bit", truth: "positive", rows: rows(0.5), verdicts: expect("supported") },
    { name: "5 nets that rise and stay", truth: "null", rows: rows(0), verdicts: expect("contradicted") },
    { name: "5 nets that fall from the ceiling", truth: "null", rows: rows(0.5, 9.8), verdicts: expect("undecided") },
  ];
}
