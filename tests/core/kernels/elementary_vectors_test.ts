import assert from "node:assert/strict";
import { type KernelExports, loadKernels } from "../../../core/kernels/mod.ts";
import { exp, logistic, softplus, tanh } from "../../../core/numerics/elementary.ts";

const CHUNK = 1 << 16;
const float = new Float32Array(1);
const pattern = new Uint32Array(float.buffer);

function bitsOf(x: number): number {
  float[0] = x;
  return pattern[0];
}

/** Spacing of f32 above |y|, subnormals included; below 1 for |y| = 1, since no result lies above. */
function ulp(y: number, bounded: boolean): number {
  float[0] = Math.abs(y);
  if (bounded && float[0] >= 1) return 2 ** -24;
  const below = float[0];
  pattern[0]++;
  return float[0] - below;
}

type VectorName = "tanhArray" | "expArray" | "logisticArray" | "softplusArray";

/** A function of one f32 pattern run over blocks of consecutive patterns; `visit` gets arguments and results. */
async function walker(name: VectorName): Promise<
  (from: number, to: number, visit: (x: Float32Array, y: Float32Array) => void, blocksApart?: number) => void
> {
  const { exports, reserve } = (await loadKernels()).instantiate();
  const pointer = reserve(4 * CHUNK);
  const y = new Float32Array(exports.memory.buffer, pointer, CHUNK);
  const patterns = new Uint32Array(CHUNK);
  const x = new Float32Array(patterns.buffer);
  const map: KernelExports[VectorName] = exports[name];
  return (from, to, visit, blocksApart = 1) => {
    // Blocks overlap by one, so that their seams are compared too.
    for (let start = from; start < to; start += blocksApart * (CHUNK - 1)) {
      for (let i = 0; i < CHUNK; i++) patterns[i] = start + i;
      y.set(x);
      map(pointer, CHUNK);
      visit(x, y);
    }
  };
}

function assertAscending(x: Float32Array, y: Float32Array, sign: number): void {
  for (let i = 1; i < CHUNK; i++) {
    if (!(sign * y[i] >= sign * y[i - 1])) {
      assert.fail(`at ${x[i - 1]} it is ${y[i - 1]}, at ${x[i]} it is ${y[i]}`);
    }
  }
}

async function largestError(
  name: VectorName,
  truth: (x: number) => number,
  ranges: [number, number][],
  bounded: boolean,
): Promise<number> {
  const walk = await walker(name);
  let worst = 0;
  for (const [low, high] of ranges) {
    walk(bitsOf(low), bitsOf(high), (x, y) => {
      for (let i = 0; i < CHUNK; i += 31) {
        const t = truth(x[i]);
        const error = Math.abs(y[i] - t) / ulp(t, bounded);
        if (!(error <= worst)) worst = error;
      }
    }, 7);
  }
  return worst;
}

/** The exact argument, found by walking, from which tanh is ±1. Distinct rows of a study depend on it. */
const TANH_SATURATES_AT = 8.664340019226074;

Deno.test("vector tanh is monotone on every f32 from 1/16 until it saturates, and within [0, 1]", async () => {
  const walk = await walker("tanhArray");
  walk(bitsOf(1 / 16), bitsOf(9.6), (x, y) => {
    assertAscending(x, y, 1);
    if (!(y[0] >= 0 && y[CHUNK - 1] <= 1)) assert.fail(`${y[0]}, ${y[CHUNK - 1]}`);
  });
});

Deno.test("vector tanh is monotone below 1/16 and beyond 9.6, on one block of 65,536 values in 23", async () => {
  const walk = await walker("tanhArray");
  walk(0, bitsOf(1 / 16), (x, y) => assertAscending(x, y, 1), 23);
  walk(bitsOf(9.6), bitsOf(Infinity) - CHUNK, (x, y) => assertAscending(x, y, 1), 23);
});

Deno.test("vector tanh is exactly ±1 from one pinned argument on, and not before", async () => {
  const { exports, reserve } = (await loadKernels()).instantiate();
  const pointer = reserve(32);
  const y = new Float32Array(exports.memory.buffer, pointer, 8);
  float[0] = TANH_SATURATES_AT;
  pattern[0]--;
  y.set([TANH_SATURATES_AT, -TANH_SATURATES_AT, float[0], -float[0], Infinity, -Infinity, 3e38, -100]);
  exports.tanhArray(pointer, 8);
  assert.deepEqual([...y], [1, -1, 1 - 2 ** -24, 2 ** -24 - 1, 1, -1, 1, -1]);
});

Deno.test("vector tanh is odd, keeps signed zeros and hands on NaN", async () => {
  const { exports, reserve } = (await loadKernels()).instantiate();
  const pointer = reserve(4 * 4096);
  const y = new Float32Array(exports.memory.buffer, pointer, 4096);
  for (let i = 0; i < 4096; i += 2) {
    const x = Math.fround(2 ** (i / 100 - 36) * 1.2345);
    y.set([x, -x], i);
  }
  y.set([0, -0, NaN, NaN, 1e-45, -1e-45]);
  exports.tanhArray(pointer, 4096);
  for (let i = 0; i < 4096; i += 2) if (i !== 2) assert.ok(Object.is(y[i], -y[i + 1]));
  assert.ok(Number.isNaN(y[2]) && Number.isNaN(y[3]));
  assert.equal(y[4], Math.fround(1e-45));
});

Deno.test("vector tanh is within 1.17 ulp of the f64 one, small arguments included", async () => {
  const worst = await largestError("tanhArray", tanh, [[2 ** -126, 2 ** -12], [2 ** -12, 10]], true);
  assert.ok(worst <= 1.17, `${worst}`);
});

Deno.test("vector exp is within 1.1 ulp of the f64 one, also where the result is subnormal", async () => {
  const worst = await largestError("expArray", exp, [[1e-10, 88.7], [-1e-10, -104]], false);
  assert.ok(worst <= 1.1, `${worst}`);
});

Deno.test("vector exp is monotone on every f32 of its range from |x| = 1/64 on", async () => {
  const walk = await walker("expArray");
  walk(bitsOf(1 / 64), bitsOf(88.8), (x, y) => assertAscending(x, y, 1));
  walk(bitsOf(-1 / 64), bitsOf(-104), (x, y) => assertAscending(x, y, -1));
});

Deno.test("vector exp has the limits of exp", async () => {
  const { exports, reserve } = (await loadKernels()).instantiate();
  const pointer = reserve(32);
  const y = new Float32Array(exports.memory.buffer, pointer, 8);
  y.set([0, -0, Infinity, -Infinity, NaN, 89, -104, -1e30]);
  exports.expArray(pointer, 8);
  assert.deepEqual([...y], [1, 1, Infinity, 0, NaN, Infinity, 0, 0]);
});

Deno.test("vector logistic is monotone on every f32 from |x| = 1/64 until it is 0 or 1", async () => {
  const walk = await walker("logisticArray");
  walk(bitsOf(1 / 64), bitsOf(20), (x, y) => assertAscending(x, y, 1));
  walk(bitsOf(-1 / 64), bitsOf(-89), (x, y) => assertAscending(x, y, -1));
});

Deno.test("vector logistic is within 2.2 ulp of the f64 one until it flushes to 0 below −88.7", async () => {
  const worst = await largestError("logisticArray", logistic, [[1e-10, 30], [-1e-10, -87]], true);
  assert.ok(worst <= 2.2, `${worst}`);
});

Deno.test("vector softplus is within 2.6 ulp of the f64 one, and has its limits", async () => {
  const worst = await largestError("softplusArray", softplus, [[1e-10, 80], [-1e-10, -87]], false);
  assert.ok(worst <= 2.6, `${worst}`);
  const { exports, reserve } = (await loadKernels()).instantiate();
  const pointer = reserve(32);
  const y = new Float32Array(exports.memory.buffer, pointer, 8);
  y.set([0, 1e30, Infinity, -Infinity, NaN, 100, -104, -1e30]);
  exports.softplusArray(pointer, 8);
  assert.deepEqual([...y], [Math.fround(Math.LN2), Math.fround(1e30), Infinity, 0, NaN, 100, 0, 0]);
});

Deno.test("leaky ReLU and quantisation do what they say, ends included", async () => {
  const { exports, reserve } = (await loadKernels()).instantiate();
  const pointer = reserve(32);
  const y = new Float32Array(exports.memory.buffer, pointer, 8);
  y.set([2, -2, 0, -0, Infinity, -Infinity, NaN, 1e-30]);
  exports.leakyReluArray(pointer, 8, 0.25);
  assert.deepEqual([...y], [2, -0.5, 0, -0, Infinity, -Infinity, NaN, Math.fround(1e-30)]);
  y.set([-1, -0.5000001, -0.5, -1e-9, 0, 0.4999, 0.5, 1]);
  exports.quantiseArray(pointer, pointer, 8, -1, 1, 4);
  assert.deepEqual([...y], [-0.75, -0.75, -0.25, 0.25, 0.25, 0.25, 0.75, 0.75]);
});
