import type { Claim } from "../contracts/bundle.ts";
import type { Stream } from "../contracts/stream.ts";
import { falseSupportRate, type MeasuredNet, type Statistic } from "./judge.ts";
import type { Setting } from "./nets.ts";
import { endOf, leaveOneOutCompression, median, phasesOf, runningMedian, spreadOf, WINDOW } from "./paths.ts";
import type { Rule, Theta } from "./protocol.ts";

/** A layer whose end is this close to H(X), in bits, cannot show compression: its estimator is at the ceiling. */
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
  /** First epoch from which |Ĩ − I_end| ≤ 0.1 c^own for good. */
  readonly settleEpoch: number;
  /** True if I_end > H(X) − 0.25 bit: reported, not judged. */
  readonly ceiling: boolean;
}

/** Phases of layer k in every net. */
export function layerPhases(
  { problem }: Setting,
  nets: readonly MeasuredNet[],
  k: number,
  window: number = WINDOW,
): LayerPhases[] {
  const paths = nets.map(({ layers }) => layers[k - 1].ixt);
  const smooth = paths.map((path) => runningMedian(path, window));
  const loo = leaveOneOutCompression(paths, smooth);
  return nets.map(({ epochs }, i) => {
    const { fit, own, end, peak, settle } = phasesOf(paths[i], smooth[i]);
    const ceiling = problem.hxBits !== null && end > problem.hxBits - CEILING_BITS;
    return { fit, own, loo: loo[i], end, peakEpoch: epochs[peak], settleEpoch: epochs[settle], ceiling };
  });
}

/**
 * How often the rule of two phases supports nets that fit and then stay: flat paths with noise of the size seen between the
 * snapshots of the measured nets. Undefined for fewer than two nets.
 */
export function twoPhasesOnNoise(setting: Setting, rule: Rule, stream: Stream): Claim["falseSupport"] {
  const nets = setting.nets.filter((net): net is MeasuredNet => net.state === "measured");
  if (nets.length < 2) return undefined;
  const last = nets[0].layers.length;
  const noise = [last - 1, last].map((k) =>
    median(nets.map(({ layers }) => layers[k - 1] ? spreadOf(layers[k - 1].ixt) : 0))
  );
  const snapshots = nets[0].epochs.length;
  const sizes = noise.map((sd) => sd.toFixed(3)).join(" and ");
  return falseSupportRate(
    (draw) => {
      const layers = noise.map((sd) => {
        const paths = nets.map(() => Float64Array.from({ length: snapshots }, () => sd * draw.normal()));
        const smooth = paths.map((path) => runningMedian(path));
        const loo = leaveOneOutCompression(paths, smooth);
        return paths.map((path, i) => ({ loo: loo[i], own: Math.max(...smooth[i]) - endOf(path) }));
      });
      return nets.map((_, i) => ({
        low: Math.min(...layers.map((ofLayer) => ofLayer[i].loo)),
        high: Math.min(...layers.map((ofLayer) => ofLayer[i].own)),
      }));
    },
    rule,
    stream,
    `${nets.length} nets that fit and never compress: flat paths with white noise of ${sizes} bit (last hidden layer, output)`,
  );
}
