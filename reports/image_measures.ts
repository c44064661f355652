import type { Measure } from "@infoplane/core";

/** A measurement on rows the net has not seen, and on as many it was trained on. */
export function apart(measure: Omit<Measure, "on" | "probes">): Measure[] {
  return (["test", "train"] as const).map((on) => ({ ...measure, on, probes: 2000 }));
}

/** What is measured again through projections. */
export const THROUGH = {
  estimator: "noise-bounds",
  options: { alpha: 0.1, ruler: "fixed" },
  on: "test",
  probes: 2000,
} as const;
