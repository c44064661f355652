import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { crc32, deflateRawSync } from "node:zlib";
import { join } from "node:path";
import { Problem } from "../../../core/contracts/problem.ts";
import { root } from "../../../core/random/mod.ts";
import { writeNpy } from "../../../core/store/npy.ts";
import { readNpz } from "../../../core/store/npz.ts";
import { meetDamage } from "./damage.ts";
import { fixture, python, pythonTest } from "./python.ts";
import { temporary } from "./temporary.ts";

const CUBE = Array.from({ length: 24 }, (_, i) => i - 7);

Deno.test("readNpz() reads what numpy wrote, stored and deflated", async () => {
  for (const name of ["stored.npz", "deflated.npz"]) {
    const arrays = readNpz(new Uint8Array(await readFile(fixture(name))), name);
    assert.deepEqual(
      [...arrays.keys()],
      name === "stored.npz" ? ["weights", "labels"] : ["weights", "labels", "zeros"],
    );
    assert.deepEqual(arrays.get("weights"), { data: Float32Array.from(CUBE, (x) => x / 8), shape: [2, 3, 4] });
    assert.deepEqual(arrays.get("labels"), { data: Float64Array.from(CUBE), shape: [2, 3, 4] });
    assert.equal(arrays.get("zeros")?.data.length ?? 10_000, 10_000);
  }
});

Deno.test("readNpz() says in a line what is wrong with an archive", () => {
  const npy = writeNpy({ data: Float32Array.of(1, 2), shape: [2] });
  const good: Member = { name: "a.npy", content: npy };
  const broken = archive([good]);
  broken[40] ^= 1;
  const endless = archive([good]);
  endless[endless.length - 22 - 51 + 30] = 1; // a byte of "extra" behind the name
  const zip64 = archive([good]);
  zip64.fill(0xff, zip64.length - 6, zip64.length - 2);
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(0), "it must end with a zip directory: it does not"],
    [new Uint8Array(30), "it must end with a zip directory: it does not"],
    [archive([good]).slice(0, -1), "it must end with a zip directory: it does not"],
    [archive([good]).slice(1), "its directory must list 1 entries: it holds 0"],
    [endless, "its directory must be whole: entry 0 ends beyond it"],
    [zip64, "it must be below 4 GiB: it is a zip64 archive"],
    [archive([{ ...good, name: "a.txt" }]), 'its entries must be .npy files: one is "a.txt"'],
    [archive([good, good]), 'names must differ: "a" is there twice'],
    [archive([{ ...good, method: 12 }]), 'its entries must be stored or deflated: "a.npy" has compression method 12'],
    [archive([{ ...good, flags: 1 }]), 'its entries must not be encrypted: "a.npy" is'],
    [broken, 'the checksum of entry "a.npy" must fit its bytes: it does not: the file is damaged'],
    [archive([{ ...good, size: 3 }]), `entry "a.npy" must hold 3 bytes: it holds ${npy.length}`],
    [archive([{ ...good, method: 8, size: 3 }]), 'entry "a.npy" must inflate to 3 bytes: it is longer'],
    [archive([{ ...good, method: 8, size: 9999 }]), `entry "a.npy" must hold 9999 bytes: it holds ${npy.length}`],
    [
      archive([{ ...good, method: 8, packed: Uint8Array.of(7) }]),
      `entry "a.npy" must inflate to ${npy.length} bytes: `,
    ],
    [archive([{ ...good, at: 5 }]), 'entry "a.npy" must start at byte 5: there is no entry'],
    [archive([{ ...good, packedSize: 9999 }]), 'entry "a.npy" must end within'],
    [
      archive([{ name: "bomb.npy", content: new Uint8Array(2 ** 26 + 1), method: 8 }]),
      "its entries may hold 67108864 bytes together: they claim 67108865",
    ],
  ];
  for (const [bytes, message] of cases) {
    assert.throws(() => readNpz(bytes, "run.npz"), (error: Error) => {
      assert.ok(error instanceof Problem && !error.message.includes("\n"));
      assert.ok(error.message.startsWith(`Cannot read run.npz as .npz as ${message}`), error.message);
      return true;
    });
  }
  const inner = archive([{ name: "b.npy", content: npy.slice(0, -1) }]);
  assert.throws(() => readNpz(inner, "run.npz"), {
    message: 'Cannot read run.npz, entry "b" as .npy as shape (2) of <f4 must have 8 bytes of data: it has 7',
  });
});

Deno.test("readNpz() refuses many entries over the same bytes, which together claim a bomb", () => {
  const zeros = writeNpy({ data: new Uint8Array(2 ** 20), shape: [2 ** 20] });
  const bytes = archive(
    Array.from({ length: 100 }, (_, i) => ({ name: `${i}.npy`, content: zeros, method: 8, at: 0 })),
  );
  assert.throws(
    () => readNpz(bytes, "quine.npz"),
    /its entries may hold 67108864 bytes together: they claim 104870400/,
  );
});

Deno.test("readNpz() meets 100,000 damaged files with its own error, in bounded time and memory", async () => {
  const files = await Promise.all(
    ["stored.npz", "deflated.npz"].map(async (name) => new Uint8Array(await readFile(fixture(name)))),
  );
  const refused = meetDamage(files, root(3).child("npz"), "(){}[]',:0123456789 TFL<>|PK\x00\x01\x02\x08", (bytes) => {
    for (const [name, { data, shape }] of readNpz(bytes, "run.npz")) {
      assert.equal(shape.reduce((a, b) => a * b, 1), data.length, name);
    }
  });
  assert.ok(refused > 50_000 && refused < 100_000, `${refused} refused`);
});

pythonTest(["numpy"], "the committed .npz files are still what numpy writes", async () => {
  await using scratch = await temporary();
  await python("write_npz.py", scratch.dir);
  for (const name of ["stored.npz", "deflated.npz"]) {
    const again = readNpz(new Uint8Array(await readFile(join(scratch.dir, name))), name);
    assert.deepEqual(again, readNpz(new Uint8Array(await readFile(fixture(name))), name));
  }
});

interface Member {
  readonly name: string;
  readonly content: Uint8Array;
  /** 0 stored, 8 deflated. */
  readonly method?: number;
  readonly flags?: number;
  /** What stands there instead of what is true. */
  readonly packed?: Uint8Array;
  readonly packedSize?: number;
  readonly size?: number;
  readonly at?: number;
}

/** A zip archive of these members. */
function archive(members: readonly Member[]): Uint8Array {
  const locals: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const member of members) {
    const name = new TextEncoder().encode(member.name);
    const { content, method = 0, flags = 0 } = member;
    const packed = member.packed ?? (method === 8 ? new Uint8Array(deflateRawSync(content)) : content);
    const local = new Uint8Array(30 + name.length + packed.length);
    const head = new DataView(local.buffer);
    head.setUint32(0, 0x04034b50, true);
    head.setUint16(26, name.length, true);
    local.set(name, 30);
    local.set(packed, 30 + name.length);
    const entry = new Uint8Array(46 + name.length);
    const view = new DataView(entry.buffer);
    view.setUint32(0, 0x02014b50, true);
    view.setUint16(8, flags, true);
    view.setUint16(10, method, true);
    view.setUint32(16, crc32(content), true);
    view.setUint32(20, member.packedSize ?? packed.length, true);
    view.setUint32(24, member.size ?? content.length, true);
    view.setUint16(28, name.length, true);
    view.setUint32(42, member.at ?? at, true);
    entry.set(name, 46);
    locals.push(local);
    directory.push(entry);
    at += local.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = new Uint8Array(22);
  const view = new DataView(end.buffer);
  view.setUint32(0, 0x06054b50, true);
  view.setUint16(8, members.length, true);
  view.setUint16(10, members.length, true);
  view.setUint32(12, size, true);
  view.setUint32(16, at, true);
  const all = [...locals, ...directory, end];
  const bytes = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let to = 0;
  for (const part of all) {
    bytes.set(part, to);
    to += part.length;
  }
  return bytes;
}
