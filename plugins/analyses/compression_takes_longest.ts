import {
  type Analysis,
  type AnalysisResult,
  type Context,
  defineAnalysis,
  type PlantedCase,
  type StudyRows,
} from "@infoplane/core";
import {
  claimOf,
  falseSupportRate,
  judge,
  type MeasuredNet,
  median,
  type NetTheta,
  once,
  pairBoundsUnlessMeasured,
  phasesOf,
  primaryOf,
  type Rule,
  runningMedian,
  type Setting,
  settingsOf,
  spreadOf,
  type Statistic,
  type Theta,
  WINDOW,
} from "@infoplane/core/claims";
import { noisy, plantedNets, plantedPath, plantedRows } from "@infoplane/core/testing";
import { z } from "zod";

const options = z.strictObject({
  primary: z.strictObject({
    estimator: z.string().default("binning"),
    options: z.record(z.string(), z.json()).default({ count: 30, range: [-1, 1] }),
  }).prefault({}).describe("the measurement the verdict rests on"),
  delta: z.number().gt(0).lt(1).default(0.5).describe("share of the training that compression must exceed"),
});

type Options = z.infer<typeof options>;

/** Nets that fall by less have no compression whose length could be told. */
const LEAST_COMPRESSION_BITS = 0.25;
const DELTAS = [0.25, 0.5, 0.75];

/** Of the epochs until the last hidden layer settles, most come after its peak. */
export const compressionTakesLongest: Analysis<Options> = defineAnalysis({
  id: "compression-takes-longest",
  title: "Compression takes longest",
  description: "Of the epochs until the last hidden layer settles, which share comes after its peak (Shwartz-Ziv and " +
    "Tishby, arXiv:1703.00810)?",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted: plantedCases,
});

function reduce(rows: StudyRows, { primary, delta }: Options, { stream }: Context): AnalysisResult {
  const settings = settingsOf(rows, ["ixt"]);
  const on = primaryOf(settings, primary);
  if (!on) return {};
  const rule: Rule = { side: "above", delta };
  const statistics = new Map([WINDOW, 1].map((window) => [window, once(shareAfterPeak(window))]));
  const statistic = statistics.get(WINDOW)!;
  return {
    claims: [claimOf(
      {
        id: "compression-takes-longest",
        statement:
          "Most of training is compression: the last hidden layer spends most of the epochs until it settles after " +
          "its peak.",
        rule: "θ = (e_settle − e_peak) / e_settle of I(X;T) at the last hidden layer, over nets with c^own ≥ " +
          `${LEAST_COMPRESSION_BITS} bit; supported if L > ${delta}, contradicted if U < ${delta}, undecided if fewer than ` +
          "half of the nets have it. e_settle: first snapshot from which |Ĩ − I_end| ≤ 0.1 c^own for good; a net that " +
          "settles after half of its training is censored: it may settle later still.",
      },
      rule,
      {
        on,
        primary: judge(on, statistic, rule),
        others: [
          ...settings.filter((setting) => setting !== on).map((setting) => judge(setting, statistic, rule)),
          ...pairBoundsUnlessMeasured(settings, "1"),
        ],
        sensitivity: settings.flatMap((setting) =>
          [...statistics].flatMap(([window, statistic]) =>
            DELTAS.map((delta) => {
              const { verdict } = judge(setting, statistic, { side: "above", delta });
              const peak = window === 1 ? "peak of single snapshots" : `peak of the median of ${window}`;
              return { label: `${setting.label} · ${peak}`, delta, verdict };
            })
          )
        ),
        falseSupport: planted(on, rule, stream),
      },
      rows.profile,
    )],
  };
}

function shareAfterPeak(window: number): Statistic {
  return {
    unit: "1",
    leastShare: 0.5,
    thetas: (_setting: Setting, nets: readonly MeasuredNet[]) =>
      nets.map(({ epochs, layers }): NetTheta => {
        const layer = layers[layers.length - 2];
        if (layer === undefined) return { leftOut: "it has no hidden layer" };
        return shareOf(layer.ixt, epochs, window);
      }),
  };
}

/** θ of one path; censored above if it settles after half of the training. */
function shareOf(path: Float64Array, epochs: readonly number[], window: number): NetTheta {
  const { own, peak, settle } = phasesOf(path, runningMedian(path, window));
  if (own < LEAST_COMPRESSION_BITS) return { leftOut: `c^own is below ${LEAST_COMPRESSION_BITS} bit` };
  const share = (epochs[settle] - epochs[peak]) / epochs[settle];
  const late = epochs[settle] > epochs[epochs.length - 1] / 2;
  return { low: share, high: late ? Infinity : share };
}

/** Twelve nets whose last hidden layer falls by 1 bit over most of the epochs until it settles, or over few. */
function plantedCases(): PlantedCase[] {
  const epochs = Array.from({ length: 30 }, (_, e) => e * 20);
  const rows = (peak: number, settle: number) => {
    const nets = plantedNets(12, (chance) => {
      const path = noisy(plantedPath(epochs, { from: 6, rise: 1, peak, fall: 1, settle }), 0.01, chance);
      return { ixt: [path, path.map((bits) => bits - 2)], ity: [0.7, 0.6].map((bits) => epochs.map(() => bits)) };
    });
    return plantedRows(nets, { epochs, estimator: "binning", options: { count: 30, range: [-1, 1] } });
  };
  const claim = "compression-takes-longest";
  return [
    {
      name: "12 nets that rise until epoch 50 and fall until 250",
      ...{ truth: "positive", rows: rows(50, 250), verdicts: { [claim]: "supported" } },
    },
    {
      name: "12 nets that rise until epoch 200 and fall until 250",
      ...{ truth: "null", rows: rows(200, 250), verdicts: { [claim]: "contradicted" } },
    },
  ];
}

/** Share of δ that planted compression takes: clearly less than the claim asks for. */
const PLANTED_SHARE = 0.75;

/** Nets that rise, then fall for less than δ of the time until they settle, by as much and with the noise of the measured ones. */
function planted(setting: Setting, rule: Rule, stream: Context["stream"]) {
  const nets = setting.nets.filter((net) => net.state === "measured");
  const paths = nets.map(({ layers }) => layers[layers.length - 2]?.ixt).filter((path) => path !== undefined);
  if (paths.length === 0) return undefined;
  const { epochs } = nets[0];
  const last = epochs[epochs.length - 1];
  const fall = median(paths.map((path) => phasesOf(path).own));
  // Early snapshots move too fast to tell their noise.
  const late = epochs.findIndex((epoch) => epoch >= last / 3);
  const sd = median(paths.map((path) => spreadOf(path.subarray(late))));
  // 0.1 c^own before the end, at 9/10 of the fall, the path counts as settled.
  const settled = last / 3;
  const share = PLANTED_SHARE * rule.delta;
  const peak = settled * (1 - share);
  const foot = peak + (settled - peak) / 0.9;
  const shape = epochs.map((epoch) => {
    if (epoch <= peak) return fall * epoch / peak;
    return epoch < foot ? fall * (1 - (epoch - peak) / (foot - peak)) : 0;
  });
  return falseSupportRate(
    (draw) =>
      paths.map(() => shareOf(Float64Array.from(shape, (bits) => bits + sd * draw.normal()), epochs, WINDOW))
        .filter((theta): theta is Theta => "low" in theta),
    rule,
    stream,
    `${paths.length} nets that fall by ${
      fall.toFixed(2)
    } bit over ${share} of the epochs until they settle, at a third of the ` +
      `training, with the white noise of their last two thirds, ${sd.toFixed(3)} bit`,
  );
}
