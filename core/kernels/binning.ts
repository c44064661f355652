/**
 * Entropies of layers read through codebooks: the host side of `core/kernels/assembly/binning.ts`.
 *
 * @module
 */
import type { Joint } from "../contracts/dataset.ts";
import type { Kernels } from "./mod.ts";

/** How an activation becomes one of finitely many codes; the last three are rulers that move with the layer. */
export type Codebook =
  /** min(count − 1, ⌊(t − low) / (high − low) · count⌋) for low ≤ t ≤ high. */
  | { readonly kind: "count"; readonly count: number; readonly range: readonly [number, number] }
  /** ⌊t / width⌋ for any finite t. */
  | { readonly kind: "width"; readonly width: number }
  /** j with edges[j] ≤ t < edges[j + 1], and the last for t = the last edge; ascending. */
  | { readonly kind: "edges"; readonly edges: Float64Array }
  /** As `count`, from the least to the greatest activation of the layer. */
  | { readonly kind: "layer-range"; readonly count: number }
  /** ⌊P(t′ < t) · count⌋, P(t′ < t) the share of rows whose unit lies below: equal values are never parted. */
  | { readonly kind: "equal-mass"; readonly count: number }
  /** Each distinct value has its own code. */
  | { readonly kind: "unique-values" };

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
  /** The least and greatest activation, of `layer-range`. */
  readonly range?: readonly [number, number];
  /** Edges that part the values, over all units, of `equal-mass`: units · (count − 1) without ties. */
  readonly edges?: number;
}

/** How many rows there are to a cell. */
export interface CellCounts {
  /** Rows of each occupied cell. */
  readonly all: Float64Array;
  /** For each label, those of its rows; undefined where p(y|x) weighs the rows instead of labels. */
  readonly byLabel?: readonly Float64Array[];
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
  /** Rows of each cell of the codebook read last; undefined where p(x) weighs them. */
  counts(): CellCounts | undefined;
  /** How many of the layer's activations lie below `low` or above `high`. */
  countBeyond(low: number, high: number): number;
}

const CELL_BYTES = 16;
/** Keys are loaded eight bytes at a time, beyond the last row's codes. */
const CODE_SLACK = 8;
const MOST_CODES = 4294967296;
/** Room for sorting the rows of a unit: as `binningCodesByMass` wants it. */
const SORT_BYTES_A_ROW = 16;
const SORT_BYTES = 24576;

/** How the codes of a layer were written, and what a ruler that moves found in it. */
type Encoded = { readonly codeBytes: number } & Pick<Binned, "range" | "edges">;

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
  const orderAt = weighed ? reserve(4 * n) : 0;
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
  let ascendingTotal = 0;
  if (weighed) {
    const { px } = joint;
    new Float64Array(memory(), pxAt, n).set(px);
    new Uint32Array(memory(), orderAt, n).set(Uint32Array.from(px.keys()).sort((a, b) => px[a] - px[b]));
    ascendingTotal = px.toSorted().reduce((sum, p) => sum + p, 0);
  }
  exports.binningPrepare(struct);

  let cells = 0;

  function group(codes: number, rowBytes: number): Binned {
    cells = exports.binningCells(struct, codes, rowBytes, slotsAt, slotBits, cellsAt);
    exports.binningEntropies(struct, cellsAt, cells, resultAt);
    const [htBits, hytBits, alone] = new Float64Array(memory(), resultAt, 3);
    return { htBits, hytBits, cells, alone };
  }

  let units = 0;
  let double = false;
  let valuesAt = 0;
  let codesAt = 0;
  let scratchAt = 0;

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

  /** The least and greatest activation, or the first that is not finite. */
  function extent(): [number, number] | Outside {
    (double ? exports.binningExtent64 : exports.binningExtent32)(valuesAt, n * units, extentAt);
    const [least, most] = new Float64Array(memory(), extentAt, 2);
    if (Number.isFinite(least) && Number.isFinite(most)) return [least + 0, most + 0]; // no −0
    return outside((valuesOf() as Float64Array).findIndex((t) => !Number.isFinite(t)));
  }

  /** Writes the codes of the layer; returns how many bytes one takes. */
  function encode(codebook: Codebook): Encoded | Outside {
    switch (codebook.kind) {
      case "count":
        return encodeCount(codebook.count, ...codebook.range);
      case "width":
        return encodeWidth(codebook.width);
      case "edges":
        return encodeEdges(codebook.edges);
      case "layer-range":
        return encodeLayerRange(codebook.count);
      case "equal-mass":
        return encodeEqualMass(codebook.count);
      case "unique-values":
        return encodeUniqueValues();
    }
  }

  function encodeCount(count: number, low: number, high: number): Encoded | Outside {
    return encodeEven(count, low, high, count - 1);
  }

  /** ⌊(t − low) / (high − low) · count⌋, but `last` at most. */
  function encodeEven(count: number, low: number, high: number, last: number): Encoded | Outside {
    const size = n * units;
    const read = readEven(valuesAt, size, codesAt, count, low, high, last);
    return read === size ? { codeBytes: bytesFor(last + 1) } : outside(read);
  }

  function readEven(
    values: number,
    size: number,
    codes: number,
    count: number,
    low: number,
    high: number,
    last: number,
  ): number {
    const span = high - low;
    // A power of two divides exactly, so that it can go into the factor.
    const [divisor, scale] = isPowerOfTwo(span) ? [0, count / span] : [span, count];
    const wide = last > 255;
    const { binningCodes32, binningCodes64 } = exports;
    return double
      ? binningCodes64(values, size, codes, wide, low, high, low, divisor, scale, 0, last)
      : binningCodes32(values, size, codes, wide, above32(low), -above32(-high), low, divisor, scale, 0, last);
  }

  function encodeWidth(width: number): Encoded | Outside {
    const ends = extent();
    if ("outside" in ends) return ends;
    const [least, most] = ends;
    const base = Math.floor(least / width);
    const codes = Math.floor(most / width) - base + 1;
    if (!(codes < MOST_CODES)) {
      throw new RangeError(
        `Cannot read a layer through bins of width ${width} as there must be fewer than 2^32: ` +
          `activations reach from ${least} to ${most}`,
      );
    }
    const encodeAll = double ? exports.binningCodes64 : exports.binningCodes32;
    encodeAll(valuesAt, n * units, codesAt, codes > 256, -Infinity, Infinity, 0, width, 1, base, codes - 1);
    return { codeBytes: bytesFor(codes) };
  }

  function encodeEdges(edges: Float64Array): Encoded | Outside {
    const [size, codes] = [n * units, edges.length];
    if (areEven(edges)) return encodeEven(codes - 1, edges[0], edges[codes - 1], codes - 1);
    release(scratchAt);
    const at = reserve(8 * codes);
    new Float64Array(memory(), at, codes).set(edges);
    const read = exports
      .binningCodesByEdges(valuesAt, size, double, codesAt, codes > 256, edges[codes - 1], at, codes);
    return read === size ? { codeBytes: bytesFor(codes) } : outside(read);
  }

  let checked: { readonly edges: Float64Array; readonly even: boolean } | undefined;

  /**
   * True if the layer is of f32 and even bins give every f32 the code that the edges give it. As codes only ascend, it is enough to
   * look at the first f32 from each edge on, and at the one before.
   */
  function areEven(edges: Float64Array): boolean {
    if (double || edges.length < 2 || edges.length > 256) return false;
    if (checked?.edges === edges) return checked.even;
    const [low, high] = [edges[0], edges[edges.length - 1]];
    const firsts = Array.from(edges, above32);
    const values = Float32Array.from([...firsts, ...firsts.map(before32)].filter((t) => t >= low && t <= high));
    release(scratchAt);
    const [at, codes] = [reserve(values.byteLength), reserve(values.length)];
    new Float32Array(memory(), at, values.length).set(values);
    readEven(at, values.length, codes, edges.length - 1, low, high, edges.length - 1);
    const found = new Uint8Array(memory(), codes, values.length);
    const even = values.every((t, i) => found[i] === edges.filter((edge) => edge <= t).length - 1);
    checked = { edges, even };
    return even;
  }

  function encodeLayerRange(count: number): Encoded | Outside {
    const range = extent();
    if ("outside" in range) return range;
    const [least, most] = range;
    if (least === most) {
      new Uint8Array(memory(), codesAt, n * units).fill(0);
      return { codeBytes: 1, range };
    }
    if (most - least === Infinity) {
      throw new RangeError(
        `Cannot read a layer through its own range as that must be finite: activations reach from ${least} to ${most}`,
      );
    }
    const encodeAll = double ? exports.binningCodes64 : exports.binningCodes32;
    const span = most - least;
    encodeAll(valuesAt, n * units, codesAt, count > 256, -Infinity, Infinity, least, span, count, 0, count - 1);
    return { codeBytes: bytesFor(count), range };
  }

  function encodeEqualMass(count: number): Encoded | Outside {
    const ends = extent();
    if ("outside" in ends) return ends;
    release(scratchAt);
    const room = reserve(SORT_BYTES_A_ROW * n + SORT_BYTES);
    const edges = exports
      .binningCodesByMass(valuesAt, n, units, double, codesAt, count > 256, count, pxAt, orderAt, ascendingTotal, room);
    return { codeBytes: bytesFor(count), edges };
  }

  function encodeUniqueValues(): Encoded | Outside {
    const ends = extent();
    if ("outside" in ends) return ends;
    exports.binningCodesByValue(valuesAt, n * units, double, codesAt);
    return { codeBytes: double ? 8 : 4 };
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
      codesAt = reserve((double ? 8 : 4) * n * units + CODE_SLACK);
      scratchAt = mark();
      valuesOf().set(activations);
    },

    read(codebook) {
      const found = encode(codebook);
      if ("outside" in found) return found;
      const { codeBytes, ...ruler } = found;
      return { ...group(codesAt, codeBytes * units), ...ruler };
    },

    counts() {
      if (weighed) return undefined;
      const words = new Uint32Array(memory(), cellsAt, cells * CELL_BYTES / 4);
      const all = Float64Array.from({ length: cells }, (_, cell) => words[4 * cell + 3]);
      if (joint) return { all };
      const labelOf = new Uint8Array(memory(), labelsAt, n);
      const sums = new Float64Array(memory(), sumsAt, cells * classes);
      const byLabel = Array.from({ length: classes }, (_, y) => all.map((_, cell) => sums[cell * classes + y]));
      all.forEach((rows, cell) => {
        // A cell with one row has no sums.
        if (rows === 1) byLabel.forEach((counts, y) => counts[cell] = Number(labelOf[words[4 * cell + 2]] === y));
      });
      return { all, byLabel };
    },

    countBeyond(low, high) {
      const beyond = double ? exports.binningEnds64 : exports.binningEnds32;
      return beyond(valuesAt, n * units, low, high);
    },
  };
}

/** The bytes of a code where there are `codes` of them. */
function bytesFor(codes: number): number {
  return codes > 256 ? 4 : 1;
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

/** The greatest f32 below the f32 x. */
function before32(x: number): number {
  if (x === 0) return -1.401298464324817e-45;
  const bits = new Int32Array(Float32Array.of(x).buffer);
  bits[0] += x > 0 ? -1 : 1;
  return new Float32Array(bits.buffer)[0];
}
