import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { loadKernels } from "../../../core/kernels/mod.ts";
import * as elementary from "../../../core/numerics/elementary.ts";

/** The functions under test, with the largest error allowed, in units in the last place of the true value. */
const MAX_ULP = {
  exp: 1,
  log: 1,
  log2: 1,
  log1p: 1,
  expm1: 1,
  tanh: 2.1,
  logistic: 2.1,
  softplus: 1.6,
} as const;

type Name = keyof typeof MAX_ULP;
const NAMES = Object.keys(MAX_ULP) as Name[];

// Made by tests/fixtures/elementary_table.py with mpmath: rows [x, high, low], the true value is high + low.
const TABLE: Record<Name, [number, number, number][]> = JSON.parse(
  readFileSync(new URL("../../fixtures/elementary_table.json", import.meta.url), "utf8"),
);

const bits = new DataView(new ArrayBuffer(8));

function bitsOf(x: number): bigint {
  bits.setFloat64(0, x);
  return bits.getBigUint64(0);
}

function fromBits(pattern: bigint): number {
  bits.setBigUint64(0, pattern);
  return bits.getFloat64(0);
}

function ulp(y: number): number {
  const a = Math.abs(y);
  return fromBits(bitsOf(a) + 1n) - a;
}

/** Values where something special happens, and every power of two. */
const SPECIAL = [
  ...[0, -0, 1, -1, Infinity, -Infinity, NaN, 5e-324, -5e-324, 2.2250738585072014e-308, 1.7976931348623157e308],
  ...[709.782712893384, 709.7827128933841, -745.1332191019411, -745.1332191019412, -708.4, 22, -22, 40, -40, 1e-20],
  ...Array.from({ length: 2098 }, (_, i) => i < 1074 ? 5e-324 * 2 ** i : 2 ** (i - 1074)),
];

for (const name of NAMES) {
  Deno.test(`${name}() is within ${MAX_ULP[name]} ulp of the true value over its range`, () => {
    let worst = 0;
    let at = 0;
    for (const [x, high, low] of TABLE[name]) {
      const error = Math.abs((elementary[name](x) - high) - low) / ulp(high);
      if (!(error <= worst)) [worst, at] = [error, x];
    }
    assert.ok(worst <= MAX_ULP[name], `${worst} ulp at ${at}`);
  });

  Deno.test(`${name}() is the same to the bit in WebAssembly`, async () => {
    const { exports } = (await loadKernels()).instantiate();
    const same = (x: number) => {
      const here = elementary[name](x);
      const there = exports[name](x);
      assert.ok(Object.is(here, there), `${name}(${x}) is ${here} here and ${there} there`);
    };
    TABLE[name].forEach(([x]) => same(x));
    SPECIAL.forEach(same);
    fc.assert(fc.property(fc.double(), same), { numRuns: 2000, seed: 1 });
  });
}

Deno.test("log2() of a power of two is its exponent, exactly, subnormals included", () => {
  for (let k = -1074; k <= 1023; k++) assert.equal(elementary.log2(k < -1022 ? 5e-324 * 2 ** (k + 1074) : 2 ** k), k);
});

Deno.test("elementary functions have the limits and signed zeros of IEEE 754", () => {
  const { exp, log, log2, log1p, expm1, tanh, logistic, softplus } = elementary;
  assert.deepEqual([exp(-Infinity), exp(-746), exp(0), exp(-0), exp(710), exp(Infinity)], [
    ...[0, 0, 1, 1, Infinity, Infinity],
  ]);
  assert.deepEqual([log(0), log(-0), log(1), log(Infinity), log(-1)], [-Infinity, -Infinity, 0, Infinity, NaN]);
  assert.deepEqual([log2(0), log2(-0), log2(1), log2(Infinity), log2(-1)], [-Infinity, -Infinity, 0, Infinity, NaN]);
  assert.deepEqual([log1p(-1), log1p(0), log1p(-0), log1p(Infinity), log1p(-1.5)], [-Infinity, 0, -0, Infinity, NaN]);
  assert.deepEqual([expm1(-Infinity), expm1(0), expm1(-0), expm1(Infinity)], [-1, 0, -0, Infinity]);
  assert.deepEqual([tanh(-Infinity), tanh(0), tanh(-0), tanh(Infinity)], [-1, 0, -0, 1]);
  assert.deepEqual([logistic(-Infinity), logistic(0), logistic(Infinity)], [0, 0.5, 1]);
  assert.deepEqual([softplus(-Infinity), softplus(Infinity)], [0, Infinity]);
  for (const name of NAMES) assert.ok(Number.isNaN(elementary[name](NaN)), name);
});

Deno.test("exp() underflows gradually, rounding once", () => {
  // Values from mpmath 1.3.0 with 200 bits; the spacing here is 5e-324.
  assert.equal(elementary.exp(-745), 5e-324);
  assert.equal(elementary.exp(-744), 1e-323);
  assert.equal(elementary.exp(-720), 2.0322308024e-313);
});

Deno.test("tanh() is odd and stays within [−1, 1]", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (x) => {
      const t = elementary.tanh(x);
      assert.ok(Object.is(elementary.tanh(-x), -t));
      assert.ok(Math.abs(t) <= 1 && Math.abs(t) <= Math.abs(x));
    }),
    { seed: 2 },
  );
});
