import assert from "node:assert/strict";
import fc from "fast-check";
import { orthonormalBasis, partialSpearman, residualRanks, spearman } from "../../../core/numerics/mod.ts";
import reference from "../../fixtures/association/partial_spearman.json" with { type: "json" };

const near = (actual: number, expected: number, within = 1e-12) =>
  assert.ok(Math.abs(actual - expected) < within, `${actual}, not ${expected}`);

Deno.test("partialSpearman() is what SciPy's ranks and NumPy's inverse give, with ties and without", () => {
  for (const { x, y, given, rho } of reference.cases) near(partialSpearman(x, y, given), rho);
});

const lists = fc.integer({ min: 5, max: 12 }).chain((n) =>
  fc.tuple(...[0, 1, 2].map(() => fc.array(fc.integer({ min: 0, max: 99 }), { minLength: n, maxLength: n })))
);

Deno.test("given one list, it is (r_xy − r_xz r_yz) / √((1 − r_xz²)(1 − r_yz²)); given none, Spearman's ρ", () => {
  fc.assert(fc.property(lists, ([x, y, z]) => {
    const [xy, xz, yz] = [spearman(x, y), spearman(x, z), spearman(y, z)];
    fc.pre(![xy, xz, yz].some(Number.isNaN) && Math.abs(xz) < 0.999 && Math.abs(yz) < 0.999);
    near(partialSpearman(x, y, [z]), (xy - xz * yz) / Math.sqrt((1 - xz * xz) * (1 - yz * yz)), 1e-9);
    near(partialSpearman(x, y, []), xy);
  }));
});

Deno.test("residual ranks go with nothing that is given, however often it is given, and what is given leaves nothing", () => {
  fc.assert(fc.property(lists, ([x, y, z]) => {
    const rest = residualRanks(x, [y, z]);
    const again = residualRanks(x, [y, z, y, y.map((value) => 3 * value + 1)]);
    for (const along of orthonormalBasis(x.length, [y, z].map((list) => residualRanks(list, [])))) {
      near(rest.reduce((sum, value, i) => sum + value * along[i], 0), 0, 1e-9);
    }
    rest.forEach((value, i) => near(again[i], value, 1e-9));
    assert.ok(residualRanks(x, [x, y]).every((value) => value === 0));
    assert.ok(Number.isNaN(partialSpearman(x, y, [y])));
  }));
  assert.throws(() => partialSpearman([1, 2], [1, 2], [[1]]), /equally long: they have 2 and 1/);
});
