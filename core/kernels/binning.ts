/**
 * Entropies of layers read through codebooks: the host side of `core/kernels/assembly/binning.ts`.
 *
 * @module
 */
import type { Joint } from "../contracts/dataset.ts";
import type { Kernels } from "./mod.ts";

/** How an activation becomes one of finitely many codes. */
export type Codebook =
  /** min(count − 1, ⌊(t − low) / (high − low) · count⌋) for low ≤ t ≤ high. */
  | { readonly kind: "count"; readonly count: number; readonly range: readonly [number, number] }
  /** ⌊t / width⌋ for any finite t. */
  | { readonly kind: "width"; readonly width: number }
  /** j with edges[j] ≤ t < edges[j + 1], and the last for t = the last edge; ascending. */
  | { readonly kind: "edges"; readonly edges: Float64Array };

/** The rows whose activations are read, with what is known of their labels. */
export interface BinnedRows {
  /** Number of rows. */
  readonly n: number;
  /** Number of labels. */
  readonly classes: number;
  /** Class of each row, shape [n]; unused with `joint`. */
  readonly labels: Uint8Array;
  /** Exact p(x) and p(y|x) of the rows. */
  readonly joint?: Joint;
}

/** What a codebook shows of a layer. */
export interface Binned {
  /** H(T) in bits. */
  readonly htBits: number;
  /** H(Y|T) in bits. */
  readonly hytBits: number;
  /** Occupied cells. */
  readonly cells: number;
  /** Occupied cells with one row. */
  readonly alone: number;
}

/** An activation without a code. */
export interface Outside {
  /** Row of the activation. */
  readonly row: number;
  /** Column of the activation. */
  readonly unit: number;
  /** The activation. */
  readonly outside: number;
}

/** Reads one layer after another through codebooks. */
export interface Binner {
  /** H(X) in bits: log₂ n where the rows weigh the same. */
  readonly hxBits: number;
  /** H(Y) in bits. */
  readonly hyBits: number;
  /**
   * Takes a layer's activations, row-major, shape [n, units].
   *
   * @throws {TypeError} If there are not n × units of them.
   */
  setLayer(activations: Float32Array | Float64Array, units: number): void;
  /** Entropies of the layer taken last, or the first activation that has no code. */
  read(codebook: Codebook): Binned | Outside;
  /** How many of the layer's activations lie below `low` or above `high`. */
  countBeyond(low: number, high: number): number;
}

const CELL_BYTES = 16;
/** Keys are loaded eight bytes at a time, beyond the last row's codes. */
const CODE_SLACK = 8;
const MOST_CODES = 4294967296;

/**
 * Makes rows ready to be read through codebooks.
 *
 * Sums run over rows in order and cells are numbered by their first row, so equal input gives equal bytes.
 *
 * @param kernels From `loadKernels`.
 * @throws {RangeError} If there is no row, or more than 4 GiB would be needed.
 *
 * @example Two bits copied by two units
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadKernels } from "./mod.ts";
 * const binner = createBinner(await loadKernels(), { n: 4, classes: 2, labels: Uint8Array.of(0, 0, 1, 1) });
 * binner.setLayer(Float32Array.of(-0.5, -0.5, -0.5, 0.5, 0.5, -0.5, 0.5, 0.5), 2);
 * const found = binner.read({ kind: "count", count: 30, range: [-1, 1] });
 * assert.deepEqual(found, { htBits: 2, hytBits: 0, cells: 4, alone: 4 });
 * ```
 */
export function createBinner(kernels: Kernels, { n, classes, labels, joint }: BinnedRows): Binner {
  if (!(n >= 1)) throw new RangeError(`Cannot read rows through a codebook as there must be one: there are ${n}`);
  const { exports, reserve, mark, release } = kernels.instantiate();
  const slotBits = Math.max(4, 33 - Math.clz32(n - 1));
  const weighed = joint !== undefined && joint.px.some((p) => p !== joint.px[0]);

  const struct = reserve(48);
  const labelsAt = joint ? 0 : reserve(n);
  const pyxAt = joint ? reserve(8 * n * classes) : 0;
  const pxAt = weighed ? reserve(8 * n) : 0;
  const labelTermsAt = joint ? reserve(8 * n) : 0;
  const sumsAt = reserve(8 * n * classes);
  const countsAt = reserve(4 * (n + 1));
  const slotsAt = reserve(4 << slotBits);
  const cellsAt = reserve(CELL_BYTES * n);
  const extentAt = reserve(16);
  const resultAt = reserve(24);
  const free = mark();

  const memory = () => exports.memory.buffer as ArrayBuffer;
  const total = weighed ? joint.px.reduce((sum, p) => sum + p, 0) : n;
  new Uint32Array(memory(), struct, 8)
    .set([n, classes, labelsAt, pyxAt, pxAt, labelTermsAt, sumsAt, countsAt]);
  new Float64Array(memory(), struct + 32, 1)[0] = total;
  if (joint) new Float64Array(memory(), pyxAt, n * classes).set(joint.pyx);
  else new Uint8Array(memory(), labelsAt, n).set(labels);
  if (weighed) new Float64Array(memory(), pxAt, n).set(joint.px);
  exports.binningPrepare(struct);

  function group(codes: number, rowBytes: number): Binned {
    const cells = exports.binningCells(struct, codes, rowBytes, slotsAt, slotBits, cellsAt);
    exports.binningEntropies(struct, cellsAt, cells, resultAt);
    const [htBits, hytBits, alone] = new Float64Array(memory(), resultAt, 3);
    return { htBits, hytBits, cells, alone };
  }

  let units = 0;
  let double = false;
  let valuesAt = 0;
  let codesAt = 0;
  let edgesAt = 0;

  // Rows with one code give H(Y), rows that each have their own H(X).
  const numbers = reserve(4 * n + CODE_SLACK);
  new Uint32Array(memory(), numbers, n).fill(0);
  const { hytBits: hyBits } = group(numbers, 4);
  new Uint32Array(memory(), numbers, n).forEach((_, row, all) => all[row] = row);
  const { htBits: hxBits } = group(numbers, 4);

  function valuesOf(): Float32Array | Float64Array {
    const count = n * units;
    return double ? new Float64Array(memory(), valuesAt, count) : new Float32Array(memory(), valuesAt, count);
  }

  function outside(read: number): Outside {
    return { row: Math.floor(read / units), unit: read % units, outside: valuesOf()[read] };
  }

  /** Writes the codes of the layer; returns how many there can be. */
  function encode(codebook: Codebook): number | Outside {
    switch (codebook.kind) {
      case "count":
        return encodeCount(codebook.count, ...codebook.range);
      case "width":
        return encodeWidth(codebook.width);
      case "edges":
        return encodeEdges(codebook.edges);
    }
  }

  function encodeCount(count: number, low: number, high: number): number | Outside {
    const span = high - low;
    // A power of two divides exactly, so that it can go into the factor.
    const [divisor, scale] = isPowerOfTwo(span) ? [0, count / span] : [span, count];
    const size = n * units;
    const wide = count > 256;
    const { binningCodes32, binningCodes64 } = exports;
    const read = double
      ? binningCodes64(valuesAt, size, codesAt, wide, low, high, low, divisor, scale, 0, count - 1)
      : binningCodes32(valuesAt, size, codesAt, wide, above32(low), -above32(-high), low, divisor, scale, 0, count - 1);
    return read === size ? count : outside(read);
  }

  function encodeWidth(width: number): number | Outside {
    const size = n * units;
    (double ? exports.binningExtent64 : exports.binningExtent32)(valuesAt, size, extentAt);
    const [least, most] = new Float64Array(memory(), extentAt, 2);
    if (!Number.isFinite(least) || !Number.isFinite(most)) {
      return outside((valuesOf() as Float64Array).findIndex((t) => !Number.isFinite(t)));
    }
    const base = Math.floor(least / width);
    const codes = Math.floor(most / width) - base + 1;
    if (!(codes < MOST_CODES)) {
      throw new RangeError(
        `Cannot read a layer through bins of width ${width} as there must be fewer than 2^32: ` +
          `activations reach from ${least} to ${most}`,
      );
    }
    const encodeAll = double ? exports.binningCodes64 : exports.binningCodes32;
    encodeAll(valuesAt, size, codesAt, codes > 256, -Infinity, Infinity, 0, width, 1, base, codes - 1);
    return codes;
  }

  function encodeEdges(edges: Float64Array): number | Outside {
    const [size, codes] = [n * units, edges.length];
    release(edgesAt);
    const at = reserve(8 * codes);
    new Float64Array(memory(), at, codes).set(edges);
    const read = exports
      .binningCodesByEdges(valuesAt, size, double, codesAt, codes > 256, edges[codes - 1], at, codes);
    return read === size ? codes : outside(read);
  }

  return {
    hxBits,
    hyBits,

    setLayer(activations, columns) {
      if (activations.length !== n * columns) {
        throw new TypeError(
          `Cannot read a layer as there must be ${n} × ${columns} activations: there are ${activations.length}`,
        );
      }
      release(free);
      units = columns;
      double = activations instanceof Float64Array;
      valuesAt = reserve(activations.byteLength);
      codesAt = reserve(4 * n * units + CODE_SLACK);
      edgesAt = mark();
      valuesOf().set(activations);
    },

    read(codebook) {
      const codes = encode(codebook);
      if (typeof codes === "object") return codes;
      const rowBytes = codes > 256 ? 4 * units : units;
      return group(codesAt, rowBytes);
    },

    countBeyond(low, high) {
      const beyond = double ? exports.binningEnds64 : exports.binningEnds32;
      return beyond(valuesAt, n * units, low, high);
    },
  };
}

/** True for the powers of two from 2^-52 to 2^52. */
function isPowerOfTwo(x: number): boolean {
  const whole = x < 1 ? 1 / x : x;
  return Number.isSafeInteger(whole) && (BigInt(whole) & (BigInt(whole) - 1n)) === 0n && (x >= 1 || 1 / whole === x);
}

/** The least f32 that is not below x. */
function above32(x: number): number {
  const near = Math.fround(x);
  if (near >= x) return near;
  const bits = new Int32Array(Float32Array.of(near).buffer);
  bits[0] += near < 0 ? -1 : 1;
  return new Float32Array(bits.buffer)[0];
}
