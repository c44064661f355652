import {
  type Analysis,
  type AnalysisResult,
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
  type MeasuredNet,
  type Net,
  once,
  pairBoundsUnlessMeasured,
  primaryOf,
  type Rule,
  type Setting,
  settingsOf,
  type Statistic,
} from "@infoplane/core/claims";
import { plantedNets, plantedRows } from "@infoplane/core/testing";
import { z } from "zod";

const options = z.strictObject({
  primary: z.strictObject({
    estimator: z.string().default("binning"),
    options: z.record(z.string(), z.json()).default({ count: 30, range: [-1, 1] }),
  }).prefault({}).describe("the measurement the verdict rests on"),
  excess: z.number().positive().default(0.05).describe(
    "bits by which a later layer must exceed to violate the inequality",
  ),
  delta: z.number().gt(0).lt(1).default(0.01).describe("share of violations allowed"),
});

type Options = z.infer<typeof options>;

const CHAINS = ["ixt", "ity"] as const;
const CHAIN_WORDS = { ixt: "I(X;T), about the input", ity: "I(T;Y), about the label" };
const EXCESSES = [0.01, 0.05, 0.25];
const DELTAS = [0.01, 0.05];

/**
 * Information falls along the layers: the data processing inequality in both chains, at every snapshot.
 *
 * It holds for T itself whatever the net; a violation is a fault of the estimator, which reads each layer through a codebook of its
 * own.
 */
export const dpiChain: Analysis<Options> = defineAnalysis({
  id: "dpi-chain",
  title: "Data processing along the layers",
  description:
    "Does information about input and label fall from layer to layer, as the data processing inequality demands " +
    "(Cover and Thomas, Elements of Information Theory, 2006, §2.8)?",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted: plantedCases,
});

function reduce(rows: StudyRows, { primary, excess, delta }: Options, { stream }: Context): AnalysisResult {
  const settings = settingsOf(rows);
  const table = violations(settings, excess);
  const on = primaryOf(settings, primary);
  if (!on) return { tables: [table] };
  const rule: Rule = { side: "at most", delta };
  const statistic = once(shareOfViolations(excess, false));
  const variants = [excess, ...EXCESSES.filter((bits) => bits !== excess)].flatMap((bits) =>
    [false, true].map((byEpochs) => ({ bits, byEpochs, statistic: once(shareOfViolations(bits, byEpochs)) }))
  );
  const claim = claimOf(
    {
      id: "dpi-chain",
      statement:
        "Information falls along the layers: I(X;T_k) and I(T_k;Y) of a layer do not exceed those of the layer before.",
      rule:
        `θ = share of (snapshot, k, chain) at which layer k exceeds layer k − 1 by more than ${excess} bit, k = 2…K, both ` +
        `chains; supported if U ≤ ${delta}, contradicted if L > ${delta}.`,
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
        variants.flatMap(({ bits, byEpochs, statistic }) =>
          DELTAS.map((delta) => ({
            label: `${setting.label} · excess > ${bits} bit · weighed by ${byEpochs ? "epochs" : "snapshots"}`,
            delta,
            verdict: judge(setting, statistic, { side: "at most", delta }).verdict,
          }))
        )
      ),
      falseSupport: planted(on, rule, stream),
    },
    rows.profile,
  );
  return {
    tables: [table],
    claims: [claim],
    figures: [{
      id: "dpi-excess",
      title: "Where information seems to grow from layer to layer",
      caption:
        "Each dot is a net: the most by which a layer exceeds the layer before at any snapshot. Dots above the line " +
        `at ${excess} bit violate the data processing inequality, which T itself cannot: there the estimator is at fault.`,
      alt: "Largest excess over the layer before, in bits, of every net, by layer and chain.",
      table: "dpi-violations",
      where: { estimator: on.estimator, setting: on.setting },
      marks: [
        { mark: "rule-y", values: [excess], stroke: "muted" },
        { mark: "dot", x: "layer", y: "largest_excess_bits", stroke: "arm", fx: "chain" },
      ],
      scales: {
        x: { label: "layer k" },
        y: { label: `largest excess over layer k − 1, bits, ${on.label.replace(/,[^,]*$/, "")}` },
        color: { scheme: "arm" },
      },
    }],
  };
}

/** Weighed by snapshots, which lie closer early on, or by the epochs that each stands for. */
function shareOfViolations(excess: number, byEpochs: boolean): Statistic {
  return {
    unit: "1",
    thetas: (_setting, nets) =>
      nets.map((net) => {
        if (net.layers.length < 2) return { leftOut: "it has no two layers" };
        const weights = net.epochs.map((epoch, i) => byEpochs ? epoch - (net.epochs[i - 1] ?? -1) : 1);
        let violated = 0;
        let total = 0;
        for (const chain of CHAINS) {
          for (let k = 1; k < net.layers.length; k++) {
            net.layers[k][chain].forEach((bits, e) => {
              total += weights[e];
              if (bits - net.layers[k - 1][chain][e] > excess) violated += weights[e];
            });
          }
        }
        return { low: violated / total, high: violated / total };
      }),
  };
}

function violations(settings: readonly Setting[], excess: number): Table {
  const measured = (net: Net): net is MeasuredNet => net.state === "measured";
  const rows = settings.flatMap(({ arm, axes, estimator, setting, nets }) =>
    nets.filter(measured).flatMap(({ trial, replicate, layers }) =>
      CHAINS.flatMap((chain) =>
        layers.slice(1).map((layer, index): Row => {
          const before = layers[index][chain];
          let count = 0;
          let largest = -Infinity;
          layer[chain].forEach((bits, e) => {
            const over = bits - before[e];
            if (over > excess) count++;
            if (over > largest) largest = over;
          });
          return {
            trial,
            arm,
            axes,
            replicate,
            estimator,
            setting,
            chain: CHAIN_WORDS[chain],
            layer: index + 2,
            snapshots: before.length,
            violations: count,
            largest_excess_bits: largest,
          };
        })
      )
    )
  );
  return {
    name: "dpi-violations",
    title: "Excess of a layer over the layer before",
    columns: [
      ...NET_COLUMNS,
      { name: "chain", type: "string", unit: null, text: "The inequality, about the input or about the label." },
      { name: "layer", type: "int32", unit: "1", text: "k; it is held against layer k − 1." },
      { name: "snapshots", type: "int32", unit: "1", text: "Snapshots looked at." },
      { name: "violations", type: "int32", unit: "1", text: `Snapshots with an excess above ${excess} bit.` },
      {
        name: "largest_excess_bits",
        type: "float64",
        unit: "bits",
        text: "Largest excess; negative if the layer is below at every snapshot.",
      },
    ],
    rows,
  };
}

/** Twelve nets of three layers, each below the one before, or the last above it at one snapshot in six. */
function plantedCases(): PlantedCase[] {
  const epochs = Array.from({ length: 30 }, (_, e) => e * 20);
  const rows = (excess: number) => {
    const nets = plantedNets(12, () => ({
      ixt: [12, 6, 4].map((bits) => epochs.map(() => bits)),
      ity: [0.8, 0.7, 0.6].map((bits, k) => epochs.map((_, e) => k === 2 && e % 6 === 0 ? bits + excess : bits)),
    }));
    return plantedRows(nets, { epochs, estimator: "binning", options: { count: 30, range: [-1, 1] } });
  };
  return [
    { name: "12 nets whose layers fall", truth: "positive", rows: rows(0), verdicts: { "dpi-chain": "supported" } },
    {
      name: "12 nets whose last layer exceeds the one before by 0.2 bit, at 5 of 30 snapshots",
      truth: "null",
      rows: rows(0.3),
      verdicts: { "dpi-chain": "contradicted" },
      found: { "dpi-violations": [{ replicate: 0, layer: 3, chain: CHAIN_WORDS.ity, violations: 5 }] },
    },
  ];
}

/** Nets in which each triple violates by chance, twice as often as the rule allows. */
function planted({ nets }: Setting, rule: Rule, stream: Context["stream"]) {
  const measured = nets.filter((net) => net.state === "measured");
  const layers = measured[0]?.layers.length ?? 0;
  if (layers < 2) return undefined;
  const triples = measured[0].epochs.length * (layers - 1) * CHAINS.length;
  return falseSupportRate(
    (draw) =>
      measured.map(() => {
        let violated = 0;
        for (let i = 0; i < triples; i++) if (draw.uniform() < 2 * rule.delta) violated++;
        return { low: violated / triples, high: violated / triples };
      }),
    rule,
    stream,
    `${measured.length} nets in which each of ${triples} comparisons violates with probability ${2 * rule.delta}`,
  );
}
