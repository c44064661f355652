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
  TRIAL_PLACE_COLUMNS,
} from "@infoplane/core";
import {
  arithmeticOf,
  type ArmPoint,
  armPointsOf,
  claimOf,
  type Crossing,
  epochMean,
  falseSupportRate,
  judgeNets,
  layersWith,
  logSnrPaths,
  median,
  notMeasured,
  outcomesOf,
  type Rule,
  runningMedian,
  type SeriesPath,
  SNR_QUANTITY,
  snrCrossing,
  spreadOf,
  trialsWith,
} from "@infoplane/core/claims";
import { plantedNets, plantedRows, plantedSeries } from "@infoplane/core/testing";
import { z } from "zod";

const LOG10_3 = 0.47712125471966244;

const options = z.strictObject({
  controls: z.array(z.string()).default(["full-batch", "random-labels"]).describe(
    "arms that must fail the rule before noise may be named as the cause",
  ),
  delta: z.number().positive().default(LOG10_3).describe("log₁₀ of the factor by which the SNR must be off 1"),
});

type Options = z.infer<typeof options>;

const DELTAS = [0.3010299956639812, LOG10_3, 0.6989700043360189];

/** A number read from a path of log₁₀ SNR. */
type Reading = (path: SeriesPath, crossing: Crossing) => number;

/**
 * log₁₀ SNR of a layer early in training. The claim is of a drift phase that comes first, so the rule asks how clear the signal ever
 * is in the first tenth of the epochs, the mirror of the last tenth: a mean over it would weigh what follows a short drift phase, and
 * what comes before the crossing depends on how the crossing is defined.
 */
const EARLY = {
  "highest of the first tenth of epochs": (path: SeriesPath) => highest(path, lastOf(path) / 10),
  "highest before the crossing": (path: SeriesPath, { index }: Crossing) =>
    highest(path, index < 0 ? 0.9 * lastOf(path) : path.epochs[Math.max(0, index - 1)]),
  "mean of epochs 1 to 10": (path: SeriesPath) => epochMean(path, 0, 10),
} as const;

/** log₁₀ SNR of a layer in the last tenth of the epochs: its mean, by epochs or by snapshots. */
const LATE = {
  "weighed by epochs": (path: SeriesPath) => epochMean(path, 0.9 * lastOf(path), lastOf(path)),
  "weighed by snapshots": ({ epochs, values }: SeriesPath) => {
    const late = values.filter((_, i) => epochs[i] > 0.9 * epochs[epochs.length - 1]);
    return late.reduce((sum, value) => sum + value, 0) / late.length;
  },
} as const;

const EARLY_RULE = "highest of the first tenth of epochs";
const LATE_RULE = "weighed by epochs";

/** The gradient of every layer turns from signal to noise. */
export const driftDiffusion: Analysis<Options> = defineAnalysis({
  id: "drift-diffusion",
  title: "Drift and diffusion",
  description:
    "Does the signal-to-noise ratio of the gradient fall from high to low in every layer (Shwartz-Ziv and Tishby, " +
    "arXiv:1703.00810), and does it without the noise of mini-batches or without a rule to learn? Reads what analysis " +
    "gradient-snr stores.",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted: plantedCases,
});

/** One layer of one net, by each definition. */
interface LayerTransition {
  readonly path: SeriesPath;
  readonly crossing: Crossing;
  readonly early: { readonly [definition in keyof typeof EARLY]: number };
  readonly late: { readonly [definition in keyof typeof LATE]: number };
}

/** The layers of a net, 1…K in order; a layer without a path is missing. */
type NetLayers = readonly LayerTransition[];

function reduce(rows: StudyRows, { controls, delta }: Options, { stream }: Context): AnalysisResult {
  const rule: Rule = { side: "above", delta };
  const snr = { trials: rows.trials, series: rows.series.filter(({ quantity }) => quantity === SNR_QUANTITY) };
  const layers = layersWith(snr, SNR_QUANTITY);
  const points = armPointsOf(rows);
  const main = points.find(({ role }) => role === "main");
  const nets = new Map(points.map((point) => [point, transitionsOf(snr, point, layers)]));
  const judge = (point: ArmPoint, rule: Rule, early: keyof typeof EARLY, late: keyof typeof LATE) =>
    judgeNets(
      labelOf(point),
      "1",
      outcomesOf(trialsWith(snr, SNR_QUANTITY, point.arm, point.axes), ({ trial }) => {
        const found = nets.get(point)!.get(trial);
        if (found?.length !== layers.length) return { leftOut: "a layer has no SNR" };
        const theta = thetaOf(found, early, late);
        return { low: theta, high: theta };
      }),
      rule,
    );
  const byRule = (point: ArmPoint) => judge(point, rule, EARLY_RULE, LATE_RULE);
  const isControl = ({ arm, axes }: ArmPoint) => controls.includes(arm) && axes === main?.axes;
  const measured = main !== undefined && layers.length > 0;
  const unmeasured = (arm: string): ClaimResult => notMeasured(`gradient SNR at 512, ${arm}`, "1");
  const claim = claimOf(
    {
      id: "drift-diffusion",
      statement: "The signal-to-noise ratio of the gradient falls from high to low in every layer.",
      rule:
        "θ = min over layers of min(early, −late), both log₁₀ SNR_k at batch 512: early its highest running median of 5 in the " +
        "first tenth of the epochs, late its mean over the last tenth, weighed by epochs. Supported if " +
        `L > ${short(delta)}, contradicted if U < ${
          short(delta)
        }; log₁₀ 3 ≈ 0.477. It comes about "because of stochasticity" ` +
        `only if ${controls.join(" and ")} fail the same rule.`,
    },
    rule,
    {
      on: { estimator: "gradient", arithmetic: arithmeticOf(rows) },
      primary: measured ? byRule(main) : unmeasured("main"),
      others: measured ? points.filter((point) => point !== main && !isControl(point)).map(byRule) : [],
      controls: controls.map((arm) => {
        const point = points.find((point) => point.arm === arm && isControl(point));
        return measured && point ? byRule(point) : unmeasured(arm);
      }),
      sensitivity: !measured
        ? []
        : points.filter((point) => point === main || !isControl(point)).flatMap((point) =>
          keysOf(EARLY).flatMap((early) =>
            keysOf(LATE).flatMap((late) =>
              DELTAS.map((delta) => ({
                label: `${labelOf(point)} · early: ${early} · late: ${late}`,
                delta,
                verdict: judge(point, { side: "above", delta }, early, late).verdict,
              }))
            )
          )
        ),
      falseSupport: measured ? planted([...nets.get(main)!.values()], rule, stream) : undefined,
    },
    rows.profile,
  );
  if (!measured) return { claims: [claim] };
  const table = transitionTable(points, nets, rows);
  return {
    tables: [table],
    claims: [claim],
    figures: [{
      id: "drift-diffusion",
      title: "From signal to noise, layer by layer",
      caption:
        "Two dots a net and layer: filled, how clear the signal was in the first tenth of the epochs; ring, the mean of the " +
        `last tenth. The claim asks for filled dots above ${short(delta)} and rings below −${
          short(delta)
        } in every layer of a ` +
        "net; a control that does the same says that noise or the rule is not the cause.",
      alt: "log₁₀ of the gradient's signal-to-noise ratio early and late in training, of every net, by layer and arm.",
      table: table.name,
      where: { arm: [main.arm, ...controls] },
      marks: [
        { mark: "rule-y", values: [delta, -delta], stroke: "muted" },
        { mark: "dot", x: "layer", y: "early_log10", fill: "arm", fx: "arm" },
        { mark: "dot", x: "layer", y: "late_log10", stroke: "arm", fx: "arm" },
      ],
      scales: {
        x: { label: "layer" },
        y: { label: "log₁₀ SNR of the gradient at batch 512" },
        color: { scheme: "arm" },
      },
    }],
  };
}

function transitionsOf(snr: Pick<StudyRows, "series">, { arm, axes }: ArmPoint, layers: readonly number[]) {
  const nets = new Map<string, LayerTransition[]>();
  for (const layer of layers) {
    for (const [trial, path] of logSnrPaths(snr, arm, layer, axes)) {
      nets.set(trial, [...nets.get(trial) ?? [], transitionOf(path)]);
    }
  }
  return nets;
}

function transitionOf(path: SeriesPath): LayerTransition {
  const crossing = snrCrossing(path);
  const valuesOf = <Definition extends string>(of: { readonly [definition in Definition]: Reading }) =>
    Object.fromEntries(keysOf(of).map((definition) => [definition, of[definition](path, crossing)])) as {
      [definition in Definition]: number;
    };
  return { path, crossing, early: valuesOf(EARLY), late: valuesOf(LATE) };
}

function thetaOf(net: NetLayers, early: keyof typeof EARLY, late: keyof typeof LATE): number {
  return net.reduce((worst, layer) => Math.min(worst, layer.early[early], -layer.late[late]), Infinity);
}

function lastOf({ epochs }: SeriesPath): number {
  return epochs[epochs.length - 1];
}

/** The greatest running median of 5 at snapshots up to an epoch. */
function highest({ epochs, values }: SeriesPath, until: number): number {
  return runningMedian(values).reduce((most, value, i) => epochs[i] <= until ? Math.max(most, value) : most, -Infinity);
}

/** Nets at the edge of the rule: every layer falls from δ to −δ, with the noise seen between the snapshots of the measured nets. */
function planted(nets: readonly NetLayers[], rule: Rule, stream: Context["stream"]) {
  if (nets.length < 2) return undefined;
  const { epochs } = nets[0][0].path;
  const noise = nets[0].map((_, k) =>
    median(nets.flatMap((net) => net[k] ? [spreadOf(Float64Array.from(net[k].path.values))] : []))
  );
  const half = epochs[epochs.length - 1] / 2;
  return falseSupportRate(
    (draw) =>
      nets.map(() => {
        const layers = noise.map((sd) => {
          const path = {
            epochs,
            values: epochs.map((epoch) => (epoch <= half ? rule.delta : -rule.delta) + sd * draw.normal()),
          };
          return Math.min(EARLY[EARLY_RULE](path), -LATE[LATE_RULE](path));
        });
        const theta = Math.min(...layers);
        return { low: theta, high: theta };
      }),
    rule,
    stream,
    `${nets.length} nets at the edge of the rule: log₁₀ SNR of every layer falls from δ to −δ, with white noise of ` +
      `${noise.map((sd) => sd.toFixed(3)).join(", ")}`,
  );
}

function transitionTable(
  points: readonly ArmPoint[],
  nets: ReadonlyMap<ArmPoint, ReadonlyMap<string, NetLayers>>,
  { trials }: StudyRows,
): Table {
  const replicates = new Map(trials.map(({ trial, replicate }) => [trial, replicate]));
  const rows = points.flatMap((point) =>
    [...nets.get(point)!].flatMap(([trial, layers]) =>
      layers.map(({ crossing, early, late }, index): Row => ({
        trial,
        arm: point.arm,
        axes: point.axes,
        replicate: replicates.get(trial)!,
        layer: index + 1,
        early_log10: early[EARLY_RULE],
        late_log10: late[LATE_RULE],
        before_crossing_log10: early["highest before the crossing"],
        epochs_1_to_10_log10: early["mean of epochs 1 to 10"],
        crossing: crossing.state,
        crossing_low_epoch: crossing.low,
        crossing_high_epoch: Number.isFinite(crossing.high) ? crossing.high : null,
      }))
    )
  );
  const column = (name: string, text: string) => ({ name, type: "float64", unit: "1", text } as const);
  return {
    name: "gradient-transition",
    title: "The gradient's way from signal to noise in every layer",
    columns: [
      ...TRIAL_PLACE_COLUMNS,
      { name: "layer", type: "int32", unit: "1", text: "1…K, K the softmax output." },
      column("early_log10", "Highest running median of 5 of log₁₀ SNR_k(512) in the first tenth of the epochs."),
      column("late_log10", "Mean of log₁₀ SNR_k(512) over the last tenth of the epochs, weighed by epochs."),
      column("before_crossing_log10", "Highest running median of 5 before the crossing, or before the last tenth."),
      column("epochs_1_to_10_log10", "Mean over epochs 1 to 10."),
      {
        name: "crossing",
        type: "string",
        unit: null,
        text: "crossed, from the start, censored (below 1 for less than a factor 2 of epochs) or none.",
      },
      { name: "crossing_low_epoch", type: "float64", unit: "epochs", text: "The SNR falls below 1 not before." },
      {
        name: "crossing_high_epoch",
        type: "float64",
        unit: "epochs",
        text: "Nor after; null if it was not seen to.",
        nullable: true,
      },
    ],
    rows,
  };
}

/** Twelve nets of two layers, whose gradients are a signal of 8 until epoch 50. */
function plantedCases(): PlantedCase[] {
  const epochs = Array.from({ length: 101 }, (_, i) => 10 * i);
  const nets = plantedNets(12, () => ({ ixt: [], ity: [] }));
  const rows = (late: number) => ({
    ...plantedRows(nets, { epochs }),
    series: plantedSeries(
      SNR_QUANTITY,
      nets.map(() => [1, 2].map(() => epochs.map((epoch) => epoch < 50 ? 8 : late))),
      { epochs, unit: "1" },
    ),
  });
  return [
    {
      name: "12 nets whose SNR falls from 8 to 1/8 in both layers",
      ...{ truth: "positive", rows: rows(1 / 8), verdicts: { "drift-diffusion": "supported" } },
    },
    {
      name: "12 nets whose SNR falls from 8 to 1 and stays",
      ...{ truth: "null", rows: rows(1), verdicts: { "drift-diffusion": "contradicted" } },
    },
  ];
}

function labelOf({ label }: ArmPoint): string {
  return `gradient SNR at 512, ${label}`;
}

function keysOf<Key extends string>(of: { readonly [key in Key]: unknown }): Key[] {
  return Object.keys(of) as Key[];
}

function short(value: number): string {
  return value.toFixed(3);
}
