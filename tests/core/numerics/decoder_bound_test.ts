import fc from "fast-check";
import assert from "node:assert/strict";
import { decoderBound } from "../../../core/numerics/decoder_bound.ts";
import { jointFacts } from "../../../core/numerics/entropy.ts";

const all = (n: number) => Uint32Array.from({ length: n }, (_, row) => row);

/** n equally likely rows with p(y|x) and another q(y|x) of three labels. */
const channel = fc.integer({ min: 2, max: 6 }).chain((n) => {
  const rows = fc.array(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 3, maxLength: 3 }), {
    minLength: n,
    maxLength: n,
  })
    .map((counts) => Float64Array.from(counts.flatMap((row) => row.map((c) => c / row.reduce((a, b) => a + b)))));
  return fc.record({ n: fc.constant(n), p: rows, q: rows });
});

Deno.test("the true posterior proves all of I(X;Y), and no other proves more", () => {
  fc.assert(
    fc.property(channel, ({ n, p, q }) => {
      const joint = { px: new Float64Array(n).fill(1 / n), pyx: p };
      const proved = (by: Float64Array) =>
        decoderBound(new Uint8Array(n), joint, all(n), (i, y) => -Math.log2(by[3 * i + y])).bits;
      const { ixyBits } = jointFacts(joint);
      assert.ok(Math.abs(proved(p) - ixyBits) < 1e-12);
      assert.ok(proved(q) <= ixyBits + 1e-12);
    }),
    { seed: 1 },
  );
});

Deno.test("what cannot happen costs nothing, sampled labels count as they were dealt, and H(Y) is that of all rows", () => {
  const pyx = Float64Array.of(1, 0, 0, 1, 1, 0, 0, 1);
  const labels = Uint8Array.of(0, 1, 0, 1);
  const sure = (i: number, y: number) => (i + y) % 2 === 0 ? 0 : Infinity;
  for (const joint of [undefined, { px: new Float64Array(4).fill(0.25), pyx }]) {
    assert.deepEqual(decoderBound(labels, joint, Uint32Array.of(2, 3), sure), { bits: 1, standardErrorBits: 0 });
  }
  const { bits, standardErrorBits } = decoderBound(labels, undefined, all(4), (i) => i < 2 ? 1 : 0.5);
  assert.equal(bits, 0.25);
  // Costs 1, 1, ½, ½: s² = 1/12, over 4 rows.
  assert.ok(Math.abs(standardErrorBits - Math.sqrt(1 / 48)) < 1e-15);
});
