/**
 * Entropies of a layer read through a codebook.
 *
 * Three steps, each a call: codes (which cell of its unit each activation falls into), cells (rows with equal codes), entropies.
 * Rows are taken in order and cells numbered by their first row, so every sum has one order. Pointers are in bytes.
 *
 * Rows are found by a key of 64 bits: the codes themselves where they fit, else a hash, and then rows count as equal only after all
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
 *   24 room for C sums a cell (f64) · 28 room for n + 1 counts (u32) · 32 total weight, n if uniform (f64) · 40 the terms at 20 summed (f64)
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

/** How activations are known to have a code. */
const CHECK_NONE: i32 = 0;
/** −most ≤ t ≤ most, which is one comparison of integers. */
const CHECK_SYMMETRIC: i32 = 1;
const CHECK_BOTH: i32 = 2;

/** ⌊(t − low) / span · scale⌋ − base in two lanes, added to 2^52, so that the low bits hold the whole number. */
@inline
function twoCodes(t: v128, low: v128, span: v128, scale: v128, shift: v128, divide: bool): v128 {
  const shifted = f64x2.sub(t, low);
  return f64x2.add(f64x2.floor(f64x2.mul(divide ? f64x2.div(shifted, span) : shifted, scale)), shift);
}

/** The codes of four f32, in four 32-bit lanes. */
@inline
function fourCodes(t: v128, low: v128, span: v128, scale: v128, shift: v128, divide: bool): v128 {
  const upper = v128.shuffle<i32>(t, t, 2, 3, 2, 3);
  const first = twoCodes(f64x2.promote_low_f32x4(t), low, span, scale, shift, divide);
  const second = twoCodes(f64x2.promote_low_f32x4(upper), low, span, scale, shift, divide);
  return v128.shuffle<i32>(first, second, 0, 2, 4, 6);
}

/** Lanes that are within, added to what is known of those before; for `CHECK_SYMMETRIC` the largest |t| as an integer. */
@inline
function checked(known: v128, t: v128, leasts: v128, mosts: v128, check: i32): v128 {
  if (check === CHECK_NONE) return known;
  if (check === CHECK_SYMMETRIC) return i32x4.max_u(known, v128.and(t, i32x4.splat(0x7fffffff)));
  return v128.and(known, v128.and(f32x4.ge(t, leasts), f32x4.le(t, mosts)));
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
  last: u32,
  divide: bool,
  check: i32,
): bool {
  const leasts = f32x4.splat(least);
  const mosts = f32x4.splat(most);
  const lows = f64x2.splat(low);
  const spans = f64x2.splat(span);
  const scales = f64x2.splat(scale);
  const shift = f64x2.splat(4503599627370496.0 - base);
  const lasts = wide ? i32x4.splat(<i32> last) : i8x16.splat(<i8> last);
  const end = values + (count >> 4 << 6);
  let known = check === CHECK_BOTH ? i32x4.splat(-1) : i32x4.splat(0);
  while (values < end) {
    const a = v128.load(values);
    const b = v128.load(values, 16);
    const c = v128.load(values, 32);
    const d = v128.load(values, 48);
    known = checked(known, a, leasts, mosts, check);
    known = checked(known, b, leasts, mosts, check);
    known = checked(known, c, leasts, mosts, check);
    known = checked(known, d, leasts, mosts, check);
    const ca = fourCodes(a, lows, spans, scales, shift, divide);
    const cb = fourCodes(b, lows, spans, scales, shift, divide);
    const cc = fourCodes(c, lows, spans, scales, shift, divide);
    const cd = fourCodes(d, lows, spans, scales, shift, divide);
    if (wide) {
      v128.store(codes, i32x4.min_u(ca, lasts));
      v128.store(codes, i32x4.min_u(cb, lasts), 16);
      v128.store(codes, i32x4.min_u(cc, lasts), 32);
      v128.store(codes, i32x4.min_u(cd, lasts), 48);
      codes += 64;
    } else {
      const packed = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(ca, cb), i16x8.narrow_i32x4_u(cc, cd));
      v128.store(codes, i8x16.min_u(packed, lasts));
      codes += 16;
    }
    values += 64;
  }
  if (check === CHECK_SYMMETRIC) return v128.all_true<i32>(i32x4.le_u(known, mosts));
  return check === CHECK_NONE || v128.all_true<i32>(known);
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
 * @param least, most Where t may lie; infinite if it is known to be finite.
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
  const end = <u32> last;
  const divisor = span === 0 ? 1.0 : span;
  let fine: bool;
  if (most === <f32> Infinity) {
    fine = wide
      ? codesOfSixteens(values, count, codes, true, least, most, low, divisor, scale, base, end, true, CHECK_NONE)
      : codesOfSixteens(values, count, codes, false, least, most, low, divisor, scale, base, end, true, CHECK_NONE);
  } else if (wide) {
    fine = codesOfSixteens(values, count, codes, true, least, most, low, divisor, scale, base, end, true, CHECK_BOTH);
  } else if (span !== 0) {
    fine = codesOfSixteens(values, count, codes, false, least, most, low, divisor, scale, base, end, true, CHECK_BOTH);
  } else if (least === -most) {
    fine = codesOfSixteens(values, count, codes, false, least, most, low, 1, scale, base, end, false, CHECK_SYMMETRIC);
  } else fine = codesOfSixteens(values, count, codes, false, least, most, low, 1, scale, base, end, false, CHECK_BOTH);
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
 * Each is looked for from where it would be if the edges were even.
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
  const last = edgeCount - 1;
  const scale = last ? <f64> last / (load<f64>(edges + (last << 3)) - least) : 0;
  for (let i: usize = 0; i < count; i++) {
    const t = valueAt(values, i, double);
    if (!(t >= least && t <= most)) return i;
    let j = min(last, <usize> <i32> ((t - least) * scale));
    while (load<f64>(edges + (j << 3)) > t) j--;
    while (j < last && load<f64>(edges + (j << 3), 8) <= t) j++;
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

@inline
function beyond(values: usize, lows: v128, highs: v128): v128 {
  const t = v128.load(values);
  return v128.or(f32x4.lt(t, lows), f32x4.gt(t, highs));
}

/** How many of `count` f32 are below `low` or above `high`. */
export function binningEnds32(values: usize, count: usize, low: f32, high: f32): usize {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  let a = i32x4.splat(0);
  let b = a;
  const end = values + (count >> 3 << 5);
  const stop = values + (count << 2);
  for (; values < end; values += 32) {
    a = i32x4.sub(a, beyond(values, lows, highs));
    b = i32x4.sub(b, beyond(values + 16, lows, highs));
  }
  a = i32x4.add(a, b);
  let found: usize = i32x4.extract_lane(a, 0) + i32x4.extract_lane(a, 1) + i32x4.extract_lane(a, 2) +
    i32x4.extract_lane(a, 3);
  for (; values < stop; values += 4) {
    const t = load<f32>(values);
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

/** The codes of a row, `rowBytes` > 8 bytes, as one number; different codes may share it. */
@inline
function hashOf(codes: usize, rowBytes: usize): u64 {
  const stop = codes + rowBytes;
  let key: u64 = 0;
  for (; codes + 8 <= stop; codes += 8) {
    key = (key ^ load<u64>(codes)) * GOLDEN;
    key ^= key >> 29;
  }
  if (codes < stop) {
    key = (key ^ (load<u64>(codes) & (u64.MAX_VALUE >> (64 - (<u64> (stop - codes) << 3))))) * GOLDEN;
    key ^= key >> 29;
  }
  return key;
}

/** Adds p(y|x) of a row to the two sums at `sums`. */
@inline
function addPair(pyx: usize, row: usize, sums: usize): void {
  v128.store(sums, f64x2.add(v128.load(sums), v128.load(pyx + (row << 4))));
}

/** Adds p(x) p(y|x) of a row, or p(x) to its label, to the C sums at `sums`; p(x) is 1 where it is uniform. */
function addRow(classes: usize, labels: usize, pyx: usize, px: usize, row: usize, sums: usize): void {
  const weight = px ? load<f64>(px + (row << 3)) : 1.0;
  if (labels) {
    const sum = sums + (<usize> load<u8>(labels + row) << 3);
    store<f64>(sum, load<f64>(sum) + weight);
  } else {
    let p = pyx + ((row * classes) << 3);
    const end = sums + (classes << 3);
    for (let sum = sums; sum < end; sum += 8) {
      store<f64>(sum, load<f64>(sum) + weight * load<f64>(p));
      p += 8;
    }
  }
}

/** As `binningCells`; `hashed` if codes do not fit into a key, `paired` if p(x) is uniform and there are two classes with p(y|x). */
@inline
function gatherRows(
  rows: usize,
  codes: usize,
  rowBytes: usize,
  slots: usize,
  slotBits: usize,
  cells: usize,
  hashed: bool,
  paired: bool,
): usize {
  const n = word(rows, 0);
  const classes = word(rows, 4);
  const labels = word(rows, 8);
  const pyx = word(rows, 12);
  const px = word(rows, 16);
  const sums = word(rows, 24);
  const stride: usize = paired ? CELL_BYTES : classes << 3;
  const shift = <u64> (64 - slotBits);
  const mask = (<usize> 1 << slotBits) - 1;
  const keyMask = u64.MAX_VALUE >> (64 - (<u64> rowBytes << 3));
  memory.fill(slots, 0, <usize> 4 << slotBits);
  let top = cells;
  let at = codes;
  for (let row: usize = 0; row < n; row++) {
    const key = hashed ? hashOf(at, rowBytes) : load<u64>(at) & keyMask;
    let slot = <usize> ((key * GOLDEN) >> shift);
    while (true) {
      // Slots hold addresses of cells.
      const cell: usize = load<u32>(slots + (slot << 2));
      if (cell === 0) {
        store<u64>(top, key);
        store<u64>(top, (<u64> 1 << 32) | <u64> row, 8);
        store<u32>(slots + (slot << 2), <u32> top);
        top += CELL_BYTES;
        break;
      }
      if (load<u64>(cell) === key) {
        const first: usize = load<u32>(cell, 8);
        if (!hashed || memory.compare(at, codes + first * rowBytes, rowBytes) === 0) {
          // Cells and pairs of sums are of one size.
          const sum = sums + (paired ? cell - cells : (cell - cells) / CELL_BYTES * stride);
          const members = load<u32>(cell, 12);
          store<u32>(cell, members + 1, 12);
          if (paired) {
            if (members === 1) v128.store(sum, v128.load(pyx + (first << 4)));
            addPair(pyx, row, sum);
          } else {
            if (members === 1) {
              memory.fill(sum, 0, stride);
              addRow(classes, labels, pyx, px, first, sum);
            }
            addRow(classes, labels, pyx, px, row, sum);
          }
          break;
        }
      }
      slot = (slot + 1) & mask;
    }
    at += rowBytes;
  }
  return (top - cells) / CELL_BYTES;
}

/**
 * Gathers rows of equal codes into cells, numbered in order of first appearance, and adds the rows of a cell, in order, to its C
 * sums. A cell with one row has no sums.
 *
 * @param codes `rowBytes` bytes a row, then room for 8 more.
 * @param slots Room for 2^slotBits u32, at least two a row.
 * @returns The number of cells.
 */
export function binningCells(
  rows: usize,
  codes: usize,
  rowBytes: usize,
  slots: usize,
  slotBits: usize,
  cells: usize,
): usize {
  const paired = word(rows, 4) === 2 && word(rows, 12) !== 0 && word(rows, 16) === 0;
  if (rowBytes > 8) {
    return paired
      ? gatherRows(rows, codes, rowBytes, slots, slotBits, cells, true, true)
      : gatherRows(rows, codes, rowBytes, slots, slotBits, cells, true, false);
  }
  return paired
    ? gatherRows(rows, codes, rowBytes, slots, slotBits, cells, false, true)
    : gatherRows(rows, codes, rowBytes, slots, slotBits, cells, false, false);
}

/** The sum w of the C sums s_y at `sums`. */
@inline
function weightOf(sums: usize, classes: usize): f64 {
  const end = sums + (classes << 3);
  let weight = 0.0;
  for (let sum = sums; sum < end; sum += 8) weight += load<f64>(sum);
  return weight;
}

/** Σ_y s_y log₂(w / s_y) of the C sums at `sums`, w their sum. */
function labelTerm(sums: usize, classes: usize): f64 {
  const end = sums + (classes << 3);
  const weight = weightOf(sums, classes);
  let term = 0.0;
  for (let sum = sums; sum < end; sum += 8) {
    const s = load<f64>(sum);
    if (s > 0) term += s * log2(weight / s);
  }
  return term;
}

/** Fills the terms of rows that are alone in their cell, and the sum of all, once for a set of rows. */
export function binningPrepare(rows: usize): void {
  const n = word(rows, 0);
  const classes = word(rows, 4);
  const labelTerms = word(rows, 20);
  const sums = word(rows, 24);
  let all = 0.0;
  if (labelTerms) {
    for (let row: usize = 0; row < n; row++) {
      memory.fill(sums, 0, classes << 3);
      addRow(classes, 0, word(rows, 12), word(rows, 16), row, sums);
      const term = labelTerm(sums, classes);
      store<f64>(labelTerms + (row << 3), term);
      all += term;
    }
  }
  store<f64>(rows, all, 40);
}

/**
 * H(T) and H(Y|T) in bits of cells and their sums, and how many hold one row: three f64 at `result`.
 *
 * Of uniform rows H(T) = Σ_c (N_c c / n) log₂(n / c), N_c the number of cells with c rows. So k equal cells give log₂ k, and the
 * order of rows cannot show.
 */
export function binningEntropies(rows: usize, cells: usize, cellCount: usize, result: usize): void {
  const n = word(rows, 0);
  const classes = word(rows, 4);
  const px = word(rows, 16);
  const labelTerms = word(rows, 20);
  const counts = word(rows, 28);
  const total = load<f64>(rows, 32);
  const stride = classes << 3;
  const end = cells + cellCount * CELL_BYTES;
  let at = word(rows, 24);
  let alone: usize = 0;
  let most: usize = 1;
  let given = 0.0;
  let entropy = 0.0;
  if (cellCount === n && !px) {
    // What the loop would sum, every row being alone, in order.
    alone = n;
    given = load<f64>(rows, 40);
  } else for (let cell = cells; cell < end; cell += CELL_BYTES) {
    const count: usize = load<u32>(cell, 12);
    const first: usize = load<u32>(cell, 8);
    if (count === 1) {
      alone++;
      if (labelTerms) given += load<f64>(labelTerms + (first << 3));
    } else {
      while (most < count) store<u32>(counts + (++most << 2), 0);
      store<u32>(counts + (count << 2), load<u32>(counts + (count << 2)) + 1);
      given += labelTerm(at, classes);
    }
    if (px) {
      const weight = count === 1 ? load<f64>(px + (first << 3)) : weightOf(at, classes);
      if (weight > 0) entropy += weight * log2(total / weight);
    }
    at += stride;
  }
  if (px) entropy /= total;
  else {
    if (alone) entropy = <f64> alone / total * log2(total);
    for (let count: usize = 2; count <= most; count++) {
      const times = load<u32>(counts + (count << 2));
      if (times) entropy += <f64> times * <f64> count / total * log2(total / <f64> count);
    }
  }
  store<f64>(result, entropy);
  store<f64>(result, given / total, 8);
  store<f64>(result, <f64> alone, 16);
}
