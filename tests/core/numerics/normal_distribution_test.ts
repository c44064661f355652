import assert from "node:assert/strict";
import { normalDensity, normalProbability } from "../../../core/numerics/mod.ts";

/** Φ(x) from Abramowitz and Stegun, table 26.1. */
const TABLE: readonly (readonly [number, number])[] = [
  [0.5, 0.691462461274013],
  [1, 0.841344746068543],
  [1.5, 0.933192798731142],
  [2, 0.97724986805182],
  [3, 0.998650101968370],
];

Deno.test("normalProbability() agrees with the table, and with 1 − Φ on the other side", () => {
  for (const [x, p] of TABLE) {
    assert.ok(Math.abs(normalProbability(x) - p) < 1e-14, `Φ(${x})`);
    assert.ok(Math.abs(normalProbability(-x) - (1 - p)) < 1e-14, `Φ(−${x})`);
  }
});

Deno.test("normalProbability() rises from 0 to 1, with the density as its slope", () => {
  for (let x = -10; x < 10; x += 0.25) {
    const [low, high] = [normalProbability(x), normalProbability(x + 0.25)];
    assert.ok(low >= 0 && high <= 1 && high >= low);
    const slope = (normalProbability(x + 1e-4) - normalProbability(x - 1e-4)) / 2e-4;
    assert.ok(Math.abs(slope - normalDensity(x)) < 1e-8);
  }
  assert.deepEqual([normalProbability(-40), normalProbability(40)], [0, 1]);
  // Series and fraction meet at 4; the far tail is known to be 6.22096057427178e-16 at −8.
  assert.ok(Math.abs(normalProbability(-4 - 1e-9) / normalProbability(-4 + 1e-9) - 1) < 1e-8);
  assert.ok(Math.abs(normalProbability(-8) / 6.22096057427178e-16 - 1) < 1e-12);
});

Deno.test("normalProbability() of what is no number is none, and of infinities is 0 and 1", () => {
  assert.deepEqual([NaN, -Infinity, Infinity].map(normalProbability), [NaN, 0, 1]);
});
