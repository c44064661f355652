import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import {
  chaoShenBits,
  entropyBits,
  grassbergerBits,
  jackknifeBits,
  millerMadowBits,
} from "../../../core/numerics/mod.ts";
import { root } from "../../../core/random/mod.ts";

const CORRECTIONS = {
  "miller-madow": millerMadowBits,
  grassberger: grassbergerBits,
  "chao-shen": chaoShenBits,
  jackknife: jackknifeBits,
} as const;
type Name = keyof typeof CORRECTIONS;
const NAMES = Object.keys(CORRECTIONS) as Name[];
const GAMMA = 0.5772156649015329;

// Made by tests/fixtures/entropy/corrections.py with NumPy and SciPy.
const SAMPLES: readonly ({ readonly counts: readonly number[] } & { readonly [name in Name]: number })[] = JSON.parse(
  readFileSync(new URL("../../fixtures/entropy/corrections.json", import.meta.url), "utf8"),
);

const someCounts = fc.array(fc.nat(30), { minLength: 1, maxLength: 20 }).filter((counts) => counts.some((n) => n > 0));

function near(actual: number, expected: number, tolerance = 1e-12) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);
}

for (const name of NAMES) {
  const corrected = CORRECTIONS[name];

  Deno.test(`${name}: the numbers of NumPy and SciPy from the definition`, () => {
    assert.ok(SAMPLES.length >= 7);
    for (const sample of SAMPLES) near(corrected(sample.counts), sample[name], 1e-11);
  });

  Deno.test(`${name}: renaming symbols and adding unused ones changes no bit`, () => {
    fc.assert(fc.property(someCounts, fc.nat(), (counts, by) => {
      const turned = counts.map((_, k) => counts[(k + by) % counts.length]);
      assert.equal(corrected([0, ...turned.reverse(), 0]), corrected(counts));
    }));
  });

  Deno.test(`${name}: 40 draws of 40 equally likely symbols are on average less than half as far off as by the plug-in`, () => {
    const stream = root(7).child("draws");
    let [own, plugIn] = [0, 0];
    for (let sample = 0; sample < 400; sample++) {
      const counts = new Uint32Array(40);
      for (let draw = 0; draw < 40; draw++) counts[stream.integer(40)]++;
      own += corrected(counts) / 400;
      plugIn += entropyBits(counts) / 400;
    }
    const off = (mean: number) => Math.abs(mean - Math.log2(40));
    assert.ok(off(own) < off(plugIn) / 2, `${own} and ${plugIn} for ${Math.log2(40)}`);
  });

  Deno.test(`${name}: comes to the plug-in entropy as counts grow`, () => {
    const counts = [10_000_000, 20_000_000, 30_000_001];
    near(corrected(counts), entropyBits(counts), 1e-7);
  });

  Deno.test(`${name}: refuses a count that is not whole by its place, and a sample of nothing`, () => {
    assert.throws(() => corrected([1, 2.5]), {
      name: "RangeError",
      message: "Cannot compute H(T) as every count must be a whole number >= 0: counts[1] is 2.5",
    });
    for (const odd of [-1, NaN, Infinity]) assert.throws(() => corrected([3, 1, odd]), /counts\[2\]/);
    assert.throws(() => corrected([]), { name: "RangeError", message: /a count must be > 0: none is/ });
    assert.throws(() => corrected([0, 0]), { name: "RangeError", message: /a count must be > 0: none is/ });
  });
}

Deno.test("millerMadowBits() adds (K − 1) / (2n ln 2) for the symbols that occurred", () => {
  near(millerMadowBits([4, 0, 3, 0, 1]) - entropyBits([4, 3, 1]), 2 / (16 * Math.LN2));
  assert.equal(millerMadowBits([9]), 0);
});

Deno.test("grassbergerBits() of one draw each of n symbols is (ln n + γ + ln 2) / ln 2, and G of odd counts that of the even below", () => {
  for (const n of [1, 2, 5, 4096]) {
    near(grassbergerBits(new Uint32Array(n).fill(1)) * Math.LN2, Math.log(2 * n) + GAMMA);
  }
  // With G(3) = G(2) = 2 − γ − ln 2 and G(4) = G(2) + 2/3.
  near(grassbergerBits([3]) * Math.LN2, Math.log(3) + GAMMA + Math.LN2 - 2);
  near(grassbergerBits([4]) * Math.LN2, Math.log(4) + GAMMA + Math.LN2 - 2 - 2 / 3);
});

Deno.test("grassbergerBits() of n throws of a fair coin is on average ln n − ψ(n) nats too high, exactly", () => {
  let harmonic = 0;
  for (let n = 1; n <= 32; n++) {
    let mean = 0;
    let probability = 2 ** -n;
    for (let heads = 0; heads <= n; heads++) {
      mean += probability * grassbergerBits([heads, n - heads]);
      probability *= (n - heads) / (heads + 1);
    }
    near((mean - 1) * Math.LN2, Math.log(n) - (harmonic - GAMMA));
    harmonic += 1 / n;
  }
});

Deno.test("chaoShenBits() of a sample without repetitions takes all but one draw as seen once", () => {
  // C = 1/n, so p = 1/n² for each of n symbols.
  for (const n of [2, 10, 100]) {
    const expected = n * (2 * Math.log2(n) / n ** 2) / (1 - (1 - n ** -2) ** n);
    near(chaoShenBits(new Uint32Array(n).fill(1)), expected, 1e-10);
  }
  assert.equal(chaoShenBits([1]), 0);
  assert.equal(chaoShenBits([7]), 0);
});

Deno.test("jackknifeBits() takes out one draw after another", () => {
  fc.assert(fc.property(someCounts, (counts) => {
    const n = counts.reduce((a, b) => a + b, 0);
    if (n < 2) return;
    const without = counts.reduce((sum, count, k) => {
      return count === 0 ? sum : sum + count / n * entropyBits(counts.map((other, j) => j === k ? other - 1 : other));
    }, 0);
    near(jackknifeBits(counts), n * entropyBits(counts) - (n - 1) * without, 1e-9);
  }));
  assert.equal(jackknifeBits([0, 1]), 0);
});
