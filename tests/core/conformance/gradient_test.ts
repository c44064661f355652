import assert from "node:assert/strict";
import { checkItem, type ConformanceReport } from "../../../core/conformance/mod.ts";
import { cnn } from "../../../plugins/architectures/cnn.ts";
import { dense } from "../../../plugins/architectures/dense.ts";
import wrong from "../../fixtures/plugins/wrong_gradient.ts";

const GRADIENT = "has the gradient that differences of its loss have";

const of = ({ checks }: ConformanceReport) => checks.find(({ name }) => name === GRADIENT)!;

async function ofDense(options: object): Promise<ConformanceReport> {
  const read = dense.options["~standard"].validate(options) as { value: unknown };
  return await checkItem("architecture", dense as never, read.value);
}

// This file stands alone: what it loads makes tfjs's derivative of tanh a wrong one.
Deno.test("a net whose engine has a wrong derivative is caught, with what the loss does and what the gradient says", async () => {
  const report = await checkItem("architecture", wrong.architectures![0], {});
  assert.deepEqual(report.checks.filter(({ status }) => status === "failed").map(({ name }) => name), [GRADIENT]);
  const { reason } = of(report) as { reason: string };
  assert.match(reason, /along hidden\.weights the loss changes by -?0\.\d+: the gradient says -?0\.\d+/);
});

Deno.test("dense nets of every activation, residual or not, in either precision, have the gradient of their loss", async () => {
  for (const activation of ["tanh", "relu", "leaky-relu", "sigmoid", "softplus", "linear"]) {
    for (const given of [{}, { residual: true, widths: [12, 12] }, { precision: "float64" }, { widths: [] }]) {
      const outcome = of(await ofDense({ activation, ...given }));
      assert.deepEqual(outcome, { name: GRADIENT, status: "passed" }, activation);
    }
  }
});

Deno.test("errors pass straight through quantised layers, so that their gradient is not that of the loss", async () => {
  const { status } = of(await ofDense({ quantisedBits: 4 }));
  assert.equal(status, "inapplicable");
  const read = cnn.options["~standard"].validate({ activation: "tanh", quantisedBits: 4 }) as { value: unknown };
  assert.equal(of(await checkItem("architecture", cnn as never, read.value)).status, "inapplicable");
});
