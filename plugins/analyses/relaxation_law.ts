import {
  type Analysis,
  type AnalysisResult,
  type Claim,
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
  claimOf,
  falseSupportRate,
  fitGrowth,
  growthAt,
  type GrowthFit,
  growthFitter,
  type GrowthLaw,
  type GrowthPoint,
  judge,
  layerPhases,
  logDensity,
  type MeasuredNet,
  type NetTheta,
  once,
  pairBoundsUnlessMeasured,
  primaryOf,
  type Rule,
  type Setting,
  settingsOf,
  type Statistic,
  type Theta,
  WINDOW,
} from "@infoplane/core/claims";
import { exp, log } from "@infoplane/core/numerics";
import { plantedNets, plantedRows } from "@infoplane/core/testing";
import { z } from "zod";

const options = z.strictObject({
  primary: z.strictObject({
    estimator: z.string().default("binning"),
    options: z.record(z.string(), z.json()).default({ count: 30, range: [-1, 1] }),
  }).prefault({}).describe("the measurement the verdict rests on"),
  arm: z.string().default("decreasing-5").describe("the arm that is judged; every arm where the study has no such"),
  delta: z.number().positive().default(0.1).describe("nats a point by which the exponential must beat its best rival"),
});

type Options = z.infer<typeof options>;

const RIVALS = ["power", "linear"] as const;
const LAWS = ["exponential", ...RIVALS] as const;
/** Layers that fall by less have no relaxation whose length could be told. */
const LEAST_COMPRESSION_BITS = 0.25;
const NATS_PER_BIT = 0.6931471805599453;
const DELTAS = [0.05, 0.1, 0.2];
/** Layers of one net from which an exponent of its own is read. */
const LEAST_OWN_POINTS = 3;
/** Amounts at which a fitted law is drawn. */
const DRAWN = 40;

/** Whether layers take exponentially longer to settle the more they compress. */
export const relaxationLaw: Analysis<Options> = defineAnalysis({
  id: "relaxation-law",
  title: "Relaxation law",
  description:
    "Is the time a layer takes to compress exponential in how much it compresses, Δt_k ∼ exp(ΔS_k) (Tishby, Information " +
    "Theory of Deep Learning, 2018)? Laws are compared by the density they give to times of nets that they were not fitted to.",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted: plantedCases,
});

/**
 * Which ΔS_k: `between`, the slide's I(X;T_k) − I(X;T_{k−1}) at the end, T_0 the input; `own`, the layer's own fall c^own from its peak.
 * Laws are fitted to magnitudes, in nats.
 */
type Gap = "between" | "own";

/** A layer of one net. */
interface Relaxation {
  readonly layer: number;
  /** Negative where the layer holds less than the one before; NaN without either. */
  readonly between: number;
  readonly own: number;
  readonly peakEpoch: number;
  readonly settleEpoch: number;
  readonly lateEpoch: number;
  /** Why its relaxation has no length. */
  readonly without?: string;
}

function reduce(rows: StudyRows, { primary, arm, delta }: Options, { stream }: Context): AnalysisResult {
  const all = settingsOf(rows, ["ixt"]);
  const settings = all.some((setting) => setting.arm === arm) ? all.filter((setting) => setting.arm === arm) : all;
  const on = primaryOf(settings, primary);
  const table = relaxationsTable(settings);
  if (!on) return { tables: [table] };
  const statistics = (["between", "own"] as const).flatMap((gap) =>
    [WINDOW, 1].map((window) => ({
      gap,
      window,
      gain: once(gainStatistic(gap, window)),
      exponent: once(exponentStatistic(gap, window)),
    }))
  );
  const [{ gain, exponent }, , { gain: ownGain, exponent: ownExponent }] = statistics;
  const rule = ruleOf(delta);
  const superLinear: Rule = { side: "above", delta: 1 };
  const named = (result: ClaimResult, gap: Gap): ClaimResult => ({
    ...result,
    setting: `${result.setting}, ${gapWords(gap)}`,
  });
  const others = (of: Statistic, ofOwn: Statistic, rule: Rule) => [
    ...settings.filter((setting) => setting !== on).map((setting) => named(judge(setting, of, rule), "between")),
    ...settings.map((setting) => named(judge(setting, ofOwn, rule), "own")),
    ...pairBoundsUnlessMeasured(settings, of.unit),
  ];
  const grid = (which: "gain" | "exponent", rules: readonly Rule[]): Claim["sensitivity"] =>
    settings.flatMap((setting) =>
      statistics.flatMap(({ gap, window, [which]: statistic }) =>
        rules.map((rule) => ({
          label: `${setting.label} · ${gapWords(gap)} · ${
            window === 1 ? "peak of single snapshots" : `peak of the median of ${window}`
          }`,
          delta: rule.delta,
          verdict: judge(setting, statistic, rule).verdict,
        }))
      )
    );
  const points = pointsOf(on, "between", WINDOW);
  const fits = LAWS.flatMap((law) => fitGrowth(law, points.flat()) ?? []);
  return {
    tables: [table, densitiesTable(settings), sumsTable(settings), lawsTable(points, fits)],
    claims: [
      claimOf(
        {
          id: "relaxation-law",
          statement: "The time a layer takes to compress is exponential in how much it compresses.",
          rule:
            "θ = ln density of a net's Δt_k under the exponential a·exp(b|ΔS|), less that under its best rival, a power of |ΔS| or a " +
            "straight line that starts at or above 0, in nats a layer; laws are fitted to the other nets, ln Δt normal about each. ΔS_k is " +
            "I(X;T_k) less that of the layer below, at the end, in nats; Δt_k = e_settle − e_peak of layers with c^own ≥ 0.25 bit below " +
            `the ceiling, at least so long if e_settle comes after half of the training. Supported if L > ${delta} and b > 0, contradicted ` +
            `if U < −${delta}. L takes the best rival of each net, and −∞ where b ≤ 0; U takes the rival that is best over all nets.`,
        },
        rule,
        {
          on,
          primary: named(judge(on, gain, rule), "between"),
          others: others(gain, ownGain, rule),
          sensitivity: grid("gain", DELTAS.map(ruleOf)),
          falseSupport: planted(points, rule, stream),
        },
        rows.profile,
      ),
      claimOf(
        {
          id: "relaxation-super-linear",
          statement: "The time a layer takes to compress grows faster than in proportion to how much it compresses.",
          rule:
            "θ = exponent of the power of |ΔS| that Δt follows over the layers of one net, by least squares of logarithms, for nets with at least " +
            `${LEAST_OWN_POINTS} layers whose Δt_k is known; ΔS and Δt as for the relaxation law. Supported if L > 1, contradicted if ` +
            "U < 1, undecided if fewer than half of the nets have it. A net with a layer that may take longer is open on that side.",
        },
        superLinear,
        {
          on,
          primary: named(judge(on, exponent, superLinear), "between"),
          others: others(exponent, ownExponent, superLinear),
          sensitivity: grid("exponent", [superLinear]),
          falseSupport: plantedExponents(points, superLinear, stream),
        },
        rows.profile,
      ),
    ],
    figures: fits.length > 0 ? [lawsFigure(on)] : [],
  };
}

function ruleOf(delta: number): Rule {
  return { side: "above", delta, against: -delta };
}

function gapWords(gap: Gap): string {
  return gap === "between" ? "ΔS between layers" : "ΔS = c^own";
}

function measuredOf(setting: Setting): MeasuredNet[] {
  return setting.nets.filter((net): net is MeasuredNet => net.state === "measured");
}

/** Layers 1…K of each measured net. */
function relaxationsOf(setting: Setting, nets: readonly MeasuredNet[], window: number): Relaxation[][] {
  const layers = (nets[0]?.layers ?? []).map((_, index) => layerPhases(setting, nets, index + 1, window));
  return nets.map(({ epochs }, i) =>
    layers.map((phases, index): Relaxation => {
      const { end, own, peakEpoch, settleEpoch, ceiling } = phases[i];
      const before = index === 0 ? setting.problem.hxBits ?? NaN : layers[index - 1][i].end;
      const without = ceiling
        ? "at the ceiling"
        : own < LEAST_COMPRESSION_BITS
        ? `c^own is below ${LEAST_COMPRESSION_BITS} bit`
        : settleEpoch <= peakEpoch
        ? "it is greatest at the last snapshot: it does not fall"
        : undefined;
      return {
        layer: index + 1,
        between: (end - before) * NATS_PER_BIT,
        own: own * NATS_PER_BIT,
        peakEpoch,
        settleEpoch,
        lateEpoch: epochs[epochs.length - 1] / 2,
        ...(without === undefined ? {} : { without }),
      };
    })
  );
}

/** What is fitted of one net: a layer that is no lower than the one before has nothing to relax between them. */
function growthPoints(layers: readonly Relaxation[], gap: Gap): GrowthPoint[] {
  return layers.flatMap(({ between, own, peakEpoch, settleEpoch, lateEpoch, without }) => {
    const amount = Math.abs(gap === "between" ? between : own);
    if (without !== undefined || !(amount > 0)) return [];
    return [{ amount, time: settleEpoch - peakEpoch, censored: settleEpoch > lateEpoch }];
  });
}

function pointsOf(setting: Setting, gap: Gap, window: number, nets = measuredOf(setting)): GrowthPoint[][] {
  return relaxationsOf(setting, nets, window).map((layers) => growthPoints(layers, gap));
}

/** Mean ln density a point of one net under each law fitted to the other nets, and the slope of the exponential. */
interface HeldOut {
  readonly points: number;
  readonly densities: { readonly [law in GrowthLaw]: number };
  readonly slope: number;
}

/** For each net; undefined for one without points, or if the others cannot be fitted. */
function heldOut(nets: readonly (readonly GrowthPoint[])[]): (HeldOut | undefined)[] {
  const netOf = nets.flatMap((points, net) => points.map(() => net));
  const fit = growthFitter(nets.flat());
  return nets.map((own, net) => {
    const others = [...netOf.keys()].filter((row) => netOf[row] !== net);
    const [exponential, power, linear] = LAWS.map((law) => fit(law, others));
    if (own.length === 0 || !exponential || !power || !linear) return undefined;
    const density = (fit: GrowthFit) => own.reduce((sum, point) => sum + logDensity(fit, point), 0) / own.length;
    return {
      points: own.length,
      densities: { exponential: density(exponential), power: density(power), linear: density(linear) },
      slope: exponential.slope,
    };
  });
}

/** θ of each net: what the exponential gains on its best rival, in nats a point. */
function gains(held: readonly (HeldOut | undefined)[]): NetTheta[] {
  const total = (law: GrowthLaw) => held.reduce((sum, net) => sum + (net ? net.points * net.densities[law] : 0), 0);
  const [first, second] = RIVALS;
  const strongest = total(second) > total(first) ? second : first;
  return held.map((net) => {
    if (net === undefined) {
      return { leftOut: "it has no layer whose relaxation has a length, or the other nets have too few" };
    }
    const { densities, slope } = net;
    const own = Math.max(...RIVALS.map((law) => densities[law]));
    return {
      low: slope > 0 ? densities.exponential - own : -Infinity,
      high: densities.exponential - densities[strongest],
    };
  });
}

function gainStatistic(gap: Gap, window: number): Statistic {
  return {
    unit: "nats",
    leastShare: 0.5,
    thetas: (setting, nets) => gains(heldOut(pointsOf(setting, gap, window, [...nets]))),
  };
}

function exponentStatistic(gap: Gap, window: number): Statistic {
  return {
    unit: "1",
    leastShare: 0.5,
    thetas: (setting, nets) => pointsOf(setting, gap, window, [...nets]).map(ownExponent),
  };
}

/** b of Δt = a|ΔS|^b over the layers of one net; open towards where its censored layers would turn it. */
function ownExponent(points: readonly GrowthPoint[]): NetTheta {
  if (points.length < LEAST_OWN_POINTS) {
    return { leftOut: `it has fewer than ${LEAST_OWN_POINTS} layers whose relaxation has a length` };
  }
  const x = points.map(({ amount }) => log(amount));
  const mean = x.reduce((a, b) => a + b) / x.length;
  const squares = x.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  if (!(squares > 0)) return { leftOut: "its layers compress alike" };
  const slope = points.reduce((sum, { time }, i) => sum + (x[i] - mean) * log(time), 0) / squares;
  const later = points.flatMap(({ censored }, i) => censored ? [x[i] - mean] : []);
  return {
    low: later.some((side) => side < 0) ? -Infinity : slope,
    high: later.some((side) => side > 0) ? Infinity : slope,
  };
}

/** Nets of the measured amounts whose times follow a power instead, with the scatter found about it; none is censored. */
function planted(nets: readonly (readonly GrowthPoint[])[], rule: Rule, stream: Context["stream"]) {
  const fit = fitGrowth("power", nets.flat());
  if (fit === undefined) return undefined;
  return falseSupportRate(
    (draw) => gains(heldOut(timesBy(fit, nets, draw))).filter((theta): theta is Theta => "low" in theta),
    rule,
    stream.child("power"),
    `${nets.length} nets of the measured |ΔS| with times by the power law fitted to them, ${
      lawWords(fit)
    }, none of them censored`,
  );
}

/** The same nets with times in proportion to |ΔS|. */
function plantedExponents(nets: readonly (readonly GrowthPoint[])[], rule: Rule, stream: Context["stream"]) {
  const fit = fitGrowth("power", nets.flat());
  if (fit === undefined) return undefined;
  const proportional: GrowthFit = { ...fit, slope: 1 };
  return falseSupportRate(
    (draw) => timesBy(proportional, nets, draw).map(ownExponent).filter((theta): theta is Theta => "low" in theta),
    rule,
    stream.child("proportional"),
    `${nets.length} nets of the measured |ΔS| with times in proportion to it, scattered by a factor of ${
      exp(fit.sigma).toFixed(2)
    }`,
  );
}

function timesBy(fit: GrowthFit, nets: readonly (readonly GrowthPoint[])[], draw: Context["stream"]): GrowthPoint[][] {
  return nets.map((points) =>
    points.map(({ amount }) => ({
      amount,
      time: exp(growthAt(fit, amount) + fit.sigma * draw.normal()),
      censored: false,
    }))
  );
}

function lawWords({ law, start, slope, tilt, sigma }: GrowthFit): string {
  const a = exp(start).toPrecision(3);
  const scatter = `scattered by a factor of ${exp(sigma).toFixed(2)}`;
  if (law === "exponential") return `Δt = ${a}·exp(${slope.toFixed(2)}|ΔS|), ${scatter}`;
  if (law === "power") return `Δt = ${a}·|ΔS| to the power ${slope.toFixed(2)}, ${scatter}`;
  return tilt === Infinity ? `Δt = ${a}·|ΔS|, ${scatter}` : `Δt = ${a}·(1 + ${tilt.toPrecision(3)}|ΔS|), ${scatter}`;
}

const identityOf = ({ arm, axes, estimator, setting }: Setting, { trial, replicate }: MeasuredNet): Row => ({
  ...{ trial, arm, axes, replicate, estimator, setting },
});

function relaxationsTable(settings: readonly Setting[]): Table {
  const nats = (name: string, text: string) => ({ name, type: "float64", unit: "nats", text, nullable: true } as const);
  const epochs = (name: string, text: string) => ({ name, type: "int32", unit: "epochs", text } as const);
  return {
    name: "relaxations",
    title: "How far and how long each layer falls",
    columns: [
      ...NET_COLUMNS,
      { name: "layer", type: "int32", unit: "1", text: "1…K, K the softmax output." },
      nats(
        "between_nats",
        "ΔS_k = I(X;T_k) − I(X;T_{k−1}) at the end, T_0 the input; the end is the median of 5 snapshots.",
      ),
      nats("own_nats", "c^own = max Ĩ − I_end."),
      epochs("peak_epoch", "First epoch at which Ĩ, the running median of 5 snapshots, is greatest."),
      epochs("settle_epoch", "First epoch from which |Ĩ − I_end| ≤ 0.1 c^own for good."),
      { ...epochs("relaxation_epochs", "Δt = settle_epoch − peak_epoch."), nullable: true },
      {
        name: "censored",
        type: "boolean",
        unit: null,
        text: "It settles after half of the training: Δt is at least this.",
      },
      { name: "reason", type: "string", unit: null, text: "Why there is no Δt.", nullable: true },
    ],
    rows: settings.flatMap((setting) => {
      const nets = measuredOf(setting);
      return relaxationsOf(setting, nets, WINDOW).flatMap((layers, i) =>
        layers.map(({ layer, between, own, peakEpoch, settleEpoch, lateEpoch, without }): Row => ({
          ...identityOf(setting, nets[i]),
          layer,
          between_nats: finite(between),
          own_nats: own,
          peak_epoch: peakEpoch,
          settle_epoch: settleEpoch,
          relaxation_epochs: without === undefined ? settleEpoch - peakEpoch : null,
          censored: without === undefined && settleEpoch > lateEpoch,
          reason: without ?? null,
        }))
      );
    }),
  };
}

/** What the verdict rests on: each net under the laws fitted to the others. */
function densitiesTable(settings: readonly Setting[]): Table {
  const nats = (law: string) => ({
    name: `${law}_nats`,
    type: "float64",
    unit: "nats",
    text: `Mean over the net's layers of ln density of Δt under the ${law} law.`,
  } as const);
  return {
    name: "relaxation-densities",
    title: "Relaxation times under laws fitted to the other nets",
    columns: [
      ...NET_COLUMNS,
      { name: "gap", type: "string", unit: null, text: "between: ΔS between layers at the end; own: c^own." },
      { name: "points", type: "int32", unit: "1", text: "Layers whose relaxation has a length." },
      ...LAWS.map(nats),
      { name: "slope", type: "float64", unit: "1", text: "b of a·exp(b|ΔS|), fitted to the other nets." },
    ],
    rows: settings.flatMap((setting) =>
      (["between", "own"] as const).flatMap((gap) => {
        const nets = measuredOf(setting);
        return heldOut(pointsOf(setting, gap, WINDOW)).flatMap((held, i): Row[] =>
          held === undefined ? [] : [{
            ...identityOf(setting, nets[i]),
            gap,
            points: held.points,
            exponential_nats: held.densities.exponential,
            power_nats: held.densities.power,
            linear_nats: held.densities.linear,
            slope: held.slope,
          }]
        );
      })
    ),
  };
}

/** The slide's exp(Σ ΔS) ≫ Σ exp(ΔS) > max exp(ΔS), of magnitudes. */
function sumsTable(settings: readonly Setting[]): Table {
  const number = (name: string, text: string) => ({ name, type: "float64", unit: "1", text } as const);
  return {
    name: "relaxation-sums",
    title: "One large step against many small ones",
    columns: [
      ...NET_COLUMNS,
      number("exp_of_sum", "exp(Σ|ΔS_k|): the slide's time of one layer that falls as far as all together."),
      number("sum_of_exp", "Σ exp(|ΔS_k|): that of layers one after the other."),
      number("largest_exp", "max exp(|ΔS_k|): that of the slowest."),
    ],
    rows: settings.flatMap((setting) => {
      const nets = measuredOf(setting);
      return relaxationsOf(setting, nets, WINDOW).flatMap((layers, i): Row[] => {
        const falls = layers.map(({ between }) => Math.abs(between));
        if (falls.length === 0 || falls.some(Number.isNaN)) return [];
        return [{
          ...identityOf(setting, nets[i]),
          exp_of_sum: exp(falls.reduce((a, b) => a + b)),
          sum_of_exp: falls.reduce((sum, fall) => sum + exp(fall), 0),
          largest_exp: exp(Math.max(...falls)),
        }];
      });
    }),
  };
}

/** Points and fitted laws to be drawn together. */
function lawsTable(nets: readonly (readonly GrowthPoint[])[], fits: readonly GrowthFit[]): Table {
  const points = nets.flat();
  const amounts = points.map(({ amount }) => amount);
  const [low, high] = [Math.min(...amounts), Math.max(...amounts)];
  return {
    name: "relaxation-laws",
    title: "Relaxation times and the laws fitted to all of them",
    columns: [
      {
        name: "kind",
        type: "string",
        unit: null,
        text: "settled or still settling: a layer of a net; otherwise the law.",
      },
      { name: "law", type: "string", unit: null, text: "The law with its parameters.", nullable: true },
      { name: "gap_nats", type: "float64", unit: "nats", text: "|ΔS|." },
      { name: "relaxation_epochs", type: "float64", unit: "epochs", text: "Δt; of a law the median it expects." },
    ],
    rows: [
      ...points.map(({ amount, time, censored }): Row => ({
        kind: censored ? "still settling" : "settled",
        law: null,
        gap_nats: amount,
        relaxation_epochs: time,
      })),
      ...fits.flatMap((fit) =>
        Array.from({ length: DRAWN }, (_, i): Row => {
          const amount = low + (high - low) * i / (DRAWN - 1);
          return { kind: fit.law, law: lawWords(fit), gap_nats: amount, relaxation_epochs: exp(growthAt(fit, amount)) };
        })
      ),
    ],
  };
}

function lawsFigure({ label }: Setting): Figure {
  return {
    id: "relaxation-laws",
    title: "How long layers take to compress, against how much",
    caption:
      "Each mark is a layer of a net: the epochs from its peak until it settles, against the magnitude of ΔS, by how much less it " +
      "holds about the input than the layer before. Open marks are layers that still settle after half of the training and take at least " +
      "so long. Lines are the three laws fitted to all marks, open ones as such; the verdict rests on laws fitted without the net they are " +
      "held against. On this scale an exponential is straight.",
    alt: "Relaxation time in epochs against entropy gap in nats, with an exponential, a power and a linear law.",
    table: "relaxation-laws",
    marks: [
      { mark: "line", x: "gap_nats", y: "relaxation_epochs", z: "kind", stroke: "kind", where: { kind: [...LAWS] } },
      { mark: "dot", x: "gap_nats", y: "relaxation_epochs", fill: "kind", where: { kind: "settled" } },
      { mark: "dot", x: "gap_nats", y: "relaxation_epochs", stroke: "kind", where: { kind: "still settling" } },
    ],
    scales: {
      x: { label: `|ΔS| between layers, nats, ${label.replace(/,[^,]*$/, "")}` },
      y: { label: "Δt from peak to settling, epochs", type: "log" },
      color: { scheme: "arm", domain: ["settled", "still settling", ...LAWS] },
    },
  };
}

const finite = (value: number): number | null => Number.isFinite(value) ? value : null;

function plantedCases(): PlantedCase[] {
  const epochs = [...Array(201).keys()].map((i) => 20 * i);
  const peak = 60;
  const rows = (count: number, law: (nats: number) => number) => {
    const nets = plantedNets(count, (chance) => {
      let end = 12;
      const ixt = Array.from({ length: 5 }, () => {
        const gap = 0.5 + 2.5 * chance.uniform();
        end -= gap;
        // It counts as settled at nine tenths of its fall.
        const fall = law(gap * NATS_PER_BIT) * exp(0.05 * chance.normal()) / 0.9;
        const low = end;
        return epochs.map((epoch) =>
          epoch < peak ? low + gap - 0.5 : low + gap * Math.max(0, 1 - (epoch - peak) / fall)
        );
      });
      return { ixt, ity: ixt.map(() => epochs.map(() => 0.5)) };
    });
    return plantedRows(nets, {
      ...{ epochs, arm: "decreasing-5", estimator: "binning", options: { count: 30, range: [-1, 1] } },
    });
  };
  return [
    {
      name: "15 nets whose layers take exponentially longer the more they fall",
      ...{ truth: "positive", rows: rows(15, (nats) => 50 * exp(1.6 * nats)) },
      verdicts: { "relaxation-law": "supported", "relaxation-super-linear": "supported" },
    },
    {
      name: "20 nets whose layers take longer in proportion to how much they fall",
      ...{ truth: "null", rows: rows(20, (nats) => 300 * nats), verdicts: { "relaxation-law": "contradicted" } },
    },
  ];
}
