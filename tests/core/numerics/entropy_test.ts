import assert from "node:assert/strict";
import fc from "fast-check";
import {
  entropyBits,
  entropyOfProbabilities,
  jointFacts,
  log2,
  mutualInformationBits,
} from "../../../core/numerics/mod.ts";

const TOLERANCE = 1e-12;

const someCounts = fc.array(fc.nat(1000), { minLength: 1, maxLength: 30 }).filter((counts) =>
  counts.some((n) => n > 0)
);

/** p(x,y) as rows. */
const someJoint = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })).chain(([rows, columns]) =>
  fc.array(fc.array(fc.nat(50), { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows })
).filter((weights) => weights.flat().some((weight) => weight > 0)).map((weights) => {
  const total = sum(weights.flat());
  return weights.map((row) => row.map((weight) => weight / total));
});

const informationOf = (joint: readonly (readonly number[])[]) => mutualInformationBits(joint.flat(), joint[0].length);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const rowSums = (joint: readonly (readonly number[])[]) => joint.map(sum);
const transposed = (joint: readonly (readonly number[])[]) => joint[0].map((_, y) => joint.map((row) => row[y]));
const h = (p: number) => -p * Math.log2(p) - (1 - p) * Math.log2(1 - p);

function near(actual: number, expected: number, tolerance = TOLERANCE) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);
}

function normalised(weights: readonly number[]): number[] {
  return weights.map((weight) => weight / sum(weights));
}

Deno.test("entropyBits() of one symbol is 0, of counts 1 and 3 two bits less ¾ log₂ 3", () => {
  assert.equal(entropyBits([7]), 0);
  near(entropyBits([1, 3]), 2 - 0.75 * Math.log2(3));
});

Deno.test("entropyBits() of K equal counts is log₂ K to the bit", () => {
  for (let K = 1; K <= 100; K++) {
    for (const count of [1, 3, 7]) assert.equal(entropyBits(new Uint32Array(K).fill(count)), log2(K));
  }
  assert.equal(entropyBits(new Uint32Array(4096).fill(1)), 12);
});

Deno.test("entropyBits() lies between 0 and log₂ of the occupied symbols", () => {
  fc.assert(fc.property(someCounts, (counts) => {
    const entropy = entropyBits(counts);
    assert.ok(entropy >= 0);
    assert.ok(entropy <= Math.log2(counts.filter((n) => n > 0).length) + TOLERANCE);
  }));
});

Deno.test("entropyBits() does not change by a bit when symbols are renamed or unused ones join the codebook", () => {
  fc.assert(fc.property(someCounts, fc.infiniteStream(fc.nat()), fc.nat(5), (counts, keys, unused) => {
    const renamed = [...counts, ...new Array<number>(unused).fill(0)]
      .map((count) => ({ count, key: keys.next().value }))
      .sort((a, b) => a.key - b.key)
      .map(({ count }) => count);
    assert.equal(entropyBits(renamed), entropyBits(counts));
  }));
});

Deno.test("entropyBits() is that of the groups plus the mean of that within them", () => {
  fc.assert(fc.property(fc.array(someCounts, { minLength: 1, maxLength: 6 }), (groups) => {
    const sizes = groups.map(sum);
    const within = sum(groups.map((group, g) => sizes[g] / sum(sizes) * entropyBits(group)));
    near(entropyBits(groups.flat()), entropyBits(sizes) + within);
  }));
});

Deno.test("entropyBits() leaves its argument as it was", () => {
  const counts = [3, 1, 2];
  entropyBits(counts);
  assert.deepEqual(counts, [3, 1, 2]);
});

Deno.test("entropyBits() of n flips of a fair coin is on average 1/(2n ln 2) bits too low, less 1/(4n² ln 2) more", () => {
  for (const n of [50, 100, 200]) {
    let probability = 2 ** -n;
    let mean = 0;
    for (let heads = 0; heads <= n; heads++) {
      mean += probability * entropyBits([heads, n - heads]);
      probability *= (n - heads) / (heads + 1);
    }
    near((1 - mean) * Math.LN2, 1 / (2 * n) + 1 / (4 * n * n), n ** -3);
  }
});

Deno.test("entropyBits() refuses counts that are negative or not finite by their place, and a sample of nothing", () => {
  assert.throws(() => entropyBits([1, 5, 0, -2]), {
    name: "RangeError",
    message: "Cannot compute H(T) as every count must be >= 0: counts[3] is -2",
  });
  assert.throws(() => entropyBits([NaN, 1]), { name: "RangeError", message: /counts\[0\] is NaN/ });
  assert.throws(() => entropyBits(Float64Array.of(1, Infinity)), { name: "RangeError", message: /counts\[1\]/ });
  assert.throws(() => entropyBits([]), { name: "RangeError", message: /a count must be > 0: none is/ });
  assert.throws(() => entropyBits([0, 0]), { name: "RangeError", message: /a count must be > 0: none is/ });
});

Deno.test("entropyOfProbabilities() of ½, ¼, ⅛, ⅛ is 1.75 bits", () => {
  assert.equal(entropyOfProbabilities([1 / 2, 1 / 4, 1 / 8, 1 / 8]), 1.75);
  assert.equal(entropyOfProbabilities([0, 1, 0]), 0);
});

Deno.test("entropyOfProbabilities() of relative frequencies is the entropy of the counts", () => {
  fc.assert(fc.property(someCounts, (counts) => {
    near(entropyOfProbabilities(normalised(counts)), entropyBits(counts));
  }));
});

Deno.test("entropyOfProbabilities() rises when two probabilities move towards each other", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 8 });
  fc.assert(fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), (given, mix) => {
    const [first, second, ...rest] = normalised(given);
    const mixed = [first + mix / 2 * (second - first), second + mix / 2 * (first - second), ...rest];
    assert.ok(entropyOfProbabilities(mixed) >= entropyOfProbabilities([first, second, ...rest]) - TOLERANCE);
  }));
});

Deno.test("entropyOfProbabilities() refuses what is negative, NaN or does not sum to 1 within 1e-9", () => {
  assert.throws(() => entropyOfProbabilities([1.5, -0.5]), {
    name: "RangeError",
    message: "Cannot compute an entropy as probabilities must be >= 0: probabilities[1] is -0.5",
  });
  assert.throws(() => entropyOfProbabilities([1, NaN]), { name: "RangeError", message: /probabilities\[1\] is NaN/ });
  assert.throws(() => entropyOfProbabilities([0.5, 0.25]), { name: "RangeError", message: /sums to 0.75/ });
  assert.throws(() => entropyOfProbabilities([]), { name: "RangeError", message: /sums to 0/ });
  for (const off of [-2e-9, 2e-9]) assert.throws(() => entropyOfProbabilities([0.5, 0.5 + off]), RangeError);
  for (const off of [-5e-10, 5e-10]) near(entropyOfProbabilities([0.5, 0.5 + off]), 1, 1e-9);
});

Deno.test("mutualInformationBits() of a symmetric channel with errors δ and a fair input is 1 − h(δ)", () => {
  for (const delta of [0.01, 0.1, 0.3]) {
    near(mutualInformationBits([(1 - delta) / 2, delta / 2, delta / 2, (1 - delta) / 2], 2), 1 - h(delta));
  }
});

Deno.test("mutualInformationBits() of an erasure channel with erasures e and a fair input is 1 − e", () => {
  for (const e of [0, 0.25, 0.9, 1]) {
    near(mutualInformationBits([(1 - e) / 2, e / 2, 0, 0, e / 2, (1 - e) / 2], 3), 1 - e);
  }
});

Deno.test("mutualInformationBits() of a copy is the entropy of what is copied", () => {
  fc.assert(fc.property(someCounts, (counts) => {
    const p = normalised(counts);
    near(informationOf(p.map((mass, x) => p.map((_, y) => x === y ? mass : 0))), entropyOfProbabilities(p));
  }));
});

Deno.test("mutualInformationBits() of independent x and y is 0", () => {
  fc.assert(fc.property(someCounts, someCounts, (one, other) => {
    near(informationOf(normalised(one).map((px) => normalised(other).map((py) => px * py))), 0);
  }));
});

Deno.test("mutualInformationBits() is H(X) + H(Y) − H(X,Y)", () => {
  fc.assert(fc.property(someJoint, (joint) => {
    const [hx, hy, hxy] = [rowSums(joint), rowSums(transposed(joint)), joint.flat()].map(entropyOfProbabilities);
    near(informationOf(joint), hx + hy - hxy);
  }));
});

Deno.test("mutualInformationBits() is symmetric in x and y", () => {
  fc.assert(fc.property(someJoint, (joint) => near(informationOf(joint), informationOf(transposed(joint)))));
});

Deno.test("mutualInformationBits() does not change when the rows are permuted", () => {
  fc.assert(fc.property(someJoint, fc.nat(), (joint, by) => {
    const turned = joint.map((_, x) => joint[(x + by) % joint.length]).reverse();
    near(informationOf(turned), informationOf(joint));
  }));
});

Deno.test("mutualInformationBits() lies between 0 and the lesser of H(X) and H(Y)", () => {
  fc.assert(fc.property(someJoint, (joint) => {
    const information = informationOf(joint);
    assert.ok(information >= -TOLERANCE);
    for (const margin of [rowSums(joint), rowSums(transposed(joint))]) {
      assert.ok(information <= entropyOfProbabilities(margin) + TOLERANCE);
    }
  }));
});

Deno.test("mutualInformationBits() does not rise when columns are merged", () => {
  fc.assert(fc.property(someJoint, fc.infiniteStream(fc.nat(2)), (joint, draws) => {
    const target = joint[0].map(() => draws.next().value);
    const merged = joint.map((row) => [0, 1, 2].map((t) => sum(row.filter((_, y) => target[y] === t))));
    assert.ok(informationOf(merged) <= informationOf(joint) + TOLERANCE);
  }));
});

Deno.test("mutualInformationBits() does not rise when y goes through a noisy channel", () => {
  const channel = fc.array(
    someCounts.map((counts) => normalised([...counts, 1, 1, 1].slice(0, 3))).filter((row) =>
      row.every(Number.isFinite)
    ),
    { minLength: 6, maxLength: 6 },
  );
  fc.assert(fc.property(someJoint, channel, (joint, ptGivenY) => {
    const passed = joint.map((row) => [0, 1, 2].map((t) => sum(row.map((p, y) => p * ptGivenY[y][t]))));
    assert.ok(informationOf(passed) <= informationOf(joint) + TOLERANCE);
  }));
});

Deno.test("mutualInformationBits() does not change when a row is split into two of the same p(y|x)", () => {
  fc.assert(fc.property(someJoint, fc.double({ min: 0, max: 1, noNaN: true }), ([first, ...rest], share) => {
    const split = [first.map((p) => share * p), first.map((p) => (1 - share) * p), ...rest];
    near(informationOf(split), informationOf([first, ...rest]));
  }));
});

Deno.test("mutualInformationBits() refuses ragged rows, negative and NaN probabilities and a sum other than 1", () => {
  assert.throws(() => mutualInformationBits([0.2, 0.2, 0.2, 0.2, 0.2], 2), {
    name: "TypeError",
    message: "Cannot compute I(X;Y) as p(x,y) must fill rows of 2: it holds 5 values",
  });
  assert.throws(() => mutualInformationBits([0.25, 0.5, 0.25], 1.5), TypeError);
  for (const columns of [0, -2, NaN]) assert.throws(() => mutualInformationBits([0.5, 0.5], columns), TypeError);
  assert.throws(() => mutualInformationBits([], 2), TypeError);
  assert.throws(() => mutualInformationBits([0.5, 0.75, -0.25, 0], 2), {
    name: "RangeError",
    message: /joint\[2\] is -0.25/,
  });
  assert.throws(() => mutualInformationBits([1, NaN], 2), { name: "RangeError", message: /joint\[1\] is NaN/ });
  assert.throws(() => mutualInformationBits([0.5, 0.4], 2), { name: "RangeError", message: /sums to 0.9/ });
});

Deno.test("jointFacts() agrees with sums over divergences, and with I of the joint as one table", () => {
  const rows = someJoint.filter((joint) => joint.every((row) => sum(row) > 0));
  fc.assert(fc.property(rows, (joint) => {
    const px = rowSums(joint);
    const pyx = joint.map(normalised);
    const py = pyx[0].map((_, y) => sum(px.map((p, x) => p * pyx[x][y])));
    const twin = {
      hx: sum(px.map((p) => -p * Math.log2(p))),
      hy: sum(py.map((p) => p === 0 ? 0 : -p * Math.log2(p))),
      ixy: sum(px.map((p, x) => p * sum(pyx[x].map((q, y) => q === 0 ? 0 : q * Math.log2(q / py[y]))))),
      bayes: sum(joint.map((row) => Math.max(...row))),
    };
    const facts = jointFacts({ px: Float64Array.from(px), pyx: Float64Array.from(pyx.flat()) });
    near(facts.hxBits, twin.hx);
    near(facts.hyBits, twin.hy);
    near(facts.ixyBits, twin.ixy);
    near(facts.bayesAccuracy, twin.bayes);
    assert.equal(facts.py.length, py.length);
    py.forEach((p, y) => near(facts.py[y], p));
    near(facts.ixyBits, informationOf(joint));
  }));
});

Deno.test("jointFacts() of labels that are sure has I(X;Y) = H(Y) and a classifier that is always right", () => {
  const facts = jointFacts({ px: Float64Array.of(0.5, 0.25, 0.25), pyx: Float64Array.of(1, 0, 0, 1, 0, 1) });
  assert.deepEqual(facts, { hxBits: 1.5, hyBits: 1, ixyBits: 1, py: Float64Array.of(0.5, 0.5), bayesAccuracy: 1 });
});

Deno.test("jointFacts() lets a pattern that never comes say nothing", () => {
  const facts = jointFacts({ px: Float64Array.of(0.5, 0.5, 0), pyx: Float64Array.of(1, 0, 0, 1, 0.5, 0.5) });
  assert.deepEqual(facts, { hxBits: 1, hyBits: 1, ixyBits: 1, py: Float64Array.of(0.5, 0.5), bayesAccuracy: 1 });
});

Deno.test("jointFacts() refuses rows that do not fit p(x) or are no distribution", () => {
  const facts = (px: number[], pyx: number[]) => () =>
    jointFacts({ px: Float64Array.from(px), pyx: Float64Array.from(pyx) });
  assert.throws(facts([0.5, 0.5], [1, 0, 1]), {
    name: "TypeError",
    message: "Cannot read p(y|x) as it must have 2 rows: it holds 3 values",
  });
  assert.throws(facts([], []), TypeError);
  assert.throws(facts([1], []), TypeError);
  assert.throws(facts([0.5, 0.4], [1, 0, 0, 1]), { name: "RangeError", message: /sums to 0.9/ });
  assert.throws(facts([0.5, 0.5], [1, 0, 0.5, 0.4]), { name: "RangeError", message: /H\(Y\|x = 1\).*sums to 0.9/ });
  assert.throws(facts([0.5, 0.5], [1, 0, 1.5, -0.5]), { name: "RangeError", message: /H\(Y\|x = 1\).*is -0.5/ });
  assert.throws(facts([0.5, 0.5], [NaN, 1, 0, 1]), { name: "RangeError", message: /H\(Y\|x = 0\).*is NaN/ });
});
