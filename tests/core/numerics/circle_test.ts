import assert from "node:assert/strict";
import fc from "fast-check";
import { cosine, sine } from "../../../core/numerics/mod.ts";

const angle = fc.double({ min: -1e5, max: 1e5, noNaN: true });

Deno.test("sine() and cosine() agree with the engine's own to 1e-15", () => {
  for (let x = -20; x <= 20; x += 0.0173) {
    assert.ok(Math.abs(sine(x) - Math.sin(x)) < 1e-15, `sin ${x}`);
    assert.ok(Math.abs(cosine(x) - Math.cos(x)) < 1e-15, `cos ${x}`);
  }
  fc.assert(
    fc.property(angle, (x) => {
      assert.ok(Math.abs(sine(x) - Math.sin(x)) < 1e-15);
      assert.ok(Math.abs(cosine(x) - Math.cos(x)) < 1e-15);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("sine² + cosine² is 1, and sine is odd", () => {
  fc.assert(fc.property(angle, (x) => {
    assert.ok(Math.abs(sine(x) * sine(x) + cosine(x) * cosine(x) - 1) < 1e-15);
    assert.equal(sine(-x), -sine(x));
  }));
});

Deno.test("angles beyond 1e5 and what is no number are refused", () => {
  for (const x of [1e6, -1e6, NaN, Infinity]) assert.throws(() => sine(x), /within ±1e5 radians: it is/);
});
