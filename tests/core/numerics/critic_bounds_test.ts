import fc from "fast-check";
import assert from "node:assert/strict";
import {
  type CriticBound,
  donskerVaradhanBound,
  infoNceBound,
  jensenShannonBound,
  nwjBound,
  smileBound,
} from "../../../core/numerics/critic_bounds.ts";
import { meanAndError } from "../../../core/numerics/standard_error.ts";
import { root } from "../../../core/random/mod.ts";

const BOUNDS: Record<string, CriticBound> = {
  infoNceBound,
  nwjBound,
  donskerVaradhanBound,
  jensenShannonBound,
  smileBound: smileBound(1),
};

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected} ± ${tolerance}`);
}

const square = (max: number) =>
  fc.integer({ min: 2, max: 6 }).chain((rows) =>
    fc.record({
      rows: fc.constant(rows),
      scores: fc.array(fc.double({ min: -max, max, noNaN: true }), { minLength: rows * rows, maxLength: rows * rows })
        .map((values) => Float64Array.from(values)),
      alike: fc.constantFrom(0, 0.1, 1 / rows),
    })
  );

type Weights = readonly number[];

/** The definitions, one sum at a time, of rows that weigh w: 1 / K each unless moved. */
const TWINS: Record<string, (s: Float64Array, K: number, alike: number, w: Weights) => number> = {
  infoNceBound: (s, K, _, w) => mean(w, (i) => s[i * K + i] - Math.log(mean(w, (j) => Math.exp(s[i * K + j])))),
  nwjBound: (s, K, alike, w) => mean(w, (i) => s[i * K + i]) + 1 - product(s, K, alike, w, Math.exp),
  donskerVaradhanBound: (s, K, alike, w) => mean(w, (i) => s[i * K + i]) - Math.log(product(s, K, alike, w, Math.exp)),
  jensenShannonBound: (s, K, alike, w) =>
    mean(w, (i) => -Math.log(1 + Math.exp(-s[i * K + i]))) -
    product(s, K, alike, w, (score) => Math.log(1 + Math.exp(score))),
  smileBound: (s, K, alike, w) =>
    mean(w, (i) => s[i * K + i]) -
    Math.log(product(s, K, alike, w, (score) => Math.min(Math.E, Math.max(1 / Math.E, Math.exp(score))))),
};

function mean(weights: Weights, term: (i: number) => number): number {
  return weights.reduce((sum, w, i) => sum + w * term(i), 0);
}

function product(s: Float64Array, K: number, alike: number, w: Weights, of: (score: number) => number): number {
  const off = mean(w, (i) => mean(w, (j) => i === j ? 0 : of(s[i * K + j]))) * K / (K - 1);
  return alike * mean(w, (i) => of(s[i * K + i])) + (1 - alike) * off;
}

const alikeWeights = (K: number) => new Array<number>(K).fill(1 / K);

for (const [name, bound] of Object.entries(BOUNDS)) {
  Deno.test(`${name}() is its definition, and its slopes are its differences`, () => {
    fc.assert(
      fc.property(square(4), ({ rows, scores, alike }) => {
        const { nats, slopes } = bound(scores, rows, alike);
        near(nats, TWINS[name](scores, rows, alike, alikeWeights(rows)), 1e-12 * Math.max(1, Math.abs(nats)));
        for (let at = 0; at < scores.length; at++) {
          // At a clip the derivative jumps.
          if (name === "smileBound" && Math.abs(Math.abs(scores[at]) - 1) < 1e-4) continue;
          const moved = (by: number) => bound(scores.map((s, i) => i === at ? s + by : s), rows, alike).nats;
          near(slopes[at], (moved(1e-5) - moved(-1e-5)) / 2e-5, 1e-7 * Math.max(1, Math.abs(nats)));
        }
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  Deno.test(`${name}(): influence is the derivative by what a row weighs, up to a constant`, () => {
    fc.assert(
      fc.property(square(3), ({ rows, scores, alike }) => {
        const { influence } = bound(scores, rows, alike);
        const byWeight = Array.from(influence, (_, k) => {
          const moved = (by: number) =>
            TWINS[name](scores, rows, alike, alikeWeights(rows).map((w, i) => i === k ? w + by : w));
          return (moved(1e-6) - moved(-1e-6)) / 2e-6;
        });
        const scale = Math.max(1, ...byWeight.map(Math.abs));
        for (let k = 1; k < rows; k++) near(influence[k] - influence[0], byWeight[k] - byWeight[0], 1e-7 * scale);
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  Deno.test(`${name}(): influence tells the spread over samples of rows`, () => {
    const [values, errors] = [new Float64Array(150), []] as [Float64Array, number[]];
    for (let k = 0; k < values.length; k++) {
      const { scores } = binormal(0.6, 100, root(1).child(k));
      const { nats, influence } = bound(scores, 100, 0);
      values[k] = nats;
      errors.push(meanAndError(influence).standardError);
    }
    const spread = meanAndError(values).standardError * Math.sqrt(values.length);
    near(errors.reduce((a, b) => a + b) / errors.length / spread, 1, 0.25);
  });
}

/** Scores of the best critic, ln p(x,t) / p(x)p(t), of pairs that correlate by rho. */
function binormal(rho: number, rows: number, stream: ReturnType<typeof root>): { scores: Float64Array; nats: number } {
  const x = Array.from({ length: rows }, () => stream.normal());
  const t = x.map((value) => rho * value + Math.sqrt(1 - rho * rho) * stream.normal());
  const nats = -0.5 * Math.log(1 - rho * rho);
  const scores = Float64Array.from({ length: rows * rows }, (_, at) => {
    const [a, b] = [x[Math.floor(at / rows)], t[at % rows]];
    return nats + (rho * a * b - rho * rho * (a * a + b * b) / 2) / (1 - rho * rho);
  });
  return { scores, nats };
}

Deno.test("under the best critic NWJ finds .413339 nats in the mean, InfoNCE no more, and no bound passes it by 3 standard errors", () => {
  const found = (bound: CriticBound) =>
    meanAndError(
      Float64Array.from({ length: 200 }, (_, k) => bound(binormal(0.75, 64, root(2).child(k)).scores, 64, 0).nats),
    );
  const nwj = found(nwjBound);
  near(nwj.mean, 0.413339, 3 * nwj.standardError);
  const nce = found(infoNceBound);
  assert.ok(nce.mean < 0.413339 + 3 * nce.standardError && nce.mean > 0.35, `${nce.mean}`);
});

Deno.test("InfoNCE ignores what is added to a row and never passes the logarithm of the rows", () => {
  fc.assert(
    fc.property(square(300), ({ rows, scores }) => {
      const { nats } = infoNceBound(scores, rows);
      assert.ok(nats <= Math.log(rows) + 1e-12);
      near(infoNceBound(scores.map((s, at) => s + Math.floor(at / rows) * 7), rows).nats, nats, 1e-10);
    }),
    { seed: 1 },
  );
});

Deno.test("NWJ is below Donsker–Varadhan, which ignores a constant and which SMILE is where nothing is clipped", () => {
  fc.assert(
    fc.property(square(20), ({ rows, scores, alike }) => {
      const { nats } = donskerVaradhanBound(scores, rows, alike);
      assert.ok(nwjBound(scores, rows, alike).nats <= nats + 1e-9 * Math.max(1, Math.abs(nats)));
      near(donskerVaradhanBound(scores.map((s) => s + 3), rows, alike).nats, nats, 1e-10);
      near(smileBound(21)(scores, rows, alike).nats, nats, 1e-10);
    }),
    { seed: 1 },
  );
});

Deno.test("where the rows are the population, NWJ and Donsker–Varadhan never pass its entropy; taken for a sample they do", () => {
  fc.assert(
    fc.property(square(30), ({ rows, scores }) => {
      for (const bound of [nwjBound, donskerVaradhanBound]) {
        assert.ok(bound(scores, rows, 1 / rows).nats <= Math.log(rows) + 1e-9);
      }
    }),
    { seed: 1 },
  );
  const sure = Float64Array.from({ length: 16 }, (_, at) => at % 5 === 0 ? 9 : -9);
  near(donskerVaradhanBound(sure, 4, 1 / 4).nats, Math.log(4), 1e-7);
  near(donskerVaradhanBound(sure, 4, 0).nats, 18, 1e-12);
});
