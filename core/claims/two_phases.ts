import type { Claim } from "../contracts/bundle.ts";
import { NET_COLUMNS, type Row, type Table } from "../contracts/rows.ts";
import type { Stream } from "../contracts/stream.ts";
import { falseSupportRate, type MeasuredNet, type Statistic } from "./judge.ts";
import type { Setting } from "./nets.ts";
import {
  endOf,
  leaveOneOutCompression,
  leaveOneOutPeaks,
  median,
  phasesOf,
  runningMedian,
  spreadOf,
  WINDOW,
} from "./paths.ts";
import { type Rule, type Theta, UNKNOWN } from "./protocol.ts";

/**
 * A layer whose end is this close to H(X), in bits, cannot show compression: its estimator is at the ceiling. Where inputs are a sample,
 * H(X) is not known and the estimator's own ceiling, log₂ of the rows, stands for it.
 */
const CEILING_BITS = 0.25;

/**
 * The statistic of two phases: θ in bits is the smaller of fit g and compression c over the last hidden layer and the output; its low
 * end takes c^loo, its high end c^own. A layer at the ceiling has an unknown θ.
 *
 * @param window Snapshots over which paths are smoothed.
 */
export function twoPhasesStatistic(window: number = WINDOW): Statistic {
  return {
    unit: "bits",
    thetas(setting, nets) {
      const last = nets[0]?.layers.length ?? 0;
      if (last < 2) return nets.map(() => ({ leftOut: "it has no hidden layer" }));
      const layers = [last - 1, last].map((k) => layerPhases(setting, nets, k, window));
      return nets.map((_, i) =>
        layers.map((phases) => phases[i]).reduce<Theta>((worst, { fit, own, loo, ceiling }) => ({
          low: Math.min(worst.low, ceiling ? -Infinity : Math.min(fit, loo)),
          high: Math.min(worst.high, ceiling ? Infinity : Math.min(fit, own)),
        }), { low: Infinity, high: Infinity })
      );
    },
  };
}

/** Phases of one layer in one net; bits and epochs. */
export interface LayerPhases {
  /** g = max Ĩ − Ĩ(0). */
  readonly fit: number;
  /** c^own = max Ĩ − I_end. */
  readonly own: number;
  /** c^loo: Ĩ where the other nets' median path peaks, minus I_end; NaN for a net alone. */
  readonly loo: number;
  /** I_end. */
  readonly end: number;
  /** First epoch at which Ĩ is greatest. */
  readonly peakEpoch: number;
  /** First epoch at which the other nets' median path is greatest, where c^loo is read; NaN for a net alone. */
  readonly othersPeakEpoch: number;
  /** First epoch from which |Ĩ − I_end| ≤ 0.1 c^own for good. */
  readonly settleEpoch: number;
  /** True if I_end > H(X) − 0.25 bit, or the estimator's ceiling where H(X) is not known: reported, not judged. */
  readonly ceiling: boolean;
}

/** Phases of layer k in every net. */
export function layerPhases(
  { problem, ceilings }: Setting,
  nets: readonly MeasuredNet[],
  k: number,
  window: number = WINDOW,
): LayerPhases[] {
  const paths = nets.map(({ layers }) => layers[k - 1].ixt);
  const smooth = paths.map((path) => runningMedian(path, window));
  const others = leaveOneOutPeaks(smooth);
  const most = problem.hxBits ?? ceilings?.[k - 1] ?? null;
  return nets.map(({ epochs }, i) => {
    const { fit, own, end, peak, settle } = phasesOf(paths[i], smooth[i]);
    const ceiling = most !== null && end > most - CEILING_BITS;
    const loo = Number.isNaN(others[i]) ? NaN : smooth[i][others[i]] - end;
    return {
      ...{ fit, own, loo, end, ceiling },
      peakEpoch: epochs[peak],
      othersPeakEpoch: epochs[others[i]] ?? NaN,
      settleEpoch: epochs[settle],
    };
  });
}

/**
 * The statistic of two phases at hidden layers: θ in bits is the smaller of g and c in the worst hidden layer, over those that are not
 * at the ceiling in this net; its low end takes c^loo, its high end c^own. A net whose hidden layers are all at the ceiling has an
 * unknown θ.
 *
 * @param window Snapshots over which paths are smoothed.
 * @param which Every hidden layer, or the last alone.
 */
export function hiddenPhasesStatistic(window: number = WINDOW, which: "every" | "last" = "every"): Statistic {
  return {
    unit: "bits",
    thetas(setting, nets) {
      const hidden = (nets[0]?.layers.length ?? 0) - 1;
      if (hidden < 1) return nets.map(() => ({ leftOut: "it has no hidden layer" }));
      const first = which === "every" ? 1 : hidden;
      const layers = Array.from(
        { length: hidden - first + 1 },
        (_, i) => layerPhases(setting, nets, first + i, window),
      );
      return nets.map((_, i) => {
        const judged = layers.map((phases) => phases[i]).filter(({ ceiling }) => !ceiling);
        if (judged.length === 0) return UNKNOWN;
        return {
          low: Math.min(...judged.map(({ fit, loo }) => Math.min(fit, loo))),
          high: Math.min(...judged.map(({ fit, own }) => Math.min(fit, own))),
        };
      });
    },
  };
}

/** Studies in which nothing compresses, and what they are in words. */
export interface PlantedNoise {
  /** θ of every net of one such study. */
  plant(stream: Stream): readonly Theta[];
  /** What is planted. */
  readonly model: string;
}

/**
 * Nets that fit and then stay: at each layer flat paths with white noise of the size seen between the snapshots of the measured nets,
 * θ the least c over the layers. Undefined for fewer than two nets.
 *
 * @param layers Of 1…K.
 */
export function flatPaths({ nets: all }: Setting, layers: readonly number[]): PlantedNoise | undefined {
  const nets = all.filter((net): net is MeasuredNet => net.state === "measured");
  if (nets.length < 2) return undefined;
  const noise = layers.map((k) => median(nets.map(({ layers }) => layers[k - 1] ? spreadOf(layers[k - 1].ixt) : 0)));
  const snapshots = nets[0].epochs.length;
  return {
    plant(draw) {
      const found = noise.map((sd) => {
        const paths = nets.map(() => Float64Array.from({ length: snapshots }, () => sd * draw.normal()));
        const smooth = paths.map((path) => runningMedian(path));
        const loo = leaveOneOutCompression(paths, smooth);
        return paths.map((path, i) => ({ loo: loo[i], own: Math.max(...smooth[i]) - endOf(path) }));
      });
      return nets.map((_, i) => ({
        low: Math.min(...found.map((ofLayer) => ofLayer[i].loo)),
        high: Math.min(...found.map((ofLayer) => ofLayer[i].own)),
      }));
    },
    model: `${nets.length} nets that fit and never compress: flat paths with white noise of ` +
      `${noise.map((sd) => sd.toFixed(3)).join(" and ")} bit`,
  };
}

/**
 * How often the rule of two phases supports nets that fit and then stay: flat paths with noise of the size seen between the
 * snapshots of the measured nets. Undefined for fewer than two nets.
 */
export function twoPhasesOnNoise(setting: Setting, rule: Rule, stream: Stream): Claim["falseSupport"] {
  const last = setting.nets.find((net) => net.state === "measured")?.layers.length ?? 0;
  const noise = flatPaths(setting, [last - 1, last]);
  return noise && falseSupportRate(noise.plant, rule, stream, `${noise.model} (last hidden layer, output)`);
}

/** Hidden layers of which fewer than half of the nets are at the ceiling: those that {@link hiddenPhasesStatistic} rests on. */
export function judgedHiddenLayers(setting: Setting): number[] {
  const nets = setting.nets.filter((net): net is MeasuredNet => net.state === "measured");
  const hidden = (nets[0]?.layers.length ?? 1) - 1;
  return Array.from({ length: hidden }, (_, i) => i + 1).filter((k) =>
    2 * layerPhases(setting, nets, k).filter(({ ceiling }) => ceiling).length < nets.length
  );
}

/**
 * The table of fit, peak and compression of every layer of every net.
 *
 * @param name Of the table.
 */
export function phasesTable(settings: readonly Setting[], name: string = "phases"): Table {
  const bits = (name: string, text: string) => ({ name, type: "float64", unit: "bits", text } as const);
  return {
    name,
    title: "Fit, peak and compression of every layer",
    columns: [
      ...NET_COLUMNS,
      { name: "layer", type: "int32", unit: "1", text: "1…K, K the softmax output." },
      bits("fit_bits", "g = max Ĩ − Ĩ(0) of I(X;T), Ĩ the running median of 5 snapshots."),
      bits("own_bits", "c^own = max Ĩ − I_end, I_end the median of the last 5 snapshots."),
      { ...bits("loo_bits", "c^loo = Ĩ where the other nets' median path peaks, minus I_end."), nullable: true },
      bits("end_bits", "I_end."),
      { name: "peak_epoch", type: "int32", unit: "epochs", text: "First epoch at which Ĩ is greatest." },
      {
        name: "settle_epoch",
        type: "int32",
        unit: "epochs",
        text: "First epoch from which |Ĩ − I_end| ≤ 0.1 c^own for good.",
      },
      { name: "ceiling", type: "boolean", unit: null, text: "I_end > H(X) − 0.25 bit: reported, not judged." },
    ],
    rows: settings.flatMap((setting): Row[] => {
      const nets = setting.nets.filter((net): net is MeasuredNet => net.state === "measured");
      const layers = (nets[0]?.layers ?? []).map((_, index) => layerPhases(setting, nets, index + 1));
      return nets.flatMap((net, i) =>
        layers.map((phases, index): Row => {
          const { fit, own, loo, end, peakEpoch, settleEpoch, ceiling } = phases[i];
          return {
            trial: net.trial,
            arm: setting.arm,
            axes: setting.axes,
            replicate: net.replicate,
            estimator: setting.estimator,
            setting: setting.setting,
            layer: index + 1,
            fit_bits: fit,
            own_bits: own,
            loo_bits: Number.isNaN(loo) ? null : loo,
            end_bits: end,
            peak_epoch: peakEpoch,
            settle_epoch: settleEpoch,
            ceiling,
          };
        })
      );
    }),
  };
}
