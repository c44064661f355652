import assert from "node:assert/strict";
import { readItemArgument } from "../../../core/cli/setting.ts";

Deno.test("an item argument is an id, or an id with options whose values are JSON where they parse", () => {
  assert.deepEqual(readItemArgument("acme/knn"), { id: "acme/knn", options: {} });
  assert.deepEqual(readItemArgument('x:a=1,b=[-1,1],c=text,d={"e":[1,2]},f="1,2",g=true'), {
    id: "x",
    options: { a: 1, b: [-1, 1], c: "text", d: { e: [1, 2] }, f: "1,2", g: true },
  });
});

Deno.test("an item argument without = or from a missing or malformed file is refused in one line", async () => {
  assert.throws(() => readItemArgument("x:count"), /options are written key=value: "count" has no "="/);
  assert.throws(() => readItemArgument("@/nowhere.json"), /Cannot read an item from "\/nowhere.json"/);
  const file = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(file, '{"options": {}}');
  assert.throws(() => readItemArgument(`@${file}`), /must hold \{"id"/);
  await Deno.writeTextFile(file, '{"id": "x", "options": {"a": 1}}');
  assert.deepEqual(readItemArgument(`@${file}`), { id: "x", options: { a: 1 } });
  await Deno.remove(file);
});
