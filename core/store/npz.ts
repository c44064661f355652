import { crc32, inflateRawSync } from "node:zlib";
import { Problem } from "../contracts/problem.ts";
import { type NpyArray, readNpy } from "./npy.ts";

/** Entries may claim so many times the bytes of their archive, or {@link FREE_CLAIM} bytes, whichever is more. */
const LARGEST_RATIO = 64;
const FREE_CLAIM = 64 * 2 ** 20;

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const LONGEST_COMMENT = 0xffff;

/** A member of a zip archive, as its central directory has it. */
interface Entry {
  readonly name: string;
  readonly deflated: boolean;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly at: number;
}

/**
 * Reads the bytes of a .npz file: a zip archive of .npy files, stored as `numpy.savez` writes it or deflated as
 * `numpy.savez_compressed` does.
 *
 * Claims are held against the bytes before anything is allocated. All entries together may claim 64 times the size of the archive,
 * or 64 MiB where that is more; a larger claim is refused as a bomb. Checksums are checked. Encrypted entries and archives beyond
 * 4 GiB (zip64) are not read.
 *
 * @param file What to call the bytes in a message: a path.
 * @returns Arrays by name, without `.npy`, in the order of the archive.
 * @throws {Problem} If the archive is truncated or lies, or an entry is no .npy file.
 *
 * @example An archive without entries is the 22 bytes that end every one
 * ```ts
 * import assert from "node:assert/strict";
 * const bytes = new Uint8Array(22);
 * bytes.set(new TextEncoder().encode("PK\x05\x06"));
 * assert.equal(readNpz(bytes, "empty.npz").size, 0);
 * ```
 */
export function readNpz(bytes: Uint8Array, file: string): Map<string, NpyArray> {
  const refuse: Refuse = (need, found) => {
    throw new Problem(`Cannot read ${file} as .npz as ${need}: ${found}`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = directoryOf(bytes, view, refuse);
  const claimed = entries.reduce((sum, { size }) => sum + size, 0);
  const most = Math.max(FREE_CLAIM, LARGEST_RATIO * bytes.length);
  if (claimed > most) refuse(`its entries may hold ${most} bytes together`, `they claim ${claimed}`);
  const arrays = new Map<string, NpyArray>();
  for (const entry of entries) {
    if (!entry.name.endsWith(".npy")) refuse("its entries must be .npy files", `one is ${quoted(entry.name)}`);
    const name = entry.name.slice(0, -4);
    if (arrays.has(name)) refuse("names must differ", `${quoted(name)} is there twice`);
    arrays.set(name, readNpy(contentOf(entry, bytes, view, refuse), `${file}, entry ${quoted(name)}`));
  }
  return arrays;
}

type Refuse = (need: string, found: string) => never;

function directoryOf(bytes: Uint8Array, view: DataView, refuse: Refuse): Entry[] {
  let end = bytes.length - 22;
  const first = Math.max(0, end - LONGEST_COMMENT);
  while (end >= first && view.getUint32(end, true) !== END) end--;
  if (end < first) refuse("it must end with a zip directory", "it does not");
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  if (count === 0xffff || start === 0xffffffff) refuse("it must be below 4 GiB", "it is a zip64 archive");

  const entries: Entry[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== CENTRAL) {
      refuse(`its directory must list ${count} entries`, `it holds ${i}`);
    }
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > end) refuse("its directory must be whole", `entry ${i} ends beyond it`);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const method = view.getUint16(at + 10, true);
    if ((view.getUint16(at + 8, true) & 1) !== 0) refuse("its entries must not be encrypted", `${quoted(name)} is`);
    if (method !== 0 && method !== 8) {
      refuse("its entries must be stored or deflated", `${quoted(name)} has compression method ${method}`);
    }
    const [crc, packed, size] = [16, 20, 24].map((field) => view.getUint32(at + field, true));
    entries.push({ name, deflated: method === 8, crc, packed, size, at: view.getUint32(at + 42, true) });
    at = next;
  }
  return entries;
}

function contentOf(
  { name, deflated, crc, packed, size, at }: Entry,
  bytes: Uint8Array,
  view: DataView,
  refuse: Refuse,
) {
  const what = `entry ${quoted(name)}`;
  if (at + 30 > bytes.length || view.getUint32(at, true) !== LOCAL) {
    refuse(`${what} must start at byte ${at}`, "there is no entry");
  }
  const from = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  if (from + packed > bytes.length) {
    refuse(`${what} must end within ${bytes.length} bytes`, `it ends at ${from + packed}`);
  }
  const held = bytes.subarray(from, from + packed);
  const content = deflated ? inflated(held, size, what, refuse) : held;
  if (content.length !== size) refuse(`${what} must hold ${size} bytes`, `it holds ${content.length}`);
  if (crc32(content) !== crc) refuse(`the checksum of ${what} must fit its bytes`, "it does not: the file is damaged");
  return content;
}

/** At most `size` bytes; memory is taken as the output grows, so a lie costs what is there. */
function inflated(held: Uint8Array, size: number, what: string, refuse: Refuse): Uint8Array {
  try {
    return inflateRawSync(held, { maxOutputLength: Math.max(size, 1) });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return refuse(`${what} must inflate to ${size} bytes`, code === "ERR_BUFFER_TOO_LARGE" ? "it is longer" : message);
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
