import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { Problem } from "../../../core/contracts/problem.ts";
import { root } from "../../../core/random/mod.ts";
import { type NpyArray, readNpy, readNpyFile, writeNpy } from "../../../core/store/npy.ts";
import { meetDamage } from "./damage.ts";
import { fixture, python, pythonTest } from "./python.ts";
import { temporary } from "./temporary.ts";

type Values = { [name: string]: { shape: number[]; values: (number | boolean)[] } };
const WRITTEN_BY_NUMPY: Values = JSON.parse(await readFile(fixture("npy/values.json"), "utf8"));

Deno.test("readNpy() reads what numpy wrote, in each type, byte order, memory order and version", async () => {
  for (const [name, { shape, values }] of Object.entries(WRITTEN_BY_NUMPY)) {
    const array = await readNpyFile(fixture(`npy/${name}.npy`));
    assert.deepEqual(array.shape, shape, name);
    assert.deepEqual(Array.from(array.data), values.map(Number), name);
  }
});

Deno.test("readNpy() reads 64-bit integers into doubles, and refuses those that do not fit", async () => {
  assert.ok((await readNpyFile(fixture("npy/uint64.npy"))).data instanceof Float64Array);
  const bytes = npyBytes("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", 8);
  bytes.fill(0x7f, bytes.length - 8);
  assert.throws(() => readNpy(bytes, "y.npy"), {
    message: "Cannot read y.npy as .npy as its integers must be below 2^53 in size: [0] is 9187201950435737471",
  });
});

Deno.test("writeNpy() and readNpy() give back the same array", () => {
  fc.assert(fc.property(arrays(), (array) => {
    const bytes = writeNpy(array);
    assert.equal(bytes.length % 64, array.data.byteLength % 64);
    assert.deepEqual(readNpy(bytes, "a.npy"), array);
  }));
});

Deno.test("writeNpy() gives the bytes that numpy gives", async () => {
  for (const name of ["float32", "int8", "uint16", "int32", "scalar", "vector", "empty"]) {
    const path = fixture(`npy/${name}.npy`);
    assert.deepEqual(writeNpy(await readNpyFile(path)), new Uint8Array(await readFile(path)), name);
  }
});

Deno.test("writeNpy() refuses a shape that does not fit", () => {
  assert.throws(() => writeNpy({ data: new Float32Array(5), shape: [2, 3] }), {
    name: "RangeError",
    message: "Cannot write .npy as the shape must hold 5 values: it is (2, 3)",
  });
});

Deno.test("readNpyFile() names a file that is not there", async () => {
  await assert.rejects(readNpyFile("/nowhere/T.npy"), {
    name: "Problem",
    exitCode: 2,
    message: "Cannot read /nowhere/T.npy as it must be a .npy file: there is none",
  });
});

Deno.test("readNpy() says in a line what is wrong with a file", () => {
  const dict = (descr: string, shape: string) => `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(3), 'it must start with "\\x93NUMPY": it has 3 bytes'],
    [new Uint8Array(30), 'it must start with "\\x93NUMPY": it does not'],
    [npyBytes(dict("'<f8'", "(2, 3)"), 40), "shape (2, 3) of <f8 must have 48 bytes of data: it has 40"],
    [npyBytes(dict("'<f8'", "(2, 3)"), 56), "shape (2, 3) of <f8 must have 48 bytes of data: it has 56"],
    [npyBytes(dict("'|O'", "(2,)"), 16), 'its type must be f4, f8, i1 … i8, u1 … u8 or b1: it is "|O"'],
    [npyBytes(dict("'<c8'", "(2,)"), 16), 'its type must be f4, f8, i1 … i8, u1 … u8 or b1: it is "<c8"'],
    [npyBytes(dict("'<f2'", "(2,)"), 4), 'its type must be f4, f8, i1 … i8, u1 … u8 or b1: it is "<f2"'],
    [npyBytes(dict("'<f4'", "(2, -1)"), 8), "its header must hold 'descr', 'fortran_order' and 'shape' of one"],
    [npyBytes(dict("'<f4'", "(3)"), 12), 'its shape must be a tuple of integers >= 0: it is "(3)"'],
    [npyBytes(dict("'<f4'", "(9999999999999999999,)"), 12), "its shape must be a tuple of integers >= 0"],
    [
      npyBytes(dict("'<f4'", "(4503599627370496, 4503599627370496)"), 4),
      "shape (4503599627370496, 4503599627370496) of <f4 must have 8.1",
    ],
    [npyBytes(dict("[('a', '<f4')]", "(1,)"), 4), "its header must hold 'descr', 'fortran_order' and 'shape' of one"],
    [npyBytes("{'descr': '<f4', 'shape': (1,), }", 4), "its header must hold 'descr', 'fortran_order' and 'shape'"],
    [npyBytes(dict("'<f4'", "(1,)"), 4).fill(9, 6, 7), "its version must be 1.0, 2.0 or 3.0: it is 9.0"],
    [npyBytes(dict("'<f4'", "(1,)"), 4).fill(0xff, 8, 10), "its header must fit into"],
  ];
  for (const [bytes, message] of cases) {
    assert.throws(() => readNpy(bytes, "T.npy"), (error: Error) => {
      assert.ok(error instanceof Problem);
      assert.ok(error.message.startsWith(`Cannot read T.npy as .npy as ${message}`), error.message);
      return !error.message.includes("\n");
    });
  }
});

Deno.test("readNpy() meets 100,000 damaged files with its own error, in bounded time and memory", async () => {
  const files = await Promise.all(
    Object.keys(WRITTEN_BY_NUMPY).map(async (name) => new Uint8Array(await readFile(fixture(`npy/${name}.npy`)))),
  );
  const refused = meetDamage(files, root(1).child("npy"), "(){}[]',:0123456789 TFL<>|", (bytes) => {
    let thrown: unknown;
    const allocated = allocatedBy(() => {
      try {
        const { data, shape } = readNpy(bytes, "T.npy");
        assert.equal(shape.reduce((a, b) => a * b, 1), data.length);
      } catch (error) {
        thrown = error;
      }
    });
    assert.ok(allocated <= 2 * bytes.length + 2 ** 20, `${bytes.length} bytes took ${allocated}`);
    if (thrown !== undefined) throw thrown;
  });
  assert.ok(refused > 30_000 && refused < 100_000, `${refused} refused`);
});

pythonTest(["numpy"], "numpy reads what writeNpy() wrote", async () => {
  await using scratch = await temporary();
  const path = join(scratch.dir, "ours.npy");
  await fc.assert(
    fc.asyncProperty(arrays(), async (array) => {
      await writeFile(path, writeNpy(array));
      const { shape, values } = JSON.parse(await python("read_back.py", "npy", path));
      assert.deepEqual(shape, array.shape);
      assert.deepEqual(values.map((value: number) => value + 0), Array.from(array.data, (value) => value + 0));
    }),
    { numRuns: 8 },
  );
});

pythonTest(["numpy"], "the committed .npy files are still what numpy writes", async () => {
  await using scratch = await temporary();
  await python("write_npy.py", scratch.dir);
  for (const name of Object.keys(WRITTEN_BY_NUMPY)) {
    const again = await readNpyFile(join(scratch.dir, `${name}.npy`));
    assert.deepEqual(again, await readNpyFile(fixture(`npy/${name}.npy`)), name);
  }
});

const TYPES = [Float32Array, Float64Array, Uint8Array, Int8Array, Int16Array, Uint16Array, Int32Array, Uint32Array];

function arrays(): fc.Arbitrary<NpyArray> {
  const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
  return fc.tuple(shape, fc.constantFrom(...TYPES), fc.integer({ min: 0, max: 2 ** 31 })).map(([shape, type, seed]) => {
    const stream = root(seed);
    const count = shape.reduce((a, b) => a * b, 1);
    return { data: type.from(Array.from({ length: count }, () => (stream.uniform() - 0.5) * 2 ** 33)), shape };
  });
}

function npyBytes(dict: string, body: number): Uint8Array {
  const bytes = new Uint8Array(10 + dict.length + body);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, dict.length & 0xff, dict.length >> 8]);
  bytes.set(new TextEncoder().encode(dict), 10);
  return bytes;
}

/** Bytes of the typed arrays made with a length or by copying, while `work` runs. */
function allocatedBy(work: () => void): number {
  const names = [...TYPES, BigInt64Array, BigUint64Array].map(({ name }) => name);
  const scope = globalThis as unknown as Record<string, unknown>;
  const originals = names.map((name) => scope[name]);
  let allocated = 0;
  names.forEach((name, i) => {
    scope[name] = new Proxy(originals[i] as new (...args: unknown[]) => { byteLength: number }, {
      construct(target, args, newTarget) {
        const made = Reflect.construct(target, args, newTarget === scope[name] ? target : newTarget);
        if (!(args[0] instanceof ArrayBuffer)) allocated += made.byteLength;
        return made;
      },
    });
  });
  try {
    work();
  } finally {
    names.forEach((name, i) => scope[name] = originals[i]);
  }
  return allocated;
}
