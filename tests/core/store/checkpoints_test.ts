import assert from "node:assert/strict";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { keyOf } from "../../../core/store/canonical.ts";
import { openStore } from "../../../core/store/store.ts";
import { entryBy } from "./putting.ts";
import { temporary } from "./temporary.ts";

const KEEPING = fileURLToPath(new URL("keeping.ts", import.meta.url));
const KEY = keyOf({ n: 1 });
const first = { epoch: 3, bytes: Uint8Array.of(1, 10, 3) };

Deno.test("a checkpoint is the last one kept for its trial and length, until it is removed", async () => {
  await using scratch = await temporary();
  const { checkpoints } = await openStore(scratch.dir);
  assert.equal(await checkpoints.read(KEY, 8), undefined);
  await checkpoints.remove(KEY, 8);
  await checkpoints.keep(KEY, 8, first);
  await checkpoints.keep(KEY, 9, { epoch: 9, bytes: new Uint8Array(0) });
  await checkpoints.keep(KEY, 8, { ...first, epoch: 4 });
  for (const opened of [checkpoints, (await openStore(scratch.dir)).checkpoints]) {
    assert.deepEqual(await opened.read(KEY, 8), { ...first, epoch: 4 });
    assert.deepEqual(await opened.list(), [{ key: KEY, extent: 8 }, { key: KEY, extent: 9 }]);
  }
  await checkpoints.remove(KEY, 8);
  assert.equal(await checkpoints.read(KEY, 8), undefined);
  assert.deepEqual(await readdir(checkpoints.dir), [`${KEY}-9`]);
});

Deno.test("a checkpoint that is cut, altered, another trial's or of another version says so and is not used", async () => {
  await using scratch = await temporary();
  const { checkpoints } = await openStore(scratch.dir);
  await checkpoints.keep(KEY, 8, first);
  const path = join(checkpoints.dir, `${KEY}-8`);
  const whole = await readFile(path);
  const reasonOf = async (bytes: Uint8Array) => {
    await writeFile(path, bytes);
    return (await checkpoints.read(KEY, 8) as { reason?: string }).reason;
  };
  for (let length = 0; length < whole.length; length++) {
    assert.equal(await reasonOf(whole.subarray(0, length)), "it is damaged", `cut to ${length}`);
  }
  assert.equal(await reasonOf(whole.with(whole.length - 1, 4)), "it is damaged");
  assert.equal(await reasonOf(new TextEncoder().encode("null\n")), "it is damaged");
  const newer = new TextEncoder().encode(whole.toString().replace('"version":1', '"version":2'));
  assert.equal(await reasonOf(newer), "its version must be 1: it is 2");
  assert.equal(await reasonOf(whole), undefined);
  await rename(path, join(checkpoints.dir, `${KEY}-9`));
  assert.deepEqual(await checkpoints.read(KEY, 9), { reason: "it is another training's" });
});

Deno.test("checkpoints are no results: nothing finds or verifies them; clean() takes those of stored trials", async () => {
  await using scratch = await temporary();
  const store = await openStore(scratch.dir);
  const entry = entryBy("me", { n: 1 });
  await store.checkpoints.keep(entry.key, 10, first);
  await store.checkpoints.keep(entry.key, 11, first);
  await writeFile(join(store.checkpoints.dir, `${entry.key}-7`), "damaged");
  assert.equal(await store.find("trial", entry.key, 0), undefined);
  assert.deepEqual(await Array.fromAsync(store.verify()), []);
  assert.equal((await store.stats()).checkpoints, 3);
  await store.put(entry);
  assert.equal(await store.clean(0), 2);
  assert.deepEqual(await store.checkpoints.list(), [{ key: entry.key, extent: 11 }]);
});

Deno.test("a process killed amid keeping leaves a whole checkpoint, of then or of before", async () => {
  await using scratch = await temporary();
  const store = await openStore(scratch.dir);
  for (const delay of [0, 11, 29]) {
    const args = ["run", "-A", "--quiet", KEEPING, scratch.dir];
    const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
    const lines = child.stdout.getReader();
    await lines.read();
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill("SIGKILL");
    await child.status;
    await lines.cancel();
    const found = await store.checkpoints.read(KEY, 8);
    assert.ok(found && "bytes" in found && found.bytes.every((byte) => byte === found.epoch % 256));
  }
  await store.clean(0);
  assert.deepEqual(await readdir(store.checkpoints.dir), [`${KEY}-8`]);
});
