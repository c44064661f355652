import assert from "node:assert/strict";
import { association, type AssociationArm } from "../../../core/claims/mod.ts";
import { root } from "../../../core/random/mod.ts";
import { associationTwin } from "../../oracles/association_twin.ts";

/** An arm whose y goes with x by `slope`, and with what is given by `shared`, as x does. */
function planted(n: number, slope: number, shared: number, seed: number): AssociationArm {
  const stream = root(seed);
  const list = () => Array.from({ length: n }, () => stream.normal());
  const [g, h, u, v] = [list(), list(), list(), list()];
  const x = u.map((value, i) => value + shared * (g[i] + h[i]));
  return { x, y: u.map((value, i) => slope * value + v[i] + shared * (g[i] + h[i])), given: [g, h] };
}

const close = (actual: number, expected: number, within: number) =>
  assert.ok(Math.abs(actual - expected) < within, `${actual}, not ${expected}`);

Deno.test("association() of one arm and of two agrees with regression by normal equations and all 5040 permutations", () => {
  for (const seed of [1, 2, 3]) {
    for (const arms of [[planted(7, 1, 1, seed)], [planted(7, 1, 1, seed), planted(7, -0.5, 1, 100 + seed)]]) {
      const { rho, interval } = association(arms, root(seed));
      const twin = associationTwin(arms);
      close(rho, twin.rho, 1e-9);
      const ends = interval(0.05)!;
      for (const end of [ends.low, ends.high]) {
        if (Math.abs(end) < 1) close(twin.share(end), 0.05, 0.01);
        else assert.ok(twin.share(end) > 0.04);
      }
      assert.ok(ends.low <= rho && rho <= ends.high);
    }
  }
});

Deno.test("the interval holds 0 in 95 of 100 studies without association, hardly fewer with common causes that are given", () => {
  const studies = 400;
  const held = (shared: number, given: boolean) => {
    let count = 0;
    for (let seed = 0; seed < studies; seed++) {
      const arms = [planted(15, 0, shared, 2 * seed), planted(15, 0, shared, 2 * seed + 1)];
      const asked = given ? arms : arms.map((arm) => ({ ...arm, given: [] }));
      const { low, high } = association(asked, root(seed), 299).interval(0.05)!;
      if (low <= 0 && 0 <= high) count++;
    }
    return count / studies;
  };
  // Three standard deviations of 400 draws at .95 are 3.3 %.
  assert.ok(held(0, true) > 0.917);
  // Ranks are no straight lines of one another: a little of a strong common cause stays.
  assert.ok(held(0.5, true) > 0.9);
  assert.ok(held(1, false) < 0.1);
});

Deno.test("more nets make the interval narrow, about 0 without association and about a strong one", () => {
  const none = association([planted(150, 0, 1, 7), planted(150, 0, 1, 8)], root(1)).interval(0.001)!;
  assert.ok(none.low > -0.3 && none.high < 0.3, JSON.stringify(none));
  const strong = association([planted(40, 3, 1, 7)], root(1)).interval(0.001)!;
  assert.ok(strong.low > 0.5, JSON.stringify(strong));
});

Deno.test("too few replicates have no interval, arms without variation add nothing, arms of other lengths are refused", () => {
  assert.equal(association([planted(6, 1, 0, 1)], root(1)).interval(0.001), undefined);
  assert.notEqual(association([planted(7, 1, 0, 1)], root(1)).interval(0.001), undefined);
  const varied = planted(8, 1, 1, 1);
  const still = { ...planted(8, 1, 1, 2), x: Array.from({ length: 8 }, () => 0) };
  const [one, both] = [association([varied], root(1)), association([varied, still], root(1))];
  assert.deepEqual([both.rho, both.arms, both.interval(0.05)], [one.rho, 1, one.interval(0.05)]);
  assert.ok(Number.isNaN(association([still], root(1)).rho));
  assert.throws(() => association([varied, planted(9, 1, 1, 1)], root(1)), /every arm must have 8 nets/);
});
