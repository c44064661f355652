import {
  type Analysis,
  type AnalysisResult,
  type ClaimResult,
  type Context,
  defineAnalysis,
  type Figure,
  type LayerTensors,
  type MapRow,
  type PlantedCase,
  type Row,
  type StudyRows,
  type Table,
  TRIAL_PLACE_COLUMNS,
  type TrialRow,
  type TrialView,
} from "@infoplane/core";
import {
  arithmeticOf,
  type ArmPoint,
  armPointsOf,
  claimOf,
  decidingPart,
  falseSupportOfParts,
  judgeNets,
  layersWith,
  logPath,
  median,
  notMeasured,
  outcomesOf,
  type Rule,
  type SeriesPath,
  seriesPaths,
  snrCrossing,
  trialsWith,
  UNKNOWN,
} from "@infoplane/core/claims";
import { diffusionExponent, gradientSnr } from "@infoplane/core/numerics";
import { plantedNets, plantedRows, plantedSeries } from "@infoplane/core/testing";
import { z } from "zod";

const options = z.strictObject({
  controls: z.array(z.string()).default(["full-batch"]).describe(
    "arms that must fail the rule, else there is no verdict",
  ),
  low: z.number().default(0.8).describe("least exponent that counts as diffusion"),
  high: z.number().default(1.2).describe("greatest exponent that counts as diffusion"),
});

type Options = z.infer<typeof options>;

const QUANTITY = "distance_from_crossing";
const WEIGHT_NORM = "weight_norm";
/** The batch at which the SNR is taken. */
const BATCH = 512;
/** An exponent from fewer snapshots says nothing. */
const LEAST_POINTS = 5;
const BANDS = [0.1, 0.2, 0.3];

/** Stretch of τ over which the exponent is fitted, in epochs, from what is left of the training after the crossing. */
const WINDOWS = {
  "10 epochs to half the rest": (rest: number) => [10, rest / 2],
  "10 epochs to the end": (rest: number) => [10, rest],
  "a tenth to half of the rest": (rest: number) => [rest / 10, rest / 2],
} as const;

const WINDOW_RULE = "10 epochs to half the rest";

/** Weights diffuse once noise dominates the gradient. */
export const weightDiffusion: Analysis<Options> = defineAnalysis({
  id: "weight-diffusion",
  title: "Diffusion of the weights",
  description:
    "Do the weights of every layer diffuse once their gradient is mostly noise? How far they are from where they were at the SNR " +
    "crossing, against the updates since (Shwartz-Ziv and Tishby, arXiv:1703.00810); beside it the growth of their norm.",
  version: 1,
  arithmetic: "portable",
  options,
  needs: { weights: true },
  map,
  reduce,
  planted: plantedCases,
});

async function map(trial: TrialView, _options: Options, _prepared: unknown, ctx: Context): Promise<MapRow[]> {
  const { epochs } = trial;
  const snr: number[][] = [];
  for (const [index, epoch] of epochs.entries()) {
    trial.gradients(epoch).forEach((gradients, k) => (snr[k] ??= []).push(gradientSnr(gradients, BATCH)));
    if (index % 8 === 7) await ctx.progress((index + 1) / epochs.length);
    if (ctx.signal.aborted) throw ctx.signal.reason;
  }
  const weights = epochs.map((epoch) => trial.weights(epoch));
  return snr.flatMap((values, k): MapRow[] => {
    const row = { layer: k + 1, quantity: QUANTITY, unit: "1" };
    const finite = values.flatMap((value, i) => Number.isFinite(value) ? [i] : []);
    const path = logPath({ epochs: finite.map((i) => epochs[i]), values: finite.map((i) => values[i]) });
    const { index, state } = snrCrossing(path);
    if (index < 0) {
      const reason = `the SNR of its gradient was not seen to cross 1: ${state}`;
      return [{ ...row, epoch: epochs[epochs.length - 1], value: null, reason }];
    }
    const start = epochs.indexOf(path.epochs[index]);
    return epochs.slice(start).map((epoch, i) => ({
      ...row,
      epoch,
      value: distance(weights[start][k], weights[start + i][k]),
    }));
  });
}

/** ‖a − b‖ over all tensors of a layer as one vector. */
function distance(a: LayerTensors, b: LayerTensors): number {
  let sum = 0;
  for (const name of Object.keys(a)) {
    const [from, to] = [a[name].data, b[name].data];
    for (let i = 0; i < from.length; i++) sum += (to[i] - from[i]) * (to[i] - from[i]);
  }
  return Math.sqrt(sum);
}

/** What is known of one layer of one net. */
interface Walk {
  readonly trial: TrialRow;
  readonly layer: number;
  /** D at the snapshots from t₀ on. */
  readonly path: SeriesPath;
}

function reduce(rows: StudyRows, { controls, low, high }: Options, { stream }: Context): AnalysisResult {
  const moved = { trials: rows.trials, series: rows.series.filter(({ quantity }) => quantity === QUANTITY) };
  const layers = layersWith(moved, QUANTITY);
  const points = armPointsOf(rows);
  const main = points.find(({ role }) => role === "main");
  if (!main || layers.length === 0) return {};
  const rule: Rule = { side: "inside", delta: low, upper: high };
  const walks = new Map(points.map((point) => [point, walksOf(moved, point, layers)]));
  const partsOf = (point: ArmPoint, rule: Rule, window: keyof typeof WINDOWS) => {
    const trials = trialsWith(moved, QUANTITY, point.arm, point.axes);
    return layers.map((layer) => {
      const paths = walks.get(point)!.get(layer)!;
      return judgeNets(
        `diffusion exponent of layer ${layer}, ${point.label}`,
        "1",
        outcomesOf(trials, (trial) => {
          const path = paths.get(trial.trial);
          const alpha = path === undefined ? undefined : fit(path, updatesAnEpoch(trial), window)?.alpha;
          return alpha === undefined ? UNKNOWN : { low: alpha, high: alpha };
        }),
        rule,
      );
    });
  };
  const deciding = (point: ArmPoint) => decidingPart(partsOf(point, rule, WINDOW_RULE));
  const isControl = ({ arm, axes }: ArmPoint) => controls.includes(arm) && axes === main.axes;
  const parts = partsOf(main, rule, WINDOW_RULE);
  const claim = claimOf(
    {
      id: "weight-diffusion",
      statement: "The weights of every layer diffuse once noise dominates their gradient: D² grows like τ.",
      rule:
        "θ_k = slope of ln D² on ln τ, D(τ) = ‖W_k(t₀+τ) − W_k(t₀)‖, weights and biases as one vector, t₀ the first snapshot " +
        "beyond the layer's SNR crossing, τ in updates over [10 epochs, half the rest]. Supported if [L,U] of every layer lies in " +
        `[${low}, ${high}], contradicted if one lies outside; undecided if ${
          controls.join(" or ")
        } lies inside too. A layer ` +
        "that was not seen to cross, or too late for five snapshots, is unknown.",
    },
    rule,
    {
      on: { estimator: "diffusion", arithmetic: arithmeticOf(rows) },
      primary: parts[0],
      parts,
      others: points.filter((point) => point !== main && !isControl(point)).map(deciding),
      controls: controls.map((arm): ClaimResult => {
        const point = points.find((point) => point.arm === arm && isControl(point));
        return point ? deciding(point) : notMeasured(`diffusion exponent, ${arm}`, "1");
      }),
      controlsDecide: true,
      sensitivity: points.flatMap((point) =>
        (Object.keys(WINDOWS) as (keyof typeof WINDOWS)[]).flatMap((window) =>
          BANDS.map((band) => ({
            label: `${point.label} · τ from ${window} · 1 ± δ`,
            delta: band,
            verdict: decidingPart(partsOf(point, { side: "inside", delta: 1 - band, upper: 1 + band }, window)).verdict,
          }))
        )
      ),
      falseSupport: planted(parts, rule, stream),
    },
    rows.profile,
  );
  const exponents = exponentTable(points, walks, rows);
  const shown = points.filter((point) => point === main || isControl(point));
  const displacement = displacementTable(shown, walks, rows);
  return {
    tables: [exponents, displacement],
    claims: [claim],
    figures: [
      {
        id: "weight-diffusion",
        title: "How the weights move after the crossing",
        caption:
          "One line a net: D²/τ, the squared distance of a layer's weights from where they were at the SNR crossing over the updates " +
          "since. Flat is diffusion, rising is drift, falling is slower than diffusion, as is growth like log t.",
        alt:
          "Squared displacement of the weights over the updates since the crossing, against these updates, a panel a layer.",
        table: displacement.name,
        marks: [{ mark: "line", x: "tau_updates", y: "squared_an_update", z: "trial", fx: "layer", stroke: "arm" }],
        scales: {
          x: { label: "τ, updates since the crossing", type: "log" },
          y: { label: "D²/τ", type: "log" },
          color: { scheme: "arm" },
        },
      },
      {
        id: "diffusion-exponents",
        title: "Exponents of every layer",
        caption:
          `Each dot is a net: the slope of ln D² on ln τ over [10 epochs, half the rest]; 1 is diffusion, 2 drift. Between the ` +
          `lines the rule sees diffusion. A net in which a layer was not seen to cross has no dot there.`,
        alt: "Diffusion exponent of every net, by layer and arm.",
        table: exponents.name,
        marks: [
          { mark: "rule-y", values: [low, high], stroke: "muted" },
          { mark: "dot", x: "layer", y: "alpha", stroke: "arm", fx: "arm" },
        ],
        scales: { x: { label: "layer" }, y: { label: "diffusion exponent α" }, color: { scheme: "arm" } },
      },
      ...normFigure(rows, shown),
    ],
  };
}

/** Growth of the norms, where analysis gradient-snr has stored them. */
function normFigure({ series }: StudyRows, points: readonly ArmPoint[]): Figure[] {
  if (!series.some(({ quantity }) => quantity === WEIGHT_NORM)) return [];
  return [{
    id: "weight-norms",
    title: "Growth of the weights",
    caption:
      "One line a net: the norm of a layer's weights and biases, the epoch on a logarithmic axis. ‖W‖ grows like log t on " +
      "separable labels without any noise, a straight line here; growth alone does not tell diffusion.",
    alt: "Norm of the weights of each layer against epochs, a panel a layer, one line a net.",
    table: "series",
    where: { quantity: WEIGHT_NORM, arm: points.map(({ arm }) => arm) },
    marks: [{ mark: "line", x: "epoch", y: "value", z: "trial", fx: "layer", stroke: "arm" }],
    scales: { x: { label: "epoch", type: "log" }, y: { label: "‖W_k‖" }, color: { scheme: "arm" } },
  }];
}

/** By layer, the paths of D by trial. */
function walksOf(moved: Pick<StudyRows, "series">, { arm, axes }: ArmPoint, layers: readonly number[]) {
  return new Map(layers.map((layer) => [layer, seriesPaths(moved, arm, QUANTITY, layer, axes)]));
}

type Walks = ReadonlyMap<ArmPoint, ReturnType<typeof walksOf>>;

function allWalks(points: readonly ArmPoint[], walks: Walks, { trials }: StudyRows): Walk[] {
  return points.flatMap((point) =>
    [...walks.get(point)!].flatMap(([layer, paths]) =>
      trials.filter(({ arm, axes, trial }) => arm === point.arm && axes === point.axes && paths.has(trial)).map((
        trial,
      ) => ({
        trial,
        layer,
        path: paths.get(trial.trial)!,
      }))
    )
  );
}

function updatesAnEpoch({ updates, epochs }: TrialRow): number {
  return updates / epochs;
}

interface Fit {
  readonly alpha: number;
  readonly points: number;
  /** First and last τ, in updates. */
  readonly from: number;
  readonly to: number;
}

/** The exponent over a window of τ; undefined if it holds too few snapshots or the weights do not move. */
function fit({ epochs, values }: SeriesPath, updates: number, window: keyof typeof WINDOWS): Fit | undefined {
  const start = epochs[0];
  const [from, to] = WINDOWS[window](epochs[epochs.length - 1] - start);
  const kept = epochs.flatMap((epoch, i) => epoch - start >= from && epoch - start <= to ? [i] : []);
  if (kept.length < LEAST_POINTS || kept.some((i) => values[i] === 0)) return undefined;
  const taus = kept.map((i) => (epochs[i] - start) * updates);
  const alpha = diffusionExponent(taus, kept.map((i) => values[i]));
  return { alpha, points: kept.length, from: taus[0], to: taus[taus.length - 1] };
}

/** Nets whose layers diffuse but for the first, which lies at the edge of the rule; with the scatter seen between nets. */
function planted(parts: readonly ClaimResult[], rule: Rule & { side: "inside" }, stream: Context["stream"]) {
  const spreads = parts.map(({ theta }) => deviation(theta.filter((alpha) => alpha !== null))).filter((sd) => sd > 0);
  if (spreads.length === 0) return undefined;
  const sd = median(spreads);
  const nets = parts[0].planned;
  return falseSupportOfParts(
    (draw) =>
      parts.map((_, k) =>
        Array.from({ length: nets }, () => {
          const alpha = (k === 0 ? rule.upper : 1) + sd * draw.normal();
          return { low: alpha, high: alpha };
        })
      ),
    parts.map(() => rule),
    stream,
    `${nets} nets of ${parts.length} layers, the first with α = ${rule.upper}, the others with 1, and a standard deviation of ` +
      `${sd.toFixed(2)} between nets`,
  );
}

/** Standard deviation over nets; NaN for fewer than two. */
function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / (values.length - 1));
}

function exponentTable(points: readonly ArmPoint[], walks: Walks, rows: StudyRows): Table {
  return {
    name: "diffusion-exponents",
    title: "Diffusion exponent of every layer",
    columns: [
      ...TRIAL_PLACE_COLUMNS,
      { name: "layer", type: "int32", unit: "1", text: "1…K, K the softmax output." },
      { name: "start_epoch", type: "int32", unit: "epochs", text: "t₀, the first snapshot beyond the SNR crossing." },
      { name: "points", type: "int32", unit: "1", text: "Snapshots fitted.", nullable: true },
      { name: "first_tau_updates", type: "float64", unit: "updates", text: "τ of the first.", nullable: true },
      { name: "last_tau_updates", type: "float64", unit: "updates", text: "τ of the last.", nullable: true },
      {
        name: "alpha",
        type: "float64",
        unit: "1",
        text: "Slope of ln D² on ln τ; null with too few snapshots.",
        nullable: true,
      },
    ],
    rows: allWalks(points, walks, rows).map(({ trial, layer, path }): Row => {
      const found = fit(path, updatesAnEpoch(trial), WINDOW_RULE);
      return {
        ...placeOf(trial),
        layer,
        start_epoch: path.epochs[0],
        points: found?.points ?? null,
        first_tau_updates: found?.from ?? null,
        last_tau_updates: found?.to ?? null,
        alpha: found?.alpha ?? null,
      };
    }),
  };
}

function displacementTable(points: readonly ArmPoint[], walks: Walks, rows: StudyRows): Table {
  const number = (name: string, unit: string, text: string) => ({ name, type: "float64", unit, text } as const);
  return {
    name: "weight-displacement",
    title: "How far the weights are from where they crossed",
    columns: [
      ...TRIAL_PLACE_COLUMNS,
      { name: "layer", type: "int32", unit: "1", text: "1…K, K the softmax output." },
      number("tau_updates", "updates", "τ, updates since t₀."),
      number("distance", "1", "D(τ) = ‖W(t₀+τ) − W(t₀)‖."),
      number("squared_an_update", "1", "D²/τ."),
    ],
    rows: allWalks(points, walks, rows).flatMap(({ trial, layer, path: { epochs, values } }) =>
      epochs.slice(1).map((epoch, i): Row => {
        const tau = (epoch - epochs[0]) * updatesAnEpoch(trial);
        const distance = values[i + 1];
        return { ...placeOf(trial), layer, tau_updates: tau, distance, squared_an_update: distance * distance / tau };
      })
    ),
  };
}

/** Twelve nets of two layers, which cross at epoch 100. */
function plantedCases(): PlantedCase[] {
  const epochs = Array.from({ length: 101 }, (_, i) => 10 * i);
  const nets = plantedNets(12, () => ({ ixt: [], ity: [] }));
  const rows = (distanceAfter: (epochs: number) => number) => ({
    ...plantedRows(nets, { epochs }),
    series: plantedSeries(
      QUANTITY,
      nets.map(() => [1, 2].map(() => epochs.map((epoch) => epoch < 100 ? null : distanceAfter(epoch - 100)))),
      { epochs, unit: "1" },
    ),
  });
  return [
    {
      name: "12 nets whose weights move as far as the root of the time since the crossing",
      ...{ truth: "positive", rows: rows(Math.sqrt), verdicts: { "weight-diffusion": "supported" } },
    },
    {
      name: "12 nets whose weights drift at a constant rate",
      ...{ truth: "null", rows: rows((time) => time), verdicts: { "weight-diffusion": "contradicted" } },
    },
  ];
}

function placeOf({ trial, arm, axes, replicate }: TrialRow) {
  return { trial, arm, axes, replicate };
}
