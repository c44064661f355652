import assert from "node:assert/strict";
import type { Expectation } from "../../../core/pipeline/expected.ts";
import { readTolerance, withTolerances } from "../../../core/pipeline/tolerances.ts";

const usual = { absolute: 0.01, relative: 0 };
const found: Expectation = {
  exact: {},
  numeric: {
    "main: train_loss": { value: 2, ...usual },
    'main: binning {"count":30} on all: ixt_bits of layer 1': { value: 4, ...usual },
    'main: binning {"count":30} on all: ixt_bits of layer 12': { value: 4, ...usual },
  },
  statistical: {},
  qualitative: {},
  info: {},
};
const still = new Map<string, number>();

Deno.test("readTolerance() reads an absolute tolerance or a share", () => {
  assert.deepEqual(readTolerance("ixt_bits of layer 3=2e-3"), {
    name: "ixt_bits of layer 3",
    absolute: 0.002,
    relative: 0,
  });
  assert.deepEqual(readTolerance("train_loss=5%"), { name: "train_loss", absolute: 0, relative: 0.05 });
  for (const text of ["train_loss", "=1", "train_loss=", "train_loss=-1", "train_loss=1.2.3"]) {
    assert.throws(() => readTolerance(text), /Cannot read a tolerance as it must be NAME=0.02 or NAME=1%/, text);
  }
});

Deno.test("a tolerance holds for the numbers it names; others keep theirs", () => {
  const asked = [readTolerance("ixt_bits=0.1"), readTolerance("ixt_bits of layer 1=5%")];
  const { numeric } = withTolerances(found, undefined, asked, still);
  assert.deepEqual(Object.values(numeric).map(({ absolute, relative }) => [absolute, relative]), [
    [0.01, 0],
    [0, 0.05],
    [0.1, 0],
  ]);
  assert.throws(
    () => withTolerances(found, undefined, [readTolerance("test_loss=1")], still),
    /Cannot set the tolerance of "test_loss" as it must name a number of the study: there is main: train_loss/,
  );
});

Deno.test("a tolerance that was given stays when the study is blessed again", () => {
  const before = withTolerances(found, undefined, [readTolerance("train_loss=0.3")], still);
  assert.equal(withTolerances(found, before, [], still).numeric["main: train_loss"].absolute, 0.3);
});

Deno.test("a tolerance tighter than the spread measured is refused, one as wide is not", () => {
  const spread = new Map([["main: train_loss", 0.05]]);
  assert.throws(
    () => withTolerances(found, undefined, [], spread),
    /must be at least the spread measured: "main: train_loss" may be off by 0.01 and moved by 0.05/,
  );
  assert.doesNotThrow(() => withTolerances(found, undefined, [readTolerance("train_loss=0.05")], spread));
  assert.doesNotThrow(() => withTolerances(found, undefined, [readTolerance("train_loss=3%")], spread));
  assert.throws(() => withTolerances(found, undefined, [readTolerance("train_loss=2%")], spread), /spread/);
  const gone = new Map([["main: train_loss", Infinity]]);
  assert.throws(() => withTolerances(found, undefined, [readTolerance("train_loss=1000")], gone), /moved by Infinity/);
});
