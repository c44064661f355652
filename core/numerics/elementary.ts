/**
 * Exponential, logarithm and their kin in f64, one source for TypeScript and for AssemblyScript.
 *
 * `Math.exp`, `Math.log`, `Math.tanh` and `**` differ between JavaScript engines in the last place, so nothing behind a
 * portable row may use them. These use only + − × ÷, comparisons and `Math.floor`, which IEEE 754 and ECMAScript fix to the bit;
 * the kernels compile this very file, and a test compares the two bit by bit.
 *
 * The approximations are those of fdlibm (Sun Microsystems 1993) and of FreeBSD's `e_log2.c`. fdlibm reads and writes the bits of
 * the exponent; here powers of two are products of literal constants, which are exact.
 *
 * Written in what the two languages share: `number` is f64 in AssemblyScript, a local that starts at an integer is `0.0`, and no
 * function takes or returns anything but numbers. The largest errors stated below were found on a table of correctly rounded
 * values, `tests/fixtures/elementary_table.json`, and on 100,000 further points for each function.
 *
 * @module
 */

const INVERSE_LN2 = 1.4426950408889634;
// ln 2 in two parts; the first has 32 significant bits, so that its product with an exponent is exact.
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
// 1 / ln 2 in two parts, the first of 32 bits.
const INVERSE_LN2_HIGH = 1.4426950407214463;
const INVERSE_LN2_LOW = 1.6751713164886512e-10;
const SQRT2 = 1.4142135623730951;
const TWO_54 = 18014398509481984.0;
const TWO_MINUS_54 = 5.551115123125783e-17;
const SMALLEST_NORMAL = 2.2250738585072014e-308;
// Multiplying by 2^32 + 1 splits off the leading 21 bits of a significand (Veltkamp 1968).
const SPLITTER = 4294967297.0;

/** 2^n for a whole number −1023 ≤ n ≤ 1023, exact. */
function powerOfTwo(n: number): number {
  let left = n < 0 ? -n : n;
  let power = 1.0;
  if (left >= 32) {
    if (left >= 512) {
      power *= 1.3407807929942597e154;
      left -= 512;
    }
    if (left >= 256) {
      power *= 1.157920892373162e77;
      left -= 256;
    }
    if (left >= 128) {
      power *= 3.402823669209385e38;
      left -= 128;
    }
    if (left >= 64) {
      power *= 18446744073709551616.0;
      left -= 64;
    }
    if (left >= 32) {
      power *= 4294967296.0;
      left -= 32;
    }
  }
  if (left >= 16) {
    power *= 65536;
    left -= 16;
  }
  if (left >= 8) {
    power *= 256;
    left -= 8;
  }
  if (left >= 4) {
    power *= 16;
    left -= 4;
  }
  if (left >= 2) {
    power *= 4;
    left -= 2;
  }
  if (left >= 1) power *= 2;
  return n < 0 ? 1 / power : power;
}

/** y · 2^n, rounded once also where the result is subnormal; 0.5 ≤ y ≤ 2 and −1076 ≤ n ≤ 1024. */
function scaled(y: number, n: number): number {
  if (n > 1023) return y * 2 * powerOfTwo(n - 1);
  if (n < -1020) return y * powerOfTwo(n + 54) * TWO_MINUS_54;
  return y * powerOfTwo(n);
}

/**
 * e^x; at most 0.9 ulp off the true value, 1 ulp where the result is subnormal.
 *
 * x = n ln 2 + r with |r| ≤ ln 2 / 2, then e^r = 1 + 2r / (R(r) − r) with R(r) = r (e^r + 1) / (e^r − 1) ≈ 2 + P1 r² + … + P5 r¹⁰
 * (fdlibm `e_exp.c`).
 *
 * @param x Any number; e^x overflows to Infinity above 709.78 and underflows to 0 below −745.13.
 * @returns e^x, dimensionless.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(exp(0), 1);
 * assert.equal(exp(-Infinity), 0);
 * ```
 */
export function exp(x: number): number {
  if (x !== x) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019412) return 0;
  const n = Math.floor(x * INVERSE_LN2 + 0.5);
  const high = x - n * LN2_HIGH;
  const low = n * LN2_LOW;
  const r = high - low;
  const z = r * r;
  const c = r -
    z *
      (0.16666666666666602 +
        z * (-0.0027777777777015593 +
            z * (6.613756321437934e-5 + z * (-1.6533902205465252e-6 + z * 4.1381367970572385e-8))));
  return scaled(1 - ((low - r * c / (2 - c)) - high), n);
}

/** ln(1 + f) − f + f²/2 for 1 + f in [√½, √2], by s = f / (2 + f) and a minimax polynomial in s² (fdlibm `e_log.c`). */
function logTail(f: number): number {
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd = z *
    (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  return s * (0.5 * f * f + (odd + even));
}

/**
 * The logarithm of x (1 + tail), natural or binary, for 0 < x < Infinity and |tail| at most an ulp of 1.
 *
 * One function for both, because neither language can hand back an exponent and a significand without storing them.
 */
function logarithm(x: number, tail: number, binary: boolean): number {
  let m = x;
  let k = 0.0;
  if (m < SMALLEST_NORMAL) {
    m *= TWO_54;
    k = -54;
  }
  if (m >= 4294967296) {
    if (m >= 1.3407807929942597e154) {
      m *= 7.458340731200207e-155;
      k += 512;
    }
    if (m >= 1.157920892373162e77) {
      m *= 8.636168555094445e-78;
      k += 256;
    }
    if (m >= 3.402823669209385e38) {
      m *= 2.938735877055719e-39;
      k += 128;
    }
    if (m >= 18446744073709551616.0) {
      m *= 5.421010862427522e-20;
      k += 64;
    }
    if (m >= 4294967296) {
      m *= 2.3283064365386963e-10;
      k += 32;
    }
  } else if (m < 1) {
    if (m < 7.458340731200207e-155) {
      m *= 1.3407807929942597e154;
      k -= 512;
    }
    if (m < 8.636168555094445e-78) {
      m *= 1.157920892373162e77;
      k -= 256;
    }
    if (m < 2.938735877055719e-39) {
      m *= 3.402823669209385e38;
      k -= 128;
    }
    if (m < 5.421010862427522e-20) {
      m *= 18446744073709551616.0;
      k -= 64;
    }
    if (m < 2.3283064365386963e-10) {
      m *= 4294967296;
      k -= 32;
    }
    if (m < 1) {
      m *= 4294967296;
      k -= 32;
    }
  }
  if (m >= 65536) {
    m *= 0.0000152587890625;
    k += 16;
  }
  if (m >= 256) {
    m *= 0.00390625;
    k += 8;
  }
  if (m >= 16) {
    m *= 0.0625;
    k += 4;
  }
  if (m >= 4) {
    m *= 0.25;
    k += 2;
  }
  if (m >= 2) {
    m *= 0.5;
    k += 1;
  }
  if (m > SQRT2) {
    m *= 0.5;
    k += 1;
  }
  const f = m - 1;
  const half = 0.5 * f * f;
  const t = logTail(f);
  if (!binary) return k * LN2_HIGH - ((half - (t + (k * LN2_LOW + tail))) - f);
  const sum = f - half;
  const split = sum * SPLITTER;
  const high = split - (split - sum);
  const low = ((f - high) - half) + t;
  const whole = high * INVERSE_LN2_HIGH;
  const rest = (low + high) * INVERSE_LN2_LOW + low * INVERSE_LN2_HIGH;
  const total = k + whole;
  return (rest + ((k - total) + whole)) + total;
}

/**
 * Natural logarithm ln x, in nats; at most 0.8 ulp off (fdlibm `e_log.c`).
 *
 * @param x Any number; −Infinity at ±0, NaN below 0.
 * @returns ln x.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(log(1), 0);
 * assert.equal(log(0), -Infinity);
 * ```
 */
export function log(x: number): number {
  if (x === 0) return -Infinity;
  if (x < 0) return NaN;
  if (x !== x || x === Infinity) return x;
  return logarithm(x, 0, false);
}

/**
 * Binary logarithm log₂ x, in bits; at most 0.8 ulp off, exact at every power of two (FreeBSD `e_log2.c`).
 *
 * @param x Any number; −Infinity at ±0, NaN below 0.
 * @returns log₂ x.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(log2(4096), 12);
 * assert.equal(log2(0.5), -1);
 * ```
 */
export function log2(x: number): number {
  if (x === 0) return -Infinity;
  if (x < 0) return NaN;
  if (x !== x || x === Infinity) return x;
  return logarithm(x, 0, true);
}

/**
 * ln(1 + x), in nats, accurate also where x is small; at most 0.8 ulp off (fdlibm `s_log1p.c`).
 *
 * @param x Any number; −Infinity at −1, NaN below.
 * @returns ln(1 + x).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(log1p(1e-20), 1e-20);
 * ```
 */
export function log1p(x: number): number {
  if (x === -1) return -Infinity;
  if (x < -1) return NaN;
  if (x !== x || x === Infinity) return x;
  if (x > -0.2928932188134524 && x < 0.41421356237309503) {
    if (x > -TWO_MINUS_54 && x < TWO_MINUS_54) return x;
    return x - (0.5 * x * x - logTail(x));
  }
  const u = 1 + x;
  const lost = x > 1 ? 1 - (u - x) : x - (u - 1);
  return logarithm(u, lost / u, false);
}

/**
 * e^x − 1, accurate also where x is small; at most 0.9 ulp off (fdlibm `s_expm1.c`).
 *
 * @param x Any number; Infinity above 709.78, −1 below −38.8.
 * @returns e^x − 1, dimensionless.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(expm1(1e-20), 1e-20);
 * assert.equal(expm1(-Infinity), -1);
 * ```
 */
export function expm1(x: number): number {
  if (x !== x) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -38.816242111356935) return -1;
  let k = 0.0;
  let r = x;
  let c = 0.0;
  if (x > 0.34657359027997264 || x < -0.34657359027997264) {
    k = Math.floor(x * INVERSE_LN2 + 0.5);
    const high = x - k * LN2_HIGH;
    const low = k * LN2_LOW;
    r = high - low;
    c = (high - r) - low;
  } else if (x > -TWO_MINUS_54 && x < TWO_MINUS_54) {
    return x;
  }
  const half = 0.5 * r;
  const z = r * half;
  const r1 = 1 +
    z *
      (-0.03333333333333313 +
        z * (0.0015873015872548146 +
            z * (-7.93650757867488e-5 + z * (4.008217827329362e-6 + z * -2.0109921818362437e-7))));
  const t = 3 - r1 * half;
  let e = z * ((r1 - t) / (6 - r * t));
  if (k === 0) return r - (r * e - z);
  e = (r * (e - c) - c) - z;
  if (k === -1) return 0.5 * (r - e) - 0.5;
  if (k === 1) {
    if (r < -0.25) return -2 * (e - (r + 0.5));
    return 1 + 2 * (r - e);
  }
  if (k < 0 || k > 56) return scaled(1 - (e - r), k) - 1;
  const p = powerOfTwo(-k);
  if (k < 20) return ((1 - p) - (e - r)) * powerOfTwo(k);
  return ((r - (e + p)) + 1) * powerOfTwo(k);
}

/**
 * Hyperbolic tangent, odd and within [−1, 1]; at most 2.1 ulp off (fdlibm `s_tanh.c`).
 *
 * @param x Any number; exactly ±1 from |x| = 22 on.
 * @returns tanh x.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(tanh(30), 1);
 * assert.equal(tanh(-0.25), -tanh(0.25));
 * ```
 */
export function tanh(x: number): number {
  if (x !== x) return x;
  const a = x < 0 ? -x : x;
  if (a < 3.725290298461914e-9) return x;
  let t = 1.0;
  if (a < 1) {
    const e = expm1(-2 * a);
    t = -e / (e + 2);
  } else if (a < 22) {
    t = 1 - 2 / (expm1(2 * a) + 2);
  }
  return x < 0 ? -t : t;
}

/**
 * The logistic function 1 / (1 + e^−x); at most 2.1 ulp off.
 *
 * @param x Any number, in nats of log odds.
 * @returns A probability.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(logistic(0), 0.5);
 * ```
 */
export function logistic(x: number): number {
  if (x >= 0) return 1 / (1 + exp(-x));
  const e = exp(x);
  return e / (1 + e);
}

/**
 * ln(1 + e^x), in nats: the integral of the logistic function; at most 1.5 ulp off.
 *
 * @param x Any number.
 * @returns A number not below max(0, x).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(softplus(-Infinity), 0);
 * assert.equal(softplus(50), 50);
 * ```
 */
export function softplus(x: number): number {
  if (x > 0) return x + log1p(exp(-x));
  return log1p(exp(x));
}
