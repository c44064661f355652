import type { JsonObject } from "@infoplane/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { checkItem } from "../../../core/conformance/mod.ts";
import { readOptions } from "../../../core/execution/options.ts";
import plugin from "../../../plugins/mod.ts";

const RECORDED = { path: join(import.meta.dirname!, "../../fixtures/recorded/my-run") };

/** Options of those that have none by default, and further ones that take another way. */
const OPTIONS: Record<string, readonly JsonObject[]> = {
  "symmetric-rule": [{}, { form: "hard", split: "as-published", encoding: "plus-minus-one" }],
  "finite-joint": [{ joint: [[0.3, 0.1, 0], [0.1, 0.2, 0.1], [0, 0.1, 0.1]] }],
  "ising": [{}, { boundary: "ring", gamma: "infinite", spins: 5 }],
  "law": [{}, { law: { family: "gaussian-mixture", distance: 2, dimensions: 3 } }],
  "recorded": [RECORDED],
};

for (const dataset of plugin.datasets!) {
  Deno.test(`${dataset.id} keeps every promise that a dataset makes`, async () => {
    for (const given of OPTIONS[dataset.id] ?? [{}]) {
      const read = readOptions(dataset.options, given, `dataset "${dataset.id}"`);
      const { value } = dataset.options["~standard"].validate(read) as { value: unknown };
      const report = await checkItem("dataset", dataset, value);
      assert.deepEqual(report.checks.filter(({ status }) => status === "failed" || status === "skipped"), []);
      assert.ok(report.conforms && report.ran >= 7, report.summary);
    }
  });
}
