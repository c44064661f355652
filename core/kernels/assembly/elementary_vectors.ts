/**
 * tanh, logistic and exp of four f32 lanes at once.
 *
 * Not exported from the module: v128 values cannot cross into JavaScript; `activations.ts` maps them over arrays. Errors are
 * against the f64 functions of `core/numerics/elementary.ts`; `tests/core/kernels/elementary_vectors_test.ts` measures them.
 *
 * Constants are read from memory. Written as literals, V8 rebuilds each from two 64-bit integers at every use (1.4 times the time
 * for tanh). `pmin(x, c)` and `pmax(x, c)` are single instructions and hand on a NaN in x.
 */

// deno-fmt-ignore
const CONSTANTS: usize = memory.data<f32>([
  -0.0, -0.0, -0.0, -0.0, // 0: the sign bit
  1, 1, 1, 1, // 16
  12582912, 12582912, 12582912, 12582912, // 32: 1.5 · 2^23, adding it leaves a whole number in the low bits
  9.5, 9.5, 9.5, 9.5, // 48: tanh is 1 from here on
  2.885390043258667, 2.885390043258667, 2.885390043258667, 2.885390043258667, // 64: 2 / ln 2
  0.3465728759765625, 0.3465728759765625, 0.3465728759765625, 0.3465728759765625, // 80: ln 2 / 2, leading 17 bits
  7.143033826650935e-7, 7.143033826650935e-7, 7.143033826650935e-7, 7.143033826650935e-7, // 96: and the rest
  -0.3333269953727722, -0.3333269953727722, -0.3333269953727722, -0.3333269953727722, // 112: tanh y ≈ y + y³ (…)
  0.13301002979278564, 0.13301002979278564, 0.13301002979278564, 0.13301002979278564, // 128
  -0.04923209175467491, -0.04923209175467491, -0.04923209175467491, -0.04923209175467491, // 144
  3, 3, 3, 3, // 160
  88.8, 88.8, 88.8, 88.8, // 176: exp overflows below this
  -104, -104, -104, -104, // 192: and is 0 above this
  1.4426950216293335, 1.4426950216293335, 1.4426950216293335, 1.4426950216293335, // 208: 1 / ln 2
  0.693145751953125, 0.693145751953125, 0.693145751953125, 0.693145751953125, // 224: ln 2, leading 16 bits
  1.428606765330187e-6, 1.428606765330187e-6, 1.428606765330187e-6, 1.428606765330187e-6, // 240: and the rest
  0.4999999403953552, 0.4999999403953552, 0.4999999403953552, 0.4999999403953552, // 256: e^r ≈ 1 + r + r² (…)
  0.1666651964187622, 0.1666651964187622, 0.1666651964187622, 0.1666651964187622, // 272
  0.04166839271783829, 0.04166839271783829, 0.04166839271783829, 0.04166839271783829, // 288
  0.008368780836462975, 0.008368780836462975, 0.008368780836462975, 0.008368780836462975, // 304
  0.001381446490995586, 0.001381446490995586, 0.001381446490995586, 0.001381446490995586, // 320
  0.06666667014360428, 0.06666667014360428, 0.06666667014360428, 0.06666667014360428, // 336: 1/15 of the series of artanh
  0.07692307978868484, 0.07692307978868484, 0.07692307978868484, 0.07692307978868484, // 352: 1/13
  0.09090909361839294, 0.09090909361839294, 0.09090909361839294, 0.09090909361839294, // 368: 1/11
  0.1111111119389534, 0.1111111119389534, 0.1111111119389534, 0.1111111119389534, // 384: 1/9
  0.1428571492433548, 0.1428571492433548, 0.1428571492433548, 0.1428571492433548, // 400: 1/7
  0.20000000298023224, 0.20000000298023224, 0.20000000298023224, 0.20000000298023224, // 416: 1/5
  0.3333333432674408, 0.3333333432674408, 0.3333333432674408, 0.3333333432674408, // 432: 1/3
], 16);

@inline
function constant(offset: usize): v128 {
  return v128.load(CONSTANTS + offset);
}

/**
 * tanh of four lanes: odd, monotone over all f32, within [−1, 1], exactly ±1 from |x| = 8.6643400 on; at most 1.17 ulp off.
 *
 * |x| = n ln 2 / 2 + y with 0 ≤ y < ln 2 / 2, u = 2^−n, τ = tanh y by a polynomial. The addition theorem gives
 *
 *   tanh |x| = ((1 − u) + (1 + u) τ) / D = (1 − u) + u ((3 − u) τ − (1 − u)) / D,   D = (1 + u) + (1 − u) τ.
 *
 * 1 − u is exact, so only the small second term carries rounding errors. That is what makes neighbouring results come in order,
 * and for n = 0 it is τ itself, so that nothing cancels at small x.
 */
@inline
export function tanhLanes(x: v128): v128 {
  const sign = constant(0);
  const one = constant(16);
  const a = f32x4.pmin(v128.andnot(x, sign), constant(48));
  const n = f32x4.floor(f32x4.mul(a, constant(64)));
  const u = i32x4.sub(one, i32x4.shl(f32x4.add(n, constant(32)), 23));
  const y = f32x4.sub(f32x4.sub(a, f32x4.mul(n, constant(80))), f32x4.mul(n, constant(96)));
  const z = f32x4.mul(y, y);
  let p = f32x4.add(f32x4.mul(z, constant(144)), constant(128));
  p = f32x4.add(f32x4.mul(z, p), constant(112));
  const tau = f32x4.add(y, f32x4.mul(f32x4.mul(y, z), p));
  const base = f32x4.sub(one, u);
  const rest = f32x4.mul(u, f32x4.sub(f32x4.mul(f32x4.sub(constant(160), u), tau), base));
  const divisor = f32x4.add(f32x4.add(one, u), f32x4.mul(base, tau));
  return v128.or(f32x4.add(base, f32x4.div(rest, divisor)), v128.and(x, sign));
}

/**
 * e^x of four lanes, with gradual underflow, 0 below −103.97 and Infinity above 88.72; at most 1.1 ulp off.
 *
 * x = n ln 2 + r with |r| ≤ ln 2 / 2, e^r by a polynomial, 2^n in two factors so that a subnormal result is rounded once.
 */
@inline
export function expLanes(x: v128): v128 {
  const one = constant(16);
  const magic = constant(32);
  const a = f32x4.pmax(f32x4.pmin(x, constant(176)), constant(192));
  const m = f32x4.add(f32x4.mul(a, constant(208)), magic);
  const n = f32x4.sub(m, magic);
  const r = f32x4.sub(f32x4.sub(a, f32x4.mul(n, constant(224))), f32x4.mul(n, constant(240)));
  let q = f32x4.add(f32x4.mul(r, constant(320)), constant(304));
  q = f32x4.add(f32x4.mul(r, q), constant(288));
  q = f32x4.add(f32x4.mul(r, q), constant(272));
  q = f32x4.add(f32x4.mul(r, q), constant(256));
  const e = f32x4.add(one, f32x4.add(r, f32x4.mul(f32x4.mul(r, r), q)));
  const k = i32x4.sub(m, magic);
  const half = i32x4.shr_s(k, 1);
  const first = i32x4.add(one, i32x4.shl(half, 23));
  const second = i32x4.add(one, i32x4.shl(i32x4.sub(k, half), 23));
  return f32x4.mul(f32x4.mul(e, first), second);
}

/** 1 / (1 + e^−x) of four lanes, monotone, 0 below −88.72 where the true value is subnormal; at most 2.2 ulp off. */
@inline
export function logisticLanes(x: v128): v128 {
  const one = constant(16);
  return f32x4.div(one, f32x4.add(one, expLanes(f32x4.neg(x))));
}

/**
 * ln(1 + e^x) of four lanes, at most 2.6 ulp off: max(x, 0) + ln(1 + u) with u = e^−|x|.
 *
 * ln(1 + u) = 2 artanh s with s = u / (2 + u) ≤ 1/3, by its series to s^15.
 */
@inline
export function softplusLanes(x: v128): v128 {
  const one = constant(16);
  const u = expLanes(v128.or(x, constant(0)));
  const s = f32x4.div(u, f32x4.add(f32x4.add(one, one), u));
  const z = f32x4.mul(s, s);
  let p = f32x4.add(f32x4.mul(z, constant(336)), constant(352));
  p = f32x4.add(f32x4.mul(z, p), constant(368));
  p = f32x4.add(f32x4.mul(z, p), constant(384));
  p = f32x4.add(f32x4.mul(z, p), constant(400));
  p = f32x4.add(f32x4.mul(z, p), constant(416));
  p = f32x4.add(f32x4.mul(z, p), constant(432));
  const tail = f32x4.add(s, f32x4.mul(f32x4.mul(s, z), p));
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), f32x4.add(tail, tail));
}
