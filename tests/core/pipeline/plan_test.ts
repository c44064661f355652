import type { JsonObject } from "@infoplane/core";
import assert from "node:assert/strict";
import { createWork } from "../../../core/execution/work.ts";
import { measureKey, type PlannedItem } from "../../../core/pipeline/plan.ts";
import plugin from "../../../plugins/mod.ts";

const TRIAL = { key: "trial", cell: { net: { kind: "layers", inputShape: [12], layers: [] } } } as const;

/** An estimator as a plan holds it, through the verb by which the host reads options. */
async function planned(item: string, options: JsonObject): Promise<PlannedItem> {
  const work = createWork(plugin, { data: [], log: () => {} });
  const request = { verb: "options", kind: "estimator", item, options } as const;
  const { value } = await work.do(request, [], () => Promise.resolve());
  const read = value as Pick<PlannedItem, "options" | "usesReference">;
  return { id: item, source: "./plugins/mod.ts", identity: { id: item, version: 1, options: read.options }, ...read };
}

Deno.test("the epoch of the last snapshot enters the key of a fixed ruler, and of no other setting", async () => {
  const key = async (item: string, options: JsonObject, last: number) =>
    measureKey(TRIAL, { estimator: await planned(item, options), on: "all" }, last).key;
  for (const item of ["noise-bounds", "kt-difference", "noise-mixture"]) {
    const fixed = { alpha: 0.05, ruler: "fixed" };
    assert.notEqual(await key(item, fixed, 150), await key(item, fixed, 3000));
    assert.equal(await key(item, fixed, 150), await key(item, fixed, 150));
    for (const options of [{}, { variance: 0.1 }, { alpha: 0.05, ruler: "moving" }] as JsonObject[]) {
      assert.equal(await key(item, options, 150), await key(item, options, 3000));
    }
  }
});

Deno.test("what a measurement without a fixed ruler is filed under does not name the run's length", async () => {
  const estimator = await planned("binning", { width: 0.07 });
  assert.deepEqual(measureKey(TRIAL, { estimator, on: "all" }, 3000), {
    key: "6c82fa89184c4eba8a374f7df33361a164daf5dcccd60ac2a3979d91226f2ea6",
    inputs: {
      kind: "measure",
      trial: "trial",
      estimator: { id: "binning", version: 1, options: { width: 0.07 } },
      on: "all",
      arithmetic: { forward: 1 },
    },
  });
});
