import assert from "node:assert/strict";
import { loadKernels } from "../../../core/kernels/mod.ts";
import {
  type CriticBound,
  donskerVaradhanBound,
  infoNceBound,
  jensenShannonBound,
  nwjBound,
  smileBound,
} from "../../../core/numerics/critic_bounds.ts";
import type { RealRows } from "../../../core/numerics/real_rows.ts";
import { root } from "../../../core/random/mod.ts";
import { testContext } from "../../../core/testing.ts";
import {
  criticInformation,
  type CriticOptions,
  separableErrors,
  separableScores,
} from "../../../core/training/critic.ts";

const kernels = await loadKernels();
const stream = root(1);
const ROWS = 5;
const FEATURES = 3;
const g = Float32Array.from({ length: ROWS * FEATURES }, () => stream.normal());
const h = Float32Array.from({ length: ROWS * FEATURES }, () => stream.normal());

const BOUNDS: Record<string, CriticBound> = {
  infoNceBound,
  nwjBound,
  donskerVaradhanBound,
  jensenShannonBound,
  smileBound: smileBound(5),
};

for (const [name, bound] of Object.entries(BOUNDS)) {
  Deno.test(`the errors both nets learn ${name} from are minus its differences by their outputs`, () => {
    const nats = (left: ArrayLike<number>, right: ArrayLike<number>) =>
      bound(separableScores(left, right, ROWS), ROWS, 0).nats;
    const errors = separableErrors(bound(separableScores(g, h, ROWS), ROWS, 0).slopes, g, h, ROWS);
    const moved = (values: Float32Array, at: number, by: number) =>
      Float64Array.from(values, (v, i) => i === at ? v + by : v);
    for (let at = 0; at < g.length; at++) {
      const byG = (nats(moved(g, at, 1e-5), h) - nats(moved(g, at, -1e-5), h)) / 2e-5;
      const byH = (nats(g, moved(h, at, 1e-5)) - nats(g, moved(h, at, -1e-5))) / 2e-5;
      assert.ok(Math.abs(errors.g[at] + byG) < 1e-6, `g ${at}: ${errors.g[at]} for ${byG}`);
      assert.ok(Math.abs(errors.h[at] + byH) < 1e-6, `h ${at}: ${errors.h[at]} for ${byH}`);
    }
  });
}

Deno.test("a score is the scalar product over the root of the features", () => {
  const scores = separableScores(g, h, ROWS);
  for (let i = 0; i < ROWS; i++) {
    for (let j = 0; j < ROWS; j++) {
      let sum = 0;
      for (let f = 0; f < FEATURES; f++) sum += g[i * FEATURES + f] * h[j * FEATURES + f];
      assert.ok(Math.abs(scores[i * ROWS + j] - sum / Math.sqrt(FEATURES)) < 1e-15);
    }
  }
});

const NCE = { objective: infoNceBound, bound: infoNceBound, inBatches: true };
const SMALL: CriticOptions = { widths: [16], features: 4, batch: 32, steps: 60, rate: 0.003 };

function pairs(n: number): [RealRows, RealRows] {
  const draw = root(4);
  const x = Float64Array.from({ length: n }, () => draw.normal());
  return [x, x.map((value) => value + 0.5 * draw.normal())].map((values) => ({ values, n, columns: 1 })) as [
    RealRows,
    RealRows,
  ];
}

Deno.test("the same streams give the same bytes, others another number, and the answer tells what it was read off", async () => {
  const [x, t] = pairs(500);
  const ask = (seed: number) => criticInformation(kernels, x, t, NCE, SMALL, 0, testContext(root(seed)).ctx);
  const [a, b, c] = [await ask(1), await ask(1), await ask(2)];
  assert.deepEqual(a, b);
  assert.notEqual(a.bits, c.bits);
  assert.ok(a.heldOut === 96 && a.steps <= 60 && a.steps % 10 === 0);
});

Deno.test("progress is told every ten steps, and a signal ends the training with its reason", async () => {
  const [x, t] = pairs(500);
  const { ctx } = testContext();
  const told: number[] = [];
  const progress = (done: number) => Promise.resolve(void told.push(done));
  await criticInformation(kernels, x, t, NCE, SMALL, 0, { ...ctx, progress });
  assert.deepEqual(told.slice(0, 6), [1, 2, 3, 4, 5, 6].map((k) => k / 6));
  const stop = new AbortController();
  const asked = criticInformation(kernels, x, t, NCE, SMALL, 0, {
    ...ctx,
    signal: stop.signal,
    progress: () => Promise.resolve(stop.abort(new Error("no longer wanted"))),
  });
  await assert.rejects(asked, /no longer wanted/);
});
