import assert from "node:assert/strict";
import study from "./study.ts";

Deno.test("the study is data: nothing of it is lost in JSON", () => {
  assert.deepEqual(JSON.parse(JSON.stringify(study)), study);
});

Deno.test("a smoke run takes seconds: few nets, few epochs", () => {
  const { smoke } = study.profiles;
  assert.ok(Number(smoke.replicates) <= 3 && Number(smoke["base.training.epochs"]) <= 200);
});
