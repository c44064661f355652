import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { Problem } from "../../../core/contracts/problem.ts";
import { root } from "../../../core/random/mod.ts";
import { readSafetensors, type Safetensor, writeSafetensors } from "../../../core/store/safetensors.ts";
import { meetDamage } from "./damage.ts";
import { golden } from "./golden.ts";
import { fixture, python, pythonTest } from "./python.ts";
import { temporary } from "./temporary.ts";

Deno.test("readSafetensors() reads what the reference implementation wrote", async () => {
  const bytes = new Uint8Array(await readFile(fixture("reference.safetensors")));
  const { tensors, metadata } = readSafetensors(bytes, "reference.safetensors");
  const cube = Array.from({ length: 24 }, (_, i) => i - 7);
  assert.deepEqual(metadata, { "made by": "safetensors", "ünit": "bits" });
  assert.deepEqual(tensors.get("weights"), { data: Float32Array.from(cube, (x) => x / 8), shape: [2, 3, 4] });
  assert.deepEqual(tensors.get("losses"), { data: Float64Array.from(cube.slice(0, 12), (x) => x / 3), shape: [3, 4] });
  assert.deepEqual(tensors.get("codes"), { data: Uint8Array.from(cube, (x) => x + 200), shape: [2, 3, 4] });
  assert.deepEqual(tensors.get("steps"), { data: Int32Array.from(cube, (x) => x * 1000), shape: [2, 3, 4] });
  assert.deepEqual(tensors.get("big"), { data: cube.map((x) => x * 2 ** 40), shape: [2, 3, 4] });
  assert.deepEqual(tensors.get("empty"), { data: new Float32Array(0), shape: [3, 0] });
  assert.deepEqual(tensors.get("bias π"), { data: Float32Array.of(0.5), shape: [1] });
  assert.equal(tensors.size, 7);
});

Deno.test("readSafetensors() widens floats of 16 bits as PyTorch does, and reads small integers and booleans", async () => {
  const bytes = new Uint8Array(await readFile(fixture("types.safetensors")));
  const { tensors } = readSafetensors(bytes, "types.safetensors");
  for (const type of ["F16", "BF16"]) {
    const { data } = tensors.get(type)!;
    assert.ok(data instanceof Float32Array && data.length > 1000);
    assert.deepEqual(data, tensors.get(`${type} as F32`)!.data, type);
  }
  assert.deepEqual(tensors.get("I8")!.data, Int8Array.of(-128, 127));
  assert.deepEqual(tensors.get("I16")!.data, Int16Array.of(-32768, 32767));
  assert.deepEqual(tensors.get("BOOL")!.data, Uint8Array.of(1, 0));
});

Deno.test("writeSafetensors() and readSafetensors() give back the same tensors, in whatever order they came", () => {
  fc.assert(fc.property(contents(), ([tensors, metadata]) => {
    const bytes = writeSafetensors(tensors, metadata);
    const found = readSafetensors(bytes, "ours");
    assert.deepEqual(Object.fromEntries(found.tensors), Object.fromEntries(tensors));
    assert.deepEqual(found.metadata, metadata);
    const turned = Object.fromEntries(Object.entries(metadata).reverse());
    assert.deepEqual(writeSafetensors(tensors.toReversed(), turned), bytes);
    assert.equal(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8, 0);
  }));
});

Deno.test("readSafetensors() reads bytes that start at an odd address", () => {
  const bytes = writeSafetensors([["a", { data: Float64Array.of(1.5, -2), shape: [2] }]]);
  const odd = new Uint8Array(bytes.length + 1);
  odd.set(bytes, 1);
  assert.deepEqual(readSafetensors(odd.subarray(1), "odd").tensors.get("a")!.data, Float64Array.of(1.5, -2));
});

Deno.test("writeSafetensors() gives pinned bytes", async () => {
  const tensors: [string, Safetensor][] = [
    ["10", { data: Uint8Array.of(1, 2, 3), shape: [3] }],
    ["9", { data: [-1, 2 ** 53 - 1], shape: [2] }],
    ["w", { data: Float32Array.of(0.5, -0, NaN), shape: [3, 1] }],
    ["é", { data: Float64Array.of(Math.PI), shape: [] }],
  ];
  await golden("tensors.safetensors", writeSafetensors(tensors, { unit: "bits" }));
});

Deno.test("writeSafetensors() refuses what cannot be read again", () => {
  const one: Safetensor = { data: Float32Array.of(1), shape: [1] };
  const refused: [[string, Safetensor][], string][] = [
    [[["a", { ...one, shape: [2] }]], 'Cannot write tensor "a" as its shape must hold 1 values: it is [2]'],
    [[["a", one], ["a", one]], 'Cannot write tensor "a" as names must differ and not be "__metadata__"'],
    [[["__metadata__", one]], 'Cannot write tensor "__metadata__" as names must differ and not be "__metadata__"'],
    [[["a", { data: [0.5], shape: [1] }]], 'Cannot write tensor "a" as I64 must be safe integers: [0] is 0.5'],
  ];
  for (const [tensors, message] of refused) {
    assert.throws(() => writeSafetensors(tensors), { name: "RangeError", message });
  }
});

Deno.test("readSafetensors() says in a line which tensor lies", () => {
  const of = (header: string, body: number) => {
    const text = new TextEncoder().encode(header);
    const bytes = new Uint8Array(8 + text.length + body);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
    bytes.set(text, 8);
    return bytes;
  };
  const a = (dtype: string, shape: string, offsets: string) =>
    `{"a":{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}}`;
  const huge = new Uint8Array(16).fill(0xff);
  const types = "BF16, BOOL, F16, F32, F64, I16, I32, I64, I8, U16, U32, U64, U8";
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(4), "it must start with 8 bytes of header length: it has 4 bytes"],
    [huge, "its header must fit into 8 bytes: it claims 18446744073709552000"],
    [of("[]", 0), "its header must be a JSON object: it is not"],
    [of('{"a":', 0), "its header must be a JSON object: it is not"],
    [of('{"__metadata__":{"a":1}}', 0), '__metadata__ must map names to texts: {"a":1}'],
    [of('{"a":1}', 0), `tensor "a" must have type ${types}: its dtype is undefined`],
    [of(a('"F8_E4M3"', "[1]", "[0,1]"), 1), `tensor "a" must have type ${types}: its dtype is "F8_E4M3"`],
    [of(a('"F32"', "[-1]", "[0,4]"), 4), 'the shape of tensor "a" must be a list of integers >= 0: [-1]'],
    [of(a('"F32"', "[1]", "[0,8]"), 4), 'data_offsets of tensor "a" must rise within 4 bytes: [0,8]'],
    [of(a('"F32"', "[1]", "[4,0]"), 4), 'data_offsets of tensor "a" must rise within 4 bytes: [4,0]'],
    [of(a('"F32"', "[2]", "[0,4]"), 4), 'tensor "a" must hold 4 bytes: its shape is [2] of F32'],
    [of(a('"F32"', "[1e15,1e15]", "[0,4]"), 4), 'tensor "a" must hold 4 bytes: its shape is'],
    [of(a('"F32"', "[1]", "[4,8]"), 8), 'tensor "a" must start where the one before ends, at 0: it starts at 4'],
    [of(a('"F32"', "[1]", "[0,4]"), 8), "its tensors must fill 8 bytes: they end at 4"],
    [of(a('"I64"', "[1]", "[0,8]"), 8).fill(0x7f, -8), 'integers of tensor "a" must be below 2^53: [0] is about'],
  ];
  for (const [bytes, message] of cases) {
    assert.throws(() => readSafetensors(bytes, "w"), (error: Error) => {
      assert.ok(error instanceof Problem && !error.message.includes("\n"));
      assert.ok(error.message.startsWith(`Cannot read w as safetensors as ${message}`), error.message);
      return true;
    });
  }
});

Deno.test("readSafetensors() meets 100,000 damaged files with its own error, in bounded time and memory", async () => {
  const files = [
    new Uint8Array(await readFile(fixture("reference.safetensors"))),
    new Uint8Array(await readFile(fixture("types.safetensors"))),
  ];
  const refused = meetDamage(files, root(2).child("safetensors"), '{}[]",:0123456789e-', (bytes) => {
    for (const [name, { data, shape }] of readSafetensors(bytes, "w").tensors) {
      assert.equal(shape.reduce((a, b) => a * b, 1), data.length, name);
    }
  });
  assert.ok(refused > 50_000 && refused < 100_000, `${refused} refused`);
});

pythonTest(["numpy", "safetensors"], "the reference implementation reads what writeSafetensors() wrote", async () => {
  await using scratch = await temporary();
  const path = join(scratch.dir, "ours.safetensors");
  const data = {
    F32: Float32Array.of(0.5, -2),
    F64: Float64Array.of(1 / 3),
    I8: Int8Array.of(-128),
    I16: Int16Array.of(-32768),
    I32: Int32Array.of(-7),
    U8: Uint8Array.of(255),
    U16: Uint16Array.of(65535),
    U32: Uint32Array.of(2 ** 32 - 1),
  };
  const tensors: [string, Safetensor][] = Object.entries(data).map((
    [name, data],
  ) => [name, { data, shape: [data.length] }]);
  await writeFile(
    path,
    writeSafetensors([...tensors, ["I64", { data: [-(2 ** 40)], shape: [1, 1] }]], { unit: "bits" }),
  );
  assert.deepEqual(JSON.parse(await python("read_back.py", "safetensors", path)), {
    metadata: { unit: "bits" },
    tensors: {
      F32: { dtype: "float32", shape: [2], values: [0.5, -2] },
      F64: { dtype: "float64", shape: [1], values: [1 / 3] },
      I32: { dtype: "int32", shape: [1], values: [-7] },
      I64: { dtype: "int64", shape: [1, 1], values: [-(2 ** 40)] },
      I8: { dtype: "int8", shape: [1], values: [-128] },
      I16: { dtype: "int16", shape: [1], values: [-32768] },
      U8: { dtype: "uint8", shape: [1], values: [255] },
      U16: { dtype: "uint16", shape: [1], values: [65535] },
      U32: { dtype: "uint32", shape: [1], values: [2 ** 32 - 1] },
    },
  });
});

function contents(): fc.Arbitrary<[[string, Safetensor][], { [name: string]: string }]> {
  const shape = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });
  const types = [Float32Array, Float64Array, Uint8Array, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array];
  const tensor = fc.tuple(shape, fc.integer({ min: 0, max: types.length }), fc.integer({ min: 0 })).map(
    ([shape, type, seed]) => {
      const stream = root(seed % 2 ** 31);
      const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal() * 100);
      const data = type < types.length ? types[type].from(values) : values.map((value) => Math.trunc(value) + 0);
      return { data, shape };
    },
  );
  const names = fc.uniqueArray(fc.string({ unit: "binary" }).filter((name) => name !== "__metadata__"), {
    maxLength: 5,
  });
  const tensors = names.chain((names) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), tensor))));
  const metadata = fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), {
    noNullPrototype: true,
  });
  return fc.tuple(tensors, metadata) as fc.Arbitrary<[[string, Safetensor][], { [name: string]: string }]>;
}
