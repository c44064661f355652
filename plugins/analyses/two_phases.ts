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
  judge,
  once,
  pairBoundsUnlessMeasured,
  phasesTable,
  primaryOf,
  type Rule,
  settingsOf,
  twoPhasesOnNoise,
  twoPhasesStatistic,
  WINDOW,
} from "@infoplane/core/claims";
import { noisy, plantedNets, plantedPath, plantedRows } from "@infoplane/core/testing";
import { z } from "zod";

const options = z.strictObject({
  primary: z.strictObject({
    estimator: z.string().default("binning"),
    options: z.record(z.string(), z.json()).default({ count: 30, range: [-1, 1] }),
  }).prefault({}).describe("the measurement the verdict rests on"),
  delta: z.number().positive().default(0.25).describe("bits by which both phases must exceed"),
});

type Options = z.infer<typeof options>;

const DELTAS = [0.1, 0.25, 0.5];

/** First fitting, then compression, in the last hidden layer and in the output: the claim and its table of phases. */
export const twoPhases: Analysis<Options> = defineAnalysis({
  id: "two-phases",
  title: "Two phases",
  description:
    "Does the information a layer keeps about the input first rise, then fall? Rise and fall of I(X;T) along the " +
    "path of every net, with the peak read off the other nets (Shwartz-Ziv and Tishby, arXiv:1703.00810).",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted,
});

function reduce(rows: StudyRows, { primary, delta }: Options, { stream }: Context): AnalysisResult {
  const settings = settingsOf(rows, ["ixt"]);
  const table = phasesTable(settings);
  const on = primaryOf(settings, primary);
  if (!on) return { tables: [table] };
  const rule: Rule = { side: "above", delta };
  const statistics = new Map([WINDOW, 1].map((window) => [window, once(twoPhasesStatistic(window))]));
  const statistic = statistics.get(WINDOW)!;
  const claim = claimOf(
    {
      id: "two-phases",
      statement:
        "Layers first fit, then compress: I(X;T) of the last hidden layer and of the output rises, then falls.",
      rule:
        `θ = the smaller of g and c over the last hidden layer and the output, in bits. Supported if L[min(g, c^loo)] > ` +
        `${delta}, contradicted if U[min(g, c^own)] < ${delta}; g = max Ĩ − Ĩ(0), c^own = max Ĩ − I_end, c^loo the same ` +
        "with the peak epoch of the other nets' median path. Dots are min(g, c^loo).",
    },
    rule,
    {
      on,
      primary: judge(on, statistic, rule),
      others: [
        ...settings.filter((setting) => setting !== on).map((setting) => judge(setting, statistic, rule)),
        ...pairBoundsUnlessMeasured(settings, "bits"),
      ],
      sensitivity: settings.flatMap((setting) =>
        [...statistics].flatMap(([window, statistic]) =>
          DELTAS.map((delta) => {
            const { verdict } = judge(setting, statistic, { side: "above", delta });
            return { label: `${setting.label} · ${windowWords(window)}`, delta, verdict };
          })
        )
      ),
      falseSupport: twoPhasesOnNoise(on, rule, stream),
    },
    rows.profile,
  );
  return {
    tables: [table],
    claims: [claim],
    figures: [{
      id: "compression-by-layer",
      title: "How far each layer falls from the other nets' peak",
      caption:
        "Each dot is a net: I(X;T) where the other nets' median path peaks, minus the net's own end. A layer that " +
        `compresses lies above the line at ${delta} bit; without compression dots lie around 0.`,
      alt: "Compression in bits of every net, by layer.",
      table: "phases",
      where: { estimator: on.estimator, setting: on.setting },
      marks: [
        { mark: "rule-y", values: [delta], stroke: "muted" },
        { mark: "dot", x: "layer", y: "loo_bits", stroke: "arm", fx: "arm" },
      ],
      scales: {
        x: { label: "layer" },
        y: { label: `c^loo of I(X;T), bits, ${on.label.replace(/,[^,]*$/, "")}` },
        color: { scheme: "arm" },
      },
    }],
  };
}

/** Twelve nets whose last hidden layer and output rise by 1 bit, then fall; first the input's copy, which never moves. */
function planted(): PlantedCase[] {
  const epochs = Array.from({ length: 30 }, (_, e) => e * 20);
  const rows = (fall: number) => {
    const nets = plantedNets(12, (chance) => {
      const path = (from: number) =>
        noisy(plantedPath(epochs, { from, rise: 1, peak: 100, fall, settle: 200 }), 0.02, chance);
      return {
        ixt: [epochs.map(() => 12), path(6), path(4)],
        ity: [0.8, 0.7, 0.6].map((bits) => epochs.map(() => bits)),
      };
    });
    return plantedRows(nets, { epochs, estimator: "binning", options: { count: 30, range: [-1, 1] } });
  };
  return [
    { name: "12 nets that fall by ½ bit", truth: "positive", rows: rows(0.5), verdicts: { "two-phases": "supported" } },
    { name: "12 nets that rise and stay", truth: "null", rows: rows(0), verdicts: { "two-phases": "contradicted" } },
  ];
}

function windowWords(window: number): string {
  return window === 1 ? "peak of single snapshots" : `peak of the median of ${window}`;
}
