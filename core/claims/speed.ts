/**
 * How soon nets learn, and how much sooner some do than others.
 *
 * @module
 */
import type { Column } from "../contracts/rows.ts";
import { log2 } from "../numerics/elementary.ts";
import type { SeriesPath } from "./arms.ts";
import type { Theta } from "./protocol.ts";

/**
 * e*: the first epoch from which a path is at or above a target for some snapshots in a row.
 *
 * @param snapshots How many in a row.
 * @returns The epoch at both ends. Of a path that never is: Infinity at the high end, and at the low end the last epoch, or the first of
 * the snapshots at its end that are above the target but too few to tell.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const path = { epochs: [0, 1, 2, 4, 8], values: [0.5, 0.96, 0.9, 0.95, 0.97] };
 * assert.deepEqual(epochReached(path, 0.95, 2), { low: 4, high: 4 });
 * assert.deepEqual(epochReached(path, 0.95, 3), { low: 4, high: Infinity });
 * assert.deepEqual(epochReached(path, 0.99, 1), { low: 8, high: Infinity });
 * ```
 */
export function epochReached({ epochs, values }: SeriesPath, target: number, snapshots: number = 5): Theta {
  let since = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < target) since = i + 1;
    else if (i - since + 1 >= snapshots) return { low: epochs[since], high: epochs[since] };
  }
  return { low: epochs[Math.min(since, epochs.length - 1)] ?? 0, high: Infinity };
}

/** Columns of a table of nets that tell e* and its median over the nets of an arm. */
export function epochReachedColumns(target: number, snapshots: number): Column[] {
  return [
    {
      name: "epoch",
      type: "int32",
      unit: "epochs",
      text: `e*: first epoch from which the expected test accuracy is ≥ ${target} at ${snapshots} snapshots in a row.`,
      nullable: true,
    },
    {
      name: "not_before",
      type: "int32",
      unit: "epochs",
      text: "e* is not before this epoch; of a net that gets there e* itself.",
    },
    {
      name: "median_epoch",
      type: "float64",
      unit: "epochs",
      text: "Median of e* over the nets of the arm, those that do not get there at infinity.",
      nullable: true,
    },
  ];
}

/**
 * log₂(slow/fast): how many doublings of speed lie between two epochs, each known to lie between its ends; before epoch 1 nothing was
 * learnt, so that earlier counts as 1.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(speedUp({ low: 800, high: 800 }, { low: 100, high: 100 }), { low: 3, high: 3 });
 * assert.deepEqual(speedUp({ low: 800, high: Infinity }, { low: 100, high: 100 }), { low: 3, high: Infinity });
 * assert.deepEqual(speedUp({ low: 8, high: Infinity }, { low: 8, high: Infinity }), { low: -Infinity, high: Infinity });
 * ```
 */
export function speedUp(slow: Theta, fast: Theta): Theta {
  return {
    low: log2(Math.max(1, slow.low) / Math.max(1, fast.high)),
    high: log2(Math.max(1, slow.high) / Math.max(1, fast.low)),
  };
}
