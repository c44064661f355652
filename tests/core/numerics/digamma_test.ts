import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { digamma } from "../../../core/numerics/digamma.ts";

// Made by tests/fixtures/digamma_table.py with 70 digits: rows [x, high, low], the true value is high + low.
const TABLE: [number, number, number][] = JSON.parse(
  readFileSync(new URL("../../fixtures/digamma_table.json", import.meta.url), "utf8"),
);

Deno.test("digamma() is within 1e-15 of the true value, relative where that is above 1", () => {
  let worst = 0;
  let at = 0;
  for (const [x, high, low] of TABLE) {
    const error = Math.abs((digamma(x) - high) - low) / Math.max(1, Math.abs(high));
    if (!(error <= worst)) [worst, at] = [error, x];
  }
  assert.ok(worst <= 1e-15, `${worst} at ${at}`);
});

Deno.test("digamma() has the limits of its pole and grows like a logarithm", () => {
  assert.deepEqual([digamma(0), digamma(-0), digamma(-1), digamma(NaN)], [-Infinity, -Infinity, NaN, NaN]);
  assert.equal(digamma(Infinity), Infinity);
  assert.equal(digamma(1e300), Math.log(1e300));
});
