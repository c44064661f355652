import fc from "fast-check";
import assert from "node:assert/strict";
import { gaussianBits, gaussianLabelsBits } from "../../../core/numerics/gaussian.ts";
import { type RealRows, realRows } from "../../../core/numerics/real_rows.ts";
import { root } from "../../../core/random/mod.ts";
import fixture from "../../fixtures/parametric/values.json" with { type: "json" };

const rows = (data: ArrayLike<number>, n: number): RealRows =>
  realRows({ data: Float64Array.from(data), shape: [n, data.length / n] }, "rows");
const inNats = (bits: number) => bits * Math.LN2;

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected} ± ${tolerance}`);
}

Deno.test("seven of eight equal signs correlate by .75, which is .413339 nats", () => {
  const x = Array.from({ length: 16 }, (_, i) => i % 2 ? 1 : -1);
  const t = x.map((sign, i) => i < 2 ? -sign : sign);
  near(inNats(gaussianBits(rows(x, 16), rows(t, 16))), 0.413339, 5e-7);
});

for (const [d, nats] of [[2, 0.293893], [3, 0.413339], [5, 0.592812]] as [number, number][]) {
  Deno.test(`${d} and ${d} dimensions with every covariance ½ share ${nats} nats`, () => {
    // Every combination of signs of 2d + 1 factors, the last in all columns: unit variances, covariances ½, to rounding.
    const n = 2 ** (2 * d + 1);
    const sign = (i: number, factor: number) => (i >> factor) & 1 ? 1 : -1;
    const side = (from: number) =>
      Float64Array.from({ length: n * d }, (_, at) => {
        const i = Math.floor(at / d);
        return Math.SQRT1_2 * (sign(i, from + at % d) + sign(i, 2 * d));
      });
    const found = inNats(gaussianBits(rows(side(0), n), rows(side(d), n)));
    near(found, nats, 5e-7);
  });
}

Deno.test("Gaussian information is that of numpy's log-determinants", () => {
  for (const { x, t, y, n, classes, nats, labelsNats } of fixture.gaussian) {
    near(inNats(gaussianBits(rows(x, n), rows(t, n))), nats, 1e-10);
    const weights = Array.from({ length: classes }, (_, k) => y.map((label) => Number(label === k)));
    near(inNats(gaussianLabelsBits(rows(t, n), weights)), labelsNats, 1e-10);
  }
});

/** n rows of two columns, and of two more that depend on them. */
function pairs(seed: number, n: number): { x: RealRows; t: RealRows } {
  const stream = root(seed);
  const x = Float64Array.from({ length: 2 * n }, () => stream.normal());
  const t = x.map((value, i) => value + 0.5 * x[i - i % 2] + stream.normal());
  return { x: rows(x, n), t: rows(t, n) };
}

/** Columns a, b become p a + q b, r a + s b and, where told, their sum and a constant. */
function mixed({ values, n }: RealRows, [p, q, r, s]: number[], more = false): RealRows {
  const columns = more ? 4 : 2;
  const data = Float64Array.from({ length: n * columns }, (_, at) => {
    const [a, b] = [values[2 * Math.floor(at / columns)], values[2 * Math.floor(at / columns) + 1]];
    return [p * a + q * b, r * a + s * b, (p + r) * a + (q + s) * b, 7][at % columns];
  });
  return rows(data, n);
}

Deno.test("invertible linear maps of a side, columns that others explain and constant columns change nothing", () => {
  const coefficient = fc.integer({ min: -9, max: 9 });
  const map = fc.tuple(coefficient, coefficient, coefficient, coefficient).filter(([p, q, r, s]) => p * s !== q * r);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 99 }), map, map, (seed, ofX, ofT) => {
      const { x, t } = pairs(seed, 60);
      const labels = [0, 1].map((label) => Array.from({ length: 60 }, (_, i) => Number(i % 2 === label)));
      const bits = gaussianBits(x, t);
      near(gaussianBits(mixed(x, ofX), mixed(t, ofT)), bits, 1e-9);
      near(gaussianBits(mixed(x, ofX, true), mixed(t, ofT, true)), bits, 1e-9);
      near(gaussianBits(t, x), bits, 1e-9);
      near(gaussianLabelsBits(mixed(t, ofT, true), labels), gaussianLabelsBits(t, labels), 1e-9);
      near(gaussianLabelsBits(t, labels.toReversed()), gaussianLabelsBits(t, labels), 1e-9);
    }),
    { seed: 1 },
  );
});

Deno.test("a linear function of X is known without end, as are more columns than rows; noise of a ridge makes it finite", () => {
  const { x } = pairs(3, 50);
  assert.equal(gaussianBits(x, mixed(x, [1, 2, 3, 4])), Infinity);
  const few = pairs(3, 4);
  assert.equal(gaussianBits(few.x, few.t), Infinity);
  const sign = rows([-1, 1, -1, 1], 4);
  // Both variances become 1.01 and the covariance stays 1.
  near(inNats(gaussianBits(sign, sign, 0.01)), -0.5 * Math.log(1 - 1 / 1.01 ** 2), 1e-12);
});

Deno.test("two labels' Gaussians: above the truth, 1 bit is passed where they lie far apart, nothing where they are alike", () => {
  const stream = root(9);
  const n = 4000;
  const labels = [0, 1].map((label) => Array.from({ length: n }, (_, i) => Number(i % 2 === label)));
  const z = Float64Array.from({ length: n }, () => stream.normal());
  for (const half of [0, 0.5, 1, 2, 20]) {
    const bits = gaussianLabelsBits(rows(z.map((value, i) => value + (i % 2 ? half : -half)), n), labels);
    // With variance 1 in each and 1 + half² in all, to the error of 4000 rows.
    near(bits, 0.5 * Math.log2(1 + half * half), 0.03);
    assert.ok(bits > truth(half) - 0.01, `${bits} at ${half}`);
  }
  assert.ok(truth(20) <= 1 && 0.5 * Math.log2(1 + 400) > 4);
});

/** I(T;Y) in bits of a fair label that shifts a standard normal to ± half, by the trapezoidal rule. */
function truth(half: number): number {
  const step = 0.005;
  let lost = 0;
  for (let t = -9; t < 9; t += step) {
    const density = Math.exp(-t * t / 2) / Math.sqrt(2 * Math.PI);
    lost += step * density * Math.log2(1 + Math.exp(-2 * half * (t + half)));
  }
  return 1 - lost;
}

Deno.test("a label of one row has a singular covariance, one without rows has no part", () => {
  const t = rows([0, 1, 2, 4], 4);
  assert.equal(gaussianLabelsBits(t, [[1, 1, 1, 0], [0, 0, 0, 1]]), Infinity);
  const two = [[1, 0, 0, 1], [0, 1, 1, 0]];
  assert.equal(gaussianLabelsBits(t, [...two, [0, 0, 0, 0]]), gaussianLabelsBits(t, two));
  assert.equal(gaussianLabelsBits(t, two.map((w) => w.map((v) => v / 4))), gaussianLabelsBits(t, two));
});
