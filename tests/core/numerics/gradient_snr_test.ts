import assert from "node:assert/strict";
import fc from "fast-check";
import { gradientSnr } from "../../../core/numerics/mod.ts";

Deno.test("gradientSnr() grows like the root of the batch and does not change with the unit of the gradient", () => {
  const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
  fc.assert(fc.property(positive, positive, positive, positive, (meanNorm, variance, batch, unit) => {
    const snr = gradientSnr({ meanNorm, variance }, batch);
    const close = (value: number, wanted: number) => assert.ok(Math.abs(value / wanted - 1) < 1e-14);
    close(gradientSnr({ meanNorm, variance }, 4 * batch), 2 * snr);
    close(gradientSnr({ meanNorm: unit * meanNorm, variance: unit * unit * variance }, batch), snr);
  }));
});

Deno.test("gradientSnr() without noise is infinite, without anything no number, and refuses a batch of none", () => {
  assert.equal(gradientSnr({ meanNorm: 1, variance: 0 }, 1), Infinity);
  assert.ok(Number.isNaN(gradientSnr({ meanNorm: 0, variance: 0 }, 1)));
  assert.throws(() => gradientSnr({ meanNorm: 1, variance: 1 }, 0), {
    name: "RangeError",
    message: "Cannot compute the SNR of a gradient as the batch must be > 0: it is 0",
  });
});
