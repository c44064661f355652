/**
 * Entropies of a layer read through a codebook.
 *
 * Four steps, each a call: codes (which cell of its unit each activation falls into), keys (64 bits a row, from the codes of its
 * units), cells (rows with equal codes), entropies. Rows are taken in order and cells numbered by their first row, so every sum has
 * one order. Pointers are in bytes.
 *
 * A key holds the codes themselves where they fill at most 64 bits. Elsewhere it is a hash, and rows count as equal only after all
 * their codes have been compared.
 */
import { log2 } from "../../numerics/elementary";

const GOLDEN: u64 = 0x9e3779b97f4a7c15;

/** A cell: 0 key · 8 first row · 12 number of rows. */
const CELL_BYTES: usize = 16;

/**
 * Rows as the sums read them; offsets in bytes:
 *
 *   0 rows n · 4 classes C · 8 label of each row (u8), or 0 · 12 p(y|x), [n, C] (f64) · 16 p(x) (f64), or 0 if uniform ·
 *   20 the term of H(Y|T) of each row when alone in its cell (f64), or 0 where those are 0 ·
 *   24 room for n · C sums (f64) · 28 room for n + 1 counts (u32) · 32 total weight, n if uniform (f64)
 */
@inline
function word(rows: usize, offset: usize): usize {
  return load<u32>(rows + offset);
}

@inline
function valueAt(values: usize, i: usize, double: bool): f64 {
  return double ? load<f64>(values + (i << 3)) : <f64> load<f32>(values + (i << 2));
}

@inline
function putCode(codes: usize, i: usize, wide: bool, code: u32): void {
  if (wide) store<u32>(codes + (i << 2), code);
  else store<u8>(codes + i, <u8> code);
}

/** min(last, ⌊(t − low) / span · scale⌋ − base) in two lanes, plus 2^52, so that the low bits hold the whole number. */
@inline
function twoCodes(t: v128, low: v128, span: v128, scale: v128, base: v128, last: v128, divide: bool): v128 {
  const shifted = f64x2.sub(t, low);
  const scaled = f64x2.mul(divide ? f64x2.div(shifted, span) : shifted, scale);
  const code = f64x2.pmin(last, f64x2.sub(f64x2.floor(scaled), base));
  return f64x2.add(code, f64x2.splat(4503599627370496.0));
}

/** The codes of four f32, in four 32-bit lanes. */
@inline
function fourCodes(t: v128, low: v128, span: v128, scale: v128, base: v128, last: v128, divide: bool): v128 {
  const upper = v128.shuffle<i32>(t, t, 2, 3, 2, 3);
  const first = twoCodes(f64x2.promote_low_f32x4(t), low, span, scale, base, last, divide);
  const second = twoCodes(f64x2.promote_low_f32x4(upper), low, span, scale, base, last, divide);
  return v128.shuffle<i32>(first, second, 0, 2, 4, 6);
}

/** Codes of the leading multiple of 16 values; false if one of them is outside. */
@inline
function codesOfSixteens(
  values: usize,
  count: usize,
  codes: usize,
  wide: bool,
  least: f32,
  most: f32,
  low: f64,
  span: f64,
  scale: f64,
  base: f64,
  last: f64,
  divide: bool,
): bool {
  const leasts = f32x4.splat(least);
  const mosts = f32x4.splat(most);
  const lows = f64x2.splat(low);
  const spans = f64x2.splat(span);
  const scales = f64x2.splat(scale);
  const bases = f64x2.splat(base);
  const lasts = f64x2.splat(last);
  const end = values + (count >> 4 << 6);
  let within = i32x4.splat(-1);
  while (values < end) {
    const a = v128.load(values);
    const b = v128.load(values, 16);
    const c = v128.load(values, 32);
    const d = v128.load(values, 48);
    within = v128.and(within, v128.and(f32x4.ge(a, leasts), f32x4.le(a, mosts)));
    within = v128.and(within, v128.and(f32x4.ge(b, leasts), f32x4.le(b, mosts)));
    within = v128.and(within, v128.and(f32x4.ge(c, leasts), f32x4.le(c, mosts)));
    within = v128.and(within, v128.and(f32x4.ge(d, leasts), f32x4.le(d, mosts)));
    const ca = fourCodes(a, lows, spans, scales, bases, lasts, divide);
    const cb = fourCodes(b, lows, spans, scales, bases, lasts, divide);
    const cc = fourCodes(c, lows, spans, scales, bases, lasts, divide);
    const cd = fourCodes(d, lows, spans, scales, bases, lasts, divide);
    if (wide) {
      v128.store(codes, ca);
      v128.store(codes, cb, 16);
      v128.store(codes, cc, 32);
      v128.store(codes, cd, 48);
      codes += 64;
    } else {
      v128.store(codes, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(ca, cb), i16x8.narrow_i32x4_u(cc, cd)));
      codes += 16;
    }
    values += 64;
  }
  return v128.all_true<i32>(within);
}

@inline
function codesOneByOne(
  values: usize,
  from: usize,
  count: usize,
  double: bool,
  codes: usize,
  wide: bool,
  least: f64,
  most: f64,
  low: f64,
  span: f64,
  scale: f64,
  base: f64,
  last: f64,
): usize {
  for (let i = from; i < count; i++) {
    const t = valueAt(values, i, double);
    if (!(t >= least && t <= most)) return i;
    const scaled = (span === 0 ? t - low : (t - low) / span) * scale;
    putCode(codes, i, wide, <u32> min(last, floor(scaled) - base));
  }
  return count;
}

/**
 * Codes min(last, ⌊(t − low) / span · scale⌋ − base) of `count` f32, computed in f64; u8 each, or u32 if `wide`.
 *
 * @param span 0 leaves the division out, for a span that is a power of two and went into `scale`.
 * @returns The index of the first value outside [least, most], or `count`.
 */
export function binningCodes32(
  values: usize,
  count: usize,
  codes: usize,
  wide: bool,
  least: f32,
  most: f32,
  low: f64,
  span: f64,
  scale: f64,
  base: f64,
  last: f64,
): usize {
  let fine: bool;
  if (wide) fine = codesOfSixteens(values, count, codes, true, least, most, low, span || 1, scale, base, last, true);
  else if (span === 0) {
    fine = codesOfSixteens(values, count, codes, false, least, most, low, 1, scale, base, last, false);
  } else fine = codesOfSixteens(values, count, codes, false, least, most, low, span, scale, base, last, true);
  const from: usize = fine ? count & ~15 : 0;
  return codesOneByOne(values, from, count, false, codes, wide, least, most, low, span, scale, base, last);
}

/** The same of f64. */
export function binningCodes64(
  values: usize,
  count: usize,
  codes: usize,
  wide: bool,
  least: f64,
  most: f64,
  low: f64,
  span: f64,
  scale: f64,
  base: f64,
  last: f64,
): usize {
  return codesOneByOne(values, 0, count, true, codes, wide, least, most, low, span, scale, base, last);
}

/**
 * Codes j with edges[j] ≤ t < edges[j + 1] of `count` values, f64 if `double`, else f32; from the last edge on j is the last.
 *
 * @param edges `edgeCount` f64, ascending.
 * @returns The index of the first value outside [first edge, most], or `count`.
 */
export function binningCodesByEdges(
  values: usize,
  count: usize,
  double: bool,
  codes: usize,
  wide: bool,
  most: f64,
  edges: usize,
  edgeCount: usize,
): usize {
  const least = load<f64>(edges);
  for (let i: usize = 0; i < count; i++) {
    const t = valueAt(values, i, double);
    if (!(t >= least && t <= most)) return i;
    let j: usize = 0;
    let left = edgeCount;
    while (left > 1) {
      const half = left >> 1;
      if (load<f64>(edges + ((j + half) << 3)) <= t) j += half;
      left -= half;
    }
    putCode(codes, i, wide, <u32> j);
  }
  return count;
}

/** Finds the least and greatest of `count` f32 and writes them as f64 to `extent`; NaN, twice, if one of the values is NaN. */
export function binningExtent32(values: usize, count: usize, extent: usize): void {
  let leastA = f32x4.splat(Infinity);
  let mostA = f32x4.splat(-Infinity);
  let leastB = leastA;
  let mostB = mostA;
  let ordered = i32x4.splat(-1);
  const end = values + (count >> 3 << 5);
  const stop = values + (count << 2);
  for (; values < end; values += 32) {
    const a = v128.load(values);
    const b = v128.load(values, 16);
    leastA = f32x4.pmin(leastA, a);
    leastB = f32x4.pmin(leastB, b);
    mostA = f32x4.pmax(mostA, a);
    mostB = f32x4.pmax(mostB, b);
    ordered = v128.and(ordered, v128.and(f32x4.eq(a, a), f32x4.eq(b, b)));
  }
  for (; values < stop; values += 4) {
    const a = v128.load32_splat(values);
    leastA = f32x4.pmin(leastA, a);
    mostA = f32x4.pmax(mostA, a);
    ordered = v128.and(ordered, f32x4.eq(a, a));
  }
  let least: f64 = NaN;
  let most: f64 = NaN;
  if (v128.all_true<i32>(ordered)) {
    const low = f32x4.pmin(leastA, leastB);
    const high = f32x4.pmax(mostA, mostB);
    least = min(
      min(f32x4.extract_lane(low, 0), f32x4.extract_lane(low, 1)),
      min(f32x4.extract_lane(low, 2), f32x4.extract_lane(low, 3)),
    );
    most = max(
      max(f32x4.extract_lane(high, 0), f32x4.extract_lane(high, 1)),
      max(f32x4.extract_lane(high, 2), f32x4.extract_lane(high, 3)),
    );
  }
  store<f64>(extent, least);
  store<f64>(extent, most, 8);
}

/** The same of f64. */
export function binningExtent64(values: usize, count: usize, extent: usize): void {
  let least: f64 = Infinity;
  let most: f64 = -Infinity;
  for (let i: usize = 0; i < count; i++) {
    const t = load<f64>(values + (i << 3));
    least = min(least, t);
    most = max(most, t);
  }
  store<f64>(extent, least);
  store<f64>(extent, most, 8);
}

/** How many of `count` f32 are below `low` or above `high`. */
export function binningEnds32(values: usize, count: usize, low: f32, high: f32): usize {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  let lanes = i32x4.splat(0);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const t = v128.load(values + (i << 2));
    lanes = i32x4.sub(lanes, v128.or(f32x4.lt(t, lows), f32x4.gt(t, highs)));
  }
  let found: usize = i32x4.extract_lane(lanes, 0) + i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) + i32x4.extract_lane(lanes, 3);
  for (; i < count; i++) {
    const t = load<f32>(values + (i << 2));
    found += usize(t < low) + usize(t > high);
  }
  return found;
}

/** The same of f64. */
export function binningEnds64(values: usize, count: usize, low: f64, high: f64): usize {
  let found: usize = 0;
  for (let i: usize = 0; i < count; i++) {
    const t = load<f64>(values + (i << 3));
    found += usize(t < low) + usize(t > high);
  }
  return found;
}

/** A u64 for each of n rows of `rowBytes` bytes of codes: the bytes themselves where they are at most 8, otherwise a hash. */
export function binningKeys(codes: usize, n: usize, rowBytes: usize, keys: usize): void {
  const end = keys + (n << 3);
  if (rowBytes <= 8) {
    // The codes are followed by room for the last load.
    const mask = u64.MAX_VALUE >> (64 - (<u64> rowBytes << 3));
    for (; keys < end; keys += 8) {
      store<u64>(keys, load<u64>(codes) & mask);
      codes += rowBytes;
    }
    return;
  }
  for (; keys < end; keys += 8) {
    const stop = codes + rowBytes;
    let key: u64 = 0;
    for (; codes + 8 <= stop; codes += 8) {
      key = (key ^ load<u64>(codes)) * GOLDEN;
      key ^= key >> 29;
    }
    if (codes < stop) {
      const left = <u64> (stop - codes);
      key = (key ^ (load<u64>(codes) & (u64.MAX_VALUE >> (64 - (left << 3))))) * GOLDEN;
      key ^= key >> 29;
      codes = stop;
    }
    store<u64>(keys, key);
  }
}

/**
 * Gathers equal rows into cells, numbered in order of first appearance.
 *
 * @param slots Room for 2^slotBits u32, at least two a row.
 * @param cellOf Room for n u32: the number of each row's cell.
 * @returns The number of cells.
 */
export function binningCells(
  keys: usize,
  n: usize,
  codes: usize,
  rowBytes: usize,
  slots: usize,
  slotBits: usize,
  cells: usize,
  cellOf: usize,
): usize {
  const shift = <u64> (64 - slotBits);
  const mask = (<usize> 1 << slotBits) - 1;
  const hashed = rowBytes > 8;
  memory.fill(slots, 0, <usize> 4 << slotBits);
  let count: usize = 0;
  for (let row: usize = 0; row < n; row++) {
    const key = load<u64>(keys + (row << 3));
    let slot = <usize> ((key * GOLDEN) >> shift);
    while (true) {
      // Slots hold numbers of cells from 1 on.
      const number: usize = load<u32>(slots + (slot << 2));
      if (number === 0) {
        const cell = cells + count * CELL_BYTES;
        store<u64>(cell, key);
        store<u32>(cell, <u32> row, 8);
        store<u32>(cell, 1, 12);
        store<u32>(cellOf + (row << 2), <u32> count);
        store<u32>(slots + (slot << 2), <u32> ++count);
        break;
      }
      const cell = cells + (number - 1) * CELL_BYTES;
      if (load<u64>(cell) === key) {
        const first: usize = load<u32>(cell, 8);
        if (!hashed || memory.compare(codes + row * rowBytes, codes + first * rowBytes, rowBytes) === 0) {
          store<u32>(cell, load<u32>(cell, 12) + 1, 12);
          store<u32>(cellOf + (row << 2), <u32> (number - 1));
          break;
        }
      }
      slot = (slot + 1) & mask;
    }
  }
  return count;
}

/** Adds p(x) p(y|x) of a row, or p(x) to its label, to the C sums at `sums`; p(x) is 1 where it is uniform. */
@inline
function addRow(rows: usize, classes: usize, labels: usize, pyx: usize, px: usize, row: usize, sums: usize): void {
  const weight = px ? load<f64>(px + (row << 3)) : 1.0;
  if (labels) {
    const sum = sums + (<usize> load<u8>(labels + row) << 3);
    store<f64>(sum, load<f64>(sum) + weight);
  } else if (classes === 2) {
    const p = f64x2.mul(f64x2.splat(weight), v128.load(pyx + (row << 4)));
    v128.store(sums, f64x2.add(v128.load(sums), p));
  } else {
    let p = pyx + ((row * classes) << 3);
    const end = sums + (classes << 3);
    for (let sum = sums; sum < end; sum += 8) {
      store<f64>(sum, load<f64>(sum) + weight * load<f64>(p));
      p += 8;
    }
  }
}

/** Σ_y s_y log₂(w / s_y) of the C sums at `sums`, w their sum. */
function labelTerm(sums: usize, classes: usize): f64 {
  const end = sums + (classes << 3);
  let weight = 0.0;
  for (let sum = sums; sum < end; sum += 8) weight += load<f64>(sum);
  let term = 0.0;
  for (let sum = sums; sum < end; sum += 8) {
    const s = load<f64>(sum);
    if (s > 0) term += s * log2(weight / s);
  }
  return term;
}

/** Fills the terms of rows that are alone in their cell, once for a set of rows. */
export function binningPrepare(rows: usize): void {
  const n = word(rows, 0);
  const classes = word(rows, 4);
  const labelTerms = word(rows, 20);
  const sums = word(rows, 24);
  if (!labelTerms) return;
  for (let row: usize = 0; row < n; row++) {
    memory.fill(sums, 0, classes << 3);
    addRow(rows, classes, 0, word(rows, 12), word(rows, 16), row, sums);
    store<f64>(labelTerms + (row << 3), labelTerm(sums, classes));
  }
}

/** H(Y|T) in bits, times the total weight. */
export function binningLabelTerms(rows: usize, cells: usize, cellCount: usize, cellOf: usize): f64 {
  const n = word(rows, 0);
  const classes = word(rows, 4);
  const labels = word(rows, 8);
  const pyx = word(rows, 12);
  const px = word(rows, 16);
  const labelTerms = word(rows, 20);
  const sums = word(rows, 24);
  const stride = classes << 3;
  let sum = 0.0;
  if (cellCount === n) {
    // Every row is alone, in order.
    if (labelTerms) for (let row: usize = 0; row < n; row++) sum += load<f64>(labelTerms + (row << 3));
    return sum;
  }
  memory.fill(sums, 0, cellCount * stride);
  for (let row: usize = 0; row < n; row++) {
    addRow(rows, classes, labels, pyx, px, row, sums + <usize> load<u32>(cellOf + (row << 2)) * stride);
  }
  let cell = cells;
  const end = sums + cellCount * stride;
  for (let at = sums; at < end; at += stride) {
    if (load<u32>(cell, 12) > 1) sum += labelTerm(at, classes);
    else if (labelTerms) sum += load<f64>(labelTerms + (<usize> load<u32>(cell, 8) << 3));
    cell += CELL_BYTES;
  }
  return sum;
}

/** How many cells hold one row. */
export function binningAlone(cells: usize, cellCount: usize): usize {
  const end = cells + cellCount * CELL_BYTES;
  let alone: usize = 0;
  for (let cell = cells; cell < end; cell += CELL_BYTES) alone += usize(load<u32>(cell, 12) === 1);
  return alone;
}

/**
 * H(T) in bits of uniform rows: Σ_c (N_c c / n) log₂(n / c), N_c the number of cells with c rows. So k equal cells give log₂ k, and
 * the order of rows cannot show.
 */
function uniformEntropy(rows: usize, cells: usize, cellCount: usize): f64 {
  const counts = word(rows, 28);
  const total = load<f64>(rows, 32);
  const end = cells + cellCount * CELL_BYTES;
  let most: usize = 0;
  for (let cell = cells; cell < end; cell += CELL_BYTES) {
    const count: usize = load<u32>(cell, 12);
    while (most < count) store<u32>(counts + (++most << 2), 0);
    store<u32>(counts + (count << 2), load<u32>(counts + (count << 2)) + 1);
  }
  let entropy = 0.0;
  for (let count: usize = 1; count <= most; count++) {
    const times = load<u32>(counts + (count << 2));
    if (times) entropy += <f64> times * <f64> count / total * log2(total / <f64> count);
  }
  return entropy;
}

/** H(T) in bits. */
export function binningCellEntropy(rows: usize, cells: usize, cellCount: usize, cellOf: usize): f64 {
  const px = word(rows, 16);
  if (!px) return uniformEntropy(rows, cells, cellCount);
  const n = word(rows, 0);
  const sums = word(rows, 24);
  const total = load<f64>(rows, 32);
  memory.fill(sums, 0, cellCount << 3);
  for (let row: usize = 0; row < n; row++) {
    const sum = sums + (<usize> load<u32>(cellOf + (row << 2)) << 3);
    store<f64>(sum, load<f64>(sum) + load<f64>(px + (row << 3)));
  }
  let entropy = 0.0;
  const end = sums + (cellCount << 3);
  for (let sum = sums; sum < end; sum += 8) {
    const weight = load<f64>(sum);
    if (weight > 0) entropy += weight * log2(total / weight);
  }
  return entropy / total;
}
