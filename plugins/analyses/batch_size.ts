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
  type TrialRow,
} from "@infoplane/core";
import {
  ANY_TIME,
  claimOf,
  decidingPart,
  endedAs,
  type Equal,
  falseSupportOfParts,
  horizonsOf,
  judgeNets,
  type LayerPhases,
  layerPhases,
  logSnrPaths,
  type MeasuredNet,
  median,
  type NetTheta,
  notMeasured,
  pairBoundsUnlessMeasured,
  pairedOutcomes,
  pathUntil,
  peakWithin,
  primaryOf,
  type Rule,
  scaled,
  type Setting,
  settingsOf,
  settingUntil,
  SNR_QUANTITY,
  snrCrossing,
  spearmanWithin,
  type Theta,
  trialsWith,
  UNKNOWN,
  updatesAnEpoch,
  WINDOW,
} from "@infoplane/core/claims";
import { exp } from "@infoplane/core/numerics";
import { plantedNets, plantedPath, plantedRows, plantedSeries, together } from "@infoplane/core/testing";
import { z } from "zod";

const batches = (suffix: string) => ["16", "64", "256", "1024", "full"].map((batch) => `batch-${batch}${suffix}`);

const options = z.strictObject({
  primary: z.strictObject({
    estimator: z.string().default("binning"),
    options: z.record(z.string(), z.json()).default({ count: 30, range: [-1, 1] }),
  }).prefault({}).describe("the measurement the verdict rests on"),
  rates: z.record(z.string(), z.array(z.string()).min(3)).default({
    "fixed rate": batches(""),
    "scaled rate": batches("-scaled"),
  }).describe(
    "for each choice of the learning rate, arms that differ in their batch, from the smallest batch to the full one",
  ),
  delta: z.number().gt(0).lt(1).default(0.5).describe("rank correlation over batches that must be exceeded"),
  amount: z.number().positive().default(0.25).describe(
    "bits by which the smallest batch must compress more than the full one",
  ),
});

type Options = z.infer<typeof options>;

/** Layers that fall by less have no peak from which compression starts. */
const LEAST_COMPRESSION_BITS = 0.25;
const CORRELATIONS = [0.3, 0.5, 0.7];
const AMOUNTS = [0.1, 0.25, 0.5];
const EQUALS: readonly Equal[] = ["updates", "epochs"];

/** Smaller batches compress more, and start when their gradient turns to noise. */
export const batchSize: Analysis<Options> = defineAnalysis({
  id: "batch-size",
  title: "The size of the mini-batch",
  description:
    "Does the batch decide when compression starts and how far it goes? Within a replicate, over batches: the update of the SNR " +
    "crossing against that of the peak of I(X;T), and how far the smallest batch compresses beyond the full one, after equally many " +
    "updates and epochs (Shwartz-Ziv and Tishby, arXiv:1703.00810). Reads what analysis gradient-snr stores.",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted: plantedCases,
});

/** Arms that are compared, each read up to its horizon. */
interface Comparison {
  readonly rate: string;
  readonly equal: Equal;
  readonly words: string;
  readonly arms: readonly Setting[];
}

/** The last hidden layer of a net up to its horizon. */
interface Reading {
  readonly net: MeasuredNet;
  readonly perEpoch: number;
  readonly phases: LayerPhases;
  /** In updates, as far as they are known. */
  readonly crossed: Theta;
  readonly peak: Theta;
}

/** How peaks, crossings and amounts are read. */
interface Definition {
  readonly window: number;
  readonly afterTop: boolean;
}

const BY_RULE: Definition = { window: WINDOW, afterTop: false };

function reduce(rows: StudyRows, { primary, rates, delta, amount }: Options, ctx: Context): AnalysisResult {
  const snr = { trials: rows.trials, series: rows.series.filter(({ quantity }) => quantity === SNR_QUANTITY) };
  const settings = settingsOf(rows, ["ixt"]);
  const on = primaryOf(settings, primary);
  if (!on || on.problem.layers.length === 1) return {};
  const correlated: Rule = { side: "above", delta };
  const more: Rule = { side: "above", delta: amount };
  const measurements = [on, ...settings.filter((setting) => setting.arm === on.arm && setting !== on)];

  const comparisonsOf = remembered((measurement: Setting): Comparison[] =>
    Object.entries(rates).flatMap(([rate, names]) =>
      EQUALS.map((equal) => {
        const horizons = horizonsOf(rows, names, equal, measurement.axes);
        const arms = names.flatMap((arm) => {
          const found = settings.find((one) =>
            one.arm === arm && one.axes === measurement.axes && one.estimator === measurement.estimator &&
            one.setting === measurement.setting
          );
          return found ? [settingUntil(found, horizons.get(arm) ?? Infinity)] : [];
        });
        return { rate, equal, words: `${rate}, equal ${equal}`, arms };
      })
    )
  );
  const trialsOfArm = (setting: Setting) => endedAs(setting, trialsWith(snr, SNR_QUANTITY, setting.arm, setting.axes));
  const readingsBy = remembered((arm: Setting) =>
    remembered((definition: string) => readingsOf(snr, arm, JSON.parse(definition) as Definition, rows.trials))
  );
  const readings = (arm: Setting, definition: Definition) => readingsBy(arm)(JSON.stringify(definition));

  /** The rank correlation of crossing and peak over batches. */
  function correlations({ arms, rate }: Comparison, definition: Definition) {
    if (arms.length < rates[rate].length) return undefined;
    const of = arms.map((arm) => readings(arm, definition));
    return pairedOutcomes(arms.map(trialsOfArm), (trials): NetTheta => {
      const found = trials.map(({ trial }, i) => of[i].get(trial)!);
      const rho = spearmanWithin(found.map(({ crossed }) => crossed), found.map(({ peak }) => peak));
      return Number.isNaN(rho.low) ? { leftOut: "all batches cross or peak at one update" } : rho;
    });
  }

  /** How far the smallest batch compresses beyond the full one. */
  function amounts({ arms, rate }: Comparison, definition: Definition, kind: "loo" | "own") {
    if (arms.length < rates[rate].length) return undefined;
    const ends = [arms[0], arms[arms.length - 1]];
    const of = ends.map((arm) => readings(arm, definition));
    return pairedOutcomes(ends.map(trialsOfArm), (trials): NetTheta => {
      const [small, full] = trials.map(({ trial }, i) => of[i].get(trial)!.phases);
      if (small.ceiling || full.ceiling) return UNKNOWN;
      const theta = small[kind] - full[kind];
      return Number.isNaN(theta) ? { leftOut: "a net alone has no c^loo" } : { low: theta, high: theta };
    });
  }

  const partsOf = (measurement: Setting): ClaimResult[] => {
    const named = measurementOf(measurement);
    const judged = (label: string, unit: string, nets: ReturnType<typeof amounts>, rule: Rule) =>
      nets ? judgeNets(label, unit, nets, rule) : notMeasured(label, unit);
    return comparisonsOf(measurement).flatMap((comparison) => [
      judged(
        `${named}, ${comparison.words} · rank correlation of crossing and peak`,
        "1",
        correlations(comparison, BY_RULE),
        correlated,
      ),
      judged(
        `${named}, ${comparison.words} · c of the smallest batch less c of the full one`,
        "bits",
        amounts(comparison, BY_RULE, "loo"),
        more,
      ),
    ]);
  };

  const sensitivityOf = (measurement: Setting) =>
    comparisonsOf(measurement).flatMap((comparison) => {
      const label = `${measurementOf(measurement)}, ${comparison.words}`;
      return [WINDOW, 1].flatMap((window) => {
        const peak = window === 1 ? "peak of single snapshots" : `peak of the median of ${window}`;
        const cells = (
          words: string,
          unit: string,
          nets: ReturnType<typeof amounts>,
          deltas: readonly number[],
        ) =>
          nets === undefined ? [] : deltas.map((delta) => ({
            label: `${label} · ${words}, ${peak}`,
            delta,
            verdict: judgeNets(label, unit, nets, { side: "above", delta }).verdict,
          }));
        return [
          ...[false, true].flatMap((afterTop) =>
            cells(
              afterTop ? "ρ, crossing after the highest SNR" : "ρ, crossing by the rule",
              "1",
              correlations(comparison, { window, afterTop }),
              CORRELATIONS,
            )
          ),
          ...(["loo", "own"] as const).flatMap((kind) =>
            cells(`c^${kind}`, "bits", amounts(comparison, { window, afterTop: false }, kind), AMOUNTS)
          ),
        ];
      });
    });

  const measured = snr.series.length > 0;
  const parts = measured ? partsOf(on) : [notMeasured(`${on.label} · gradient SNR at 512`, "1")];
  const smallest = Object.values(rates)[0];
  const claim = claimOf(
    {
      id: "batch-size",
      statement: "A smaller batch compresses more, and the batch sets when compression starts as it sets when the " +
        "gradient turns to noise.",
      rule:
        "At the last hidden layer, within a replicate over batches. θ₁ = Spearman's ρ of e_peak and e_SNR, both in updates: L > " +
        `${delta}. θ₂ = c^loo of the smallest batch less c^loo of the full one, in bits: L > ${amount}. Both must hold for ` +
        `${
          Object.keys(rates).join(" and ")
        }, after equally many updates and after equally many epochs: a path is cut there before ` +
        "anything is read from it. What was not seen to cross or to peak by then lies on its open side; a layer at the ceiling says nothing.",
    },
    correlated,
    {
      on,
      primary: parts[0],
      parts,
      others: !measured ? [] : [
        ...measurements.slice(1).map((measurement) => decidingPart(partsOf(measurement))),
        ...pairBoundsUnlessMeasured(settings, "1"),
      ],
      sensitivity: measured ? measurements.flatMap(sensitivityOf) : [],
      falseSupport: measured ? planted(parts, smallest.length, [correlated, more], ctx.stream) : undefined,
    },
    rows.profile,
  );
  if (!measured) return { claims: [claim] };
  const table = readingsTable(
    measurements.flatMap((measurement) =>
      comparisonsOf(measurement).flatMap((comparison) =>
        comparison.arms.map((arm) => ({ comparison, arm, readings: readings(arm, BY_RULE) }))
      )
    ),
  );
  return { tables: [table], claims: [claim], figures: figuresOf(table, on, amount) };
}

/** The same function, which finds what it found before. */
function remembered<Key, Value>(find: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, value = find(key));
    return value;
  };
}

function readingsOf(
  snr: Pick<StudyRows, "series">,
  arm: Setting,
  { window, afterTop }: Definition,
  trials: readonly TrialRow[],
): Map<string, Reading> {
  const nets = arm.nets.filter((net): net is MeasuredNet => net.state === "measured");
  const last = (nets[0]?.layers.length ?? 0) - 1;
  if (last < 1) return new Map();
  const phases = layerPhases(arm, nets, last, window);
  const paths = logSnrPaths(snr, arm.arm, last, arm.axes);
  return new Map(nets.map((net, i) => {
    const { trial, epochs } = net;
    const perEpoch = updatesAnEpoch(trials.find((one) => one.trial === trial && one.arm === arm.arm)!);
    const path = pathUntil(paths.get(trial) ?? { epochs: [], values: [] }, epochs[epochs.length - 1]);
    const crossed = path.epochs.length === 0 ? ANY_TIME : scaled(snrCrossing(path, { afterTop }), perEpoch);
    return [trial, {
      net,
      perEpoch,
      phases: phases[i],
      crossed,
      peak: scaled(
        phases[i].ceiling ? ANY_TIME : peakWithin(phases[i].peakEpoch, compresses(phases[i]), epochs),
        perEpoch,
      ),
    }];
  }));
}

function compresses({ own, ceiling }: LayerPhases): boolean {
  return own >= LEAST_COMPRESSION_BITS && !ceiling;
}

/** Decades of updates over which planted crossings and peaks lie. */
const DECADES = 4;
const LN_10 = 2.302585092994046;

/** Nets whose crossings and peaks have nothing to do with one another, and whose batches compress alike but for the scatter seen. */
function planted(
  parts: readonly ClaimResult[],
  batches: number,
  [correlated, more]: readonly Rule[],
  stream: Context["stream"],
) {
  const differences = parts.filter(({ unit, theta }) => unit === "bits" && theta.length > 0);
  const nets = Math.max(0, ...parts.map(({ counted }) => counted?.length ?? 0));
  if (nets === 0) return undefined;
  const sd = Math.max(0, ...differences.map(({ theta }) => scatterOf(theta)));
  return falseSupportOfParts(
    (draw) => {
      const list = () =>
        Array.from({ length: batches }, () => {
          const at = exp(DECADES * LN_10 * draw.uniform());
          return { low: at, high: at };
        });
      const rhos = Array.from({ length: nets }, () => spearmanWithin(list(), list()));
      const amounts = Array.from({ length: nets }, () => {
        const theta = sd * draw.normal();
        return { low: theta, high: theta };
      });
      return [rhos, amounts];
    },
    [correlated, more],
    stream,
    `${nets} nets whose crossings and peaks are independent and even on a logarithmic axis, and whose batches compress alike but ` +
      `for a normal scatter of ${sd.toFixed(2)} bit; all ways of comparing as one`,
  );
}

/** The standard deviation that normal numbers of this median distance from their median have. */
function scatterOf(theta: readonly (number | null)[]): number {
  const known = theta.filter((value) => value !== null);
  if (known.length === 0) return 0;
  const middle = median(known);
  return 1.4826 * median(known.map((value) => Math.abs(value - middle)));
}

function readingsTable(
  found: readonly {
    readonly comparison: Comparison;
    readonly arm: Setting;
    readonly readings: ReadonlyMap<string, Reading>;
  }[],
): Table {
  const updates = (
    name: string,
    text: string,
    nullable = false,
  ) => ({ name, type: "float64", unit: "updates", text, ...(nullable ? { nullable } : {}) } as const);
  const bits = (name: string, text: string) => ({ name, type: "float64", unit: "bits", text } as const);
  const open = (value: number) => Number.isFinite(value) ? value : null;
  return {
    name: "batch-size",
    title: "Crossing, peak and compression of the last hidden layer by batch",
    columns: [
      ...NET_COLUMNS,
      { name: "rate", type: "string", unit: null, text: "How the learning rate goes with the batch." },
      { name: "equal", type: "string", unit: null, text: "What is equal among the arms compared: updates or epochs." },
      { name: "last_epoch", type: "int32", unit: "epochs", text: "The last snapshot that is read." },
      { name: "batch", type: "string", unit: null, text: "The batch by its updates in an epoch, in words." },
      { name: "updates_an_epoch", type: "float64", unit: "updates", text: "Updates in an epoch." },
      updates("crossing_low_updates", "e_SNR, not before."),
      updates("crossing_high_updates", "e_SNR, not after; null if open.", true),
      updates("peak_low_updates", "e_peak, not before."),
      updates("peak_high_updates", "e_peak, not after; null if open.", true),
      bits("own_bits", "c^own = max Ĩ − I_end of I(X;T)."),
      { ...bits("loo_bits", "c^loo = Ĩ where the other nets' median path peaks, minus I_end."), nullable: true },
      bits("end_bits", "I_end."),
      { name: "ceiling", type: "boolean", unit: null, text: "I_end > H(X) − 0.25 bit: reported, not judged." },
      { name: "compresses", type: "boolean", unit: null, text: "c^own ≥ 0.25 bit, and not at the ceiling." },
    ],
    rows: found.flatMap(({ comparison, arm, readings }) =>
      [...readings.values()].map(({ net, perEpoch, phases, crossed, peak }): Row => ({
        trial: net.trial,
        arm: arm.arm,
        axes: arm.axes,
        replicate: net.replicate,
        estimator: arm.estimator,
        setting: arm.setting,
        rate: comparison.rate,
        equal: comparison.equal,
        last_epoch: net.epochs[net.epochs.length - 1],
        batch: `${perEpoch} an epoch`,
        updates_an_epoch: perEpoch,
        crossing_low_updates: crossed.low,
        crossing_high_updates: open(crossed.high),
        peak_low_updates: peak.low,
        peak_high_updates: open(peak.high),
        own_bits: phases.own,
        loo_bits: open(phases.loo),
        end_bits: phases.end,
        ceiling: phases.ceiling,
        compresses: compresses(phases),
      }))
    ),
  };
}

function figuresOf({ name }: Table, on: Setting, amount: number): Figure[] {
  const measurement = measurementOf(on);
  const where = { estimator: on.estimator, setting: on.setting, equal: "updates" };
  return [
    {
      id: "compression-by-batch",
      title: "How far the last hidden layer compresses, by batch",
      caption:
        "Each dot is a net, all read after equally many updates: c^loo against the updates in an epoch, which are many where the " +
        `batch is small. Noise that compresses would make dots rise to the right; the rule is at ${amount} bit. Arms of a panel ` +
        "differ in how many epochs they have seen.",
      alt:
        "Compression in bits of every net against the number of updates in an epoch, a panel a choice of learning rate.",
      table: name,
      where,
      marks: [
        { mark: "rule-y", values: [0, amount], stroke: "muted" },
        { mark: "dot", x: "updates_an_epoch", y: "loo_bits", stroke: "accent", fx: "rate" },
      ],
      scales: {
        x: { label: "updates an epoch", type: "log" },
        y: { label: `c^loo of I(X;T), bits, ${measurement}` },
      },
    },
    {
      id: "batch-crossing-against-peak",
      title: "Crossing of the gradient and peak of I(X;T), by batch",
      caption:
        "Each dot is a net whose last hidden layer compresses, coloured by the updates in an epoch, both axes in updates, all read up to equally many of them. What was " +
        "not seen to cross or to peak by then has no dot: see the table.",
      alt:
        "Update of the SNR crossing against the update of the peak of I(X;T), by batch, a panel a choice of learning rate.",
      table: name,
      where: { ...where, compresses: true },
      marks: [{ mark: "dot", x: "peak_high_updates", y: "crossing_high_updates", stroke: "batch", fx: "rate" }],
      scales: {
        x: { label: `e_peak, updates, ${measurement}`, type: "log" },
        y: { label: "e_SNR, updates", type: "log" },
        color: { scheme: "arm" },
      },
    },
  ];
}

/** Twelve replicates of three batches, of 4, 2 and 1 updates an epoch. */
function plantedCases(): PlantedCase[] {
  const epochs = Array.from({ length: 101 }, (_, i) => 10 * i);
  const perEpoch = [4, 2, 1];
  const arms = perEpoch.map((updates) => `batch-of-${updates}`);
  /** Updates of crossings and bits of falls, batch by batch; layers peak after 200, 300 and 400 updates. */
  const rows = (crossings: readonly number[], falls: readonly number[]) => {
    const [first, ...others] = arms.map((arm, i) => {
      const peak = (200 + 100 * i) / perEpoch[i];
      const path = plantedPath(epochs, { from: 6, rise: 2, peak, fall: falls[i], settle: peak + 50 });
      const nets = plantedNets(12, () => ({ ixt: [path, path], ity: [path.map(() => 0.5), path.map(() => 0.5)] }));
      const snr = epochs.map((epoch) => epoch * perEpoch[i] < crossings[i] ? 8 : 1 / 8);
      const role = i === 0 ? "main" : "variant";
      const found = plantedRows(nets, {
        ...{ epochs, arm, role, estimator: "binning", options: { count: 30, range: [-1, 1] } },
      });
      return {
        ...found,
        trials: found.trials.map((trial) => ({ ...trial, updates: perEpoch[i] * trial.epochs })),
        series: plantedSeries(SNR_QUANTITY, nets.map(() => [snr, snr]), { epochs, unit: "1", arm }),
      };
    });
    return together(first, ...others);
  };
  const options = { rates: { "fixed rate": arms } };
  return [
    {
      name: "later crossings with later peaks, and 0.6 bit more by the smallest batch",
      ...{ truth: "positive", rows: rows([240, 360, 480], [1.2, 0.9, 0.6]), options },
      verdicts: { "batch-size": "supported" },
    },
    {
      name: "earlier crossings with later peaks, and batches that compress alike",
      ...{ truth: "null", rows: rows([480, 360, 240], [0.9, 0.9, 0.9]), options },
      verdicts: { "batch-size": "contradicted" },
    },
  ];
}

/** The estimator and its options, without the arm. */
function measurementOf({ label }: Setting): string {
  return label.replace(/,[^,]*$/, "");
}
