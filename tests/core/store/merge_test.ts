import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { keyOf } from "../../../core/store/canonical.ts";
import { mergeStore } from "../../../core/store/merge.ts";
import { type NewEntry, openStore } from "../../../core/store/store.ts";
import { temporary } from "./temporary.ts";

function entryOf(name: string, extent = 0): NewEntry {
  const inputs = { kind: "measure", name };
  const blobs = [{ name: "value", bytes: new TextEncoder().encode(name) }];
  return { kind: "measure", key: keyOf(inputs), extent, outcome: "done", inputs, blobs, info: {} };
}

Deno.test("mergeStore() copies what is not there, and a second time nothing", async () => {
  await using scratch = await temporary();
  const [into, from] = await Promise.all(["into", "from"].map((name) => openStore(join(scratch.dir, name))));
  await into.put(entryOf("shared"));
  await from.putMany([entryOf("shared"), entryOf("own"), entryOf("own", 7)]);
  assert.deepEqual(await mergeStore(into, from), { copied: 2, damaged: 0 });
  assert.deepEqual(await mergeStore(into, from), { copied: 0, damaged: 0 });
  const { key } = entryOf("own");
  const found = (await into.find("measure", key, 7))!;
  assert.equal(new TextDecoder().decode(await into.readBlob(found, "value")), "own");
  for await (const damage of into.verify()) assert.fail(damage.reason);
});

Deno.test("mergeStore() leaves out what is damaged, and says how much", async () => {
  await using scratch = await temporary();
  const [into, from] = await Promise.all(["into", "from"].map((name) => openStore(join(scratch.dir, name))));
  await from.putMany([entryOf("aaaa"), entryOf("bbbb")]);
  const blobs = join(scratch.dir, "from", "v1", "blobs");
  const [prefix] = await readdir(blobs);
  const [blob] = await readdir(join(blobs, prefix));
  await writeFile(join(blobs, prefix, blob), "cccc");
  assert.deepEqual(await mergeStore(into, from), { copied: 1, damaged: 1 });
});
