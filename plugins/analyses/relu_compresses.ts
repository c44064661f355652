import {
  type Analysis,
  type AnalysisResult,
  type Context,
  defineAnalysis,
  type Figure,
  type PlantedCase,
  type Row,
  type StudyRows,
  type Table,
} from "@infoplane/core";
import {
  claimOf,
  decidingPart,
  falseSupportOfParts,
  flatPaths,
  hiddenPhasesStatistic,
  judge,
  judgedHiddenLayers,
  notMeasured,
  once,
  phasesTable,
  primaryOf,
  type Rule,
  type Setting,
  settingsOf,
  WINDOW,
} from "@infoplane/core/claims";
import { noisy, plantedNets, plantedPath, plantedRows, together } from "@infoplane/core/testing";
import { z } from "zod";

const measurement = z.strictObject({
  estimator: z.string(),
  options: z.record(z.string(), z.json()).default({}).describe("options that the measurement must have"),
});

const options = z.strictObject({
  rulers: z.array(measurement).min(1).default([
    { estimator: "noise-bounds", options: { alpha: 0.1, ruler: "fixed" } },
    { estimator: "binning", options: { codebook: "layer-range" } },
  ]).describe("the measurements under which the claim must hold, all of them"),
  controls: z.array(z.string()).default(["linear"]).describe("arms that must fail the same rule"),
  delta: z.number().positive().default(0.25).describe("bits by which both phases must exceed"),
});

type Options = z.infer<typeof options>;

const DELTAS = [0.1, 0.25, 0.5];
const LAYERS = ["every", "last"] as const;

/** Hidden layers of rectified units fit and then compress, under a ruler that stays and under one that moves. */
export const reluCompresses: Analysis<Options> = defineAnalysis({
  id: "relu-compresses",
  title: "Compression with rectified units",
  description:
    "Do the hidden layers of rectified nets fit and then compress? With rulers that stay, tanh nets were seen to compress and rectified " +
    "nets were not (Saxe et al., ICLR 2018); with rulers that go with the layer, rectified nets were seen to compress in part " +
    "(Chelombiev, Houghton and O'Donnell, arXiv:1902.09037). The rule of two phases under both, for every arm.",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted: plantedCases,
});

function reduce(rows: StudyRows, { rulers, controls, delta }: Options, { stream }: Context): AnalysisResult {
  const settings = settingsOf(rows, ["ixt"]);
  const chosen = rulers.map((ruler) => ({ ruler, on: primaryOf(settings, ruler) }));
  const on = chosen.find(({ on }) => on !== undefined)?.on;
  if (!on) return {};
  const rule: Rule = { side: "above", delta };
  const statistics = new Map(
    [WINDOW, 1].map((window) => [
      window,
      { every: once(hiddenPhasesStatistic(window, "every")), last: once(hiddenPhasesStatistic(window, "last")) },
    ]),
  );
  const { every, last } = statistics.get(WINDOW)!;
  const parts = chosen.map(({ ruler, on }) =>
    on ? judge(on, every, rule) : notMeasured(`${ruler.estimator} ${JSON.stringify(ruler.options)}`, "bits")
  );
  const rest = chosen.map(({ on }) => on).filter((on) => on !== undefined);
  const sameRuler = (arm: string) =>
    rest.flatMap(({ estimator, setting, axes }) =>
      settings.filter((one) =>
        one.arm === arm && one.axes === axes && one.estimator === estimator && one.setting === setting
      )
    );
  const controlled = controls.map((arm) => {
    const found = sameRuler(arm);
    return found.length === rulers.length
      ? decidingPart(found.map((setting) => judge(setting, every, rule)))
      : notMeasured(`${arm} under every ruler`, "bits");
  });
  const noise = rest.map((setting) => flatPaths(setting, judgedHiddenLayers(setting)));
  const planted = noise.filter((one) => one !== undefined);
  const claim = claimOf(
    {
      id: "relu-compresses",
      statement: "Compression is seen with rectified units too: their hidden layers first fit, then compress.",
      rule:
        `θ = the smaller of g and c in the worst hidden layer of a net, in bits, over its hidden layers that are not at the ceiling ` +
        `(I_end > ${
          on.problem.hxBits === null ? "log₂ of the rows measured" : "H(X)"
        } − 0.25 bit). Supported if L[min(g, c^loo)] > ${delta} under every ruler, contradicted if U[min(g, c^own)] < ` +
        `${delta} under one. A net all of whose hidden layers are at the ceiling has an unknown θ. Dots are min(g, c^loo).`,
    },
    rule,
    {
      on,
      primary: parts[0],
      parts,
      controls: controlled,
      others: settings.filter((setting) => !rest.includes(setting)).map((setting) => judge(setting, every, rule)),
      sensitivity: settings.filter(({ arm, axes }) => arm === on.arm && axes === on.axes).flatMap((setting) =>
        [...statistics].flatMap(([window, statistic]) =>
          LAYERS.flatMap((which) =>
            DELTAS.map((delta) => ({
              label: `${setting.label} · ${layersInWords(which)} · ${
                window === 1 ? "peak of single snapshots" : `peak of the median of ${window}`
              }`,
              delta,
              verdict: judge(setting, statistic[which], { side: "above", delta }).verdict,
            }))
          )
        )
      ),
      falseSupport: planted.length < rulers.length ? undefined : falseSupportOfParts(
        (draw) => planted.map(({ plant }, part) => plant(draw.child("ruler", part))),
        planted.map(() => rule),
        stream,
        planted.map(({ model }) => model).join("; "),
      ),
    },
    rows.profile,
  );
  const verdicts = verdictsTable(settings, (setting, which) => judge(setting, which === "every" ? every : last, rule));
  const phases = layersTable(settings);
  return { tables: [verdicts, phases], claims: [claim], figures: [figureOf(phases, delta)] };
}

/** Twelve nets of each arm under both rulers; the first layer is at the ceiling, the output falls always. */
function plantedCases(): PlantedCase[] {
  const epochs = Array.from({ length: 30 }, (_, e) => e * 20);
  /** Bits by which the last hidden layer falls. */
  const armOf = (arm: string, role: "main" | "control", fall: { readonly stays: number; readonly moves: number }) => {
    const measured = (estimator: string, options: { readonly [name: string]: string | number }, fall: number) => {
      const nets = plantedNets(12, (chance) => {
        const path = (fall: number) =>
          noisy(plantedPath(epochs, { from: 5, rise: 2, peak: 100, fall, settle: 200 }), 0.02, chance);
        const ixt = [epochs.map(() => 12), path(fall), path(1)];
        return { ixt, ity: ixt.map(() => epochs.map(() => 0.8)) };
      });
      return plantedRows(nets, { epochs, arm, role, estimator, options });
    };
    return together(
      measured("noise-bounds", { alpha: 0.1, ruler: "fixed" }, fall.stays),
      measured("binning", { codebook: "layer-range", count: 30 }, fall.moves),
    );
  };
  const control = armOf("linear", "control", { stays: 0, moves: 0 });
  return [
    {
      name: "12 nets that fall by 0.8 bit under both rulers, beside linear nets that stay",
      truth: "positive",
      rows: together(armOf("main", "main", { stays: 0.8, moves: 0.8 }), control),
      verdicts: { "relu-compresses": "supported" },
    },
    {
      name: "12 nets that fall by 0.8 bit under a ruler that moves, and stay under one that stays",
      truth: "null",
      rows: together(armOf("main", "main", { stays: 0, moves: 0.8 }), control),
      verdicts: { "relu-compresses": "contradicted" },
    },
  ];
}

function layersInWords(which: typeof LAYERS[number]): string {
  return which === "every" ? "every hidden layer" : "last hidden layer";
}

/** Codebooks whose cells go with the activations of a snapshot. */
const MOVING_CODEBOOKS = ["layer-range", "equal-mass", "unique-values"];

/** Whether what is measured with is the same at every snapshot. */
function rulerOf({ setting }: Setting): "stays" | "moves" {
  const { ruler, codebook } = JSON.parse(setting) as { ruler?: string; codebook?: string };
  return ruler === "moving" || MOVING_CODEBOOKS.includes(codebook ?? "") ? "moves" : "stays";
}

/** The estimator and its options, without the arm. */
function measurementOf({ label }: Setting): string {
  return label.replace(/,[^,]*$/, "");
}

function verdictsTable(
  settings: readonly Setting[],
  judged: (setting: Setting, which: typeof LAYERS[number]) => ReturnType<typeof judge>,
): Table {
  const bits = (name: string, text: string) => ({ name, type: "float64", unit: "bits", text, nullable: true } as const);
  const text = (name: string, text: string) => ({ name, type: "string", unit: null, text } as const);
  return {
    name: "relu-verdicts",
    title: "Two phases at hidden layers, by arm and ruler",
    columns: [
      text("arm", "Arm of the study."),
      text("role", "main, control or variant."),
      text("measurement", "Estimator and options in words."),
      text("ruler", "stays: the same at every snapshot; moves: goes with the layer's activations at a snapshot."),
      text("layers", "Hidden layers the rule is held against: the worst of every one, or the last."),
      text("verdict", "What the rule of two phases says."),
      bits("median_bits", "Median over nets of min(g, c^loo)."),
      bits("low_bits", "L; null if open."),
      bits("high_bits", "U; null if open."),
      { name: "planned", type: "int32", unit: "1", text: "Nets planned." },
      { ...text("reason", "What the reader must know."), nullable: true },
    ],
    rows: settings.flatMap((setting) =>
      LAYERS.map((which): Row => {
        const { verdict, median, low, high, planned, reason } = judged(setting, which);
        return {
          arm: setting.axes === "{}" ? setting.arm : `${setting.arm} ${setting.axes}`,
          role: setting.role,
          measurement: measurementOf(setting),
          ruler: rulerOf(setting),
          layers: layersInWords(which),
          verdict,
          median_bits: median,
          low_bits: low,
          high_bits: high,
          planned,
          reason: reason ?? null,
        };
      })
    ),
  };
}

/** Phases of hidden layers, with what names a panel. */
function layersTable(settings: readonly Setting[]): Table {
  const { columns } = phasesTable([]);
  return {
    name: "relu-phases",
    title: "Fit, peak and compression of every hidden layer, by arm and ruler",
    columns: [
      ...columns,
      { name: "last_hidden", type: "boolean", unit: null, text: "True of the last hidden layer." },
      {
        name: "panel",
        type: "string",
        unit: null,
        text: "Whether the ruler stays or moves; estimator and options in words.",
      },
    ],
    rows: settings.flatMap((setting) => {
      const { rows } = phasesTable([setting]);
      const hidden = rows.reduce((most, { layer }) => Math.max(most, Number(layer)), 0) - 1;
      return rows.filter(({ layer }) => Number(layer) <= hidden).map((row): Row => ({
        ...row,
        last_hidden: row.layer === hidden,
        panel: `${rulerOf(setting)}: ${measurementOf(setting)}`,
      }));
    }),
  };
}

function figureOf({ name }: Table, delta: number): Figure {
  return {
    id: "compression-by-ruler",
    title: "The same nets under rulers that stay and rulers that move",
    caption:
      "Each dot is a net: how far I(X;T) of its last hidden layer falls from where the other nets' median path peaks to its own end. " +
      `Without compression dots lie around 0; the rule is at ${delta} bit. Rectified units grow: under a ruler that stays, growing ` +
      "activations show more and more information, and under one that moves with them, growth shows nothing. Which ruler is right is a " +
      "choice of what noise the layer is read with.",
    alt: "c^loo of the last hidden layer of every net, by arm, a panel an estimator.",
    table: name,
    where: { last_hidden: true },
    marks: [
      { mark: "rule-x", values: [0, delta], stroke: "muted" },
      { mark: "dot", x: "loo_bits", y: "arm", stroke: "arm", fx: "panel" },
    ],
    scales: {
      x: { label: "c^loo of I(X;T), bits" },
      y: { label: "arm", type: "ordinal" },
      color: { scheme: "arm" },
    },
  };
}
