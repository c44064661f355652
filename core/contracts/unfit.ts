import type { Sample } from "./estimator.ts";

/**
 * Why the parts of a sample do not fit together, in words for an estimate's `reason`; undefined if they do. Costs no look at the numbers.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const sample = {
 *   layer: 1,
 *   meta: { n: 2, units: 3, activation: "tanh", exactJoint: false, classes: 2 },
 *   activations: { data: new Float32Array(5), shape: [2, 3] },
 *   labels: Uint8Array.of(0, 1),
 * } as const;
 * assert.equal(whyMisshapen(sample), "activations of layer 1 must hold 2 × 3 values: they hold 5");
 * ```
 */
export function whyMisshapen({ layer, meta, activations, labels, joint }: Sample): string | undefined {
  const { n, units, classes } = meta;
  if (!(n >= 1)) return `there must be a row: there are ${n}`;
  if (activations.data.length !== n * units) {
    return `activations of layer ${layer} must hold ${n} × ${units} values: they hold ${activations.data.length}`;
  }
  if (labels.length !== n) return `there must be a label for each of ${n} rows: there are ${labels.length}`;
  if (joint === undefined) return undefined;
  if (joint.px.length !== n) return `p(x) must hold ${n} values: it holds ${joint.px.length}`;
  if (joint.pyx.length !== n * classes) {
    return `p(y|x) must hold ${n} × ${classes} values: it holds ${joint.pyx.length}`;
  }
  return undefined;
}

/**
 * Names the first activation that is NaN or infinite, in words for an estimate's `reason`; undefined if there is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const sample = {
 *   layer: 2,
 *   meta: { n: 2, units: 1, activation: "relu", exactJoint: false, classes: 2 },
 *   activations: { data: Float32Array.of(0, NaN), shape: [2, 1] },
 *   labels: Uint8Array.of(0, 1),
 * } as const;
 * assert.equal(whyNotFinite(sample), "activations must be finite: layer 2, row 1, unit 0 is NaN");
 * ```
 */
export function whyNotFinite({ layer, meta: { units }, activations: { data } }: Sample): string | undefined {
  const at = data.findIndex((value: number) => !Number.isFinite(value));
  if (at < 0) return undefined;
  return `activations must be finite: layer ${layer}, row ${Math.floor(at / units)}, unit ${at % units} is ${data[at]}`;
}
