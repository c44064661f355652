import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inFolder, infoplane } from "./harness.ts";

Deno.test("the reference is written where no study has run yet, and the site says so", async () => {
  await inFolder(async (out) => {
    const { code, stdout, stderr } = await infoplane(["site", "reference", "--out", out]);
    assert.equal(code, 0, stderr);
    const page = join(out, "site", "reference", "index.html");
    assert.equal(stdout, `reference ${page}\n`);
    assert.ok(existsSync(page));
    assert.match(readFileSync(join(out, "site", "index.html"), "utf8"), /No study has been run yet/);
  });
});
