import { readFile } from "node:fs/promises";
import { Problem } from "../contracts/problem.ts";

/** The typed arrays that .npy files are read into. */
export type NpyData =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** An array of a .npy file, row-major. */
export interface NpyArray {
  /** 64-bit integers come as Float64Array, each a safe integer; booleans as Uint8Array of 0 and 1. */
  readonly data: NpyData;
  /** Extent of each axis; the product is `data.length`; [] for a single number. */
  readonly shape: readonly number[];
}

const LONGEST_HEADER = 65_536;
const MOST_AXES = 64;
/** "\\x93NUMPY" */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * Reads a .npy file from disk.
 *
 * @throws {Problem} If there is no such file, or as {@link readNpy} does.
 */
export async function readNpyFile(path: string): Promise<NpyArray> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code } = error as { code?: string };
    const found = code === "ENOENT" ? "there is none" : code === "EISDIR" ? "it is a folder" : String(code ?? error);
    throw new Problem(`Cannot read ${path} as it must be a .npy file: ${found}`, undefined, { cause: error });
  }
  return readNpy(bytes, path);
}

/**
 * Reads the bytes of a .npy file, versions 1 to 3 (NEP 1): floats of 32 and 64 bits, integers of 8 to 64 bits, booleans, in
 * either byte order and in C or Fortran order.
 *
 * Every claim of the header is held against the bytes before anything is allocated; at most twice the input is.
 *
 * @param file What to call the bytes in a message: a path.
 * @throws {Problem} If the bytes are truncated or too many, the header lies, or the type is another one.
 */
export function readNpy(bytes: Uint8Array, file: string): NpyArray {
  const refuse: Refuse = (need, found) => {
    throw new Problem(`Cannot read ${file} as .npy as ${need}: ${found}`);
  };
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    refuse('it must start with "\\x93NUMPY"', bytes.length < 10 ? `it has ${bytes.length} bytes` : "it does not");
  }
  const [major, minor] = bytes.subarray(6, 8);
  if (major < 1 || major > 3 || minor !== 0) refuse("its version must be 1.0, 2.0 or 3.0", `it is ${major}.${minor}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = major === 1 ? 10 : 12;
  if (bytes.length < start) refuse("its header must be whole", "the file ends before it");
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const room = Math.min(bytes.length - start, LONGEST_HEADER);
  if (length > room) refuse(`its header must fit into ${room} bytes`, `it claims ${length}`);
  const header = parseHeader(new TextDecoder().decode(bytes.subarray(start, start + length)), refuse);

  const { little, code, size } = typeOf(header.descr, refuse);
  const { shape } = header;
  const count = shape.reduce((a, b) => a * b, 1);
  const body = bytes.length - start - length;
  if (count * size !== body) {
    refuse(`shape (${shape.join(", ")}) of ${header.descr} must have ${count * size} bytes of data`, `it has ${body}`);
  }
  const data = decode(new Uint8Array(bytes.subarray(start + length)), code, size, little, refuse);
  return { data: header.fortran && shape.length > 1 ? rowMajor(data, shape) : data, shape };
}

/**
 * The bytes of a .npy file, version 1, little-endian, C order: what `numpy.save` writes.
 *
 * @throws {RangeError} If the shape does not fit the data.
 */
export function writeNpy({ data, shape }: NpyArray): Uint8Array<ArrayBuffer> {
  if (shape.reduce((a, b) => a * b, 1) !== data.length) {
    throw new RangeError(`Cannot write .npy as the shape must hold ${data.length} values: it is (${shape.join(", ")})`);
  }
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dict = `{'descr': '${descrOf(data)}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + dict.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length + data.byteLength);
  bytes.set([...MAGIC, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, length - 10, true);
  bytes.set(new TextEncoder().encode(dict.padEnd(length - 11) + "\n"), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), length);
  return bytes;
}

type Refuse = (need: string, found: string) => never;

function typeOf(descr: string, refuse: Refuse): { little: boolean; code: string; size: number } {
  const [, order, code, digits] = /^([<>|=])([fuib])([1248])$/.exec(descr) ?? [];
  const size = Number(digits);
  const known = { f: [4, 8], u: [1, 2, 4, 8], i: [1, 2, 4, 8], b: [1] }[code ?? ""]?.includes(size);
  if (!known || (order === "|" && size > 1)) {
    refuse("its type must be f4, f8, i1 … i8, u1 … u8 or b1", `it is ${quoted(descr)}`);
  }
  return { little: order !== ">", code, size };
}

function decode(
  bytes: Uint8Array<ArrayBuffer>,
  code: string,
  size: number,
  little: boolean,
  refuse: Refuse,
): NpyData {
  if (!little && size > 1) {
    for (let i = 0; i < bytes.length; i += size) bytes.subarray(i, i + size).reverse();
  }
  const { buffer } = bytes;
  if (code === "f") return size === 4 ? new Float32Array(buffer) : new Float64Array(buffer);
  if (code === "b") bytes.forEach((byte, i) => bytes[i] = byte === 0 ? 0 : 1);
  if (size === 1) return code === "i" ? new Int8Array(buffer) : bytes;
  if (size === 2) return code === "u" ? new Uint16Array(buffer) : new Int16Array(buffer);
  if (size === 4) return code === "u" ? new Uint32Array(buffer) : new Int32Array(buffer);
  const wide = code === "u" ? new BigUint64Array(buffer) : new BigInt64Array(buffer);
  const numbers = new Float64Array(buffer); // over the same bytes: each is read before it is written
  for (let i = 0; i < wide.length; i++) {
    const number = Number(wide[i]);
    if (!Number.isSafeInteger(number)) refuse("its integers must be below 2^53 in size", `[${i}] is ${wide[i]}`);
    numbers[i] = number;
  }
  return numbers;
}

/** Values in Fortran order, the first index fastest, put in row-major order. */
function rowMajor<Data extends NpyData>(data: Data, shape: readonly number[]): Data {
  const result = data.slice() as Data;
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    result[to] = data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= index[axis] * strides[axis];
      index[axis] = 0;
    }
  }
  return result;
}

/** Reads the Python dictionary of a header: its three entries in any order, nothing else. */
function parseHeader(text: string, refuse: Refuse): { descr: string; fortran: boolean; shape: number[] } {
  const entry = /\s*(['"])(\w+)\1\s*:\s*(['"][^'"\\]*['"]|\([\d\s,L]*\)|True|False)\s*(?:,|(?=\}))/y;
  const found: Record<string, string> = {};
  entry.lastIndex = /^\s*\{/.exec(text)?.[0].length ?? text.length;
  let at = entry.lastIndex;
  for (let match; (match = entry.exec(text)) && !Object.hasOwn(found, match[2]); at = entry.lastIndex) {
    found[match[2]] = match[3];
    if (Object.keys(found).length > 3) break;
  }
  const { descr = "", fortran_order: fortran = "", shape: tuple = "" } = found;
  const whole = /^\s*\}\s*$/.test(text.slice(at)) && Object.keys(found).length === 3;
  if (!whole || !/^['"]/.test(descr) || !/^[TF]/.test(fortran) || tuple === "") {
    refuse(
      "its header must hold 'descr', 'fortran_order' and 'shape' of one plain type",
      `it is ${quoted(text.trim())}`,
    );
  }
  const shape = shapeOf(tuple);
  if (shape === undefined) return refuse("its shape must be a tuple of integers >= 0", `it is ${quoted(tuple)}`);
  return { descr: descr.slice(1, -1), fortran: fortran === "True", shape };
}

function shapeOf(tuple: string): number[] | undefined {
  if (!tuple.startsWith("(")) return undefined;
  const parts = tuple.slice(1, -1).split(",").map((part) => part.trim());
  if (parts[parts.length - 1] === "") parts.pop();
  else if (parts.length === 1) return undefined;
  if (parts.length > MOST_AXES || parts.some((part) => !/^\d{1,16}L?$/.test(part))) return undefined;
  const shape = parts.map((part) => Number(part.replace("L", "")));
  return shape.every(Number.isSafeInteger) ? shape : undefined;
}

function descrOf(data: NpyData): string {
  if (data instanceof Float32Array) return "<f4";
  if (data instanceof Float64Array) return "<f8";
  if (data instanceof Int8Array) return "|i1";
  if (data instanceof Int16Array) return "<i2";
  if (data instanceof Uint16Array) return "<u2";
  if (data instanceof Int32Array) return "<i4";
  return data instanceof Uint32Array ? "<u4" : "|u1";
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
