import { defineEstimator, type Estimator, whyMisshapen } from "@infoplane/core";
import { createBinner, loadKernels } from "@infoplane/core/kernels";
import { firstOdd, saturatedFraction } from "@infoplane/core/numerics";
import { z } from "zod";

const options = z.strictObject({});

/** Counts distinct rows of nets that are themselves quantised: no codebook comes between, so I(X;T) = H(T) of T itself. */
export const exact: Estimator<Record<string, never>> = defineEstimator({
  id: "exact",
  title: "Exact, of quantised nets",
  description:
    "Entropy of the distinct rows of a layer that takes finitely many values by construction. No ruler is chosen " +
    "afterwards, so the data processing inequality holds from layer to layer. Exact where the rows are all inputs, of the rows " +
    "given otherwise (Lorenzen, Igel and Nielsen, ICLR 2022).",
  version: 1,
  arithmetic: "portable",
  options,
  claims: {
    exactOnFiniteJoints: true,
    invariances: ["row-order", "unit-order", "unit-scale"],
    ceiling: "entropy-of-inputs",
    deterministic: true,
  },
  supports: ({ quantisedBits }) =>
    quantisedBits !== undefined || "the layer is not quantised: its activations have no finite set of values",
  async estimate(sample) {
    const misshapen = whyMisshapen(sample);
    if (misshapen !== undefined) return { status: "failed", reason: misshapen };
    const { meta, activations, labels, joint, layer } = sample;
    const { n, units, classes, activation } = meta;
    const values = activations.data as Float32Array | Float64Array;
    const odd = firstOdd(values, units);
    if (odd) {
      const at = `layer ${layer}, row ${odd.row}, unit ${odd.column}`;
      return { status: "failed", reason: `activations must be finite: ${at} is ${odd.value}` };
    }
    const distinct = Float64Array.from(new Set(values)).sort();
    const levels = 1 << meta.quantisedBits!;
    if (distinct.length > levels) {
      return {
        status: "failed",
        reason: `activations of ${meta.quantisedBits} bits must take at most ${levels} values: layer ${layer} takes ` +
          distinct.length,
      };
    }
    const binner = createBinner(await loadKernels(), { n, classes, labels, joint });
    binner.setLayer(values, units);
    const found = binner.read({ kind: "edges", edges: distinct });
    if ("outside" in found) {
      throw new RangeError(`Cannot count layer ${layer} as each value is an edge: ${found.outside}`);
    }
    return {
      status: "measured",
      ixt: { bits: found.htBits },
      ity: { bits: binner.hyBits - found.hytBits },
      ceilingBits: Math.min(binner.hxBits, units * meta.quantisedBits!),
      cells: found.cells,
      alone: found.alone / found.cells,
      saturated: saturatedFraction(values, activation),
    };
  },
});
