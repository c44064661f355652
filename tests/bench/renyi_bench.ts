import { loadKernels, symmetricEigenvalues } from "../../core/kernels/mod.ts";
import { gaussianKernel, medianDistance, squaredDistances } from "../../core/numerics/mod.ts";
import { root } from "../../core/random/mod.ts";
import { timedAsync } from "./timing.ts";

/** Milliseconds of the eigenvalues of one Gaussian kernel matrix of 2000 rows; `tests/bench/peers/renyi.py` is the same in NumPy. */
export async function eigenvaluesMilliseconds(): Promise<number> {
  const kernels = await loadKernels();
  const stream = root(1);
  const n = 2000;
  const squares = squaredDistances({
    values: Float64Array.from({ length: 4 * n }, () => stream.normal()),
    n,
    columns: 4,
  });
  const kernel = gaussianKernel(squares, n, medianDistance(squares));
  return timedAsync(() => symmetricEigenvalues(kernels, kernel, n), { rounds: 1, calls: 1, warmUp: 1 });
}
