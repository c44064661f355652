import {
  type Analysis,
  type AnalysisResult,
  type Context,
  defineAnalysis,
  type PlantedCase,
  type Row,
  type StudyRows,
  type Table,
} from "@infoplane/core";
import {
  claimOf,
  epochMean,
  falseSupportRate,
  judgeNets,
  logSnrPaths,
  type NetTheta,
  outcomesOf,
  type Rule,
  SNR_QUANTITY,
  trialsOf,
} from "@infoplane/core/claims";
import { exp, log2 } from "@infoplane/core/numerics";
import { plantedNets, plantedRows, plantedSeries, root, together } from "@infoplane/core/testing";
import { z } from "zod";

const options = z.strictObject({
  arm: z.string().default("decreasing-5").describe("the arm that is judged"),
  control: z.string().default("random-labels").describe("the arm of random labels, which must fail"),
  beside: z.array(z.string()).default([]).describe("arms that are judged beside it"),
  late: z.number().gt(0).lt(1).default(0.1).describe("share of the epochs, the last, over which the SNR is averaged"),
  factor: z.number().gt(1).default(1.5).describe("the spread allowed, as a factor"),
});

type Options = z.infer<typeof options>;

const LOG2_10 = 3.321928094887362;
const LN_2 = 0.6931471805599453;
/** The early epochs, in which the layers should differ. */
const EARLY = 10;
const FACTORS = [1.25, 1.5, 2];
const LATE = [0.05, 0.1, 0.25];

/** Whether the gradients of all hidden layers end with the same ratio of signal to noise. */
export const capacityEqualisation: Analysis<Options> = defineAnalysis({
  id: "capacity-equalisation",
  title: "Capacity equalisation",
  description:
    "Do the hidden layers end with the same ratio of signal to noise, so that the Gaussian capacity ½ log(1 + SNR²) of each " +
    "is the same (Tishby, Information Theory of Deep Learning, 2018)? From the ratios that analysis gradient-snr measures.",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted: plantedCases,
});

function reduce(rows: StudyRows, { arm, control, beside, late, factor }: Options, { stream }: Context): AnalysisResult {
  const known = [arm, control, ...beside].filter((name) => trialsOf(rows, name).length > 0);
  const logs = new Map(known.map((name) => [name, layersOf(rows, name)]));
  const table = snrTable(rows, logs, late);
  if (!known.includes(arm)) return { tables: [table] };
  const label = `gradient SNR, ${arm}`;
  const ruleOf = (factor: number): Rule => ({ side: "below", delta: log2(factor) });
  const judged = (name: string, from: (last: number) => [number, number], words: string, rule = ruleOf(factor)) =>
    judgeNets(
      `gradient SNR, ${name}, ${words}`,
      "1",
      outcomesOf(trialsOf(rows, name), ({ trial, epochs }) => spreadOf(logs.get(name)!, trial, ...from(epochs))),
      rule,
    );
  const lastShare = (share: number) => (last: number): [number, number] => [(1 - share) * last, last];
  const lateWords = (share: number) => `last ${Math.round(100 * share)} % of the epochs`;
  const primary = judged(arm, lastShare(late), lateWords(late));
  const early = judged(arm, () => [0, EARLY], `epochs 1–${EARLY}`);
  const rule = ruleOf(factor);
  const claim = claimOf(
    {
      id: "capacity-equalisation",
      statement: "The ratio of signal to noise is roughly the same in all hidden layers in the end.",
      rule:
        `θ = standard deviation over the hidden layers of log₂ SNR_k, SNR_k the ratio of the gradient at batch 512, its logarithm ` +
        `averaged over the ${
          lateWords(late)
        }. Supported if U < log₂ ${factor}, contradicted if L > log₂ ${factor}; undecided if epochs ` +
        `1–${EARLY} or nets on random labels pass too, as then it is nothing that learning the rule brings about.`,
    },
    rule,
    {
      primary,
      others: beside.filter((name) => known.includes(name)).map((name) =>
        judged(name, lastShare(late), lateWords(late))
      ),
      controls: [
        early,
        ...(known.includes(control) ? [judged(control, lastShare(late), lateWords(late))] : []),
      ],
      controlsDecide: true,
      on: { estimator: label.split(" ")[0], arithmetic: trialsOf(rows, arm)[0].arithmetic },
      sensitivity: LATE.flatMap((share) =>
        FACTORS.map((factor) => {
          const rule = ruleOf(factor);
          return {
            label: `${arm} · ${lateWords(share)} · factor ${factor}`,
            delta: rule.delta,
            verdict: judged(arm, lastShare(share), "", rule).verdict,
          };
        })
      ),
      falseSupport: planted(logs.get(arm)!.length, primary.counted?.length ?? 0, factor, rule, stream),
    },
    rows.profile,
  );
  return {
    tables: [table],
    claims: [claim],
    figures: [{
      id: "snr-by-layer",
      title: "Signal to noise of each layer's gradient, early and in the end",
      caption:
        `Each dot is a net: the gradient SNR at batch 512, the geometric mean over epochs 1–${EARLY} or over the ${
          lateWords(late)
        }, each ` +
        "snapshot weighed by the epochs it stands for. Equal capacities would be a level row of dots. The softmax output is drawn and not judged; at another " +
        "batch all dots of a panel move together.",
      alt:
        "Gradient signal-to-noise ratio of every net by layer, early and late, with the arm of random labels beside.",
      table: table.name,
      marks: [
        { mark: "rule-y", values: [1], stroke: "muted" },
        { mark: "dot", x: "layer", y: "snr", stroke: "arm", fx: "arm", fy: "when" },
      ],
      scales: {
        x: { label: "layer" },
        y: { label: "gradient SNR at batch 512", type: "log" },
        color: { scheme: "arm" },
      },
    }],
  };
}

/** log₁₀ SNR of layers 1…K, by trial. */
type Layers = readonly ReturnType<typeof logSnrPaths>[];

function layersOf(rows: StudyRows, arm: string): Layers {
  const layers = rows.problems.find((problem) => problem.arm === arm)?.layers ?? [];
  return layers.map((_, index) => logSnrPaths(rows, arm, index + 1));
}

/** θ of one net: the standard deviation, of K − 1 hidden layers with K − 2 in the denominator, of the mean log₂ SNR. */
function spreadOf(layers: Layers, trial: string, from: number, to: number): NetTheta {
  const means = layers.slice(0, -1).map((paths) => meanOf(paths.get(trial), from, to));
  if (means.length < 2) return { leftOut: "it has fewer than two hidden layers" };
  if (means.some(Number.isNaN)) return { leftOut: `a layer has no ${SNR_QUANTITY} there` };
  const theta = deviation(means);
  return { low: theta, high: theta };
}

function meanOf(
  path: { readonly epochs: readonly number[]; readonly values: readonly number[] } | undefined,
  from: number,
  to: number,
) {
  return path ? LOG2_10 * epochMean(path, from, to) : NaN;
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / (values.length - 1));
}

/** Nets whose layers differ by half more than allowed, in the deviation of the law they are drawn from. */
function planted(layers: number, nets: number, factor: number, rule: Rule, stream: Context["stream"]) {
  const hidden = layers - 1;
  if (hidden < 2 || nets === 0) return undefined;
  const sd = 1.5 * rule.delta;
  return falseSupportRate(
    (draw) =>
      Array.from({ length: nets }, () => {
        const theta = deviation(Array.from({ length: hidden }, () => sd * draw.normal()));
        return { low: theta, high: theta };
      }),
    rule,
    stream,
    `${nets} nets whose ${hidden} hidden layers have independent normal log₂ SNR with a deviation of 1.5·log₂ ${factor}`,
  );
}

function snrTable(rows: StudyRows, logs: ReadonlyMap<string, Layers>, late: number): Table {
  return {
    name: "snr-by-layer",
    title: "Signal to noise of each layer's gradient",
    columns: [
      { name: "trial", type: "string", unit: null, text: "Key of the trained net: hash of what it was made from." },
      { name: "arm", type: "string", unit: null, text: "Arm of the study." },
      {
        name: "replicate",
        type: "int32",
        unit: "1",
        text: "Number of the replicate: initial weights, split and labels.",
      },
      { name: "layer", type: "int32", unit: "1", text: "1…K, K the softmax output." },
      {
        name: "when",
        type: "string",
        unit: null,
        text: `early: epochs 1–${EARLY}; late: the last ${late} of the epochs.`,
      },
      { name: "log2_snr", type: "float64", unit: "1", text: "Mean of log₂ SNR_k at batch 512 over those epochs." },
      { name: "snr", type: "float64", unit: "1", text: "2 to that: the geometric mean." },
    ],
    rows: [...logs].flatMap(([arm, layers]) =>
      trialsOf(rows, arm).filter(({ outcome }) => outcome === "done").flatMap(({ trial, replicate, epochs }) =>
        layers.flatMap((paths, index) =>
          (["early", "late"] as const).flatMap((when): Row[] => {
            const [from, to] = when === "early" ? [0, EARLY] : [(1 - late) * epochs, epochs];
            const mean = meanOf(paths.get(trial), from, to);
            if (Number.isNaN(mean)) return [];
            return [{ trial, arm, replicate, layer: index + 1, when, log2_snr: mean, snr: exp(mean * LN_2) }];
          })
        )
      )
    ),
  };
}

function plantedCases(): PlantedCase[] {
  const epochs = [0, 1, 3, 10, 30, 100, 300, 800, 850, 930, 1000];
  const chance = root(1).child("planted");
  const octaves = (deviation: number) => Array.from({ length: 5 }, () => deviation * chance.normal());
  const layers = Array.from({ length: 6 }, (_, k) => ({ name: `layer ${k + 1}`, units: 3, activation: "tanh" }));
  const armOf = (arm: string, early: number, late: number): StudyRows => {
    const nets = plantedNets(15, () => ({ ixt: [], ity: [] }));
    const paths = nets.map(() => {
      const [first, last] = [octaves(early), octaves(late)];
      return layers.map((_, k) =>
        epochs.map((epoch) => k === 5 ? 16 : exp((epoch <= 100 ? first[k] : last[k]) * LN_2))
      );
    });
    const rows = plantedRows(nets, { epochs, arm, role: arm === "random-labels" ? "control" : "main" });
    return {
      ...rows,
      series: plantedSeries(SNR_QUANTITY, paths, { epochs, unit: "1", arm }),
      problems: rows.problems.map((problem) => ({ ...problem, layers })),
    };
  };
  const rows = (early: number, late: number) =>
    together(armOf("decreasing-5", early, late), armOf("random-labels", 2, 2));
  return [
    {
      name: "15 nets whose layers differ early and end alike, apart on random labels",
      ...{ truth: "positive", rows: rows(2, 0.1), verdicts: { "capacity-equalisation": "supported" } },
    },
    {
      name: "15 nets whose layers end apart",
      ...{ truth: "null", rows: rows(0.1, 2), verdicts: { "capacity-equalisation": "contradicted" } },
    },
  ];
}
