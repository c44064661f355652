import assert from "node:assert/strict";
import { readExpected } from "../../../core/pipeline/expected.ts";

const [a, b] = ["a".repeat(64), "b".repeat(64)];

Deno.test("readExpected() gives back what was written", () => {
  const expected = {
    format: "infoplane.expected",
    version: 2,
    study: "s",
    profiles: {
      quick: {
        exact: { "bundle.json": a, "main: H(X) bits": 12 },
        numeric: { "main: train_loss": { value: 0.5, absolute: 0.01, relative: 0 } },
        statistical: { "two-phases": { median: 1, low: null, high: 2 } },
        qualitative: { "two-phases": "supported" },
        info: { trials: 3 },
      },
    },
  };
  assert.deepEqual(readExpected(JSON.stringify(expected), "e.json"), expected);
});

Deno.test("readExpected() reads version 1 as digests and verdicts, and says that more is given than expected", () => {
  const profile = { digest: a, files: { "tables/trials.parquet": b }, verdicts: { "two-phases": "undecided" } };
  const text = JSON.stringify({ format: "infoplane.expected", version: 1, study: "s", profiles: { smoke: profile } });
  assert.deepEqual(readExpected(text, "e.json").profiles.smoke, {
    exact: { "bundle.json": a, "tables/trials.parquet": b },
    numeric: {},
    statistical: {},
    qualitative: { "two-phases": "undecided" },
    info: {},
    partial: true,
  });
});

Deno.test("readExpected() refuses what is no expectation, or one of a newer Infoplane, in one line", () => {
  assert.throws(() => readExpected("{", "e.json"), /Cannot read e.json as it must be JSON/);
  assert.throws(() => readExpected("{}", "e.json"), /Cannot read e.json: format/);
  assert.throws(() => readExpected("null", "e.json"), /Cannot read e.json: the file/);
  const newer = JSON.stringify({ format: "infoplane.expected", version: 3 });
  assert.throws(() => readExpected(newer, "e.json"), /version must be at most 2: it is 3, of a newer Infoplane/);
});
