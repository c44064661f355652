import assert from "node:assert/strict";
import { studentInformationBits } from "../../../core/numerics/mod.ts";

const nats = (dimX: number, dimY: number, df: number) => studentInformationBits(dimX, dimY, df) * Math.LN2;

function near(actual: number, expected: number, tolerance: number) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);
}

Deno.test("Student of (dim X, dim Y, df) = (2,2,1) holds 0.431946 nats, of (3,3,2) 0.290922", () => {
  near(nats(2, 2, 1), 0.431946, 5e-7);
  near(nats(3, 3, 2), 0.290922, 5e-7);
});

Deno.test("Student tells the same from either side, more in more dimensions, and nothing when it is as good as normal", () => {
  assert.equal(studentInformationBits(2, 5, 3), studentInformationBits(5, 2, 3));
  assert.ok(nats(3, 3, 1) > nats(2, 2, 1));
  assert.ok(nats(2, 2, 2) < nats(2, 2, 1));
  near(nats(1, 1, 4000), 0, 1e-6);
});

Deno.test("two Cauchy variables of one length: a plain double integral over the plane", () => {
  // t of one dimension, df = 1: p(x) = 1/π(1 + x²); of two: p(x,y) = 1/2π (1 + x² + y²)^(−3/2). With x = tan u, y = tan v the integrand is bounded but for corners.
  const steps = 3000;
  const step = Math.PI / steps;
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    const x = Math.tan(-Math.PI / 2 + (i + 0.5) * step);
    for (let j = 0; j < steps; j++) {
      const y = Math.tan(-Math.PI / 2 + (j + 0.5) * step);
      const p = Math.pow(1 + x * x + y * y, -1.5) / (2 * Math.PI);
      const q = 1 / (Math.PI * Math.PI * (1 + x * x) * (1 + y * y));
      sum += p / q * Math.log(p / q) / (Math.PI * Math.PI) * step * step;
    }
  }
  near(nats(1, 1, 1), sum, 2e-3);
});

Deno.test("Student refuses dimensions and degrees of freedom that are no integers from 1 on", () => {
  assert.throws(() => studentInformationBits(0, 2, 1), /dimX must be an integer >= 1: it is 0/);
  assert.throws(() => studentInformationBits(2, 2, 1.5), /df must be an integer >= 1: it is 1.5/);
});
