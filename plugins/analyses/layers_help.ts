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
  type NetOutcome,
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
  pairs: z.array(z.strictObject({ trained: z.string(), random: z.string() })).min(1).default(
    [1, 2, 3, 4].map((frozen) => ({ trained: `trained-below-${frozen}`, random: `random-below-${frozen}` })),
  ).describe("arms whose lower layers were trained and then frozen, each with its like of random lower layers"),
  target: z.number().gt(0).lt(1).default(0.95).describe("expected test accuracy to be reached"),
  snapshots: z.number().int().min(1).default(5).describe("snapshots in a row that must be at or above it"),
  delta: z.number().default(0.5).describe("doublings of speed that must be exceeded"),
});

type Options = z.infer<typeof options>;

const TARGETS = [0.9, 0.93, 0.95];
const SNAPSHOTS = [1, 5];
const DELTAS = [0.25, 0.5, 1];

/** Whether upper layers learn faster on lower layers that were trained before than on random ones. */
export const layersHelp: Analysis<Options> = defineAnalysis({
  id: "layers-help",
  title: "Layers help each other",
  description:
    "How much faster do upper layers learn on lower layers that were trained, then frozen, than on frozen random ones, from " +
    "the same weights on the same batches?",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted: plantedCases,
});

/** e* of both nets of every replicate of a pair of arms, and their outcome. */
interface Pair {
  readonly trained: string;
  readonly random: string;
  readonly outcomes: readonly NetOutcome[];
}

function reduce(rows: StudyRows, given: Options, { stream }: Context): AnalysisResult {
  const { target, snapshots, delta } = given;
  const known = new Set(rows.trials.map(({ arm }) => arm));
  const pairs = given.pairs.filter(({ trained, random }) => known.has(trained) && known.has(random));
  if (pairs.length === 0) return {};
  const reachedIn = (arm: string, target: number, snapshots: number) => {
    const paths = seriesPaths(rows, arm, "test_accuracy", null);
    return ({ trial }: TrialRow): Theta => {
      const path = paths.get(trial);
      return path ? epochReached(path, target, snapshots) : { low: 0, high: Infinity };
    };
  };
  const pairsAt = (target: number, snapshots: number): Pair[] =>
    pairs.map(({ trained, random }) => {
      const [fast, slow] = [reachedIn(trained, target, snapshots), reachedIn(random, target, snapshots)];
      return {
        trained,
        random,
        outcomes: pairedOutcomes(
          [trialsOf(rows, trained), trialsOf(rows, random)],
          ([a, b]) => speedUp(slow(b), fast(a)),
        ),
      };
    });
  const rule: Rule = { side: "above", delta };
  const label = (target: number) => `accuracy ≥ ${target}`;
  const found = pairsAt(target, snapshots);
  const primary = judgeNets(`${label(target)}, least over ${pairs.length} depths`, "1", worst(found), rule);
  const byDepth = found.map(({ trained, random, outcomes }) =>
    judgeNets(`${label(target)}, ${trained} against ${random}`, "1", outcomes, rule)
  );
  const table = speedTable(rows, pairs, found, (arm) => reachedIn(arm, target, snapshots), given);
  const claim = claimOf(
    {
      id: "layers-help",
      statement: "Layers help each other: upper layers learn faster on trained than on random lower layers.",
      rule:
        "θ = log₂[e*(random below)/e*(trained below)], the least over how many lower layers are frozen, of nets whose upper layers " +
        `start from the same weights and see the same batches; e* the first epoch from which the expected test accuracy is ≥ ${target} ` +
        `at ${snapshots} snapshots in a row, counted from when the lower layers were frozen. Supported if L > ${delta}, contradicted if ` +
        `U < ${delta}. A net that does not get there is slower than its training is long.`,
    },
    rule,
    {
      primary,
      on: { estimator: "accuracy", arithmetic: rows.trials[0].arithmetic },
      others: byDepth,
      sensitivity: TARGETS.flatMap((target) =>
        SNAPSHOTS.flatMap((snapshots) => {
          const nets = worst(pairsAt(target, snapshots));
          const words = snapshots === 1 ? "once" : `at ${snapshots} snapshots in a row`;
          return DELTAS.map((delta) => ({
            label: `${label(target)} ${words}`,
            delta,
            verdict: judgeNets("", "1", nets, { side: "above", delta }).verdict,
          }));
        })
      ),
      falseSupport: planted(byDepth, rule, stream),
    },
    rows.profile,
  );
  return {
    tables: [table],
    claims: [claim],
    figures: [{
      id: "upper-layers",
      title: "Epochs the upper layers need on frozen lower ones",
      caption:
        "Each dot is a net of which the lower layers are frozen: epochs from then until its expected test accuracy is at least " +
        `${target} at ${snapshots} snapshots in a row; lines join medians over nets. Grey dots are nets that do not get there, drawn from ` +
        "when they still might, mostly the end of their training; medians have them at infinity. The epochs in which the lower layers " +
        "themselves were trained are not counted: this says that they help, not that the whole is faster.",
      alt:
        `Epochs to a test accuracy of ${target} against the number of frozen lower layers, a panel for trained ones and one for random ones.`,
      table: table.name,
      marks: [
        { mark: "line", x: "frozen_layers", y: "median_epoch", stroke: "below", fx: "below" },
        { mark: "dot", x: "frozen_layers", y: "not_before", stroke: "muted", fx: "below", where: { epoch: null } },
        { mark: "dot", x: "frozen_layers", y: "epoch", stroke: "below", fx: "below" },
      ],
      scales: {
        x: { label: "frozen lower layers", domain: [0.5, pairs.length + 0.5] },
        y: { label: `epochs to a test accuracy of ${target}`, type: "log" },
        color: { scheme: "arm" },
      },
    }],
  };
}

/** For all layers: the least θ of each replicate over the pairs of arms; a replicate that ended otherwise in one did so as a whole. */
function worst(pairs: readonly Pair[]): NetOutcome[] {
  const replicates = new Set(pairs.flatMap(({ outcomes }) => outcomes.map(({ replicate }) => replicate)));
  return [...replicates].sort((a, b) => a - b).map((replicate): NetOutcome => {
    const nets = pairs.flatMap(({ outcomes }) => outcomes.filter((net) => net.replicate === replicate));
    for (const state of ["failed", "skipped", "diverged", "left out"] as const) {
      const ended = nets.find((net) => net.state === state);
      if (ended) return ended;
    }
    const thetas = nets.flatMap((net) => net.state === "counted" ? [net.theta] : []);
    return {
      replicate,
      state: "counted",
      theta: {
        low: Math.min(...thetas.map(({ low }) => low)),
        high: Math.min(...thetas.map(({ high }) => high)),
      },
    };
  });
}

/** Nets whose upper layers gain half of δ at every depth, with the scatter of the depth at which it is widest. */
function planted(depths: readonly ClaimResult[], rule: Rule, stream: Context["stream"]) {
  const spreads = depths.flatMap(({ theta, counted }) => {
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
        const least = Math.min(...depths.map(() => rule.delta / 2 + sd * draw.normal()));
        return { low: least, high: least };
      }),
    rule,
    stream,
    `${nets} nets whose upper layers gain ${
      rule.delta / 2
    } doublings at each of ${depths.length} depths, with normal scatter of ` +
      sd.toFixed(2),
  );
}

function speedTable(
  rows: StudyRows,
  pairs: Options["pairs"],
  found: readonly Pair[],
  reachedIn: (arm: string) => (trial: TrialRow) => Theta,
  { target, snapshots }: Options,
): Table {
  return {
    name: "upper-layers",
    title: "Epochs of the upper layers on frozen lower ones",
    columns: [
      { name: "trial", type: "string", unit: null, text: "Key of the trained net: hash of what it was made from." },
      { name: "arm", type: "string", unit: null, text: "Arm of the study." },
      {
        name: "replicate",
        type: "int32",
        unit: "1",
        text: "Number of the replicate: initial weights, split and labels.",
      },
      { name: "frozen_layers", type: "int32", unit: "1", text: "Place of the pair of arms in the list, from 1." },
      { name: "below", type: "string", unit: null, text: "trained or random: what the frozen layers are." },
      ...epochReachedColumns(target, snapshots),
      {
        name: "speed_up",
        type: "float64",
        unit: "1",
        text: "log₂[e*(random)/e*(trained)] of the replicate's two nets, where both are known.",
        nullable: true,
      },
    ],
    rows: pairs.flatMap(({ trained, random }, i) =>
      [trained, random].flatMap((arm): Row[] => {
        const reached = reachedIn(arm);
        const trials = trialsOf(rows, arm);
        const epochs = trials.map((trial) => trial.outcome === "done" ? reached(trial) : { low: 0, high: Infinity });
        const middle = median(epochs.map(({ high }) => high));
        return trials.map(({ trial, replicate }, net) => {
          const outcome = found[i].outcomes.find((one) => one.replicate === replicate);
          const theta = outcome?.state === "counted" ? outcome.theta : undefined;
          return {
            trial,
            arm,
            replicate,
            frozen_layers: i + 1,
            below: arm === trained ? "trained" : "random",
            epoch: finite(epochs[net].high),
            not_before: epochs[net].low,
            median_epoch: finite(middle),
            speed_up: theta !== undefined && theta.low === theta.high ? theta.low : null,
          };
        });
      })
    ),
  };
}

const finite = (value: number): number | null => Number.isFinite(value) ? value : null;

function plantedCases(): PlantedCase[] {
  const epochs = [...Array(51).keys()].map((i) => 20 * i);
  const armOf = (arm: string, reached: number): StudyRows => {
    const nets = plantedNets(15, () => ({ ixt: [], ity: [] }));
    const paths = nets.map((_, i) => [epochs.map((epoch) => epoch >= reached + 20 * (i % 3) ? 0.96 : 0.8)]);
    return {
      ...plantedRows(nets, { epochs, arm }),
      series: plantedSeries("test_accuracy", paths, { epochs, unit: "1", arm }).map((row) => ({ ...row, layer: null })),
    };
  };
  const rows = (trained: number) => {
    const [first, ...others] = [1, 2, 3, 4].flatMap((frozen) => [
      armOf(`trained-below-${frozen}`, trained),
      armOf(`random-below-${frozen}`, 460),
    ]);
    return together(first, ...others);
  };
  return [
    {
      name: "15 nets whose upper layers are twice as fast on trained layers, at every depth",
      ...{ truth: "positive", rows: rows(200), verdicts: { "layers-help": "supported" } },
    },
    {
      name: "15 nets whose upper layers are as fast on random layers",
      ...{ truth: "null", rows: rows(460), verdicts: { "layers-help": "contradicted" } },
    },
  ];
}
