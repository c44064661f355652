import assert from "node:assert/strict";
import { checkItem } from "@infoplane/core/conformance";
import { root, testContext } from "@infoplane/core/testing";
import { dataset } from "./mod.ts";

const { ctx } = testContext();

Deno.test("the label says whether the number of ones is odd", async () => {
  const { inputs, labels } = await dataset.load({ bits: 3, trainFraction: 0.5 }, ctx);
  assert.deepEqual(inputs.shape, [8, 3]);
  labels.forEach((label, row) => {
    const ones = inputs.data.slice(3 * row, 3 * row + 3).filter((value) => value === 1).length;
    assert.equal(label, ones % 2);
  });
});

Deno.test("either label has half of the probability, so that I(X;Y) is one bit", async () => {
  const { joint, labels } = await dataset.load({ bits: 6, trainFraction: 0.5 }, ctx);
  const odd = labels.reduce((sum, label, row) => sum + label * joint!.px[row], 0);
  assert.equal(odd, 0.5);
  assert.equal(joint!.px.reduce((sum, p) => sum + p, 0), 1);
  labels.forEach((label, row) => assert.equal(joint!.pyx[2 * row + label], 1));
});

Deno.test("a replicate has a split of its own, the same each time, of the size asked for", async () => {
  const splitOf = async (replicate: number) => {
    const { ctx } = testContext(root(1).child("replicate", replicate));
    return (await dataset.load({ bits: 5, trainFraction: 0.75 }, ctx)).splits;
  };
  const { train, test } = await splitOf(0);
  assert.deepEqual([train.length, test.length], [24, 8]);
  assert.equal(new Set([...train, ...test]).size, 32);
  assert.deepEqual(await splitOf(0), { train, test });
  assert.notDeepEqual((await splitOf(1)).train, train);
});

Deno.test("it keeps what every dataset promises", async () => {
  const { checks, conforms } = await checkItem("dataset", dataset, { bits: 8, trainFraction: 0.8 });
  assert.deepEqual(checks.filter(({ status }) => status === "failed"), []);
  assert.ok(conforms);
});
