import type { JsonObject } from "@infoplane/core";
import assert from "node:assert/strict";
import { checkEstimator } from "../../../core/conformance/mod.ts";
import { readOptions } from "../../../core/execution/options.ts";
import plugin from "../../../plugins/mod.ts";

/** What learns keeps its promises with small nets too, in a tenth of the time. */
const CRITIC = { widths: [16], features: 4, batch: 32, steps: 100 };
const OPTIONS: Record<string, JsonObject> = { infonce: CRITIC, nwj: CRITIC, "mine-dv": CRITIC, smile: CRITIC };

for (const estimator of plugin.estimators!) {
  Deno.test(`${estimator.id} keeps every promise that an estimator makes`, async () => {
    const options = readOptions(estimator.options, OPTIONS[estimator.id] ?? {}, `estimator "${estimator.id}"`);
    const report = await checkEstimator(estimator, options);
    assert.deepEqual(report.checks.filter(({ status }) => status === "failed"), []);
    assert.ok(report.conforms, report.summary);
  });
}
