import assert from "node:assert/strict";
import fc from "fast-check";
import { root, shuffle } from "../../../core/random/mod.ts";
import { xoshiro128 } from "../../../core/random/xoshiro.ts";

Deno.test("xoshiro128() gives the first outputs of the reference algorithm from state 1, 2, 3, 4", () => {
  // Computed with the authors' algorithm in 32-bit integer arithmetic: tests/fixtures/xoshiro128.py.
  const state = Uint32Array.of(1, 2, 3, 4);
  assert.deepEqual(Array.from({ length: 6 }, () => xoshiro128(state)), XOSHIRO_1234);
});

Deno.test("root() gives pinned first draws, so that no refactoring moves a study", () => {
  const weights = root(2018).child("replicate", 0).child("weights");
  assert.deepEqual([weights.bits(), weights.bits(), weights.bits()], PINNED.bits);
  assert.equal(root(2018).child("replicate", 0, "labels").uniform(), PINNED.uniform);
  assert.equal(root(2018).child("replicate", 0, "noise").normal(), PINNED.normal);
  assert.deepEqual([...shuffle(Uint32Array.of(0, 1, 2, 3, 4, 5, 6, 7), root(1).child("batches"))], PINNED.shuffle);
});

Deno.test("a stream is known by its path, not by when it was made or what was drawn elsewhere", () => {
  const first = root(7).child("a", 1).bits();
  const parent = root(7);
  parent.bits();
  parent.child("b").normal();
  assert.equal(parent.child("a").child(1).bits(), first);
  assert.notEqual(root(7).child("a", "1").bits(), first);
  assert.notEqual(root(8).child("a", 1).bits(), first);
});

Deno.test("integer() is uniform: chi-square of 60,000 draws on 6 sides is below its 99.9 % quantile", () => {
  const die = root(1).child("die");
  const counts = new Float64Array(6);
  for (let i = 0; i < 60_000; i++) counts[die.integer(6)]++;
  const chi2 = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
  assert.ok(chi2 < 20.515, `chi-square is ${chi2}`);
});

Deno.test("normal() has mean 0, variance 1 and kurtosis 3 within five standard errors", () => {
  const stream = root(2).child("normal");
  const n = 200_000;
  const moments = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const z = stream.normal();
    moments[0] += z / n;
    moments[1] += z * z / n;
    moments[2] += z ** 4 / n;
  }
  assert.ok(Math.abs(moments[0]) < 5 / Math.sqrt(n));
  assert.ok(Math.abs(moments[1] - 1) < 5 * Math.sqrt(2 / n));
  assert.ok(Math.abs(moments[2] - 3) < 5 * Math.sqrt(96 / n));
});

Deno.test("shuffle() keeps every element", () => {
  fc.assert(fc.property(fc.array(fc.nat()), fc.integer(), (values, seed) => {
    const sorted = (list: readonly number[]) => [...list].sort((a, b) => a - b);
    assert.deepEqual(sorted(shuffle([...values], root(seed))), sorted(values));
  }));
});

Deno.test("shuffle() gives each of the 24 orders of four elements its share", () => {
  const stream = root(3).child("orders");
  const counts = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    const order = shuffle(Uint32Array.of(0, 1, 2, 3), stream).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 24);
  const chi2 = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  assert.ok(chi2 < 49.728, `chi-square with 23 degrees of freedom is ${chi2}`);
});

Deno.test("root() and integer() refuse what is no integer in range", () => {
  assert.throws(() => root(0.5), /seed must be an integer/);
  assert.throws(() => root(1).integer(0), /bound must be in \[1, 2\^32\]/);
  assert.throws(() => root(1).child(0.5).bits(), /numbers must be integers/);
});

const XOSHIRO_1234 = [11520, 0, 5927040, 70819200, 2031721883, 1637235492];
const PINNED = {
  "bits": [2904759209, 2908248113, 2428221685],
  "uniform": 0.045431539546071154,
  "normal": 1.2259912208028785,
  "shuffle": [1, 3, 6, 5, 4, 0, 2, 7],
};
