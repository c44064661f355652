/**
 * Nets that were trained for different lengths, read only as far as they can be compared.
 *
 * @module
 */
import type { StudyRows } from "../contracts/analysis.ts";
import type { TrialRow } from "../contracts/rows.ts";
import { type SeriesPath, trialsOf } from "./arms.ts";
import type { Setting } from "./nets.ts";

/**
 * How many updates a net makes in an epoch.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(updatesAnEpoch({ epochs: 100, updates: 700 }), 7);
 * ```
 */
export function updatesAnEpoch({ epochs, updates }: Pick<TrialRow, "epochs" | "updates">): number {
  return updates / epochs;
}

/** How the lengths of two trainings are made equal. */
export type Equal = "updates" | "epochs";

/**
 * The epoch up to which each arm is read so that all are compared after equally many updates, or epochs: as many as the arm that made
 * fewest. An epoch of updates need not be whole. An arm without a net that was trained to its end has none.
 *
 * @example Batch 16 makes 205 updates an epoch, the full batch one
 * ```ts
 * import assert from "node:assert/strict";
 * const trial = { axes: "{}", replicate: 0, outcome: "done" };
 * const trials = [
 *   { ...trial, arm: "batch-16", epochs: 1000, updates: 205_000 },
 *   { ...trial, arm: "full", epochs: 4100, updates: 4100 },
 * ] as never;
 * assert.deepEqual([...horizonsOf({ trials }, ["batch-16", "full"], "updates").values()], [20, 4100]);
 * assert.deepEqual([...horizonsOf({ trials }, ["batch-16", "full"], "epochs").values()], [1000, 1000]);
 * ```
 */
export function horizonsOf(
  rows: Pick<StudyRows, "trials">,
  arms: readonly string[],
  equal: Equal,
  axes: string = "{}",
): Map<string, number> {
  const done = arms.flatMap((arm) => {
    const trial = trialsOf(rows, arm, axes).find(({ outcome }) => outcome === "done");
    return trial ? [{ arm, trial }] : [];
  });
  const least = done.reduce((least, { trial }) => Math.min(least, trial[equal]), Infinity);
  return new Map(
    done.map(({ arm, trial }) => [arm, equal === "epochs" ? least : least / updatesAnEpoch(trial)]),
  );
}

/**
 * A path up to an epoch, that epoch's snapshot included.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(pathUntil({ epochs: [0, 1, 4], values: [5, 6, 7] }, 3.5), { epochs: [0, 1], values: [5, 6] });
 * ```
 */
export function pathUntil({ epochs, values }: SeriesPath, epoch: number): SeriesPath {
  const kept = epochs.filter((at) => at <= epoch).length;
  return { epochs: epochs.slice(0, kept), values: values.slice(0, kept) };
}

/** A setting whose nets were trained no further than an epoch, as far as can be seen. */
export function settingUntil(setting: Setting, epoch: number): Setting {
  return {
    ...setting,
    nets: setting.nets.map((net) => {
      if (net.state !== "measured") return net;
      const kept = net.epochs.filter((at) => at <= epoch).length;
      return {
        ...net,
        epochs: net.epochs.slice(0, kept),
        layers: net.layers.map(({ ixt, ity }) => ({ ixt: ixt.subarray(0, kept), ity: ity.subarray(0, kept) })),
      };
    }),
  };
}
