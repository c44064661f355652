import { type Context, defineEstimator, type Estimator, type Sample, type Tensor, whyMisshapen } from "@infoplane/core";
import { type Kernels, loadKernels, symmetricEigenvalues } from "@infoplane/core/kernels";
import {
  firstOdd,
  gaussianKernel,
  log2,
  medianDistance,
  realRows,
  renyiEntropyBits,
  rowsAt,
  saturatedFraction,
  squaredDistances,
} from "@infoplane/core/numerics";
import { shuffle } from "@infoplane/core/random";
import { z } from "zod";

const options = z.strictObject({
  alpha: z.number().positive().max(100).default(1.01).describe("order of the entropy"),
  width: z.union([z.literal("median"), z.number().positive()]).default("median").describe(
    "of the Gaussian kernels: the median distance of two rows, of X and of T each, or a number for both",
  ),
  rows: z.number().int().min(2).max(10_000).default(1000).describe(
    "no more rows than this, drawn without replacement from a stream; takes 40 rows² bytes, and time like rows³",
  ),
});

type Setting = { readonly alpha: number; readonly width: "median" | number; readonly rows: number };

/** Kernel matrices as states: S(A) + S(B) − S(A∘B), S from the eigenvalues of each. */
export const renyi: Estimator<Setting> = defineEstimator({
  id: "renyi",
  title: "Matrix-based Rényi entropy",
  description:
    "Rényi's entropy of the eigenvalues of Gaussian kernel matrices of trace 1, of T, of X and of their Hadamard " +
    "product; labels are alike or not (Sánchez Giraldo, Rao and Príncipe, IEEE Trans. Inf. Theory 61, 2015; Yu, Wickstrøm, " +
    "Jenssen and Príncipe, arXiv:1804.06537). A measure of its own: it depends on the kernel's width, is no estimate of Shannon's, " +
    "and can fall below 0 at orders other than 1.",
  version: 1,
  arithmetic: "portable",
  options,
  claims: { invariances: ["relabelling"], ceiling: "log2-rows", distinctRows: true },
  supports: ({ n }) => n > 1 || "there must be two rows",
  async estimate(sample, setting, ctx) {
    const misshapen = whyMisshapen(sample);
    if (misshapen !== undefined) return { status: "failed", reason: misshapen };
    const { activations, joint, layer, meta } = sample;
    const odd = firstOdd(activations.data, meta.units);
    if (odd) {
      const at = `layer ${layer}, row ${odd.row}, unit ${odd.column}`;
      return { status: "failed", reason: `activations must be finite: ${at} is ${odd.value}` };
    }
    if (joint?.px.some((p) => p !== joint.px[0])) {
      return { status: "skipped", reason: "rows of unequal probability: a kernel matrix has a row for each alike" };
    }
    const found = await informationOf(await loadKernels(), sample, setting, ctx);
    return {
      status: "measured",
      ixt: found.ixtBits === undefined ? null : { bits: found.ixtBits },
      ity: { bits: found.ityBits },
      ceilingBits: found.ixtBits === undefined ? null : log2(found.rows),
      saturated: saturatedFraction(activations.data, meta.activation),
      labels: "sampled",
      diagnostics: {
        rows: found.rows,
        widthT: found.widthT,
        ...(found.widthX === undefined ? {} : { widthX: found.widthX }),
      },
      ...(found.ixtBits === undefined ? { reason: "no I(X;T): the inputs are not given" } : {}),
    };
  },
});

async function informationOf(kernels: Kernels, sample: Sample, { alpha, width, rows: most }: Setting, ctx: Context) {
  const at = drawn(sample.meta.n, most, ctx);
  const n = at.length;
  // Eigenvalues of T, X and both take the same time, those of T within labels less.
  const steps = sample.inputs ? 3.5 : 1.5;
  let done = 0;
  async function entropyOf(matrix: Float64Array, size: number, share: number): Promise<Float64Array> {
    const before = done;
    const values = await symmetricEigenvalues(
      kernels,
      matrix,
      size,
      (part) => ctx.progress(before + part * share / steps),
    );
    done += share / steps;
    return values;
  }

  const t = kernelOf(sample.activations, "T", at, width);
  const st = renyiEntropyBits(await entropyOf(t.matrix, n, 1), alpha);

  // Rows of different labels have nothing in common, so the product with the labels' kernel falls into blocks.
  const members = [...new Set(at.map((row) => sample.labels[row]))]
    .map((label) => Uint32Array.from(at.keys()).filter((i) => sample.labels[at[i]] === label))
    .sort((a, b) => a.length - b.length);
  const sy = renyiEntropyBits(members.map(({ length }) => length / n), alpha);
  const spectrum: number[] = [];
  for (const block of members) {
    spectrum.push(...await entropyOf(blockOf(t.matrix, n, block), block.length, 0.5 * block.length / n));
  }
  const ityBits = st + sy - renyiEntropyBits(Float64Array.from(spectrum).sort(), alpha);
  if (sample.inputs === undefined) return { rows: n, ityBits, widthT: t.width };

  const x = kernelOf(sample.inputs, "X", at, width);
  const sx = renyiEntropyBits(await entropyOf(x.matrix, n, 1), alpha);
  const both = x.matrix.map((a, i) => a * t.matrix[i] * n);
  const sxt = renyiEntropyBits(await entropyOf(both, n, 1), alpha);
  return { rows: n, ityBits, ixtBits: sx + st - sxt, widthT: t.width, widthX: x.width };
}

/** The rows used, ascending: all, or as many as asked for without replacement. */
function drawn(n: number, most: number, ctx: Context): Uint32Array {
  const all = Uint32Array.from({ length: n }, (_, row) => row);
  return n <= most ? all : shuffle(all, ctx.stream.child("rows")).subarray(0, most).sort();
}

function kernelOf(tensor: Tensor, name: string, at: Uint32Array, width: "median" | number) {
  const squares = squaredDistances(rowsAt(realRows(tensor, name), at));
  const sigma = width === "median" ? medianDistance(squares) : width;
  return { matrix: gaussianKernel(squares, at.length, sigma), width: sigma };
}

function blockOf(matrix: Float64Array, n: number, members: Uint32Array): Float64Array {
  const size = members.length;
  const block = new Float64Array(size * size);
  members.forEach((row, i) => members.forEach((column, j) => block[i * size + j] = matrix[row * n + column]));
  return block;
}
