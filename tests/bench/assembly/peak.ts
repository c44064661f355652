/**
 * Multiply-add loops without relaxed SIMD, from which the best rate of this machine is taken: `lanes` of four, accumulators apart,
 * operands in registers, or one loaded, or one loaded and one splatted as a weight is. Each gives a sum, so that none is left out.
 */

function total(a: v128, b: v128, c: v128, d: v128): f32 {
  const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) +
    f32x4.extract_lane(sum, 3);
}

function many(width: u32, operands: u32, pointer: usize, count: u32): f32 {
  const zero = f32x4.splat(0);
  let x = f32x4.splat(1.0000001);
  let y = x;
  let w = f32x4.splat(0.9999999);
  let a = zero, b = zero, c = zero, d = zero, e = zero, f = zero, g = zero, h = zero, i = zero, j = zero;
  for (let n: u32 = 0; n < count; n++) {
    const at = pointer + <usize> ((n & 63) << 5);
    if (operands > 0) {
      x = v128.load(at);
      y = v128.load(at, 16);
    }
    if (operands > 1) w = v128.load32_splat(at);
    a = f32x4.add(a, f32x4.mul(w, x));
    b = f32x4.add(b, f32x4.mul(w, y));
    if (operands > 1) w = v128.load32_splat(at, 4);
    c = f32x4.add(c, f32x4.mul(w, x));
    d = f32x4.add(d, f32x4.mul(w, y));
    if (width > 4) {
      if (operands > 1) w = v128.load32_splat(at, 8);
      e = f32x4.add(e, f32x4.mul(w, x));
      f = f32x4.add(f, f32x4.mul(w, y));
    }
    if (width > 6) {
      if (operands > 1) w = v128.load32_splat(at, 12);
      g = f32x4.add(g, f32x4.mul(w, x));
      h = f32x4.add(h, f32x4.mul(w, y));
    }
    if (width > 8) {
      if (operands > 1) w = v128.load32_splat(at, 16);
      i = f32x4.add(i, f32x4.mul(w, x));
      j = f32x4.add(j, f32x4.mul(w, y));
    }
  }
  return total(a, b, c, d) + total(e, f, g, h) + total(i, j, zero, zero);
}

/** `count` turns of `width` vectors each: 4, 6, 8 or 10, with 0 operands from memory, 1, or 2. */
export function multiplyAdds(width: u32, operands: u32, pointer: usize, count: u32): f32 {
  if (operands == 0) {
    if (width == 4) return many(4, 0, pointer, count);
    if (width == 6) return many(6, 0, pointer, count);
    if (width == 8) return many(8, 0, pointer, count);
    return many(10, 0, pointer, count);
  }
  if (operands == 1) {
    if (width == 4) return many(4, 1, pointer, count);
    if (width == 6) return many(6, 1, pointer, count);
    if (width == 8) return many(8, 1, pointer, count);
    return many(10, 1, pointer, count);
  }
  if (width == 4) return many(4, 2, pointer, count);
  if (width == 6) return many(6, 2, pointer, count);
  if (width == 8) return many(8, 2, pointer, count);
  return many(10, 2, pointer, count);
}
