import assert from "node:assert/strict";
import fc from "fast-check";
import { entropyOfProbabilities, isingProbabilities, magnetisation, spinOf } from "../../../core/numerics/mod.ts";

function near(actual: number, expected: number, tolerance = 1e-10) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);
}

const h = (p: number) => -p * Math.log2(p) - (1 - p) * Math.log2(1 - p);

Deno.test("a line without field is a Markov chain of entropy 1 + (n − 1) h(1/(1 + e^2J))", () => {
  for (const spins of [1, 2, 5, 12]) {
    for (const coupling of [-0.7, 0, 0.5, 1.5]) {
      const p = isingProbabilities({ spins, coupling, field: 0, ring: false });
      near(entropyOfProbabilities(p), 1 + (spins - 1) * h(1 / (1 + Math.exp(2 * coupling))));
    }
  }
});

Deno.test("a line gives each pattern the product of its flips and stays", () => {
  const [spins, coupling] = [6, 0.8];
  const q = 1 / (1 + Math.exp(2 * coupling));
  isingProbabilities({ spins, coupling, field: 0, ring: false }).forEach((p, x) => {
    let expected = 0.5;
    for (let i = 1; i < spins; i++) expected *= spinOf(x, i - 1, spins) === spinOf(x, i, spins) ? 1 - q : q;
    near(p, expected);
  });
});

Deno.test("a ring in a field has the entropy that the eigenvalues of its transfer matrix give", () => {
  /** ln Z = ln(λ₊ⁿ + λ₋ⁿ), λ± = e^J (cosh h ± √(sinh² h + e^−4J)). */
  const lnZ = (n: number, J: number, field: number) => {
    const root = Math.sqrt(Math.sinh(field) ** 2 + Math.exp(-4 * J));
    const values = [Math.cosh(field) + root, Math.cosh(field) - root].map((value) => Math.exp(J) * value);
    return Math.log(values[0] ** n + values[1] ** n);
  };
  const slope = (f: (x: number) => number, x: number) => (f(x + 1e-5) - f(x - 1e-5)) / 2e-5;
  for (const [n, J, field] of [[3, 0.4, 0.2], [8, 0.5, 0], [12, -0.3, 0.6]]) {
    const nats = lnZ(n, J, field) - J * slope((x) => lnZ(n, x, field), J) - field * slope((x) => lnZ(n, J, x), field);
    const p = isingProbabilities({ spins: n, coupling: J, field, ring: true });
    near(entropyOfProbabilities(p), nats / Math.LN2, 1e-7);
  }
});

Deno.test("a field alone makes independent spins; probabilities sum to 1 and mirror when the field turns", () => {
  const p = isingProbabilities({ spins: 5, coupling: 0, field: 0.7, ring: false });
  near(entropyOfProbabilities(p), 5 * h(1 / (1 + Math.exp(-1.4))));
  fc.assert(fc.property(fc.double({ min: -3, max: 3, noNaN: true }), fc.boolean(), (field, ring) => {
    const up = isingProbabilities({ spins: 4, coupling: 0.3, field, ring });
    const down = isingProbabilities({ spins: 4, coupling: 0.3, field: -field, ring });
    near(up.reduce((a, b) => a + b), 1);
    up.forEach((value, x) => near(value, down[15 - x]));
  }));
});

Deno.test("spins are read from the highest bit and their sum is the magnetisation", () => {
  assert.deepEqual([0, 1, 2, 3].map((i) => spinOf(0b1000, i, 4)), [1, -1, -1, -1]);
  assert.deepEqual([0, 0b1000, 0b1100, 0b1111].map((x) => magnetisation(x, 4)), [-4, -2, 0, 4]);
});

Deno.test("chains too long or too short, and weights that are not finite, are refused", () => {
  const chain = { spins: 4, coupling: 0, field: 0, ring: false };
  for (const spins of [0, 21, 2.5]) {
    assert.throws(() => isingProbabilities({ ...chain, spins }), /spins must be 1 to 20/);
  }
  assert.throws(() => isingProbabilities({ ...chain, coupling: NaN }), /coupling must be finite: it is NaN/);
});
