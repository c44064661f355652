import assert from "node:assert/strict";
import { testContext } from "../../../core/testing.ts";
import { stopEarly } from "../../../core/training/early_stopping.ts";

/** Trains a number of steps under losses given by the steps made; what was kept, and how many steps were made. */
async function under(loss: (steps: number) => number, steps: number) {
  let made = 0;
  let kept = -1;
  let restored = -1;
  const at = await stopEarly(
    {
      step: () => made++,
      validate: () => loss(made),
      keep: () => kept = made,
      restore: () => restored = kept,
    },
    steps,
    testContext().ctx,
  );
  assert.equal(at, restored);
  return [at, made];
}

Deno.test("the parameters of the lowest loss come back, 300 steps after it training ends", async () => {
  assert.deepEqual(await under((steps) => -steps, 1000), [1000, 1000]);
  assert.deepEqual(await under((steps) => Math.abs(steps - 200), 10_000), [200, 500]);
  assert.deepEqual(await under((steps) => Math.abs(steps - 33), 10_000), [30, 330]);
  assert.deepEqual(await under((steps) => steps, 10_000), [0, 300]);
});

Deno.test("the last step is looked at whatever its number, and a loss that is no number is worse than any", async () => {
  assert.deepEqual(await under((steps) => -steps, 73), [73, 73]);
  assert.deepEqual(await under((steps) => steps > 100 ? NaN : -steps, 10_000), [100, 400]);
});
