import assert from "node:assert/strict";
import { checkEstimator, type ConformanceReport, ESTIMATOR_CHECKS } from "../../../core/conformance/mod.ts";
import type { Estimator } from "../../../core/contracts/estimator.ts";
import { signPatterns } from "../../../examples/sign-patterns/mod.ts";
import { binning } from "../../../plugins/estimators/binning.ts";
import planted from "../../fixtures/plugins/planted_estimators.ts";

const failures = ({ checks }: ConformanceReport) =>
  checks.flatMap((check) => check.status === "failed" ? [check.name] : []);

const reasonOf = ({ checks }: ConformanceReport, name: string) => {
  const check = checks.find((one) => one.name === name)!;
  return check.status === "passed" ? "" : check.reason;
};

/** The check that names each planted mistake, what it says, and what else the mistake breaks. */
const CAUGHT: readonly (readonly [string, string, RegExp, ...string[]])[] = [
  [
    "off-by-a-bit",
    "is exact on finite joints",
    /on a copy of 2 fair bits, I\(X;T\) is 2 bits: it gives 3/,
    "finds nothing in a single row, or refuses it",
    "finds nothing in units that never move, or refuses them",
  ],
  [
    "clamps-negatives",
    "leaves negative values negative",
    /I\(T;Y\) .* is exactly 0 in \d+ of 40 and never below: it is cut off/,
  ],
  [
    "mutates",
    "leaves the sample as it was",
    /it wrote to activations: value \d+ was -?1 and is -?1/,
    "gives the same answer for the same stream, at any time",
  ],
  ["depends-on-row-order", "does not depend on the order of rows", /I\(X;T\) is .*, then .* bits/],
  ["wrong-side", "never gives less than I(X;T)", /on a copy of 2 fair bits, I\(X;T\) is 2 bits: it gives 1.8/],
  ["nats", "answers in bits", /of one bit and of two is given as 0.693\d+ and 1.386\d+: these are nats/],
  ["reads-the-clock", "gives the same answer for the same stream, at any time", /I\(X;T\) is 2.*, then 2/],
  [
    "constant",
    "tells something from nothing",
    /I\(T;Y\) of a copy of 2 fair bits must be more than of .*: it gives 1 and 1/,
    "finds nothing in a single row, or refuses it",
    "finds nothing in units that never move, or refuses them",
  ],
];

for (const [name, check, reason, ...others] of CAUGHT) {
  Deno.test(`the planted estimator "${name}" is caught: ${check}`, async () => {
    const estimator = planted.estimators!.find(({ id }) => id === `acme/${name}`)!;
    const report = await checkEstimator(estimator, {});
    assert.equal(report.conforms, false);
    assert.match(reasonOf(report, check), reason);
    assert.deepEqual(failures(report).sort(), [check, ...others].sort());
  });
}

const correct: readonly (readonly [string, Estimator, unknown])[] = [
  ["the plain one beside them", planted.estimators![0], {}],
  ["binning into 30 bins", binning as Estimator, { count: 30, range: [-1, 1] }],
  ["binning into widths of 0.07", binning as Estimator, { width: 0.07 }],
  ["the example of a stranger", signPatterns as Estimator, { threshold: 0 }],
];
for (const [name, estimator, options] of correct) {
  Deno.test(`${name} passes every check that applies`, async () => {
    const started = performance.now();
    const report = await checkEstimator(estimator, options);
    assert.deepEqual(report.checks.filter(({ status }) => status === "failed" || status === "skipped"), []);
    assert.ok(report.conforms && report.ran >= 19);
    assert.ok(performance.now() - started < 5000);
  });
}

Deno.test("every check has a name of its own and says how it is done", () => {
  assert.equal(new Set(ESTIMATOR_CHECKS.map(({ name }) => name)).size, ESTIMATOR_CHECKS.length);
  for (const { name, how } of ESTIMATOR_CHECKS) assert.ok(how.length > 20, name);
});
