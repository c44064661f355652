import assert from "node:assert/strict";
import type { Bundle } from "../../../core/contracts/bundle.ts";
import { compare, type Comparison, exitCodeOf, expectationOf, readExpected } from "../../../core/pipeline/expected.ts";

const digest = "a".repeat(64);
const bundle = {
  study: { id: "s" },
  profile: "quick",
  files: [{ path: "tables/trials.parquet", sha256: "b".repeat(64) }],
  claims: [{ id: "two-phases", verdict: "supported" }],
} as unknown as Bundle;

Deno.test("a bundle is equal to what it is expected to be", () => {
  const comparison = compare(bundle, digest, expectationOf(bundle, digest));
  assert.equal(comparison.outcome, "equal");
  assert.deepEqual([comparison.verdictsEqual, comparison.verdictsExpected], [1, 1]);
});

Deno.test("compare() names the verdict and the files that differ", () => {
  const expected = expectationOf(bundle, digest);
  const changed = compare(bundle, "c".repeat(64), {
    ...expected,
    files: { "tables/trials.parquet": "d".repeat(64), "tables/gone.parquet": "e".repeat(64) },
    verdicts: { "two-phases": "contradicted" },
  });
  assert.equal(changed.outcome, "differs");
  assert.deepEqual(changed.differences, [
    "claim two-phases: expected contradicted, came supported",
    "tables/trials.parquet: expected dddddddddddd, came bbbbbbbbbbbb",
    "tables/gone.parquet: expected eeeeeeeeeeee, came no file",
    "bundle.json: expected aaaaaaaaaaaa, came cccccccccccc",
  ]);
});

Deno.test("exit codes: 1 if anything differs, 6 if nothing was compared, else 0", () => {
  const outcome = (outcome: Comparison["outcome"]) => ({ outcome }) as Comparison;
  assert.equal(exitCodeOf([outcome("equal"), outcome("nothing expected")]), 0);
  assert.equal(exitCodeOf([outcome("equal"), outcome("differs")]), 1);
  assert.equal(exitCodeOf([outcome("nothing expected")]), 6);
  assert.equal(exitCodeOf([]), 6);
});

Deno.test("readExpected() refuses what is no expectation, in one line", () => {
  assert.throws(() => readExpected("{", "e.json"), /Cannot read e.json as it must be JSON/);
  assert.throws(() => readExpected("{}", "e.json"), /Cannot read e.json: format/);
  assert.throws(
    () => readExpected('{"format":"infoplane.expected","version":2}', "e.json"),
    /Cannot read e.json as its version must be at most 1: it is 2, of a newer Infoplane/,
  );
});
