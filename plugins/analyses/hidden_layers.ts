import {
  type Analysis,
  type AnalysisResult,
  type ClaimResult,
  type Context,
  defineAnalysis,
  type PlantedCase,
  type Row,
  type StudyRows,
  type Table,
  type TrialRow,
} from "@infoplane/core";
import {
  claimOf,
  epochReached,
  epochReachedColumns,
  falseSupportRate,
  judgeNets,
  median,
  pairedOutcomes,
  type Rule,
  seriesPaths,
  speedUp,
  type Theta,
  trialsOf,
} from "@infoplane/core/claims";
import { plantedNets, plantedRows, plantedSeries, together } from "@infoplane/core/testing";
import { z } from "zod";

const options = z.strictObject({
  families: z.record(z.string(), z.array(z.string()).min(1)).default({
    decreasing: [1, 2, 3, 4, 5, 6].map((depth) => `decreasing-${depth}`),
    constant: [1, 2, 3, 4, 5, 6].map((depth) => `constant-${depth}`),
  }).describe("arms of more and more hidden layers, by family; the verdict rests on all families together"),
  shallow: z.number().int().min(1).default(1).describe("hidden layers of the nets that should be slow"),
  deep: z.number().int().min(2).default(5).describe("hidden layers of those that should be fast"),
  target: z.number().gt(0).lt(1).default(0.95).describe("expected test accuracy to be reached"),
  snapshots: z.number().int().min(1).default(5).describe("snapshots in a row that must be at or above it"),
  delta: z.number().default(1).describe("doublings of speed that must be exceeded"),
});

type Options = z.infer<typeof options>;

const TARGETS = [0.9, 0.93, 0.95];
const SNAPSHOTS = [1, 5];
const DELTAS = [0.5, 1, 2];

/** Deeper nets need fewer epochs, whether or not their layers grow narrower. */
export const hiddenLayers: Analysis<Options> = defineAnalysis({
  id: "hidden-layers",
  title: "Depth and epochs",
  description:
    "How many epochs do nets of more hidden layers need to generalise (Shwartz-Ziv and Tishby, arXiv:1703.00810, figure " +
    "6)? Each depth at its own learning rate, net by net with the same labels and split.",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted: plantedCases,
});

function reduce(rows: StudyRows, given: Options, { stream }: Context): AnalysisResult {
  const { families, shallow, deep, target, snapshots, delta } = given;
  const depthOf = (arm: string) => (rows.problems.find((problem) => problem.arm === arm)?.layers.length ?? 0) - 1;
  const armOf = (family: string, depth: number) => families[family].find((arm) => depthOf(arm) === depth);
  const reached = (arm: string, target: number, snapshots: number) => {
    const paths = seriesPaths(rows, arm, "test_accuracy", null);
    return ({ trial }: TrialRow): Theta => {
      const path = paths.get(trial);
      return path ? epochReached(path, target, snapshots) : { low: 0, high: Infinity };
    };
  };
  const judged = (family: string, depth: number, asked: Partial<Options> = {}): ClaimResult | undefined => {
    const [slow, fast] = [armOf(family, shallow), armOf(family, depth)];
    if (slow === undefined || fast === undefined) return undefined;
    const least = asked.target ?? target;
    const row = asked.snapshots ?? snapshots;
    const [e1, e2] = [reached(slow, least, row), reached(fast, least, row)];
    const nets = pairedOutcomes([trialsOf(rows, slow), trialsOf(rows, fast)], ([a, b]) => speedUp(e1(a), e2(b)));
    const rule: Rule = { side: "above", delta: asked.delta ?? delta };
    return judgeNets(`accuracy ≥ ${least}, ${slow} against ${fast}`, "1", nets, rule);
  };
  const netsOf = (family: string, depth: number) => trialsOf(rows, armOf(family, depth) ?? "").length;
  const asMany = (family: string, depth: number) => netsOf(family, depth) === netsOf(family, shallow);
  const names = Object.keys(families);
  const parts = names.flatMap((family) => judged(family, deep) ?? []);
  const table = epochsTable(rows, families, depthOf, (arm) => reached(arm, target, snapshots), given);
  if (parts.length === 0) return { tables: [table] };
  const rule: Rule = { side: "above", delta };
  const claim = claimOf(
    {
      id: "hidden-layers",
      statement: "More hidden layers need far fewer epochs.",
      rule:
        `θ = log₂[e*(${shallow})/e*(${deep})] of nets with the same labels and split, e*(L) the first epoch from which a net of L ` +
        `hidden layers has an expected test accuracy ≥ ${target} at ${snapshots} snapshots in a row, each depth at the learning rate ` +
        `chosen for it on other seeds. Supported if L > ${delta} in every family of widths, contradicted if U < ${delta} in one. A net ` +
        "that does not get there is slower than its training is long.",
    },
    rule,
    {
      primary: parts[0],
      parts,
      others: names.flatMap((family) =>
        families[family].map(depthOf).filter((depth) => depth > shallow && depth !== deep)
          .flatMap((depth) => asMany(family, depth) ? judged(family, depth) ?? [] : [])
      ),
      on: { estimator: "accuracy", arithmetic: weakestOf(rows) },
      sensitivity: names.flatMap((family) =>
        TARGETS.flatMap((target) =>
          SNAPSHOTS.flatMap((snapshots) =>
            DELTAS.flatMap((delta) => {
              const cell = judged(family, deep, { target, snapshots, delta });
              const words = snapshots === 1 ? "once" : `at ${snapshots} snapshots in a row`;
              return cell ? [{ label: `${family} · accuracy ≥ ${target} ${words}`, delta, verdict: cell.verdict }] : [];
            })
          )
        )
      ),
      falseSupport: planted(parts, rule, stream),
    },
    rows.profile,
  );
  const missed = table.rows.filter((row) => row.epoch === null).length;
  return {
    tables: [table],
    claims: [claim],
    figures: [{
      id: "epochs-by-depth",
      title: "Epochs until a net generalises, by its number of hidden layers",
      caption:
        `Each dot is a net: the first epoch from which its expected test accuracy is at least ${target} at ${snapshots} ` +
        "snapshots in a row; lines join medians over nets. " +
        (missed > 0
          ? `${missed} of ${table.rows.length} nets do not get there: grey dots show from when they still might, mostly the end of their ` +
            "training, and medians have them at infinity. "
          : "") +
        "Every depth has its own learning rate: epochs of two depths are not steps of one size.",
      alt:
        `Epochs to a test accuracy of ${target} of every net against the number of hidden layers, one panel a family of widths.`,
      table: table.name,
      marks: [
        { mark: "dot", x: "hidden_layers", y: "not_before", stroke: "muted", fx: "family", where: { epoch: null } },
        { mark: "dot", x: "hidden_layers", y: "epoch", stroke: "family", fx: "family" },
        { mark: "line", x: "hidden_layers", y: "median_epoch", stroke: "family", fx: "family" },
      ],
      scales: {
        x: { label: "hidden layers" },
        y: { label: `epochs to a test accuracy of ${target}`, type: "log" },
        color: { scheme: "arm" },
      },
    }],
  };
}

/** Pairs whose median lies half way to δ, with the scatter of the measured ones in the family where it is widest. */
function planted(parts: readonly ClaimResult[], rule: Rule, stream: Context["stream"]) {
  const spreads = parts.flatMap(({ theta, counted }) => {
    const known = theta.filter((value) => value !== null);
    if (known.length < 2) return [];
    const middle = median(known);
    return [{ nets: counted!.length, sd: 1.4826 * median(known.map((value) => Math.abs(value - middle))) }];
  });
  if (spreads.length === 0) return undefined;
  const { nets, sd } = spreads.reduce((a, b) => b.sd > a.sd ? b : a);
  return falseSupportRate(
    (draw) =>
      Array.from({ length: nets }, () => {
        const theta = rule.delta / 2 + sd * draw.normal();
        return { low: theta, high: theta };
      }),
    rule,
    stream,
    `${nets} pairs of nets of one family, ${rule.delta / 2} doublings apart in the median, with normal scatter of ${
      sd.toFixed(2)
    }`,
  );
}

function weakestOf({ trials }: StudyRows) {
  return trials.find(({ arithmetic }) => arithmetic !== "portable")?.arithmetic ?? "portable";
}

function epochsTable(
  rows: StudyRows,
  families: Options["families"],
  depthOf: (arm: string) => number,
  reachedBy: (arm: string) => (trial: TrialRow) => Theta,
  { target, snapshots }: Options,
): Table {
  return {
    name: "epochs-by-depth",
    title: "Epochs until a net generalises",
    columns: [
      { name: "trial", type: "string", unit: null, text: "Key of the trained net: hash of what it was made from." },
      { name: "arm", type: "string", unit: null, text: "Arm of the study." },
      {
        name: "replicate",
        type: "int32",
        unit: "1",
        text: "Number of the replicate: initial weights, split and labels.",
      },
      { name: "family", type: "string", unit: null, text: "Family of widths." },
      { name: "hidden_layers", type: "int32", unit: "1", text: "Hidden layers of the net." },
      ...epochReachedColumns(target, snapshots),
      { name: "reason", type: "string", unit: null, text: "Why there is no e*.", nullable: true },
    ],
    rows: Object.entries(families).flatMap(([family, arms]) =>
      arms.flatMap((arm): Row[] => {
        const reached = reachedBy(arm);
        const trials = trialsOf(rows, arm);
        const found = trials.map((trial) => trial.outcome === "done" ? reached(trial) : { low: 0, high: Infinity });
        const middle = trials.length > 0 ? median(found.map(({ high }) => high)) : Infinity;
        return trials.map(({ trial, replicate, outcome, reason }, i) => ({
          trial,
          arm,
          replicate,
          family,
          hidden_layers: depthOf(arm),
          epoch: Number.isFinite(found[i].high) ? found[i].high : null,
          not_before: found[i].low,
          median_epoch: Number.isFinite(middle) ? middle : null,
          reason: Number.isFinite(found[i].high)
            ? null
            : outcome === "done"
            ? "the target is not reached for long enough"
            : `${outcome}: ${reason}`,
        }));
      })
    ),
  };
}

function plantedCases(): PlantedCase[] {
  const epochs = [...Array(41).keys()].map((i) => 50 * i);
  const armOf = (family: string, depth: number, reached: number): StudyRows => {
    const arm = `${family}-${depth}`;
    const nets = plantedNets(15, () => ({ ixt: [], ity: [] }));
    const paths = nets.map((_, i) => [epochs.map((epoch) => epoch >= reached + 50 * (i % 3) ? 0.96 : 0.8)]);
    const rows = plantedRows(nets, { epochs, arm });
    const layers = Array.from({ length: depth + 1 }, (_, k) => ({ name: `${k + 1}`, units: 3, activation: "tanh" }));
    return {
      ...rows,
      series: plantedSeries("test_accuracy", paths, { epochs, unit: "1", arm }).map((row) => ({ ...row, layer: null })),
      problems: rows.problems.map((problem) => ({ ...problem, layers })),
    };
  };
  const rows = (deep: number) => {
    const [first, ...others] = ["decreasing", "constant"].flatMap((family) => [
      armOf(family, 1, 1000),
      armOf(family, 5, deep),
    ]);
    return together(first, ...others);
  };
  return [
    {
      name: "15 nets of each family that are four times as fast with five hidden layers",
      ...{ truth: "positive", rows: rows(200), verdicts: { "hidden-layers": "supported" } },
    },
    {
      name: "15 nets of each family that are as fast with one hidden layer as with five",
      ...{ truth: "null", rows: rows(1000), verdicts: { "hidden-layers": "contradicted" } },
    },
  ];
}
