import { binormalBits, gaussianInformationBits } from "../numerics/mod.ts";
import { drawRows } from "./rows.ts";
import type { PairTruth } from "./truth.ts";

/**
 * Two standard normal variables of correlation ρ; I(X;Y) = −½ log₂(1 − ρ²).
 *
 * @param rho In (−1, 1).
 * @throws {RangeError} If ρ is not.
 */
export function binormal(rho: number): PairTruth {
  return { ...sparseGaussian(1, 1, rho), id: `binormal rho=${rho}`, bits: binormalBits(rho) };
}

/**
 * Normal X and Y of d dimensions each, unit variances, every covariance c: all variables see all others.
 *
 * With ψ one normal variable shared by all, each is √c ψ + √(1−c) of its own.
 *
 * @param d Dimensions of each side.
 * @param covariance c in [0, 1).
 * @throws {RangeError} If the covariance is not.
 */
export function denseGaussian(d: number, covariance = 0.5): PairTruth {
  if (!(covariance >= 0 && covariance < 1)) {
    throw new RangeError(`Cannot draw a dense Gaussian as its covariance must lie in [0, 1): it is ${covariance}`);
  }
  const size = 2 * d;
  const matrix = Float64Array.from(
    { length: size * size },
    (_, i) => Math.floor(i / size) === i % size ? 1 : covariance,
  );
  const [shared, own] = [Math.sqrt(covariance), Math.sqrt(1 - covariance)];
  return {
    kind: "pair",
    id: `dense-gaussian d=${d} covariance=${covariance}`,
    bits: gaussianInformationBits(matrix, size, d),
    sample(n, stream) {
      const common = stream.child("common");
      const psi = Float64Array.from({ length: n }, () => common.normal());
      const side = (name: string) => {
        const noise = stream.child(name);
        return drawRows(n, d, (row, i) => {
          for (let j = 0; j < d; j++) row[j] = shared * psi[i] + own * noise.normal();
        });
      };
      return { x: side("x"), y: side("y") };
    },
  };
}

/**
 * Normal X and Y of d dimensions each, unit variances; X_j and Y_j have correlation ρ for the first `pairs` of j, and nothing else is
 * correlated: `pairs` times the information of one pair.
 *
 * @param d Dimensions of each side.
 * @param pairs How many of them tell something, 0 to d.
 * @param rho In (−1, 1).
 * @throws {RangeError} If ρ or the number of pairs is not.
 */
export function sparseGaussian(d: number, pairs: number, rho: number): PairTruth {
  if (!(pairs >= 0 && pairs <= d)) {
    throw new RangeError(`Cannot draw a sparse Gaussian as its pairs must be 0 to ${d}: they are ${pairs}`);
  }
  const rest = Math.sqrt(1 - rho * rho);
  return {
    kind: "pair",
    id: `sparse-gaussian d=${d} pairs=${pairs} rho=${rho}`,
    bits: pairs * binormalBits(rho),
    sample(n, stream) {
      const [signal, noise] = [stream.child("x"), stream.child("noise")];
      const x = drawRows(n, d, (row) => {
        for (let j = 0; j < d; j++) row[j] = signal.normal();
      });
      const y = drawRows(n, d, (row, i) => {
        for (let j = 0; j < d; j++) {
          row[j] = j < pairs ? rho * x.data[i * d + j] + rest * noise.normal() : noise.normal();
        }
      });
      return { x, y };
    },
  };
}
