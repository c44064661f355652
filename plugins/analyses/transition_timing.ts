import {
  type Analysis,
  type AnalysisResult,
  type ClaimResult,
  type Context,
  defineAnalysis,
  type Figure,
  NET_COLUMNS,
  type PlantedCase,
  type Row,
  type StudyRows,
  type Table,
} from "@infoplane/core";
import {
  ANY_TIME,
  armPointsOf,
  claimOf,
  type Crossing,
  decidingPart,
  endedAs,
  falseSupportOfParts,
  judgeNets,
  type LayerPhases,
  layerPhases,
  layersWith,
  logSnrPaths,
  type MeasuredNet,
  medianWithin,
  type NetTheta,
  notMeasured,
  octaves,
  outcomesOf,
  pairBoundsUnlessMeasured,
  pairedOutcomes,
  peakWithin,
  primaryOf,
  type Rule,
  scaled,
  seriesPaths,
  type Setting,
  settingsOf,
  SNR_QUANTITY,
  snrCrossing,
  spearmanWithin,
  type Theta,
  trialsOf,
  trialsWith,
  WINDOW,
} from "@infoplane/core/claims";
import { exp, log, log2 } from "@infoplane/core/numerics";
import { plantedNets, plantedPath, plantedRows, plantedSeries, together as joined } from "@infoplane/core/testing";
import { z } from "zod";

const options = z.strictObject({
  primary: z.strictObject({
    estimator: z.string().default("binning"),
    options: z.record(z.string(), z.json()).default({ count: 30, range: [-1, 1] }),
  }).prefault({}).describe("the measurement the verdict rests on"),
  batches: z.array(z.string()).default(["batch-16", "batch-64", "batch-256", "main", "batch-1024", "full-batch"])
    .describe(
      "arms that differ in their batch alone, at least five",
    ),
  octaves: z.number().positive().default(1).describe(
    "octaves between crossing and peak that the median must stay below",
  ),
  delta: z.number().gt(0).lt(1).default(0.5).describe("rank correlation over batches that must be exceeded"),
});

type Options = z.infer<typeof options>;

/** Layers that fall by less have no peak from which compression starts. */
const LEAST_COMPRESSION_BITS = 0.25;
const LEAST_BATCHES = 5;
const OCTAVES = [0.5, 1, 2];
const UNITS = ["epochs", "updates"] as const;

/** The transition of the gradient is where compression starts. */
export const transitionTiming: Analysis<Options> = defineAnalysis({
  id: "transition-timing",
  title: "Transition and compression",
  description:
    "Does compression start where the gradient turns from signal to noise? The epoch of the SNR crossing against that of the peak of " +
    "I(X;T), layer by layer and over batch sizes (Shwartz-Ziv and Tishby, arXiv:1703.00810). Reads what analyses gradient-snr and " +
    "weight-diffusion store.",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted: plantedCases,
});

/** When a layer of a net crossed and peaked, in epochs, as far as it is known. */
interface Timing {
  readonly crossing: Theta;
  readonly peak: Theta;
  readonly compresses: boolean;
}

/** Crossings of the layers 1…K of every net, by arm and trial. */
type Crossings = ReadonlyMap<string, ReadonlyMap<string, readonly Crossing[]>>;

/** Layers 1…K of every net under every measurement, by trial. */
type Timings = ReadonlyMap<Setting, ReadonlyMap<string, readonly Timing[]>>;

/** A definition of crossing and peak, in words, and what it gives. */
interface Variant {
  readonly words: string;
  readonly timings: Timings;
}

function reduce(rows: StudyRows, { primary, batches, octaves: below, delta }: Options, ctx: Context): AnalysisResult {
  const snr = { trials: rows.trials, series: rows.series.filter(({ quantity }) => quantity === SNR_QUANTITY) };
  const settings = settingsOf(rows, ["ixt"]);
  const on = primaryOf(settings, primary);
  if (!on || on.problem.layers.length === 1) return {};
  const crossings = crossingsOf(snr, false);
  const near: Rule = { side: "below", delta: below };
  const together: Rule = { side: "above", delta };
  const peaks = [WINDOW, 1].map((window) => ({
    words: window === 1 ? "peak of single snapshots" : `peak of the median of ${window}`,
    phases: new Map(settings.map((setting) => [setting, phasesOf(setting, window)])),
  }));
  const turns = [
    { words: "crossing by the rule", crossings },
    { words: "crossing after the highest SNR", crossings: crossingsOf(snr, true) },
  ];
  const variants = turns.flatMap(({ words: turn, crossings }) =>
    peaks.map(({ words, phases }): Variant => ({
      words: `${words} · ${turn}`,
      timings: timingsOf(phases, crossings),
    }))
  );
  const [byRule] = variants;

  /** Part one: |log₂(e_SNR/e_peak)| of a net. */
  function distance(setting: Setting, rule: Rule, { timings }: Variant): ClaimResult {
    const nets = timings.get(setting)!;
    const trials = trialsWith(snr, SNR_QUANTITY, setting.arm, setting.axes);
    return judgeNets(
      `${setting.label} · octaves between crossing and peak`,
      "1",
      outcomesOf(endedAs(setting, trials), ({ trial }): NetTheta => {
        const layers = nets.get(trial)!.filter(({ compresses }) => compresses);
        if (layers.length === 0) return { leftOut: "no layer compresses" };
        return medianWithin(layers.map(({ crossing, peak }) => octaves(crossing, peak)));
      }),
      rule,
    );
  }

  /** Part two: the rank correlation of e_SNR and e_peak over batches, within a replicate. */
  function correlation(setting: Setting, { timings }: Variant, unit: typeof UNITS[number]): ClaimResult {
    const label = `${setting.label} · rank correlation over batches`;
    const arms = batches.flatMap((arm) => {
      const found = settings.find((other) =>
        other.arm === arm && other.axes === setting.axes && other.estimator === setting.estimator &&
        other.setting === setting.setting
      );
      return found ? [found] : [];
    });
    if (arms.length < LEAST_BATCHES) return notMeasured(label, "1");
    const nets = arms.map((arm) => endedAs(arm, trialsWith(snr, SNR_QUANTITY, arm.arm, arm.axes)));
    return judgeNets(
      label,
      "1",
      pairedOutcomes(nets, (trials): NetTheta => {
        const found = trials.map(({ trial, updates, epochs }, i) => {
          const { crossing, peak } = timings.get(arms[i])!.get(trial)!.at(-2)!;
          const scale = unit === "epochs" ? 1 : updates / epochs;
          return { crossing: scaled(crossing, scale), peak: scaled(peak, scale) };
        });
        const rho = spearmanWithin(found.map(({ crossing }) => crossing), found.map(({ peak }) => peak));
        return Number.isNaN(rho.low) ? { leftOut: "all batches cross or peak at one epoch" } : rho;
      }),
      together,
    );
  }

  const measured = crossings.size > 0;
  const partsOf = (setting: Setting) => [
    distance(setting, near, byRule),
    correlation(setting, byRule, "epochs"),
  ];
  const ofMain = settings.filter(({ arm, axes }) => arm === on.arm && axes === on.axes);
  const claim = claimOf(
    {
      id: "transition-timing",
      statement: "Compression starts where the gradient turns from signal to noise.",
      rule:
        `θ₁ = median over compressing layers (c^own ≥ ${LEAST_COMPRESSION_BITS} bit) of |log₂(e_SNR/e_peak)|: U < ${below}. θ₂ = ` +
        "Spearman's ρ, within a replicate over batches " +
        `${
          batches.join(", ")
        }, of e_SNR and e_peak in epochs at the last hidden layer: L > ${delta}. Both must hold. What was not ` +
        "seen to cross or to peak lies on its open side; with too many such, ρ lies between −1 and 1.",
    },
    near,
    {
      on,
      primary: notMeasured(on.label, "1"),
      parts: measured ? partsOf(on) : [notMeasured(`${on.label} · gradient SNR at 512`, "1")],
      others: !measured ? [] : [
        ...ofMain.filter((setting) => setting !== on).map((setting) => decidingPart(partsOf(setting))),
        ...settings.filter((setting) => !ofMain.includes(setting)).map((setting) => distance(setting, near, byRule)),
        ...pairBoundsUnlessMeasured(settings, "1"),
      ],
      sensitivity: !measured ? [] : ofMain.flatMap((setting) =>
        variants.flatMap((variant) =>
          UNITS.flatMap((unit) => {
            const overBatches = correlation(setting, variant, unit);
            return OCTAVES.map((delta) => {
              const parts = [distance(setting, { side: "below", delta }, variant), overBatches];
              return {
                label: `${setting.label} · ${variant.words} · ρ in ${unit}`,
                delta,
                verdict: decidingPart(parts).verdict,
              };
            });
          })
        )
      ),
      falseSupport: measured ? planted(on, batches.length, [near, together], ctx.stream) : undefined,
    },
    rows.profile,
  );
  if (!measured) return { claims: [claim] };
  const table = timingTable(settings, byRule.timings);
  const axis = onOneAxis(rows, on, crossings);
  return {
    tables: [table, ...axis.tables],
    claims: [claim],
    figures: [...figuresOf(table, on, batches, below), ...axis.figures],
  };
}

function crossingsOf(snr: Pick<StudyRows, "trials" | "series">, afterTop: boolean): Crossings {
  const layers = layersWith(snr, SNR_QUANTITY);
  if (layers.length === 0) return new Map();
  return new Map(
    armPointsOf(snr).map(({ arm, axes }) => {
      const paths = layers.map((layer) => logSnrPaths(snr, arm, layer, axes));
      const none = { epochs: [], values: [] };
      return [
        arm + axes,
        new Map(
          trialsOf(snr, arm, axes).map(({ trial }) => [
            trial,
            paths.map((ofLayer) => snrCrossing(ofLayer.get(trial) ?? none, { afterTop })),
          ]),
        ),
      ];
    }),
  );
}

/** Phases of the layers 1…K of every measured net. */
function phasesOf(setting: Setting, window: number): { readonly net: MeasuredNet; readonly layers: LayerPhases[] }[] {
  const nets = setting.nets.filter((net): net is MeasuredNet => net.state === "measured");
  const layers = (nets[0]?.layers ?? []).map((_, index) => layerPhases(setting, nets, index + 1, window));
  return nets.map((net, i) => ({ net, layers: layers.map((ofLayer) => ofLayer[i]) }));
}

function timingsOf(phases: ReadonlyMap<Setting, ReturnType<typeof phasesOf>>, crossings: Crossings): Timings {
  return new Map([...phases].map(([setting, nets]) => {
    const ofArm = crossings.get(setting.arm + setting.axes);
    return [
      setting,
      new Map(nets.map(({ net: { trial, epochs }, layers }) => [
        trial,
        layers.map(({ own, peakEpoch, ceiling }, index): Timing => {
          const compresses = own >= LEAST_COMPRESSION_BITS && !ceiling;
          return {
            crossing: ofArm?.get(trial)?.[index] ?? ANY_TIME,
            peak: ceiling ? ANY_TIME : peakWithin(peakEpoch, compresses, epochs),
            compresses,
          };
        }),
      ])),
    ];
  }));
}

/** Nets in which crossings and peaks have nothing to do with one another: both anywhere in log epochs. */
function planted({ nets }: Setting, batches: number, rules: readonly Rule[], stream: Context["stream"]) {
  const measured = nets.filter((net): net is MeasuredNet => net.state === "measured");
  if (measured.length === 0) return undefined;
  const { epochs, layers } = measured[0];
  const decades = log(epochs[epochs.length - 1]);
  return falseSupportOfParts(
    (draw) => {
      const epoch = () => {
        const at = exp(decades * draw.uniform());
        return { low: at, high: at };
      };
      const distances = measured.map(() => medianWithin(layers.map(() => octaves(epoch(), epoch()))));
      const list = () => Array.from({ length: batches }, epoch);
      return [distances, measured.map(() => spearmanWithin(list(), list()))];
    },
    rules,
    stream,
    `${measured.length} nets whose layers cross and peak at epochs that are independent and even on a logarithmic axis`,
  );
}

function timingTable(settings: readonly Setting[], timings: Timings): Table {
  const ends = (name: string, text: string) =>
    [
      { name: `${name}_low_epoch`, type: "float64", unit: "epochs", text: `${text}, not before.` },
      {
        name: `${name}_high_epoch`,
        type: "float64",
        unit: "epochs",
        text: `${text}, not after; null if open.`,
        nullable: true,
      },
    ] as const;
  return {
    name: "transition-timing",
    title: "Crossing of the gradient and peak of I(X;T) in every layer",
    columns: [
      ...NET_COLUMNS,
      { name: "layer", type: "int32", unit: "1", text: "1…K, K the softmax output." },
      ...ends("crossing", "e_SNR"),
      ...ends("peak", "e_peak"),
      { name: "compresses", type: "boolean", unit: null, text: "c^own ≥ 0.25 bit, and not at the ceiling." },
      {
        name: "octaves",
        type: "float64",
        unit: "1",
        text: "log₂(e_SNR/e_peak) of a layer that compresses; null if an epoch is open.",
        nullable: true,
      },
    ],
    rows: settings.flatMap((setting) =>
      setting.nets.flatMap(({ trial, replicate }) =>
        (timings.get(setting)!.get(trial) ?? []).map(({ crossing, peak, compresses }, index): Row => {
          const known = compresses && crossing.low === crossing.high && peak.low === peak.high;
          return {
            trial,
            arm: setting.arm,
            axes: setting.axes,
            replicate,
            estimator: setting.estimator,
            setting: setting.setting,
            layer: index + 1,
            crossing_low_epoch: crossing.low,
            crossing_high_epoch: Number.isFinite(crossing.high) ? crossing.high : null,
            peak_low_epoch: peak.low,
            peak_high_epoch: Number.isFinite(peak.high) ? peak.high : null,
            compresses,
            octaves: known ? log2(crossing.low / peak.low) : null,
          };
        })
      )
    ),
  };
}

function figuresOf({ name, rows }: Table, on: Setting, batches: readonly string[], below: number): Figure[] {
  const measurement = measurementOf(on);
  const where = { estimator: on.estimator, setting: on.setting };
  const last = rows.reduce((most, { layer }) => Math.max(most, Number(layer)), 0) - 1;
  return [
    {
      id: "transition-timing",
      title: "Octaves from the peak of I(X;T) to the crossing of the gradient",
      caption:
        "Each dot is a net and a layer that compresses: log₂(e_SNR/e_peak), 0 where the gradient turns to noise just as " +
        "compression starts, above it where it turns later. What was not seen to cross or to peak has no dot: see the table.",
      alt:
        "log₂ of the epoch of the SNR crossing over the epoch of the peak of I(X;T), of every net, by layer and arm.",
      table: name,
      where: { ...where, compresses: true },
      marks: [
        { mark: "rule-y", values: [-below, below], stroke: "muted" },
        { mark: "dot", x: "layer", y: "octaves", stroke: "arm", fx: "arm" },
      ],
      scales: {
        x: { label: "layer" },
        y: { label: `log₂(e_SNR/e_peak), peaks by ${measurement}` },
        color: { scheme: "arm" },
      },
    },
    {
      id: "crossing-against-peak",
      title: "Crossing and peak over batch sizes",
      caption:
        "Each dot is a net, at the last hidden layer. A small batch makes more updates an epoch, so that everything comes " +
        "earlier: along the diagonal arms differ in that too, and the sensitivity grid holds the rank correlation in updates. A layer that is noise from the start stands at epoch 1.",
      alt: "Epoch of the SNR crossing against the epoch of the peak of I(X;T) at the last hidden layer, by batch size.",
      table: name,
      where: { ...where, layer: last, compresses: true, arm: [...batches] },
      marks: [{ mark: "dot", x: "peak_high_epoch", y: "crossing_high_epoch", stroke: "arm" }],
      scales: {
        x: { label: `e_peak, epochs, ${measurement}`, type: "log" },
        y: { label: "e_SNR, epochs", type: "log" },
        color: { scheme: "arm" },
      },
    },
  ];
}

/** Everything that is known of one net on one axis of epochs, one panel a quantity. */
function onOneAxis(rows: StudyRows, on: Setting, crossings: Crossings): { tables: Table[]; figures: Figure[] } {
  const ofArm = crossings.get(on.arm + on.axes)!;
  const nets = on.nets.filter((net): net is MeasuredNet => net.state === "measured" && ofArm.has(net.trial));
  const crossingOf = ({ trial }: MeasuredNet) => ofArm.get(trial)!.at(-2)!;
  const crossed = nets.filter((net) => crossingOf(net).state === "crossed");
  const inOrder = [...crossed.length > 0 ? crossed : nets].sort((a, b) =>
    crossingOf(a).low - crossingOf(b).low || a.replicate - b.replicate
  );
  const net = inOrder[(inOrder.length - 1) >> 1];
  if (net === undefined) return { tables: [], figures: [] };
  const measurement = measurementOf(on);
  const place = { trial: net.trial, arm: on.arm, axes: on.axes, replicate: net.replicate };
  const information = (["ixt", "ity"] as const).flatMap((chain) =>
    net.layers.flatMap((layer, index) =>
      net.epochs.flatMap((epoch, e): Row[] => {
        const quantity = `${chain === "ixt" ? "I(X;T_k)" : "I(T_k;Y)"}, bits, ${measurement}`;
        return Number.isNaN(layer[chain][e])
          ? []
          : [{ ...place, quantity, unit: "bits", layer: index + 1, epoch, value: layer[chain][e] }];
      })
    )
  );
  const layers = net.layers.map((_, index) => index + 1);
  const ofNet = {
    series: rows.series.filter(({ trial, arm, axes }) => trial === net.trial && arm === on.arm && axes === on.axes),
  };
  const seen = (quantity: string, paths: typeof seriesPaths | typeof snrPathsOf, name: string) =>
    layers.flatMap((layer): Row[] => {
      const path = paths(ofNet, on.arm, name, layer, on.axes).get(net.trial);
      return (path?.epochs ?? []).map((epoch, i) => ({
        ...place,
        quantity,
        unit: "1",
        layer,
        epoch,
        value: path!.values[i],
      }));
    });
  const table: Table = {
    name: "phases-on-one-axis",
    title: "Information, gradients and weights of one net",
    columns: [
      ...NET_COLUMNS.filter(({ name }) => name in place),
      { name: "quantity", type: "string", unit: null, text: "Quantity, its unit and how it was found." },
      { name: "unit", type: "string", unit: null, text: "Unit of the value." },
      { name: "layer", type: "int32", unit: "1", text: "1…K, K the softmax output." },
      { name: "epoch", type: "int32", unit: "epochs", text: "Passes over the training set." },
      { name: "value", type: "float64", unit: null, text: "The number." },
    ],
    rows: [
      ...information,
      ...seen("log₁₀ SNR of the gradient at batch 512", snrPathsOf, SNR_QUANTITY),
      ...seen("‖W_k‖, weights and biases", seriesPaths, "weight_norm"),
      ...seen("D = ‖W_k − W_k(t₀)‖ since the layer's SNR crossing t₀", seriesPaths, "distance_from_crossing"),
    ],
  };
  const { state, low } = crossingOf(net);
  return {
    tables: [table],
    figures: [{
      id: "phases-on-one-axis",
      title: "Information, gradients and weights of one net",
      caption: "One net and no mean, a line a layer: " + (crossed.length > 0
        ? `of ${crossed.length} nets of ${nets.length} whose last hidden layer was seen to cross, the one that crosses at the ` +
          "(lower) median, the dashed rule"
        : "as the last hidden layer of none was seen to cross, the one whose crossing may come at the (lower) median") +
        ". D starts at a " +
        "layer's own crossing, and a layer without one has no line there. What happens at one epoch need not have one cause.",
      alt:
        "I(X;T), I(T;Y), the gradient's signal-to-noise ratio, the norm of the weights and their distance from where they crossed, " +
        "against one axis of epochs, a line a layer.",
      table: table.name,
      marks: [
        ...(state === "crossed" ? [{ mark: "rule-x" as const, values: [low], stroke: "accent" }] : []),
        { mark: "line", x: "epoch", y: "value", z: "layer", stroke: "layer", fy: "quantity" },
      ],
      scales: {
        x: { label: "epoch", type: "log" },
        y: { apart: true },
        color: { scheme: "layer" },
      },
    }],
  };
}

/** Five arms of twelve nets with two layers; in arm i they peak at epoch 100 + 40i. */
function plantedCases(): PlantedCase[] {
  const epochs = Array.from({ length: 101 }, (_, i) => 10 * i);
  const arms = ["main", "second", "third", "fourth", "fifth"];
  const rows = (crossing: (arm: number) => number) => {
    const [first, ...others] = arms.map((arm, i) => {
      const peak = 100 + 40 * i;
      const path = plantedPath(epochs, { from: 6, rise: 1, peak, fall: 1, settle: peak + 100 });
      const nets = plantedNets(12, () => ({ ixt: [path, path], ity: [path.map(() => 0.5), path.map(() => 0.5)] }));
      const role = arm === "main" ? "main" : "variant";
      const snr = epochs.map((epoch) => epoch < crossing(i) ? 8 : 1 / 8);
      return {
        ...plantedRows(nets, { epochs, arm, role, estimator: "binning", options: { count: 30, range: [-1, 1] } }),
        series: plantedSeries(SNR_QUANTITY, nets.map(() => [snr, snr]), { epochs, unit: "1", arm }),
      };
    });
    return joined(first, ...others);
  };
  return [
    {
      name: "nets of five arms whose gradients cross 20 epochs after the peak",
      ...{ truth: "positive", rows: rows((arm) => 120 + 40 * arm), options: { batches: arms } },
      verdicts: { "transition-timing": "supported" },
    },
    {
      name: "nets of five arms that cross long after the peak, and the earlier the later they peak",
      ...{ truth: "null", rows: rows((arm) => 480 - 30 * arm), options: { batches: arms } },
      verdicts: { "transition-timing": "contradicted" },
    },
  ];
}

function snrPathsOf(
  rows: Pick<StudyRows, "series">,
  arm: string,
  _quantity: string,
  layer: number | null,
  axes?: string,
) {
  return logSnrPaths(rows, arm, layer!, axes);
}

/** The estimator and its options, without the arm. */
function measurementOf({ label }: Setting): string {
  return label.replace(/,[^,]*$/, "");
}
