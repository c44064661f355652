/**
 * The kernels: one WebAssembly module, compiled from `core/kernels/assembly`, and its typed loader.
 *
 * Needs nothing but `WebAssembly` and `atob`: no permission, no file, no address, so it loads alike in Deno, Node, browsers and
 * workers. Every instance has a memory of its own.
 *
 * @module
 */
import { KERNELS_BASE64 } from "./kernels_bytes.ts";

export {
  type Binned,
  type BinnedRows,
  type Binner,
  type CellCounts,
  type Codebook,
  createBinner,
  type Outside,
} from "./binning.ts";
export { symmetricEigenvalues } from "./eigenvalues.ts";
export { ksgBits, ksgCeilingBits, type KsgForm, type KsgSettings } from "./ksg.ts";
export { type KsgLabels, ksgLabelsBits } from "./ksg_labels.ts";
export {
  createMixture,
  type Mixture,
  type MixtureRows,
  type NoiseDraws,
  type PairBounds,
  type Progress,
  withMixture,
} from "./mixture.ts";
export { createNeighbours, type Neighbours } from "./neighbours.ts";
export { drawPropagated, type PropagatedDraws } from "./propagation.ts";

/** What the module exports; pointers are byte offsets into its memory, counts are of elements. */
export interface KernelExports {
  /** All that the kernels can see. */
  readonly memory: WebAssembly.Memory;
  /** The first byte of memory that is free. */
  heapBase(): number;

  /** As in `core/numerics/elementary.ts`, compiled from that source; the next seven likewise. */
  exp(x: number): number;
  /** ln x in f64. */
  log(x: number): number;
  /** log₂ x in f64. */
  log2(x: number): number;
  /** ln(1 + x) in f64. */
  log1p(x: number): number;
  /** e^x − 1 in f64. */
  expm1(x: number): number;
  /** tanh x in f64. */
  tanh(x: number): number;
  /** 1 / (1 + e^−x) in f64. */
  logistic(x: number): number;
  /** ln(1 + e^x) in f64. */
  softplus(x: number): number;

  /** tanh in place over f32, monotone and odd; `count` is a multiple of 8. */
  tanhArray(pointer: number, count: number): void;
  /** The logistic function in place over f32; `count` is a multiple of 4. */
  logisticArray(pointer: number, count: number): void;
  /** e^x in place over f32; `count` is a multiple of 4. */
  expArray(pointer: number, count: number): void;
  /** max(0, x) in place over f32; `count` is a multiple of 4. */
  reluArray(pointer: number, count: number): void;
  /** x above 0 and slope · x below, in place over f32; `count` is a multiple of 4. */
  leakyReluArray(pointer: number, count: number, slope: number): void;
  /** ln(1 + e^x) in place over f32; `count` is a multiple of 4. */
  softplusArray(pointer: number, count: number): void;
  /** f32 of [low, high] to the middles of `levels` equal cells; `count` is a multiple of 4, high − low a power of two. */
  quantiseArray(from: number, to: number, count: number, low: number, high: number, levels: number): void;

  /** One update on the plan's first `count` rows; the mean cross-entropy in nats. `core/training/dense.ts` writes the plan. */
  denseStep(plan: number, count: number): number;
  /** The same without the update: the gradient is left in memory. */
  denseGradient(plan: number, count: number): number;
  /** Makes changed parameters known to `denseForward`. */
  denseForwardBegin(plan: number): void;
  /** Activations of rows first … first + count of the data at `data`, left in memory. */
  denseForward(plan: number, data: number, first: number, count: number): void;
  /** Outputs of the last layer for the plan's first `count` rows, left in memory. */
  denseOutputs(plan: number, count: number): void;
  /** One update after `denseOutputs`, for the derivatives at `errors` of a loss taken elsewhere. */
  denseStepFrom(plan: number, errors: number, count: number): void;
  /** `denseStep` in f64. */
  denseStep64: KernelExports["denseStep"];
  /** `denseGradient` in f64. */
  denseGradient64: KernelExports["denseGradient"];
  /** `denseForward` in f64; needs no beginning. */
  denseForward64: KernelExports["denseForward"];
  /** Adds each layer's Σ ‖g_i‖² over the `count` rows of the last `denseGradient` to as many f64 at `sums`. */
  denseGradientSquares(plan: number, count: number, sums: number): void;
  /** The same after `denseGradient64`. */
  denseGradientSquares64: KernelExports["denseGradientSquares"];
  /** Adds Σ (g_i − ḡ)(g_i − ḡ)ᵀ of layer index k after `denseGradient64` to the upper triangle at `sums`. */
  denseGradientScatter64(
    plan: number,
    k: number,
    count: number,
    mean: number,
    scratch: number,
    sums: number,
    stride: number,
  ): void;
  /** Adds Σ H_i v, or Σ G_i v where `whole` is false, after `denseGradient64`; `core/measuring/curvature.ts` writes the record. */
  denseCurvature64(plan: number, count: number, record: number, whole: boolean): void;

  /** One update on the `count` rows in the plan's input blocks; the mean cross-entropy in nats. `core/training/convolution.ts` writes the plan. */
  convolutionStep(plan: number, count: number): number;
  /** The same without the update: the gradient is left in memory; adds each layer's Σ ‖g_i‖² to as many f64 at `squares`, if not 0. */
  convolutionGradient(plan: number, count: number, squares: number): number;
  /** Makes changed parameters known to `convolutionForward`. */
  convolutionForwardBegin(plan: number): void;
  /** Outputs of the layers that are handed out for the rows in the input blocks, left in memory. */
  convolutionForward(plan: number, count: number): void;

  /** Codes of f32 by even bins; the index of the first value without one, or `count`. */
  binningCodes32(
    values: number,
    count: number,
    codes: number,
    wide: boolean,
    least: number,
    most: number,
    low: number,
    span: number,
    scale: number,
    base: number,
    last: number,
  ): number;
  /** The same of f64. */
  binningCodes64: KernelExports["binningCodes32"];
  /** Codes by ascending edges; the index of the first value without one, or `count`. */
  binningCodesByEdges(
    values: number,
    count: number,
    double: boolean,
    codes: number,
    wide: boolean,
    most: number,
    edges: number,
    edgeCount: number,
  ): number;
  /** Codes that are the values themselves, −0 as 0. */
  binningCodesByValue(values: number, count: number, double: boolean, codes: number): void;
  /** Codes of equal mass, unit by unit; how many edges part the values. */
  binningCodesByMass(
    values: number,
    n: number,
    units: number,
    double: boolean,
    codes: number,
    wide: boolean,
    count: number,
    px: number,
    order: number,
    total: number,
    room: number,
  ): number;
  /** Writes the least and greatest of `count` f32 as two f64; NaN if one of them is. */
  binningExtent32(values: number, count: number, extent: number): void;
  /** The same of f64. */
  binningExtent64: KernelExports["binningExtent32"];
  /** How many of `count` f32 lie outside [low, high]. */
  binningEnds32(values: number, count: number, low: number, high: number): number;
  /** The same of f64. */
  binningEnds64: KernelExports["binningEnds32"];
  /** Gathers rows of equal codes; the number of cells. */
  binningCells(
    rows: number,
    codes: number,
    rowBytes: number,
    slots: number,
    slotBits: number,
    cells: number,
  ): number;
  /** Computes what depends on p(x) and p(y|x) alone. */
  binningPrepare(rows: number): void;
  /** Writes H(T) and H(Y|T) in bits, and how many cells hold one row, as three f64. */
  binningEntropies(rows: number, cells: number, cellCount: number, result: number): void;

  /** Adds the weighed exponentials of the distances of a block's rows to later blocks' rows, and their fourth powers. */
  mixturePairs(
    mixture: number,
    single: boolean,
    scales: number,
    scaleCount: number,
    sums: number,
    left: number,
  ): void;
  /** Adds those of 64 points to all rows, relative to the point's own row. */
  mixturePoints(mixture: number, points: number, own: number, scale: number, sums: number): void;
  /** Reduces a panel of the first `rows` of a symmetric matrix; how many rows are left. `core/kernels/eigenvalues.ts` writes the plan. */
  eigenvaluesReduce(plan: number, rows: number): number;
  /** Turns a tridiagonal matrix into its eigenvalues; the first row that did not settle, or n. */
  eigenvaluesTridiagonal(n: number, diagonal: number, couplings: number): number;

  /** Builds the k-d tree that `core/kernels/neighbours.ts` laid out. */
  neighboursBuild(tree: number): void;
  /** Writes how far the k nearest of each row reach in the first columns and in the rest, as f64. */
  neighboursNearest(tree: number, k: number, split: number, found: number, first: number, rest: number): void;
  /** Writes how many others lie within each row's radius, as u32. */
  neighboursCount(tree: number, radii: number, open: boolean, counts: number): void;
}

/** An instance of the module with its memory, handed out from the bottom up. */
export interface KernelInstance<Exports extends KernelExports = KernelExports> {
  /** What the module exports. */
  readonly exports: Exports;
  /**
   * Reserves `bytes` of memory, zeroed when first used, at a multiple of 64. Growing memory detaches every view of it: make views
   * after the last reservation.
   *
   * @throws {RangeError} If the module's memory cannot grow that far (4 GiB).
   */
  reserve(bytes: number): number;
  /** The next address that `reserve` would return; hand it to `release` to give back everything reserved later. */
  mark(): number;
  /** Gives back everything reserved since `mark` was taken. */
  release(mark: number): void;
}

/** The compiled module; `instantiate` is synchronous, and instances share nothing. */
export interface Kernels {
  /** Can be posted to a worker, which then need not compile. */
  readonly module: WebAssembly.Module;
  /** A new instance with an empty memory. */
  instantiate(): KernelInstance;
}

const PAGE = 65536;
const ALIGNMENT = 64;

function aligned(pointer: number): number {
  return Math.ceil(pointer / ALIGNMENT) * ALIGNMENT;
}

function instantiate(module: WebAssembly.Module): KernelInstance {
  const exports = new WebAssembly.Instance(module).exports as unknown as KernelExports;
  let top = aligned(exports.heapBase());
  return {
    exports,
    reserve(bytes: number): number {
      const pointer = top;
      const end = aligned(pointer + bytes);
      const missing = Math.ceil((end - exports.memory.buffer.byteLength) / PAGE);
      if (missing > 0) {
        try {
          exports.memory.grow(missing);
        } catch {
          throw new RangeError(`Cannot reserve ${bytes} bytes for a kernel as its memory must stay below 4 GiB`);
        }
      }
      top = end;
      return pointer;
    },
    mark: () => top,
    release(mark: number): void {
      top = mark;
    },
  };
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

let compiled: Promise<Kernels> | undefined;

/**
 * Compiles the kernels, once for each realm.
 *
 * @returns A handle from which any number of independent instances can be made, synchronously.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const kernels = await loadKernels();
 * const { exports, reserve } = kernels.instantiate();
 * const pointer = reserve(8 * 4);
 * new Float32Array(exports.memory.buffer, pointer, 8).fill(20);
 * exports.tanhArray(pointer, 8);
 * assert.equal(new Float32Array(exports.memory.buffer, pointer, 8)[0], 1);
 * ```
 */
export function loadKernels(): Promise<Kernels> {
  compiled ??= WebAssembly.compile(decode(KERNELS_BASE64)).then((module) => ({
    module,
    instantiate: () => instantiate(module),
  }));
  return compiled;
}
