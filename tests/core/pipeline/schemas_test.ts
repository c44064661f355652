import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { allSchemas } from "../../../core/pipeline/schemas.ts";

Deno.test("the committed schemas are those that check what is written", async () => {
  for (const { name, json } of allSchemas()) {
    const path = new URL(`../../../core/${name}`, import.meta.url);
    const text = `${JSON.stringify(json, null, 2)}\n`;
    if (Deno.env.get("INFOPLANE_BLESS")) await writeFile(path, text);
    assert.equal(json.$id, name);
    assert.deepEqual(JSON.parse(await readFile(path, "utf8")), json, `${name}: INFOPLANE_BLESS=1 writes it anew`);
  }
  assert.equal(allSchemas().length, 8);
});
