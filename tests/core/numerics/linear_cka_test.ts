import fc from "fast-check";
import assert from "node:assert/strict";
import { linearCka } from "../../../core/numerics/mod.ts";
import { root } from "../../../core/testing.ts";
import { ckaTwin } from "../../oracles/cka_twin.ts";

const rowsOf = (n: number, units: number, seed: number) => {
  const stream = root(seed);
  return Array.from({ length: n }, () => Array.from({ length: units }, () => stream.normal()));
};
const close = (a: number, b: number, within = 1e-10) => assert.ok(Math.abs(a - b) < within, `${a} and ${b}`);

Deno.test("linearCka() agrees with HSIC of n × n kernels", () => {
  const sizes = fc.record({
    n: fc.integer({ min: 2, max: 30 }),
    a: fc.integer({ min: 1, max: 5 }),
    b: fc.integer({ min: 1, max: 5 }),
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
  });
  fc.assert(fc.property(sizes, ({ n, a, b, seed }) => {
    const [x, y] = [rowsOf(n, a, seed), rowsOf(n, b, seed + 1)];
    const found = linearCka(x.flat(), y.flat(), n);
    close(found, ckaTwin(x, y));
    assert.ok(found >= 0 && found <= 1);
    close(linearCka(y.flat(), x.flat(), n), found);
  }));
});

Deno.test("linearCka() is 1 for a rotation, a shift and a scale, and feels a stretch of one unit", () => {
  const x = rowsOf(200, 2, 7);
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  const turned = x.flatMap(([a, b]) => [3 * (c * a - s * b) + 5, 3 * (s * a + c * b) - 2]);
  close(linearCka(x.flat(), x.flat(), 200), 1, 1e-14);
  close(linearCka(x.flat(), turned, 200), 1, 1e-12);
  const y = rowsOf(200, 3, 8).flat();
  close(linearCka(x.flat(), y, 200), linearCka(turned, y, 200), 1e-12);
  const stretched = x.flatMap(([a, b]) => [10 * a, b]);
  const cka = linearCka(x.flat(), stretched, 200);
  // Units of equal variance that are nearly uncorrelated: (100 + 1) / √(2 (100² + 1)).
  close(cka, 101 / Math.sqrt(2 * 10001), 0.05);
});

Deno.test("linearCka() of independent features falls like the closed form of its expectation", () => {
  // Normal features: E‖YᵀX‖² = nab, ‖XᵀX‖² ≈ n²a + na(a + 1) for a units.
  const [n, a, b] = [1000, 4, 6];
  const mean = Array.from({ length: 40 }, (_, i) => linearCka(rowsOf(n, a, i).flat(), rowsOf(n, b, 1000 + i).flat(), n))
    .reduce((sum, value) => sum + value / 40, 0);
  const norm = (units: number) => n * n * units + n * units * (units + 1);
  close(mean / (n * a * b / Math.sqrt(norm(a) * norm(b))), 1, 0.15);
  assert.equal(linearCka([1, 1, -1, -1], [1, -1, 1, -1], 4), 0);
});

Deno.test("linearCka() has no value where all examples are alike, and refuses what is not n rows", () => {
  assert.ok(Number.isNaN(linearCka([2, 2, 2], [1, 2, 3], 3)));
  assert.throws(() => linearCka([1, 2, 3], [1, 2], 2), {
    name: "TypeError",
    message: "Cannot compare representations as activations must be 2 rows: they are 3 numbers",
  });
});
