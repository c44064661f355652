/**
 * Sine and cosine, the same bytes everywhere. Coefficients and reduction are those of fdlibm (`k_sin.c`, `k_cos.c`, `e_rem_pio2.c`; Sun
 * Microsystems, 1993).
 *
 * @module
 */

const HALF_PI_HIGH = 1.57079632673412561417;
const HALF_PI_LOW = 6.07710050650619224932e-11;
const FARTHEST = 1e5;

/**
 * Sine of an angle; at most 2e-16 off near the origin, 1e-15 at the far end.
 *
 * @param x Radians, |x| ≤ 1e5.
 * @throws {RangeError} If x is beyond, or no number.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(sine(0), 0);
 * assert.equal(sine(-0.5), -sine(0.5));
 * ```
 */
export function sine(x: number): number {
  if (x === 0) return x;
  return x < 0 ? -onCircle(-x, 0) : onCircle(x, 0);
}

/**
 * Cosine of an angle; at most 2e-16 off near the origin, 1e-15 at the far end.
 *
 * @param x Radians, |x| ≤ 1e5.
 * @throws {RangeError} If x is beyond, or no number.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(cosine(0), 1);
 * assert.equal(cosine(-0.5), cosine(0.5));
 * ```
 */
export function cosine(x: number): number {
  return onCircle(x < 0 ? -x : x, 1);
}

/** The sine, `quarters` quarter turns further on. */
function onCircle(x: number, quarters: number): number {
  if (!(x >= -FARTHEST && x <= FARTHEST)) {
    throw new RangeError(`Cannot turn by an angle as it must be within ±1e5 radians: it is ${x}`);
  }
  const turns = Math.floor(x * 0.6366197723675814 + 0.5);
  const r = (x - turns * HALF_PI_HIGH) - turns * HALF_PI_LOW;
  switch ((turns + quarters) & 3) {
    case 0:
      return smallSine(r);
    case 1:
      return smallCosine(r);
    case 2:
      return -smallSine(r);
    default:
      return -smallCosine(r);
  }
}

/** For |r| ≤ π/4. */
function smallSine(r: number): number {
  const z = r * r;
  const tail = 8.33333333332248946124e-03 + z * (-1.98412698298579493134e-04 +
        z * (2.75573137070700676789e-06 + z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)));
  return r + r * z * (-1.66666666666666324348e-01 + z * tail);
}

/** For |r| ≤ π/4. */
function smallCosine(r: number): number {
  const z = r * r;
  const tail = 4.16666666666666019037e-02 + z * (-1.38888888888741095749e-03 +
        z * (2.48015872894767294178e-05 + z * (-2.75573143513906633035e-07 +
                z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11))));
  return 1 - (0.5 * z - z * z * tail);
}
