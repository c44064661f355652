import assert from "node:assert/strict";
import fc from "fast-check";
import { createBinner, loadKernels } from "../../../core/kernels/mod.ts";
import { edgesCode } from "../../oracles/binning_twin.ts";

const kernels = await loadKernels();

/** The f32 or f64 beside t, above or below. */
function beside(t: number, up: boolean, double: boolean): number {
  const view = new DataView(new ArrayBuffer(8));
  const [value, tiny] = double ? [t, 5e-324] : [Math.fround(t), 1.401298464324817e-45];
  if (value === 0) return up ? tiny : -tiny;
  const away = (value > 0) === up ? 1 : -1;
  if (double) {
    view.setFloat64(0, value);
    view.setBigInt64(0, view.getBigInt64(0) + BigInt(away));
    return view.getFloat64(0);
  }
  view.setFloat32(0, value);
  view.setInt32(0, view.getInt32(0) + away);
  return view.getFloat32(0);
}

const linspace = fc.tuple(
  fc.integer({ min: -5, max: 5 }),
  fc.integer({ min: 1, max: 9 }),
  fc.integer({ min: 2, max: 300 }),
)
  .map(([low, span, count]) =>
    Array.from({ length: count }, (_, k) => k === count - 1 ? low + span : k * (span / (count - 1)) + low)
  );
const uneven = fc.uniqueArray(fc.double({ min: -3, max: 3, noNaN: true }).map((t) => t + 0), {
  minLength: 1,
  maxLength: 40,
})
  .map((edges) => edges.sort((a, b) => a - b));
const nearlyEven = fc.tuple(linspace, fc.nat(), fc.boolean()).map(([edges, at, up]) => {
  const moved = at % edges.length;
  return edges.map((edge, k) => k === moved ? beside(edge, up, false) : edge);
});

Deno.test("codes by edges, even or not, change at the very edge: the twin's at each edge and on both sides of it", () => {
  fc.assert(
    fc.property(fc.oneof(linspace, uneven, nearlyEven), fc.boolean(), (edges, double) => {
      const code = edgesCode(edges);
      const near = edges.flatMap((edge) => [beside(edge, false, double), edge, beside(edge, true, double)]);
      const typed = double ? Float64Array.from(near) : Float32Array.from(near);
      const values = typed.filter((t) => code(t, 0) !== null) as typeof typed;
      if (values.length === 0) return;
      const binner = createBinner(kernels, { n: values.length, classes: 2, labels: new Uint8Array(values.length) });
      binner.setLayer(values, 1);
      const found = binner.read({ kind: "edges", edges: Float64Array.from(edges) });
      assert.ok("cells" in found);
      const counts = new Map<number | null, number>();
      for (const t of values) counts.set(code(t, 0), (counts.get(code(t, 0)) ?? 0) + 1);
      assert.deepEqual([...binner.counts()!.all], [...counts.values()]);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("counts() tells rows of each cell, and of each label where rows have one", () => {
  const labels = Uint8Array.of(0, 1, 1, 2, 1);
  const values = Float64Array.of(0.5, 0.5, 0.5, -0.5, 0);
  const read = (joint?: { px: Float64Array; pyx: Float64Array }) => {
    const binner = createBinner(kernels, { n: 5, classes: 3, labels, joint });
    binner.setLayer(values, 1);
    binner.read({ kind: "unique-values" });
    return binner.counts();
  };
  assert.deepEqual(read(), {
    all: Float64Array.of(3, 1, 1),
    byLabel: [Float64Array.of(1, 0, 0), Float64Array.of(2, 0, 1), Float64Array.of(0, 1, 0)],
  });
  const pyx = new Float64Array(15).fill(1 / 3);
  assert.deepEqual(read({ px: new Float64Array(5).fill(0.2), pyx }), { all: Float64Array.of(3, 1, 1) });
  assert.equal(read({ px: Float64Array.of(0.4, 0.3, 0.1, 0.1, 0.1), pyx }), undefined);
});

Deno.test("a layer's own range and widths that cannot be numbered are refused", () => {
  const binner = createBinner(kernels, { n: 2, classes: 2, labels: new Uint8Array(2) });
  binner.setLayer(Float64Array.of(-1.7e308, 1.7e308), 1);
  assert.throws(() => binner.read({ kind: "layer-range", count: 3 }), {
    name: "RangeError",
    message:
      "Cannot read a layer through its own range as that must be finite: activations reach from -1.7e+308 to 1.7e+308",
  });
  assert.throws(() => binner.read({ kind: "width", width: 1 }), /there must be fewer than 2\^32/);
  assert.deepEqual(binner.read({ kind: "equal-mass", count: 2 }), {
    htBits: 1,
    hytBits: 0,
    cells: 2,
    alone: 2,
    edges: 1,
  });
});
