import fc from "fast-check";
import assert from "node:assert/strict";
import { fitGrowth, growthAt, type GrowthLaw, type GrowthPoint, logDensity } from "../../../core/claims/growth_laws.ts";
import { root } from "../../../core/testing.ts";

const LAWS: readonly GrowthLaw[] = ["exponential", "power", "linear"];
const TIMES: { readonly [law in GrowthLaw]: (x: number) => number } = {
  exponential: (x) => 3 * Math.exp(0.7 * x),
  power: (x) => 5 * x ** 1.8,
  linear: (x) => 4 * (1 + 0.6 * x),
};

function planted(law: GrowthLaw, n: number, sigma: number, latest = Infinity, seed = 1): GrowthPoint[] {
  const stream = root(seed).child(law);
  return Array.from({ length: n }, () => {
    const amount = 0.5 + 6 * stream.uniform();
    const time = TIMES[law](amount) * Math.exp(sigma * stream.normal());
    return { amount, time: Math.min(time, latest), censored: time > latest };
  });
}

Deno.test("each law finds itself: its curve goes through points that follow it", () => {
  for (const law of LAWS) {
    const points = planted(law, 30, 0);
    const fit = fitGrowth(law, points)!;
    for (const { amount, time } of points) {
      assert.ok(Math.abs(growthAt(fit, amount) - Math.log(time)) < (law === "linear" ? 0.03 : 1e-9), law);
    }
  }
});

Deno.test("of many scattered points the law they follow is the most likely, and by its parameters", () => {
  for (const law of LAWS) {
    const points = planted(law, 2000, 0.2);
    const fits = LAWS.map((law) => fitGrowth(law, points)!);
    const likelihoods = fits.map((fit) => points.reduce((sum, point) => sum + logDensity(fit, point), 0));
    assert.equal(LAWS[likelihoods.indexOf(Math.max(...likelihoods))], law);
    const { slope, sigma } = fits[LAWS.indexOf(law)];
    assert.ok(Math.abs(sigma - 0.2) < 0.01);
    if (law !== "linear") assert.ok(Math.abs(slope - { exponential: 0.7, power: 1.8 }[law]) < 0.03);
  }
});

Deno.test("censored times do not bend the law: fitted as if they were known they would", () => {
  for (const law of ["exponential", "power"] as const) {
    const points = planted(law, 2000, 0.4, TIMES[law](4));
    assert.ok(points.filter(({ censored }) => censored).length > 500);
    const truth = { exponential: 0.7, power: 1.8 }[law];
    assert.ok(Math.abs(fitGrowth(law, points)!.slope - truth) < 0.05);
    const taken = points.map((point) => ({ ...point, censored: false }));
    assert.ok(Math.abs(fitGrowth(law, taken)!.slope - truth) > 0.15);
  }
});

Deno.test("with censored times no line near the one found is more likely", () => {
  for (let seed = 0; seed < 10; seed++) {
    const points = planted("exponential", 60, 0.5, 40, seed);
    const fit = fitGrowth("exponential", points)!;
    // The deviation is the unbiased one: the mean line is compared at it.
    const likelihood = (start: number, slope: number) =>
      points.reduce((sum, point) => sum + logDensity({ ...fit, start, slope }, point), 0);
    const own = likelihood(fit.start, fit.slope);
    for (const [a, b] of [[0.05, 0], [-0.05, 0], [0, 0.02], [0, -0.02], [0.05, -0.02], [-0.05, 0.02]]) {
      assert.ok(likelihood(fit.start + a, fit.slope + b) < own + 1e-6);
    }
  }
});

Deno.test("the density of a time integrates to one, and what is censored has the rest of it", () => {
  for (const law of LAWS) {
    const fit = fitGrowth(law, planted(law, 30, 0.3))!;
    const step = 1e-3;
    let below = 0;
    for (let y = -6; y < 12; y += step) {
      if (y >= 3) continue;
      below += Math.exp(logDensity(fit, { amount: 2, time: Math.exp(y), censored: false }) + y) * step;
    }
    const above = Math.exp(logDensity(fit, { amount: 2, time: Math.exp(3), censored: true }));
    assert.ok(Math.abs(below + above - 1) < 2e-3, `${law}: ${below} + ${above}`);
  }
});

Deno.test("a change of the unit of time or of the amount changes no law but its parameters", () => {
  fc.assert(fc.property(fc.constantFrom(...LAWS), fc.integer({ min: -3, max: 3 }), fc.nat(99), (law, power, seed) => {
    const points = planted("power", 12, 0.5, 100, seed);
    const scale = 2 ** power;
    const longer = points.map((point) => ({ ...point, time: scale * point.time }));
    const larger = points.map((point) => ({ ...point, amount: scale * point.amount }));
    const [fit, slow, wide] = [points, longer, larger].map((given) => fitGrowth(law, given)!);
    for (const { amount } of points) {
      assert.ok(Math.abs(growthAt(slow, amount) - growthAt(fit, amount) - Math.log(scale)) < 1e-6);
      assert.ok(Math.abs(growthAt(wide, scale * amount) - growthAt(fit, amount)) < 1e-6);
    }
  }));
});

Deno.test("too few points, or amounts that do not vary, fit no law", () => {
  const points = planted("power", 4, 0.1);
  assert.equal(fitGrowth("linear", points.slice(1)), undefined);
  assert.equal(fitGrowth("power", points.map((point) => ({ ...point, amount: 1 }))), undefined);
});

Deno.test("a time or an amount of which there is no logarithm is refused by its place", () => {
  const points = planted("power", 6, 0.1);
  const spoilt = (change: { time?: number; amount?: number }) =>
    points.map((one, i) => i === 2 ? { ...one, ...change } : one);
  for (const change of [{ time: 0 }, { time: NaN }, { amount: 0 }, { amount: Infinity }]) {
    assert.throws(() => fitGrowth("power", spoilt(change)), /must be > 0 and finite: point 2 is \(/);
  }
});
