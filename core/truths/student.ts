import { studentInformationBits } from "../numerics/mod.ts";
import { drawRows } from "./rows.ts";
import type { PairTruth } from "./truth.ts";

/**
 * A multivariate Student distribution whose scale is the identity: normal variables over one √(χ²/ν). Nothing is correlated; what X and Y
 * tell each other is how far out they are.
 *
 * @param dimX Dimensions of X.
 * @param dimY Dimensions of Y.
 * @param df Degrees of freedom ν, an integer ≥ 1; the smaller, the heavier the tails.
 * @throws {RangeError} If one of them is no integer ≥ 1.
 */
export function student(dimX: number, dimY: number, df: number): PairTruth {
  return {
    kind: "pair",
    id: `student dimX=${dimX} dimY=${dimY} df=${df}`,
    bits: studentInformationBits(dimX, dimY, df),
    sample(n, stream) {
      const squares = stream.child("length");
      const lengths = Float64Array.from({ length: n }, () => {
        let sum = 0;
        for (let k = 0; k < df; k++) {
          const z = squares.normal();
          sum += z * z;
        }
        return Math.sqrt(sum / df);
      });
      const side = (name: string, dim: number) => {
        const normals = stream.child(name);
        return drawRows(n, dim, (row, i) => {
          for (let j = 0; j < dim; j++) row[j] = normals.normal() / lengths[i];
        });
      };
      return { x: side("x", dimX), y: side("y", dimY) };
    },
  };
}
