import assert from "node:assert/strict";
import { z } from "zod";
import type { OptionsSchema } from "../../../core/contracts/options.ts";
import { readOptions } from "../../../core/execution/options.ts";

const schema = z.strictObject({
  count: z.number().int().min(1).default(30),
  range: z.tuple([z.number(), z.number()]).default([-1, 1]),
  ruler: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("fixed"), sigma: z.number() }),
    z.strictObject({ kind: z.literal("relative"), alpha: z.number() }),
  ]).optional(),
}) as OptionsSchema<unknown>;

const read = (options: unknown) => readOptions(schema, options, `estimator "binning"`);

Deno.test("readOptions() fills in defaults", () => {
  assert.deepEqual(read({ count: 12 }), { count: 12, range: [-1, 1] });
  assert.deepEqual(read(undefined), { count: 30, range: [-1, 1] });
});

Deno.test("readOptions() names the nearest of the valid keys for an unknown one, at any depth", () => {
  assert.throws(() => read({ cuont: 3 }), {
    message: `Cannot find option "cuont" of estimator "binning": did you mean "count"?`,
  });
  assert.throws(() => read({ ruler: { kind: "fixed", sigm: 1 } }), {
    message: `Cannot find option "ruler.sigm" of estimator "binning": did you mean "sigma"?`,
  });
  assert.throws(() => read({ zebra: 3 }), /valid are "count", "range", "ruler"/);
});

Deno.test("readOptions() says which value does not fit, and what came", () => {
  assert.throws(() => read({ count: -3 }), {
    message: `Cannot read option "count" of estimator "binning": Too small: expected number to be >=1: it is -3`,
  });
  assert.throws(() => read({ ruler: { kind: "fixed" } }), /"ruler.sigma".*it is missing/);
  assert.throws(() => read([1]), /must be an object/);
});

Deno.test("readOptions() refuses a schema that answers later or gives no object", () => {
  const odd = (validate: (value: unknown) => unknown) =>
    ({ "~standard": { version: 1, vendor: "odd", validate } }) as OptionsSchema<unknown>;
  assert.throws(() => readOptions(odd(() => Promise.resolve({ value: {} })), {}, "x"), /synchronous/);
  assert.throws(() => readOptions(odd(() => ({ value: 3 })), {}, "x"), /must give an object/);
});
