import type { JsonObject } from "@infoplane/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { checkItem } from "../../../core/conformance/mod.ts";
import { readOptions } from "../../../core/execution/options.ts";
import twoPaths from "../../../examples/two-paths/mod.ts";
import plugin from "../../../plugins/mod.ts";
import convolutions from "../../fixtures/plugins/architectures.ts";

const recording = (run: string) => ({ path: join(import.meta.dirname!, "../../fixtures/recorded", run) });

const OPTIONS: Record<string, readonly JsonObject[]> = {
  "cnn": [{}, { activation: "tanh", quantisedBits: 4 }],
  "dense": [{}, { quantisedBits: 4, output: "softmax" }, { residual: true, widths: [12, 12], precision: "float64" }],
  "law": [{}, { law: { family: "gaussian-mixture", distance: 2, dimensions: 3 } }],
  "recorded": [recording("my-run"), recording("iris-activations")],
};

const architectures = [
  ...plugin.architectures!,
  ...twoPaths.architectures!,
  ...convolutions.architectures!.filter(({ id }) => id === "acme/small-cnn"),
];

for (const architecture of architectures) {
  Deno.test(`${architecture.id} keeps every promise that an architecture makes`, async () => {
    for (const given of OPTIONS[architecture.id] ?? [{}]) {
      const read = readOptions(architecture.options, given, `architecture "${architecture.id}"`);
      const { value } = architecture.options["~standard"].validate(read) as { value: unknown };
      const report = await checkItem("architecture", architecture, value);
      assert.deepEqual(report.checks.filter(({ status }) => status === "failed" || status === "skipped"), []);
      assert.ok(report.conforms && report.ran >= 5, report.summary);
    }
  });
}
