import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { bytesModule, compileKernels } from "../../../core/kernels/build.ts";
import { loadKernels } from "../../../core/kernels/mod.ts";

const FOLDER = new URL("../../../core/kernels/", import.meta.url);

Deno.test("the stored kernels are what their sources compile to, byte for byte", async () => {
  const bytes = await compileKernels();
  assert.deepEqual(new Uint8Array(readFileSync(new URL("kernels.wasm", FOLDER))), bytes);
  assert.equal(readFileSync(new URL("kernels_bytes.ts", FOLDER), "utf8"), bytesModule(bytes));
});

Deno.test("the kernels import nothing, so they can touch nothing", async () => {
  const { module } = await loadKernels();
  assert.equal(WebAssembly.Module.imports(module).length, 0);
});

Deno.test("instances of the kernels share no memory", async () => {
  const kernels = await loadKernels();
  const [a, b] = [kernels.instantiate(), kernels.instantiate()];
  const pointer = a.reserve(64);
  assert.equal(b.reserve(64), pointer);
  new Uint8Array(a.exports.memory.buffer).fill(7, pointer, pointer + 64);
  assert.equal(new Uint8Array(b.exports.memory.buffer)[pointer], 0);
});

Deno.test("reserved memory is aligned, apart, grows on demand and can be given back", async () => {
  const { exports, reserve, mark, release } = (await loadKernels()).instantiate();
  const start = mark();
  const a = reserve(1);
  const b = reserve(10_000_000);
  const c = reserve(3);
  assert.deepEqual([a % 64, b % 64, c % 64], [0, 0, 0]);
  assert.ok(a >= exports.heapBase() && b > a && c >= b + 10_000_000);
  assert.ok(exports.memory.buffer.byteLength >= c + 3);
  release(start);
  assert.equal(reserve(1), a);
  assert.throws(() => reserve(2 ** 33), /^RangeError: Cannot reserve 8589934592 bytes/);
});
