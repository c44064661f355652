import { mutualInformationBits } from "../numerics/mod.ts";
import { drawRows } from "./rows.ts";
import type { LabelTruth } from "./truth.ts";

/**
 * A finite joint distribution: x is the number of a row, y the label.
 *
 * @param joint p(x,y), rows x, columns y; sums to 1.
 * @throws {TypeError} If the rows differ in length.
 * @throws {RangeError} If a probability is negative or they do not sum to 1.
 */
export function finiteJoint(joint: readonly (readonly number[])[]): LabelTruth {
  const classes = joint[0].length;
  const all = joint.flat();
  const cells = all.flatMap((p, cell) => p > 0 ? [{ p, cell }] : []);
  return {
    kind: "labels",
    id: `finite-joint ${joint.length}x${classes}`,
    bits: mutualInformationBits(all, classes),
    classes,
    sample(n, stream) {
      const draws = stream.child("labels");
      const labels = new Uint8Array(n);
      const x = drawRows(n, 1, (row, i) => {
        let left = draws.uniform();
        let at = 0;
        while (at < cells.length - 1 && left >= cells[at].p) left -= cells[at++].p;
        const { cell } = cells[at];
        row[0] = Math.floor(cell / classes);
        labels[i] = cell % classes;
      });
      return { x, labels };
    },
  };
}
