import assert from "node:assert/strict";
import { readEstimatorArgument } from "../../../core/cli/setting.ts";

Deno.test("an estimator argument is an id, or an id with options whose values are JSON where they parse", () => {
  assert.deepEqual(readEstimatorArgument("acme/knn"), { id: "acme/knn", options: {} });
  assert.deepEqual(readEstimatorArgument('x:a=1,b=[-1,1],c=text,d={"e":[1,2]},f="1,2",g=true'), {
    id: "x",
    options: { a: 1, b: [-1, 1], c: "text", d: { e: [1, 2] }, f: "1,2", g: true },
  });
});

Deno.test("an estimator argument without = or from a missing or malformed file is refused in one line", async () => {
  assert.throws(() => readEstimatorArgument("x:count"), /options are written key=value: "count" has no "="/);
  assert.throws(() => readEstimatorArgument("@/nowhere.json"), /Cannot read estimator from "\/nowhere.json"/);
  const file = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(file, '{"options": {}}');
  assert.throws(() => readEstimatorArgument(`@${file}`), /must hold \{"id"/);
  await Deno.writeTextFile(file, '{"id": "x", "options": {"a": 1}}');
  assert.deepEqual(readEstimatorArgument(`@${file}`), { id: "x", options: { a: 1 } });
  await Deno.remove(file);
});
