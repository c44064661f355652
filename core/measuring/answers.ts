import type { Estimate, Quantity } from "../contracts/estimator.ts";

const QUANTITIES = { ixt: "I(X;T)", ity: "I(T;Y)" } as const;
const NUMBERS = ["ceilingBits", "cells", "alone", "saturated"] as const;

/**
 * Why what an estimator gave must not reach a table, in words that follow its name; undefined if it may. A plugin can give anything,
 * whatever its types say.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(whyNoEstimate({ status: "skipped", reason: "too few rows" }), undefined);
 * assert.equal(whyNoEstimate("one bit"), "gave string in the place of an estimate");
 * assert.equal(
 *   whyNoEstimate({ status: "measured", ixt: null, ity: { bits: 1 }, ceilingBits: null }),
 *   "gave no I(X;T) and no reason",
 * );
 * ```
 */
export function whyNoEstimate(found: unknown): string | undefined {
  if (found === null || typeof found !== "object") {
    return `gave ${found === null ? "null" : typeof found} in the place of an estimate`;
  }
  const { status, reason } = found as Partial<Estimate>;
  if (reason !== undefined && typeof reason !== "string") return `gave a reason of type ${typeof reason}`;
  if (status === "skipped" || status === "failed") return reason ? undefined : `gave status ${status} and no reason`;
  if (status !== "measured") return `gave status ${status}: neither measured, skipped nor failed`;
  const measured = found as Extract<Estimate, { status: "measured" }>;
  for (const [key, name] of Object.entries(QUANTITIES) as [keyof typeof QUANTITIES, string][]) {
    const quantity: Quantity | null | undefined = measured[key];
    if (quantity === null && reason) continue;
    if (quantity === null || typeof quantity !== "object") return `gave no ${name} and no reason`;
    const { bits, low, high } = quantity;
    if (![bits, low ?? 0, high ?? 0].every(Number.isFinite)) {
      return `gave ${name} = ${bits} [${low}, ${high}]: not finite`;
    }
  }
  for (const name of NUMBERS) {
    if (!Number.isFinite(measured[name] ?? 0)) return `gave ${name} = ${measured[name]}: not finite`;
  }
  if (measured.labels !== undefined && measured.labels !== "sampled") return `gave labels = ${measured.labels}`;
  return undefined;
}
