/**
 * Codes that depend on the layer itself: each distinct value its own, or as many rows to one as to another.
 *
 * Pointers are in bytes. Values are finite; −0 and 0 share a code.
 */

const DIGIT_BITS: u64 = 11;
const DIGITS: usize = 2048;
const ITEM_BYTES: usize = 16;

/** Writes the bytes of `count` values as their codes, 4 each or 8 if `double`, −0 as 0. */
export function binningCodesByValue(values: usize, count: usize, double: bool, codes: usize): void {
  const bytes = double ? count << 3 : count << 2;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const t = v128.load(values + at);
    v128.store(codes + at, double ? f64x2.add(t, f64x2.splat(0)) : f32x4.add(t, f32x4.splat(0)));
  }
  if (double) {
    for (; at < bytes; at += 8) store<f64>(codes + at, load<f64>(values + at) + 0);
  } else {
    for (; at < bytes; at += 4) store<f32>(codes + at, load<f32>(values + at) + 0);
  }
}

/** A number that orders as the value does. */
@inline
function keyOf(values: usize, i: usize, double: bool): u64 {
  if (double) {
    const bits = reinterpret<i64>(load<f64>(values + (i << 3)) + 0);
    return <u64> (bits ^ ((bits >> 63) | i64.MIN_VALUE));
  }
  const bits = reinterpret<i32>(load<f32>(values + (i << 2)) + 0);
  return <u64> <u32> (bits ^ ((bits >> 31) | i32.MIN_VALUE));
}

/** Moves `n` items, in ascending order of the digit of their key at `shift`, to `to`; those of one digit stay in order. */
@inline
function moveByDigit(from: usize, to: usize, n: usize, shift: u64, places: usize): void {
  memory.fill(places, 0, DIGITS << 2);
  const end = from + n * ITEM_BYTES;
  for (let item = from; item < end; item += ITEM_BYTES) {
    const place = places + ((<usize> (load<u64>(item) >> shift) & (DIGITS - 1)) << 2);
    store<u32>(place, load<u32>(place) + 1);
  }
  let next = <u32> to;
  for (let place = places; place < places + (DIGITS << 2); place += 4) {
    const found = load<u32>(place);
    store<u32>(place, next);
    next += found * <u32> ITEM_BYTES;
  }
  for (let item = from; item < end; item += ITEM_BYTES) {
    const place = places + ((<usize> (load<u64>(item) >> shift) & (DIGITS - 1)) << 2);
    const target = load<u32>(place);
    v128.store(target, v128.load(item));
    store<u32>(place, target + <u32> ITEM_BYTES);
  }
}

/**
 * Codes ⌊P(t′ < t) · count⌋ of each unit, P(t′ < t) the weight of the rows that lie below: `count` cells of equal weight, but that
 * equal values are never parted. u8 each, or u32 if `wide`.
 *
 * @param values Row-major, shape [n, units]; f64 if `double`, else f32.
 * @param px p(x) of the rows (f64), or 0 if uniform.
 * @param order The rows by ascending p(x) (u32), so that sums over equal values do not depend on the order of the rows; unused if
 * uniform.
 * @param total The sum of p(x).
 * @param room 32 bytes a row and 8192 more.
 * @returns How many edges part the values, over all units.
 */
export function binningCodesByMass(
  values: usize,
  n: usize,
  units: usize,
  double: bool,
  codes: usize,
  wide: bool,
  count: u32,
  px: usize,
  order: usize,
  total: f64,
  room: usize,
): usize {
  const places = room + 2 * n * ITEM_BYTES;
  const bits: u64 = double ? 64 : 32;
  let edges: usize = 0;
  for (let unit: usize = 0; unit < units; unit++) {
    let items = room;
    let spare = room + n * ITEM_BYTES;
    for (let i: usize = 0; i < n; i++) {
      const row: usize = px ? <usize> load<u32>(order + (i << 2)) : i;
      store<u64>(items + i * ITEM_BYTES, keyOf(values, row * units + unit, double));
      store<u64>(items + i * ITEM_BYTES, <u64> row, 8);
    }
    for (let shift: u64 = 0; shift < bits; shift += DIGIT_BITS) {
      moveByDigit(items, spare, n, shift, places);
      const moved = spare;
      spare = items;
      items = moved;
    }
    let below = 0.0;
    let weight = 0.0;
    let key = load<u64>(items);
    let code: u32 = 0;
    for (let i: usize = 0; i < n; i++) {
      const item = items + i * ITEM_BYTES;
      const row = <usize> load<u64>(item, 8);
      if (load<u64>(item) !== key) {
        key = load<u64>(item);
        below += weight;
        weight = 0;
        const next = px
          ? min(count - 1, <u32> (below / total * <f64> count))
          : <u32> (<u64> i * <u64> count / <u64> n);
        if (next > code) edges++;
        code = next;
      }
      if (px) weight += load<f64>(px + (row << 3));
      const at = row * units + unit;
      if (wide) store<u32>(codes + (at << 2), code);
      else store<u8>(codes + at, <u8> code);
    }
  }
  return edges;
}
