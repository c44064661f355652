import assert from "node:assert/strict";
import { checkEstimator } from "../../../core/conformance/mod.ts";
import { readOptions } from "../../../core/execution/options.ts";
import plugin from "../../../plugins/mod.ts";

for (const estimator of plugin.estimators!) {
  Deno.test(`${estimator.id} keeps every promise that an estimator makes`, async () => {
    const options = readOptions(estimator.options, {}, `estimator "${estimator.id}"`);
    const report = await checkEstimator(estimator, options);
    assert.deepEqual(report.checks.filter(({ status }) => status === "failed"), []);
    assert.ok(report.conforms, report.summary);
  });
}
