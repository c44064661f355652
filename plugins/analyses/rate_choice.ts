import {
  type Analysis,
  type AnalysisResult,
  type Column,
  defineAnalysis,
  type PlantedCase,
  type Row,
  type StudyRows,
} from "@infoplane/core";
import { epochReached, median, seriesPaths, trialsOf } from "@infoplane/core/claims";
import { plantedNets, plantedRows, plantedSeries, together } from "@infoplane/core/testing";
import { z } from "zod";

const options = z.strictObject({
  target: z.number().gt(0).lt(1).default(0.95).describe("expected test accuracy to be reached"),
  snapshots: z.number().int().min(1).default(5).describe("snapshots in a row that must be at or above it"),
  path: z.string().default("training.optimiser.rate").describe("the axis of the study that holds the rates"),
});

type Options = z.infer<typeof options>;

/** The rate at which the nets of each arm learn soonest, by their test accuracy and nothing else. */
export const rateChoice: Analysis<Options> = defineAnalysis({
  id: "rate-choice",
  title: "Choice of the learning rate",
  description:
    "At which learning rate do the nets of each arm reach a test accuracy soonest? Chosen by how they fit, never by " +
    "their information, so that another study, on other seeds, can compare arms each at its own rate.",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted,
});

/** What became of an arm at one rate. */
interface Candidate {
  readonly arm: string;
  readonly axes: string;
  readonly rate: number;
  readonly depth: number;
  readonly epochs: readonly number[];
  readonly accuracy: number;
}

function reduce(rows: StudyRows, { target, snapshots, path }: Options): AnalysisResult {
  const points = new Map(rows.trials.map(({ arm, axes }) => [JSON.stringify([arm, axes]), { arm, axes }]));
  const candidates = [...points.values()].map(({ arm, axes }): Candidate => {
    const trials = trialsOf(rows, arm, axes);
    const accuracy = seriesPaths(rows, arm, "test_accuracy", null, axes);
    return {
      arm,
      axes,
      rate: Number((JSON.parse(axes) as { [path: string]: unknown })[path]),
      depth: rows.problems.find((problem) => problem.arm === arm)!.layers.length - 1,
      epochs: trials.map(({ trial, outcome }) => {
        const found = accuracy.get(trial);
        return outcome === "done" && found ? epochReached(found, target, snapshots).high : Infinity;
      }),
      accuracy: median(trials.map(({ test_accuracy }) => test_accuracy ?? 0)),
    };
  });
  const byArm = Map.groupBy(candidates, ({ arm }) => arm);
  const chosen = new Set([...byArm.values()].map((ofArm) => ofArm.reduce((a, b) => better(b, a) ? b : a)));
  const text = `Epochs until the expected test accuracy is at least ${target} at ${snapshots} snapshots in a row`;
  return {
    tables: [{
      name: "rate-choice",
      title: "How soon each arm learns at each rate",
      columns: columns(text),
      rows: candidates.map((candidate): Row => {
        const { arm, axes, rate, depth, epochs, accuracy } = candidate;
        return {
          arm,
          axes,
          family: familyOf(arm),
          hidden_layers: depth,
          rate: finite(rate),
          nets: epochs.length,
          reached: epochs.filter(Number.isFinite).length,
          median_epoch: finite(median(epochs)),
          median_test_accuracy: accuracy,
          chosen: chosen.has(candidate),
        };
      }),
    }],
    figures: [{
      id: "rate-choice",
      title: "How soon nets learn at each rate",
      caption:
        `${text}, the median over nets; nets that never are count as infinitely slow, and where half of them are a dot is ` +
        "missing. The lowest dot is the rate chosen; the rates are the same for all, so that the best may lie between or beyond them.",
      alt: "Median epochs to the target accuracy against the number of hidden layers, one line a rate.",
      table: "rate-choice",
      marks: [
        { mark: "line", x: "hidden_layers", y: "median_epoch", z: "rate", stroke: "rate", fx: "family" },
        { mark: "dot", x: "hidden_layers", y: "median_epoch", fill: "rate", fx: "family" },
      ],
      scales: {
        x: { label: "hidden layers" },
        y: { label: `epochs to a test accuracy of ${target}, median over nets`, type: "log" },
        color: { scheme: "arm" },
      },
    }],
  };
}

/** Sooner; or as late, or never, and more accurate at the end. */
function better(a: Candidate, b: Candidate): boolean {
  const [first, second] = [median(a.epochs), median(b.epochs)];
  return first === second ? a.accuracy > b.accuracy : first < second;
}

/** `decreasing-3` is of the family `decreasing`. */
function familyOf(arm: string): string {
  return arm.replace(/-\d+$/, "");
}

function columns(text: string): Column[] {
  return [
    { name: "arm", type: "string", unit: null, text: "Arm of the study." },
    { name: "axes", type: "json", unit: null, text: "Values of the study's axes, as canonical JSON." },
    { name: "family", type: "string", unit: null, text: "Name of the arm without its number." },
    { name: "hidden_layers", type: "int32", unit: "1", text: "Hidden layers of its nets." },
    {
      name: "rate",
      type: "float64",
      unit: "1",
      text: "Learning rate; null in a study without that axis.",
      nullable: true,
    },
    { name: "nets", type: "int32", unit: "1", text: "Nets trained." },
    { name: "reached", type: "int32", unit: "1", text: "Nets that reach the target." },
    {
      name: "median_epoch",
      type: "float64",
      unit: "epochs",
      text: `${text}: median over nets, those that never are at infinity.`,
      nullable: true,
    },
    {
      name: "median_test_accuracy",
      type: "float64",
      unit: "1",
      text: "Expected test accuracy at the end: median over nets.",
    },
    { name: "chosen", type: "boolean", unit: null, text: "Whether the arm learns soonest at this rate." },
  ];
}

const finite = (value: number): number | null => Number.isFinite(value) ? value : null;

function planted(): PlantedCase[] {
  const epochs = [0, 10, 20, 30, 40, 50, 60, 70, 80];
  const at = (rate: number, accuracies: readonly number[]): StudyRows => {
    const place = { axes: JSON.stringify({ "training.optimiser.rate": rate }) };
    const nets = plantedNets(3, () => ({ ixt: [], ity: [] }));
    const rows = plantedRows(nets, { epochs });
    const series = plantedSeries("test_accuracy", nets.map(() => [accuracies]), { epochs, unit: "1" });
    const named = (trial: string) => ({ ...place, trial: `${trial}-${rate}` });
    return {
      ...rows,
      trials: rows.trials.map((row) => ({ ...row, ...named(row.trial), test_accuracy: accuracies[8] })),
      series: series.map((row) => ({ ...row, ...named(row.trial), layer: null })),
      problems: rows.problems.map((problem) => ({
        ...problem,
        layers: ["hidden", "output"].map((name) => ({ name, units: 2, activation: "tanh" })),
      })),
    };
  };
  const from = (reached: number, before = 0.8) => epochs.map((epoch) => epoch >= reached ? 0.96 : before);
  return [
    {
      name: "three nets that learn sooner at one of two rates",
      ...{ truth: "positive", rows: together(at(0.1, from(40)), at(0.3, from(20))) },
      found: {
        "rate-choice": [
          { rate: 0.1, hidden_layers: 1, nets: 3, reached: 3, median_epoch: 40, chosen: false },
          { rate: 0.3, hidden_layers: 1, nets: 3, reached: 3, median_epoch: 20, chosen: true },
        ],
      },
    },
    {
      name: "three nets that learn at neither rate, and end more accurate at one",
      ...{ truth: "null", rows: together(at(0.1, from(90)), at(0.3, from(90, 0.9))) },
      found: {
        "rate-choice": [
          { rate: 0.1, reached: 0, median_epoch: null, median_test_accuracy: 0.8, chosen: false },
          { rate: 0.3, reached: 0, median_epoch: null, median_test_accuracy: 0.9, chosen: true },
        ],
      },
    },
  ];
}
