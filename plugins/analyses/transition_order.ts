import {
  type Analysis,
  type AnalysisResult,
  type Context,
  defineAnalysis,
  type MapRow,
  type PlantedCase,
  type Row,
  type StudyRows,
  type Table,
  TRIAL_PLACE_COLUMNS,
  type TrialView,
} from "@infoplane/core";
import {
  arithmeticOf,
  type ArmPoint,
  armPointsOf,
  claimOf,
  falseSupportRate,
  judgeNets,
  layersWith,
  type NetTheta,
  outcomesOf,
  type Rule,
  type SeriesPath,
  seriesPaths,
  trialsWith,
} from "@infoplane/core/claims";
import { kendall, linearCka } from "@infoplane/core/numerics";
import { plantedNets, plantedRows, plantedSeries } from "@infoplane/core/testing";
import { z } from "zod";

const options = z.strictObject({
  delta: z.number().gt(0).lt(1).default(0.5).describe("Kendall's τ that the order of the layers must exceed"),
});

type Options = z.infer<typeof options>;

const QUANTITY = "cka_to_final";
/** Agreement with the final representation from which on a layer counts as learnt. */
const LEARNT = 0.95;
const LEVELS = [0.9, LEARNT, 0.99];
const DELTAS = [0.25, 0.5, 0.75];

/** Layers settle from the bottom up. */
export const transitionOrder: Analysis<Options> = defineAnalysis({
  id: "transition-order",
  title: "Order of the layers",
  description:
    "Do layers settle from the bottom up? The epoch from which each agrees with its final representation, by linear CKA " +
    "(Kornblith, Norouzi, Lee and Hinton, ICML 2019).",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  map,
  reduce,
  planted: plantedCases,
});

async function map(trial: TrialView, _options: Options, _prepared: unknown, ctx: Context): Promise<MapRow[]> {
  const { epochs } = trial;
  const rows: MapRow[] = [];
  const n = trial.dataset.labels.length;
  const last = epochs[epochs.length - 1];
  const layers = Array.from({ length: trial.layers }, (_, index) => index + 1);
  const final = layers.map((layer) => trial.activations(last, layer).data.slice());
  for (const [index, epoch] of epochs.entries()) {
    for (const layer of layers) {
      const value = linearCka(trial.activations(epoch, layer).data, final[layer - 1], n);
      const row = { epoch, layer, quantity: QUANTITY, unit: "1" };
      rows.push(Number.isNaN(value) ? { ...row, value: null, reason: "all activations are alike" } : { ...row, value });
    }
    if (index % 16 === 15) await ctx.progress((index + 1) / epochs.length);
    if (ctx.signal.aborted) throw ctx.signal.reason;
  }
  return rows;
}

/** A net's paths of CKA, layer 1…K. */
type NetPaths = readonly SeriesPath[];

function reduce(rows: StudyRows, { delta }: Options, { stream }: Context): AnalysisResult {
  const cka = { trials: rows.trials, series: rows.series.filter(({ quantity }) => quantity === QUANTITY) };
  const layers = layersWith(cka, QUANTITY);
  const points = armPointsOf(rows);
  const main = points.find(({ role }) => role === "main");
  if (!main || layers.length === 0) return {};
  const rule: Rule = { side: "above", delta };
  const nets = new Map(points.map((point) => [point, pathsOf(cka, point, layers)]));
  const judge = (point: ArmPoint, rule: Rule, level: number, counted: readonly number[]) =>
    judgeNets(
      labelOf(point),
      "1",
      outcomesOf(trialsWith(cka, QUANTITY, point.arm, point.axes), ({ trial }): NetTheta => {
        const paths = nets.get(point)!.get(trial);
        if (paths?.length !== layers.length) return { leftOut: "all activations of a layer are alike" };
        const tau = kendall(counted, counted.map((layer) => learntAt(paths[layers.indexOf(layer)], level)));
        return Number.isNaN(tau) ? { leftOut: "all layers are learnt at one snapshot" } : { low: tau, high: tau };
      }),
      rule,
    );
  const counted = { "all layers": layers, "hidden layers": layers.slice(0, -1) };
  const claim = claimOf(
    {
      id: "transition-order",
      statement: "Layers are learnt from the bottom up: lower layers agree with their final representation earlier.",
      rule:
        "θ = Kendall's τ of the layer's index and the first epoch from which its linear CKA to its representation at the last " +
        `snapshot is ≥ ${LEARNT} for good, over all layers. Supported if L > ${delta}, contradicted if U < ${delta}.`,
    },
    rule,
    {
      on: { estimator: "CKA", arithmetic: arithmeticOf(rows) },
      primary: judge(main, rule, LEARNT, layers),
      others: points.filter((point) => point !== main).map((point) => judge(point, rule, LEARNT, layers)),
      sensitivity: points.flatMap((point) =>
        Object.entries(counted).flatMap(([words, counted]) =>
          LEVELS.flatMap((level) =>
            DELTAS.map((delta) => ({
              label: `${labelOf(point)} · CKA ≥ ${level} · ${words}`,
              delta,
              verdict: judge(point, { side: "above", delta }, level, counted).verdict,
            }))
          )
        )
      ),
      falseSupport: planted(nets.get(main)!.size, layers, rule, stream),
    },
    rows.profile,
  );
  const table = learntTable(points, nets, rows);
  return {
    tables: [table],
    claims: [claim],
    figures: [
      {
        id: "cka-to-final",
        title: "Agreement with the final representation",
        caption:
          "One line a net: linear CKA of a layer's activations on all patterns with those at the last snapshot, 1 where " +
          `they differ by rotation and scale alone. A layer counts as learnt where it stays above the line at ${LEARNT}. ` +
          "The end is where training stops: a layer that still moves then is learnt late by construction.",
        alt: "Linear CKA to the last snapshot against epochs, a panel a layer, one line a net.",
        table: "series",
        where: { quantity: QUANTITY, arm: main.arm, axes: main.axes },
        marks: [
          { mark: "rule-y", values: [LEARNT], stroke: "muted" },
          { mark: "line", x: "epoch", y: "value", z: "trial", fx: "layer", stroke: "muted" },
        ],
        scales: { x: { label: "epoch", type: "log" }, y: { label: "linear CKA to the last snapshot" } },
      },
      {
        id: "transition-order",
        title: "When each layer is learnt",
        caption:
          `Each dot is a net: the epoch from which the layer's CKA to its final representation is ≥ ${LEARNT} for good. ` +
          "Learnt from the bottom up, dots rise from left to right.",
        alt: "Epoch at which each layer is learnt, of every net, by layer and arm.",
        table: table.name,
        marks: [{ mark: "dot", x: "layer", y: "learnt_epoch", stroke: "arm", fx: "arm" }],
        scales: {
          x: { label: "layer" },
          y: { label: "epoch at which it is learnt", type: "log" },
          color: { scheme: "arm" },
        },
      },
    ],
  };
}

function pathsOf(cka: Pick<StudyRows, "series">, { arm, axes }: ArmPoint, layers: readonly number[]) {
  const nets = new Map<string, SeriesPath[]>();
  for (const layer of layers) {
    for (const [trial, path] of seriesPaths(cka, arm, QUANTITY, layer, axes)) {
      nets.set(trial, [...nets.get(trial) ?? [], path]);
    }
  }
  return nets;
}

/** The first epoch from which a path stays at a level or above. */
function learntAt({ epochs, values }: SeriesPath, level: number): number {
  let at = values.length;
  while (at > 0 && values[at - 1] >= level) at--;
  return epochs[Math.min(at, epochs.length - 1)];
}

/** Nets that learn their layers in a random order. */
function planted(nets: number, layers: readonly number[], rule: Rule, stream: Context["stream"]) {
  if (layers.length < 2) return undefined;
  return falseSupportRate(
    (draw) =>
      Array.from({ length: nets }, () => {
        const tau = kendall(layers, layers.map(() => draw.uniform()));
        return { low: tau, high: tau };
      }),
    rule,
    stream,
    `${nets} nets that learn their ${layers.length} layers in a random order`,
  );
}

function learntTable(
  points: readonly ArmPoint[],
  nets: ReadonlyMap<ArmPoint, ReadonlyMap<string, NetPaths>>,
  { trials }: StudyRows,
): Table {
  const replicates = new Map(trials.map(({ trial, replicate }) => [trial, replicate]));
  return {
    name: "layers-learnt",
    title: "The epoch at which every layer is learnt",
    columns: [
      ...TRIAL_PLACE_COLUMNS,
      { name: "layer", type: "int32", unit: "1", text: "1…K, K the softmax output." },
      {
        name: "learnt_epoch",
        type: "int32",
        unit: "epochs",
        text: `First epoch from which linear CKA to the last snapshot is ≥ ${LEARNT} for good.`,
      },
    ],
    rows: points.flatMap((point) =>
      [...nets.get(point)!].flatMap(([trial, paths]) =>
        paths.map((path, index): Row => ({
          trial,
          arm: point.arm,
          axes: point.axes,
          replicate: replicates.get(trial)!,
          layer: index + 1,
          learnt_epoch: learntAt(path, LEARNT),
        }))
      )
    ),
  };
}

/** Twelve nets whose five layers are learnt one after another. */
function plantedCases(): PlantedCase[] {
  const epochs = Array.from({ length: 101 }, (_, i) => 10 * i);
  const nets = plantedNets(12, () => ({ ixt: [], ity: [] }));
  const rows = (learnt: (layer: number) => number) => ({
    ...plantedRows(nets, { epochs }),
    series: plantedSeries(
      QUANTITY,
      nets.map(() => [1, 2, 3, 4, 5].map((layer) => epochs.map((epoch) => epoch < learnt(layer) ? 0.5 : 1))),
      { epochs, unit: "1" },
    ),
  });
  return [
    {
      name: "12 nets whose layer k is learnt at epoch 100k",
      ...{ truth: "positive", rows: rows((k) => 100 * k), verdicts: { "transition-order": "supported" } },
    },
    {
      name: "12 nets whose layer k is learnt at epoch 600 − 100k",
      ...{ truth: "null", rows: rows((k) => 600 - 100 * k), verdicts: { "transition-order": "contradicted" } },
    },
  ];
}

function labelOf({ label }: ArmPoint): string {
  return `CKA to the last snapshot, ${label}`;
}
