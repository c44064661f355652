import assert from "node:assert/strict";
import { checkItem } from "../../../core/conformance/mod.ts";
import { readOptions } from "../../../core/execution/options.ts";
import weightNorms from "../../../examples/weight-norms/mod.ts";
import plugin from "../../../plugins/mod.ts";

for (const analysis of [...plugin.analyses!, ...weightNorms.analyses!]) {
  Deno.test(`${analysis.id} keeps every promise that an analysis makes`, async () => {
    const read = readOptions(analysis.options, {}, `analysis "${analysis.id}"`);
    const { value } = analysis.options["~standard"].validate(read) as { value: unknown };
    const report = await checkItem("analysis", analysis, value);
    assert.deepEqual(report.checks.filter(({ status }) => status === "failed"), []);
    assert.ok(report.conforms && report.ran >= 7, report.summary);
    const planted = report.checks.filter(({ name }) => name.includes("planted"));
    if (plugin.analyses!.includes(analysis)) {
      assert.deepEqual(planted.map(({ status }) => status), ["passed", "passed"]);
    }
  });
}
