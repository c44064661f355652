/**
 * Codes that depend on the layer itself: each distinct value its own, or as many rows to one as to another.
 *
 * Pointers are in bytes. Values are finite; −0 and 0 share a code.
 */

/** An item to sort: 0 row · 4 key. */
const ITEM_BYTES: usize = 8;
const DIGIT_BITS: usize = 11;
const DIGITS: usize = 2048;
/** A u32 for each value of the three digits of a key. */
const PLACES_BYTES: usize = 24576;

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

/** A value as a whole number that orders alike, −0 just below 0; of f64 the lower half, or the upper if `upper`. */
@inline
function keyOf(value: usize, double: bool, upper: bool): u64 {
  if (double) {
    const bits = reinterpret<i64>(load<f64>(value));
    const key = <u64> (bits ^ ((bits >> 63) | i64.MIN_VALUE));
    return upper ? key >> 32 : key & 0xffffffff;
  }
  const bits = reinterpret<i32>(load<f32>(value));
  return <u64> <u32> (bits ^ ((bits >> 31) | i32.MIN_VALUE));
}

@inline
function placeOf(item: u64, digit: usize, places: usize): usize {
  return places + (digit * DIGITS << 2) + ((<usize> (item >> (32 + digit * DIGIT_BITS)) & (DIGITS - 1)) << 2);
}

/**
 * Sorts `n` items by their upper 32 bits, equal ones in the order they had; the sorted items are at `to`, those at `from` are lost.
 *
 * @param places Room for a count of each value of three digits.
 */
function sortItems(from: usize, to: usize, n: usize, places: usize): void {
  memory.fill(places, 0, PLACES_BYTES);
  for (let at = from; at < from + n * ITEM_BYTES; at += ITEM_BYTES) {
    const item = load<u64>(at);
    for (let digit: usize = 0; digit < 3; digit++) {
      const place = placeOf(item, digit, places);
      store<u32>(place, load<u32>(place) + 1);
    }
  }
  for (let digit: usize = 0; digit < 3; digit++) {
    const begin = places + (digit * DIGITS << 2);
    let next = to;
    for (let place = begin; place < begin + (DIGITS << 2); place += 4) {
      const found: usize = load<u32>(place);
      store<u32>(place, <u32> next);
      next += found * ITEM_BYTES;
    }
    for (let at = from; at < from + n * ITEM_BYTES; at += ITEM_BYTES) {
      const item = load<u64>(at);
      const place = placeOf(item, digit, places);
      const target: usize = load<u32>(place);
      store<u64>(target, item);
      store<u32>(place, <u32> (target + ITEM_BYTES));
    }
    const sorted = to;
    to = from;
    from = sorted;
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
 * @param total The sum of p(x) in that order.
 * @param room 16 bytes a row and 24576 more.
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
  const size: usize = double ? 8 : 4;
  const stride = units * size;
  const other = room + n * ITEM_BYTES;
  const places = other + n * ITEM_BYTES;
  let edges: usize = 0;
  for (let unit: usize = 0; unit < units; unit++) {
    const column = values + unit * size;
    for (let i: usize = 0; i < n; i++) {
      const row: usize = px ? <usize> load<u32>(order + (i << 2)) : i;
      store<u64>(room + i * ITEM_BYTES, (keyOf(column + row * stride, double, false) << 32) | <u64> row);
    }
    sortItems(room, other, n, places);
    let sorted = other;
    if (double) {
      for (let item = other; item < places; item += ITEM_BYTES) {
        const row: usize = load<u32>(item);
        store<u64>(item, (keyOf(column + row * stride, true, true) << 32) | <u64> row);
      }
      sortItems(other, room, n, places);
      sorted = room;
    }
    let below = 0.0;
    let weight = 0.0;
    let last = NaN;
    let code: u32 = 0;
    for (let i: usize = 0; i < n; i++) {
      const row: usize = load<u32>(sorted + i * ITEM_BYTES);
      const t = double ? load<f64>(column + row * stride) : <f64> load<f32>(column + row * stride);
      if (t !== last) {
        last = t;
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
