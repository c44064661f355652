import {
  type Analysis,
  type AnalysisResult,
  defineAnalysis,
  type Figure,
  NET_COLUMNS,
  type PlantedCase,
  type Row,
  type StudyRows,
  type Table,
} from "@infoplane/core";
import { judgedProbe, primaryOf, type Setting, settingsOf } from "@infoplane/core/claims";
import { log2 } from "@infoplane/core/numerics";
import { plantedNets, plantedPath, plantedRows } from "@infoplane/core/testing";
import { z } from "zod";

const options = z.strictObject({
  primary: z.strictObject({
    estimator: z.string().default("binning"),
    options: z.record(z.string(), z.json()).default({ count: 30, range: [-1, 1] }),
  }).prefault({}).describe("the measurement that is drawn first, and for every arm"),
  share: z.number().gt(0).lte(1).default(0.9).describe("share of I(X;Y) that the output of a net should reach"),
  layout: z.enum(["panels", "one"]).default("panels").describe("a panel for each layer, or one plane for all"),
});

type Options = z.infer<typeof options>;

/** Every net's path through the plane, none averaged, and what its output reached. */
export const informationPlane: Analysis<Options> = defineAnalysis({
  id: "information-plane",
  title: "Information plane",
  description: "How do I(X;T) and I(T;Y) of every layer of every net move during training (Shwartz-Ziv and Tishby, " +
    "arXiv:1703.00810)? Single paths, never a mean.",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted,
});

function reduce(rows: StudyRows, { primary, share, layout }: Options): AnalysisResult {
  const settings = settingsOf(rows);
  const first = primaryOf(settings, primary) ?? settings[0];
  if (first === undefined) return { tables: [summary(settings, share)] };
  const drawn = [
    first,
    ...settings.filter((one) => one !== first && one.arm === first.arm && one.axes === first.axes),
    ...settings.filter((one) =>
      one.estimator === first.estimator && one.setting === first.setting &&
      (one.arm !== first.arm || one.axes !== first.axes)
    ),
  ].map((setting) => ({ setting, probe: judgedProbe(rows) as string }));
  const titles = rows.study.arms ?? {};
  return {
    tables: [summary(settings, share)],
    figures: [
      ...[...drawn, ...elsewhere(rows, first)].map(({ setting, probe }, i) => {
        const count = rowsMeasured(rows, setting, probe);
        return plane(setting, { probe, count, arm: titles[setting.arm]?.title ?? setting.arm }, i, layout);
      }),
      ...lossFigures(first),
    ],
  };
}

/** The first measurement again, of other rows and of projected layers, where claims are judged on one split. */
function elsewhere(rows: StudyRows, { arm, axes, estimator, setting }: Setting): { setting: Setting; probe: string }[] {
  const judged: string = judgedProbe(rows);
  if (judged === "all") return [];
  const probes = [...new Set(rows.estimates.map(({ probe }) => probe))].filter((probe) => probe !== judged);
  return probes.flatMap((probe) =>
    settingsOf(rows, undefined, probe)
      .filter((one) => one.arm === arm && one.axes === axes && one.estimator === estimator && one.setting === setting)
      .map((setting) => ({ setting, probe }))
  );
}

/** How many rows were measured, where they are some alone. */
function rowsMeasured({ estimates }: StudyRows, { arm, axes, estimator, setting }: Setting, probe: string) {
  return estimates.find((row) =>
    row.probe === probe && row.arm === arm && row.axes === axes && row.estimator === estimator &&
    row.setting === setting
  )?.n;
}

function plane(
  setting: Setting,
  { arm, probe, count }: { readonly arm: string; readonly probe: string; readonly count: number | undefined },
  i: number,
  layout: string,
): Figure {
  const { label, nets, problem } = setting;
  const measured = nets.filter(({ state }) => state === "measured").length;
  const missing = nets.length - measured;
  return {
    id: i === 0 ? "information-plane" : `information-plane-${i + 1}`,
    title: `${arm}: ${probe === "all" ? label.replace(/,[^,]*$/, "") : label.replace(/,[^,]*(,[^,]*)$/, "$1")}`,
    caption:
      `Every path is one of ${measured} nets, every dot one of its snapshots, coloured by epoch; a layer starts where ` +
      "its untrained net stands. Up means more about the label, right more about the input." +
      (problem.ixyBits === null ? "" : ` No layer can lie above I(X;Y) = ${problem.ixyBits.toFixed(4)} bit.`) +
      " Positions are those of the layer as this estimator reads it." +
      (probe === "all" || count === undefined
        ? ""
        : ` It reads ${count} rows (${probe}), of which no layer can tell more than log₂ ${count} = ${
          log2(count).toFixed(2)
        } bits.`) +
      (missing > 0 ? ` ${missing} of ${nets.length} nets are not drawn: the trials table says why.` : ""),
    alt: `Information plane of ${measured} nets, ${label}.`,
    table: "estimates",
    where: {
      ...{ arm: setting.arm, axes: setting.axes, estimator: setting.estimator, setting: setting.setting },
      ...(probe === "all" ? {} : { probe }),
    },
    view: "information-plane",
    viewOptions: { layout },
    controls: [{ column: "epoch", kind: "slider" }],
  };
}

function lossFigures({ arm, axes, problem }: Setting): Figure[] {
  const bound = problem.hyBits !== null && problem.ixyBits !== null
    ? ` On average no net can be below H(Y|X) = ${(problem.hyBits - problem.ixyBits).toFixed(4)} bit.`
    : "";
  const lines = (quantity: string, title: string, label: string, caption: string): Figure => ({
    id: quantity.replace("_", "-"),
    title,
    caption,
    alt: `${title}: ${label} against epoch, one line a net.`,
    table: "series",
    where: { arm, axes, quantity },
    marks: [{ mark: "line", x: "epoch", y: "value", z: "trial" }],
    scales: { x: { label: "epoch", type: "symlog" }, y: { label } },
  });
  return [
    lines(
      "train_loss",
      "Training loss of every net",
      "cross-entropy on the training labels, bits",
      "One line a net. Labels are drawn once, so a net can fit them better than p(y|x) allows on new ones.",
    ),
    lines(
      "test_loss",
      "Test loss of every net",
      "cross-entropy under p(y|x), bits",
      `One line a net: expected on its test rows, over the labels they could have.${bound} Where it turns up again a net ` +
        "overfits.",
    ),
    lines(
      "test_accuracy",
      "Test accuracy of every net",
      "expected test accuracy",
      "One line a net: the share of test rows it is expected to get right under p(y|x)." +
        (problem.bayesAccuracy === null
          ? ""
          : ` The best guess is right ${problem.bayesAccuracy.toFixed(4)} of the time.`),
    ),
  ];
}

/** Best and last I(T_K;Y) of every net and setting; a net that misses the target is listed like any other. */
function summary(settings: readonly Setting[], share: number): Table {
  const rows = settings.flatMap(({ arm, axes, estimator, setting, nets, problem }) =>
    nets.map((net): Row => {
      const path = net.state === "measured" ? net.layers[net.layers.length - 1].ity : undefined;
      const epochs = net.state === "measured" ? net.epochs : [];
      const target = problem.ixyBits === null ? null : share * problem.ixyBits;
      const best = path?.reduce((most, bits, e) => bits > path[most] ? e : most, 0) ?? -1;
      const reached = path && target !== null ? path.findIndex((bits) => bits >= target) : -1;
      return {
        trial: net.trial,
        arm,
        axes,
        replicate: net.replicate,
        estimator,
        setting,
        best_ity_bits: path?.[best] ?? null,
        best_epoch: epochs[best] ?? null,
        last_ity_bits: path?.[path.length - 1] ?? null,
        target_bits: target,
        reached: path && target !== null ? reached >= 0 : null,
        reached_epoch: epochs[reached] ?? null,
        reason: net.state === "measured" ? null : `${net.state}: ${net.reason}`,
      };
    })
  );
  const bits = (name: string, text: string) => ({ name, type: "float64", unit: "bits", text, nullable: true } as const);
  return {
    name: "net-summary",
    title: "What the output of each net reached",
    columns: [
      ...NET_COLUMNS,
      bits("best_ity_bits", "Largest I(T_K;Y) of the output over snapshots."),
      { name: "best_epoch", type: "int32", unit: "epochs", text: "Its first epoch.", nullable: true },
      bits("last_ity_bits", "I(T_K;Y) of the output at the last snapshot."),
      bits("target_bits", `${share} of I(X;Y).`),
      {
        name: "reached",
        type: "boolean",
        unit: null,
        text: "Whether any snapshot reaches the target.",
        nullable: true,
      },
      { name: "reached_epoch", type: "int32", unit: "epochs", text: "First snapshot that does.", nullable: true },
      { name: "reason", type: "string", unit: null, text: "Why there is no number.", nullable: true },
    ],
    rows,
  };
}

/** Two nets whose output rises to 0.75 bit, above nine tenths of the 0.8 there are, or to 0.6. */
function planted(): PlantedCase[] {
  const epochs = [0, 10, 20, 30];
  const rows = (rise: number) => {
    const path = plantedPath(epochs, { rise, peak: 20 });
    return plantedRows(plantedNets(2, () => ({ ixt: [[4, 3, 2, 2]], ity: [path] })), { epochs });
  };
  const cells = (bits: number) => ({ replicate: 1, best_ity_bits: bits, best_epoch: 20, target_bits: 0.8 * 0.9 });
  return [
    {
      name: "two nets whose output reaches the target",
      truth: "positive",
      rows: rows(0.75),
      found: { "net-summary": [{ ...cells(0.75), reached: true, reached_epoch: 20 }] },
      drawn: { "information-plane": 8 },
    },
    {
      name: "two nets whose output does not",
      truth: "null",
      rows: rows(0.6),
      found: { "net-summary": [{ ...cells(0.6), reached: false, reached_epoch: null }] },
    },
  ];
}
