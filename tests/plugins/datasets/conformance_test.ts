import type { JsonObject } from "@infoplane/core";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkItem } from "../../../core/conformance/mod.ts";
import { readOptions } from "../../../core/execution/options.ts";
import { testContext } from "../../../core/testing.ts";
import plugin from "../../../plugins/mod.ts";

const RECORDED = { path: join(import.meta.dirname!, "../../fixtures/recorded/my-run") };

/** Options of those that have none by default, and further ones that take another way. */
const OPTIONS: Record<string, readonly JsonObject[]> = {
  "symmetric-rule": [{}, { form: "hard", split: "as-published", encoding: "plus-minus-one" }],
  "finite-joint": [{ joint: [[0.3, 0.1, 0], [0.1, 0.2, 0.1], [0, 0.1, 0.1]] }],
  "ising": [{}, { boundary: "ring", gamma: "infinite", spins: 5 }],
  "mnist": [{ trainRows: 60, testRows: 40, labels: "random" }],
  "fashion-mnist": [{ trainRows: 60, testRows: 40 }],
  "cifar10": [{ trainRows: 60, testRows: 40 }],
  "law": [{}, { law: { family: "gaussian-mixture", distance: 2, dimensions: 3 } }],
  "recorded": [RECORDED],
};

const ROOT = join(import.meta.dirname!, "../../..");
/** Where data lie that are not installed with the rest, and how to get them. */
const ELSEWHERE: Record<string, readonly [path: string, command: string]> = {
  "fashion-mnist": ["/usr/share/datasets/fashion-mnist", "apt-get install dataset-fashion-mnist"],
  "cifar10": [join(ROOT, "data/cifar10/test_batch.bin"), "deno task data:cifar10"],
};

for (const dataset of plugin.datasets!) {
  const [path, command] = ELSEWHERE[dataset.id] ?? [ROOT, ""];
  const ignore = !existsSync(path);
  const name = `${dataset.id} keeps every promise that a dataset makes${ignore ? ` (skipped: ${command})` : ""}`;
  Deno.test({ name, ignore }, async () => {
    for (const given of OPTIONS[dataset.id] ?? [{}]) {
      const read = readOptions(dataset.options, given, `dataset "${dataset.id}"`);
      const { value } = dataset.options["~standard"].validate(read) as { value: unknown };
      const report = await checkItem("dataset", dataset, value, { ...testContext().ctx, data: [ROOT] });
      assert.deepEqual(report.checks.filter(({ status }) => status === "failed" || status === "skipped"), []);
      assert.ok(report.conforms && report.ran >= 7, report.summary);
    }
  });
}
