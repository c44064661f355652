import { gaussianMixtureBits } from "../numerics/mod.ts";
import { drawRows } from "./rows.ts";
import type { LabelTruth } from "./truth.ts";

/**
 * Two normal distributions of unit covariance, equally likely, at ±δ/2 on the first axis; the label is the one a point came from. From
 * 0 bits at δ = 0 to 1 where they are distant.
 *
 * @param distance δ ≥ 0.
 * @param dimensions Of each point; all but the first carry nothing.
 */
export function gaussianMixture(distance: number, dimensions = 1): LabelTruth {
  return {
    kind: "labels",
    id: `gaussian-mixture distance=${distance} dimensions=${dimensions}`,
    bits: gaussianMixtureBits(distance),
    classes: 2,
    sample(n, stream) {
      const [coins, normals] = [stream.child("labels"), stream.child("x")];
      const labels = Uint8Array.from({ length: n }, () => coins.integer(2));
      const x = drawRows(n, dimensions, (row, i) => {
        for (let j = 0; j < dimensions; j++) row[j] = normals.normal();
        row[0] += (labels[i] - 0.5) * distance;
      });
      return { x, labels };
    },
  };
}
