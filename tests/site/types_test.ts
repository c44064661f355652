import assert from "node:assert/strict";
import { ROOT } from "../cli/harness.ts";

Deno.test("the site's components and scripts are of one mind about their types", async () => {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "check:site"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stderr: "null",
  }).output();
  assert.ok(success, new TextDecoder().decode(stdout));
});
