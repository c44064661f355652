import assert from "node:assert/strict";
import type { Net } from "../../../core/contracts/architecture.ts";
import { checkNet, readMapRows } from "../../../core/execution/checks.ts";
import { dense, EVERY_LAYER } from "../training/tfjs/nets.ts";

const plain = { kind: "layers", inputShape: [4], layers: [dense("output", 3, "softmax")] } as unknown as Net;

const REFUSED: readonly (readonly [string, () => unknown, RegExp])[] = [
  ["gives nothing", () => undefined, /build must give a net of kind layers, deep or model: kind is undefined/],
  ["gives a net of another kind", () => ({ kind: "graph" }), /kind is graph/],
  ["gives no list of layers", () => ({ kind: "layers" }), /it cannot be built: /],
  ["gives a deep net that cannot be", () => ({ ...EVERY_LAYER, layers: [] }), /it cannot be built: .* >= 1 layer/],
  [
    "throws",
    () => {
      throw new RangeError("no luck today");
    },
    /it cannot be built: no luck today/,
  ],
  ["gives a net for other inputs", () => EVERY_LAYER, /it must take the dataset's inputs, \[4\]: it takes \[5, 4, 2\]/],
  [
    "gives a net for other classes",
    () => ({ ...plain, layers: [dense("output", 2, "softmax")] }),
    /the last layer must be softmax over 3 classes: it is softmax of 2/,
  ],
];

for (const [what, build, message] of REFUSED) {
  Deno.test(`an architecture that ${what} is refused in one line, with exit code 3`, async () => {
    await assert.rejects(checkNet(build, [4], 3, "acme/net"), (error: Error & { exitCode?: number }) => {
      assert.match(error.message, /^Cannot use architecture "acme\/net" as /);
      assert.match(error.message, message);
      assert.equal(error.exitCode, 3);
      return true;
    });
  });
}

Deno.test("a net that fits is handed on as it is", async () => {
  assert.equal(await checkNet(() => plain, [2, 2], 3, "acme/net"), plain);
  assert.equal(await checkNet(() => EVERY_LAYER, [40], 3, "acme/net"), EVERY_LAYER);
});

Deno.test("a number of map may be of a single row, counted from 0, and of no other", () => {
  const one = { epoch: 0, layer: 1, quantity: "component_1", unit: "1", value: 0.5 };
  const rows = [one, { ...one, row: 0 }, { ...one, row: 4095 }];
  assert.deepEqual(readMapRows(rows, "acme/map"), rows);
  for (const row of [-1, 0.5, null, "3"]) {
    assert.throws(() => readMapRows([one, { ...one, row }], "acme/map"), /a row must have epoch.*: row 1 is/);
  }
});
