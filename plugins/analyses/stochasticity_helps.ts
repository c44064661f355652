import {
  type Analysis,
  type AnalysisResult,
  type ClaimResult,
  type Context,
  defineAnalysis,
  type Figure,
  type PlantedCase,
  type Row,
  type StudyRows,
  type Table,
  TRIAL_PLACE_COLUMNS,
  type TrialRow,
} from "@infoplane/core";
import {
  arithmeticOf,
  claimOf,
  endOf,
  epochReached,
  type Equal,
  falseSupportOfParts,
  horizonsOf,
  judgeNets,
  median,
  type NetTheta,
  notMeasured,
  pairedOutcomes,
  pathUntil,
  type Rule,
  runningMedian,
  type SeriesPath,
  seriesPaths,
  speedUp,
  type Theta,
  trialsOf,
  trialsWith,
  UNKNOWN,
  updatesAnEpoch,
} from "@infoplane/core/claims";
import { plantedNets, plantedRows, plantedSeries, together } from "@infoplane/core/testing";
import { z } from "zod";

const comparison = z.strictObject({
  full: z.string().describe("arm whose gradient has no noise"),
  batches: z.array(z.string()).min(1).describe("arms that differ from it in their batch alone"),
});

const options = z.strictObject({
  speed: comparison.prefault({
    full: "batch-full",
    batches: ["batch-16", "batch-64", "batch-256", "batch-512"],
  }).describe("nets whose updates to the target are compared"),
  error: comparison.prefault({ full: "few-full", batches: ["few-16", "few-64"] }).describe(
    "nets trained on few examples, whose test errors are compared",
  ),
  scaled: comparison.prefault({
    full: "batch-full-scaled",
    batches: ["batch-16-scaled", "batch-64-scaled", "batch-256-scaled", "batch-512"],
  }).describe("the same at rates in proportion to the batch, shown beside"),
  target: z.number().gt(0).lt(1).default(0.95).describe("expected test accuracy to be reached"),
  snapshots: z.number().int().min(1).default(5).describe("snapshots in a row that must be at or above it"),
  delta: z.number().default(0.5).describe("doublings of speed that must be exceeded"),
  margin: z.number().min(0).default(0.005).describe("test error by which the full batch must be worse"),
});

type Options = z.infer<typeof options>;
type Arms = z.infer<typeof comparison>;

const TARGETS = [0.9, 0.93, 0.95];
const SNAPSHOTS = [1, 5];
const DELTAS = [0.25, 0.5, 1];
const MARGINS = [0, 0.005, 0.02];

/** The noise of mini-batches makes learning faster, and saves training data. */
export const stochasticityHelps: Analysis<Options> = defineAnalysis({
  id: "stochasticity-helps",
  title: "What noise is good for",
  description:
    "Does the noise of mini-batches help? Full batch against smaller ones at the same learning rate, replicate by replicate, after " +
    "equally many updates: updates to an accuracy, and test error on few examples.",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted: plantedCases,
});

/** How the error of a net is read: as it ends, or where it is least. */
type Read = "end" | "best";

function reduce(rows: StudyRows, given: Options, { stream }: Context): AnalysisResult {
  const { speed, error, scaled, target, snapshots, delta, margin } = given;
  const faster: Rule = { side: "above", delta };
  const better: Rule = { side: "above", delta: margin };

  /** θ of every replicate: the least and the greatest of what the batches gain over the full one. */
  function gains({ full, batches }: Arms, equal: Equal, gainOf: (full: Net, batch: Net) => Theta) {
    const arms = [full, ...batches];
    const trials = arms.map((arm) => trialsWith(rows, "test_accuracy", arm));
    if (trials.some((ofArm) => ofArm.length === 0)) return undefined;
    const nets = netsOf(rows, arms, equal);
    return pairedOutcomes(trials, ([noiseless, ...noisy]): NetTheta => {
      const found = noisy.map((trial) => gainOf(nets(noiseless), nets(trial)));
      return {
        low: Math.min(...found.map(({ low }) => low)),
        high: Math.max(...found.map(({ high }) => high)),
      };
    });
  }

  const speedGain = (target: number, snapshots: number) => (full: Net, batch: Net) =>
    speedUp(updatesTo(full, target, snapshots), updatesTo(batch, target, snapshots));
  const errorGain = (read: Read) => (full: Net, batch: Net): Theta => {
    if (full.accuracy.values.length === 0 || batch.accuracy.values.length === 0) return UNKNOWN;
    const gain = errorOf(full, read) - errorOf(batch, read);
    return { low: gain, high: gain };
  };
  const judged = (label: string, rule: Rule, nets: ReturnType<typeof gains>) =>
    nets ? judgeNets(label, "1", nets, rule) : notMeasured(label, "1");

  const toTarget = (arms: Arms, equal: Equal = "updates") =>
    judged(
      `log₂ of updates to accuracy ${target}, ${versus(arms)}, equal ${equal}`,
      faster,
      gains(arms, equal, speedGain(target, snapshots)),
    );
  const atFew = (arms: Arms) =>
    judged(`test error, ${versus(arms)}, equal updates`, better, gains(arms, "updates", errorGain("end")));
  const parts = [toTarget(speed), atFew(error)];
  if (parts.every(({ planned }) => planned === 0)) return {};

  const claim = claimOf(
    {
      id: "stochasticity-helps",
      statement: "The noise of mini-batches makes learning faster and saves training data.",
      rule:
        `Full batch against ${
          speed.batches.join(", ")
        }, at one learning rate, after equally many updates. θ₁ = log₂ of the ratio of ` +
        `updates until the expected test accuracy is ≥ ${target} at ${snapshots} snapshots in a row: > ${delta}. θ₂ = test error of ` +
        `${error.full} less that of ${
          error.batches.join(", ")
        }, the medians of their last five snapshots: > ${margin}, the difference ` +
        "up to which accuracies count as equal elsewhere in the protocol. Both must hold: supported if L of the least gain over the " +
        "batches is above, contradicted if U of the greatest is below. A net that does not get there needs more updates than were read.",
    },
    faster,
    {
      on: { estimator: "accuracy", arithmetic: arithmeticOf(rows) },
      primary: parts[0],
      parts,
      others: [
        ...[speed, error].flatMap((arms, part) =>
          arms.batches.map((batch) => (part === 0 ? toTarget : atFew)({ ...arms, batches: [batch] }))
        ),
        toTarget(speed, "epochs"),
        toTarget(scaled),
        toTarget(scaled, "epochs"),
      ],
      sensitivity: [
        ...TARGETS.flatMap((target) =>
          SNAPSHOTS.flatMap((snapshots) => {
            const nets = gains(speed, "updates", speedGain(target, snapshots));
            const label = `accuracy ≥ ${target} ${snapshots === 1 ? "once" : `at ${snapshots} snapshots in a row`}`;
            return DELTAS.map((delta) => ({
              label,
              delta,
              verdict: judged(label, { side: "above", delta }, nets).verdict,
            }));
          })
        ),
        ...(["end", "best"] as const).flatMap((read) => {
          const nets = gains(error, "updates", errorGain(read));
          const label = read === "end" ? "error at the end" : "least error";
          return MARGINS.map((delta) => ({
            label,
            delta,
            verdict: judged(label, { side: "above", delta }, nets).verdict,
          }));
        }),
      ],
      falseSupport: planted(parts, [faster, better], stream),
    },
    rows.profile,
  );
  const table = gainsTable(rows, { speed, error, scaled }, given);
  return { tables: [table], claims: [claim], figures: figuresOf(table, given) };
}

/** A net up to its horizon. */
interface Net {
  readonly accuracy: SeriesPath;
  readonly perEpoch: number;
}

function netsOf(rows: StudyRows, arms: readonly string[], equal: Equal): (trial: TrialRow) => Net {
  const horizons = horizonsOf(rows, arms, equal);
  const paths = new Map(arms.map((arm) => [arm, seriesPaths(rows, arm, "test_accuracy", null)]));
  return (trial) => ({
    accuracy: pathUntil(
      paths.get(trial.arm)!.get(trial.trial) ?? { epochs: [], values: [] },
      horizons.get(trial.arm) ?? Infinity,
    ),
    perEpoch: updatesAnEpoch(trial),
  });
}

/** Updates until the target is reached, as far as they are known. */
function updatesTo({ accuracy, perEpoch }: Net, target: number, snapshots: number): Theta {
  const { low, high } = epochReached(accuracy, target, snapshots);
  return { low: low * perEpoch, high: high * perEpoch };
}

/** Expected test error: of the median of the last five snapshots, or where the running median of five is least. */
function errorOf({ accuracy: { values } }: Net, read: Read): number {
  return 1 - (read === "end" ? endOf(values) : runningMedian(values).reduce((a, b) => Math.max(a, b)));
}

function versus({ full, batches }: Arms): string {
  return `${full} against ${batches.join(", ")}`;
}

/** Fewer known gains than this tell no scatter. */
const LEAST_KNOWN = 3;

/** Pairs that gain half of what each part asks for, with the scatter of the measured gains. */
function planted(parts: readonly ClaimResult[], rules: readonly Rule[], stream: Context["stream"]) {
  const known = parts.map(({ theta }) => theta.filter((value) => value !== null));
  if (known.some(({ length }) => length < LEAST_KNOWN)) return undefined;
  const scatters = known.map((theta) => {
    const middle = median(theta);
    return 1.4826 * median(theta.map((value) => Math.abs(value - middle)));
  });
  return falseSupportOfParts(
    (draw) =>
      rules.map(({ delta }, part) =>
        Array.from({ length: parts[part].planned }, () => {
          const theta = delta / 2 + scatters[part] * draw.normal();
          return { low: theta, high: theta };
        })
      ),
    rules,
    stream,
    `${parts[0].planned} replicates that gain half of δ in both parts, with normal scatters of ` +
      `${scatters[0].toFixed(2)} doublings and ${scatters[1].toFixed(4)}`,
  );
}

/** Twelve replicates of full batches and of batches of a quarter, of many examples and of few. */
function plantedCases(): PlantedCase[] {
  const epochs = Array.from({ length: 101 }, (_, i) => 10 * i);
  /** Nets whose accuracy rises from .6 to where it ends at an update, one snapshot later in each replicate. */
  const armOf = (arm: string, reached: number, end: number) => {
    const perEpoch = arm.endsWith("full") ? 1 : 4;
    const nets = plantedNets(12, () => ({ ixt: [], ity: [] }));
    const rows = plantedRows(nets, { epochs, arm });
    const accuracies = nets.map((_, i) => [epochs.map((epoch) => epoch * perEpoch < reached + 10 * i ? 0.6 : end)]);
    return {
      ...rows,
      trials: rows.trials.map((trial) => ({ ...trial, updates: perEpoch * trial.epochs })),
      series: plantedSeries("test_accuracy", accuracies, { epochs, unit: "1", arm })
        .map((row) => ({ ...row, layer: null })),
    };
  };
  const rows = (reached: number, end: number) =>
    together(
      armOf("full", 600, 0.96),
      armOf("quarter", reached, 0.96),
      armOf("few-full", 600, 0.96),
      armOf("few-quarter", 600, end),
    );
  const many = { full: "full", batches: ["quarter"] };
  const options = { speed: many, scaled: many, error: { full: "few-full", batches: ["few-quarter"] } };
  return [
    {
      name: "12 replicates in which a quarter of the batch needs half the updates, and errs less by .015",
      ...{ truth: "positive", rows: rows(300, 0.975), options, verdicts: { "stochasticity-helps": "supported" } },
    },
    {
      name: "12 replicates in which a quarter of the batch needs as many updates, and errs as much",
      ...{ truth: "null", rows: rows(600, 0.96), options, verdicts: { "stochasticity-helps": "contradicted" } },
    },
  ];
}

function gainsTable(
  rows: StudyRows,
  comparisons: { readonly [name: string]: Arms },
  { target, snapshots }: Options,
): Table {
  return {
    name: "stochasticity",
    title: "Updates to an accuracy, and test error, by batch",
    columns: [
      ...TRIAL_PLACE_COLUMNS,
      {
        name: "comparison",
        type: "string",
        unit: null,
        text: "speed, error or scaled: the arms it is compared among.",
      },
      { name: "updates_an_epoch", type: "float64", unit: "updates", text: "Updates in an epoch." },
      {
        name: "last_epoch",
        type: "int32",
        unit: "epochs",
        text: "The last snapshot that is read: equal updates among the arms.",
      },
      {
        name: "not_before_updates",
        type: "float64",
        unit: "updates",
        text: `An expected test accuracy of ${target} at ${snapshots} snapshots in a row is not reached before.`,
      },
      {
        name: "updates",
        type: "float64",
        unit: "updates",
        text: "The same, where it is reached; null if not.",
        nullable: true,
      },
      {
        name: "error",
        type: "float64",
        unit: "1",
        text: "1 − the median of the expected test accuracy at the last five snapshots.",
      },
      { name: "least_error", type: "float64", unit: "1", text: "1 − the greatest running median of five of the same." },
    ],
    rows: Object.entries(comparisons).flatMap(([name, { full, batches }]) => {
      const arms = [...batches, full];
      const net = netsOf(rows, arms, "updates");
      return arms.flatMap((arm) =>
        trialsOf(rows, arm).filter(({ outcome }) => outcome === "done").flatMap((trial): Row[] => {
          const found = net(trial);
          const { accuracy: { epochs }, perEpoch } = found;
          if (epochs.length === 0) return [];
          const { low, high } = updatesTo(found, target, snapshots);
          return [{
            trial: trial.trial,
            arm,
            axes: trial.axes,
            replicate: trial.replicate,
            comparison: name,
            updates_an_epoch: perEpoch,
            last_epoch: epochs[epochs.length - 1],
            not_before_updates: low,
            updates: Number.isFinite(high) ? high : null,
            error: errorOf(found, "end"),
            least_error: errorOf(found, "best"),
          }];
        })
      );
    }),
  };
}

function figuresOf({ name, rows }: Table, { target, snapshots }: Options): Figure[] {
  const missed = rows.filter((row) => row.comparison !== "error" && row.updates === null).length;
  return [
    {
      id: "updates-to-accuracy",
      title: "Updates until a net generalises, by batch",
      caption:
        `Each dot is a net: the update from which its expected test accuracy is at least ${target} at ${snapshots} snapshots in a row, ` +
        "against the updates in an epoch, which are one for the full batch; a panel a choice of learning rate." +
        (missed > 0 ? ` ${missed} nets do not get there within the updates that are read, and have no dot.` : "") +
        " An update of a small batch costs less work than one of the full batch; updates are steps, not work.",
      alt: "Updates to the target accuracy of every net against the number of updates in an epoch.",
      table: name,
      where: { comparison: ["speed", "scaled"] },
      marks: [{ mark: "dot", x: "updates_an_epoch", y: "updates", stroke: "accent", fx: "comparison" }],
      scales: {
        x: { label: "updates an epoch", type: "log" },
        y: { label: `updates to a test accuracy of ${target}`, type: "log" },
      },
    },
    {
      id: "error-at-few",
      title: "Test error on few examples, by batch",
      caption:
        "Each dot is a net trained on few examples, read after equally many updates: its expected test error, the median of the last " +
        "five snapshots.",
      alt: "Test error of every net trained on few examples against the number of updates in an epoch.",
      table: name,
      where: { comparison: "error" },
      marks: [{ mark: "dot", x: "updates_an_epoch", y: "error", stroke: "accent" }],
      scales: {
        x: { label: "updates an epoch", type: "log" },
        y: { label: "expected test error" },
      },
    },
  ];
}
