import assert from "node:assert/strict";
import fc from "fast-check";
import { kendall, leastSquaresLine, pearson, ranks, spearman } from "../../../core/numerics/mod.ts";

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual}, not ${expected}`);

// scipy 1.x: spearmanr, kendalltau (tau-b), pearsonr and linregress of these two lists, one tie in each.
const X = [2, 7, 1, 8, 2, 9];
const Y = [3, 1, 4, 5, 9, 4];

Deno.test("correlations of two short lists with ties are those that SciPy gives", () => {
  near(pearson(X, Y), -0.31127487441981694);
  near(spearman(X, Y), 0.0);
  near(kendall(X, Y), -0.07142857142857144);
  const { slope, intercept } = leastSquaresLine(X, Y);
  near(slope, -0.23342175066313);
  near(intercept, 5.461538461538462);
});

Deno.test("without ties Spearman's ρ is 1 − 6 Σd²/(n³ − n)", () => {
  const lists = fc.integer({ min: 2, max: 12 }).chain((n) => {
    const order = fc.shuffledSubarray(Array.from({ length: n }, (_, i) => i), { minLength: n });
    return fc.tuple(order, order);
  });
  fc.assert(fc.property(lists, ([x, y]) => {
    const n = x.length;
    const squares = x.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0);
    near(spearman(x, y), 1 - 6 * squares / (n ** 3 - n));
  }));
});

Deno.test("rank correlations do not change under increasing maps and change sign under decreasing ones", () => {
  const list = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), {
    minLength: 3,
    maxLength: 12,
  });
  fc.assert(fc.property(list, (pairs) => {
    const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
    for (const correlation of [spearman, kendall]) {
      const plain = correlation(x, y);
      const grown = correlation(x.map((value) => value ** 3), y);
      const turned = correlation(x.map((value) => -value), y);
      if (Number.isNaN(plain)) assert.ok(Number.isNaN(grown));
      else {
        near(grown, plain);
        near(turned, -plain);
      }
    }
  }));
});

Deno.test("a list that does not vary has no correlation and no slope; lists of other lengths are refused", () => {
  for (const correlation of [pearson, spearman, kendall]) assert.ok(Number.isNaN(correlation([1, 1, 1], [1, 2, 3])));
  assert.ok(Number.isNaN(leastSquaresLine([2, 2], [0, 1]).slope));
  // Six means of 3.5/6 do not add up to 3.5.
  for (const correlation of [pearson, spearman]) {
    assert.ok(Number.isNaN(correlation([3.5, 3.5, 3.5, 3.5, 3.5, 3.5], [1, 2, 3, 4, 5, 6])));
  }
  assert.deepEqual([...ranks([])], []);
  assert.throws(() => kendall([1], [1, 2]), /they have 1 and 2/);
  assert.throws(() => pearson([], []), /they are empty/);
});
