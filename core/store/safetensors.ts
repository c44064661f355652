import { Problem } from "../contracts/problem.ts";

/** Values of a tensor in a safetensors file; the kind of array says the type. `number[]` stands for I64. */
export type SafetensorData =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | readonly number[];

/** A tensor of a safetensors file, row-major. */
export interface Safetensor {
  /**
   * F32, F64 and integers up to 32 bits as typed arrays. F16 and BF16, read alone, are widened to Float32Array, which changes no
   * value; BOOL comes as Uint8Array of 0 and 1; I64 and, read alone, U64 come as numbers, each a safe integer.
   */
  readonly data: SafetensorData;
  /** Extent of each axis; the product is `data.length`. */
  readonly shape: readonly number[];
}

/** What a safetensors file holds. */
export interface SafetensorsContent {
  /** By name, in the order of the bytes. */
  readonly tensors: ReadonlyMap<string, Safetensor>;
  /** Texts that the file says of itself. */
  readonly metadata: { readonly [name: string]: string };
}

const SIZES = {
  ...{ F64: 8, I64: 8, U64: 8, F32: 4, I32: 4, U32: 4 },
  ...{ F16: 2, BF16: 2, I16: 2, U16: 2, I8: 1, U8: 1, BOOL: 1 },
} as const;
type Type = keyof typeof SIZES;

/** Longest header that the reference implementation reads. */
const LONGEST_HEADER = 100_000_000;

/**
 * The bytes of a safetensors file (huggingface/safetensors): u64 length of the header · header, JSON padded with spaces to a
 * multiple of 8 · the tensors without gaps.
 *
 * The same tensors give the same bytes in whatever order they come: wider types first, so that each starts at a multiple of
 * its size, then by name.
 *
 * @throws {RangeError} If a shape does not fit its data, a name is there twice or reserved, or an I64 is not a safe integer.
 */
export function writeSafetensors(
  tensors: Iterable<readonly [string, Safetensor]>,
  metadata: { readonly [name: string]: string } = {},
): Uint8Array<ArrayBuffer> {
  const parts = [...tensors].map(([name, { data, shape }]) => ({ name, data, shape, type: typeOf(data) }));
  parts.sort((a, b) => SIZES[b.type] - SIZES[a.type] || compare(a.type, b.type) || compare(a.name, b.name));
  const header: string[] = [];
  if (Object.keys(metadata).length > 0) {
    const texts = Object.entries(metadata).sort(([a], [b]) => compare(a, b));
    header.push(`"__metadata__":{${texts.map((pair) => pair.map((text) => JSON.stringify(text)).join(":")).join()}}`);
  }
  const names = new Set(["__metadata__"]);
  let end = 0;
  for (const { name, data, shape, type } of parts) {
    const action = `Cannot write tensor "${name}"`;
    if (names.has(name)) throw new RangeError(`${action} as names must differ and not be "__metadata__"`);
    names.add(name);
    if (!isShape(shape) || product(shape) !== data.length) {
      throw new RangeError(`${action} as its shape must hold ${data.length} values: it is [${shape.join(", ")}]`);
    }
    const begin = end;
    end += data.length * SIZES[type];
    header.push(
      `${JSON.stringify(name)}:{"dtype":"${type}","shape":[${shape.join()}],"data_offsets":[${begin},${end}]}`,
    );
  }
  const text = new TextEncoder().encode(`{${header.join()}}`);
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(start + end);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(start - 8), true);
  bytes.set(text, 8);
  bytes.fill(0x20, 8 + text.length, start);
  let at = start;
  for (const { name, data, type } of parts) {
    put(view, at, data, name);
    at += data.length * SIZES[type];
  }
  return bytes;
}

/**
 * Reads a safetensors file whole. Every claim of the header is held against the bytes before anything is allocated; at most four
 * times the input is.
 *
 * @param file What to call the bytes in a message: a path.
 * @throws {Problem} If the bytes are truncated, or the header lies or names a type that we do not read.
 *
 * @example A file without tensors: eight bytes that say how long the header is, and the header
 * ```ts
 * import assert from "node:assert/strict";
 * const bytes = Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode("{}"));
 * assert.equal(readSafetensors(bytes, "empty.safetensors").tensors.size, 0);
 * ```
 */
export function readSafetensors(bytes: Uint8Array, file: string): SafetensorsContent {
  const refuse = (need: string, found: string): never => {
    throw new Problem(`Cannot read ${file} as safetensors as ${need}: ${found}`);
  };
  if (bytes.length < 8) refuse("it must start with 8 bytes of header length", `it has ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > bytes.length - 8 || length > LONGEST_HEADER) {
    refuse(`its header must fit into ${bytes.length - 8} bytes`, `it claims ${length}`);
  }
  const header = parseHeader(bytes.subarray(8, 8 + length));
  if (header === undefined) return refuse("its header must be a JSON object", "it is not");

  const { __metadata__: metadata = {}, ...rest } = header;
  if (!isRecord(metadata) || Object.values(metadata).some((text) => typeof text !== "string")) {
    refuse("__metadata__ must map names to texts", JSON.stringify(metadata).slice(0, 40));
  }
  const room = bytes.length - 8 - length;
  const entries = Object.entries(rest).map(([name, claim]) => claimed(name, claim, room, refuse));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end || compare(a.name, b.name));
  let at = 0;
  const tensors = new Map<string, Safetensor>();
  for (const { name, begin } of entries) {
    if (begin !== at) {
      refuse(`tensor "${name}" must start where the one before ends, at ${at}`, `it starts at ${begin}`);
    }
    at = entries[tensors.size].end;
    tensors.set(name, { data: [], shape: [] });
  }
  if (at !== room) refuse(`its tensors must fill ${room} bytes`, `they end at ${at}`);
  for (const { name, type, shape, begin, end } of entries) {
    const from = 8 + length + begin;
    tensors.set(name, {
      data: take(new Uint8Array(bytes.subarray(from, from + end - begin)), type, name, refuse),
      shape,
    });
  }
  return { tensors, metadata: metadata as { [name: string]: string } };
}

type Refuse = (need: string, found: string) => never;

function parseHeader(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const header = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    return isRecord(header) ? header : undefined;
  } catch {
    return undefined;
  }
}

function claimed(name: string, claim: unknown, room: number, refuse: Refuse) {
  const what = `tensor ${quoted(name)}`;
  const { dtype, shape, data_offsets: offsets } = isRecord(claim) ? claim : {};
  if (typeof dtype !== "string" || !Object.hasOwn(SIZES, dtype)) {
    refuse(`${what} must have type ${Object.keys(SIZES).sort().join(", ")}`, `its dtype is ${quoted(dtype)}`);
  }
  const type = dtype as Type;
  if (!isShape(shape)) return refuse(`the shape of ${what} must be a list of integers >= 0`, quoted(shape));
  if (!isShape(offsets) || offsets.length !== 2 || offsets[0] > offsets[1] || offsets[1] > room) {
    return refuse(`data_offsets of ${what} must rise within ${room} bytes`, quoted(offsets));
  }
  const [begin, end] = offsets;
  if (product(shape) * SIZES[type] !== end - begin) {
    refuse(`${what} must hold ${end - begin} bytes`, `its shape is [${shape.join(", ").slice(0, 60)}] of ${type}`);
  }
  return { name, type, shape: [...shape], begin, end };
}

// Typed arrays are laid over the bytes as they are: every platform that runs this is little-endian.
function take(bytes: Uint8Array<ArrayBuffer>, type: Type, name: string, refuse: Refuse): SafetensorData {
  const { buffer } = bytes;
  switch (type) {
    case "F32":
      return new Float32Array(buffer);
    case "F64":
      return new Float64Array(buffer);
    case "I32":
      return new Int32Array(buffer);
    case "U32":
      return new Uint32Array(buffer);
    case "I16":
      return new Int16Array(buffer);
    case "U16":
      return new Uint16Array(buffer);
    case "I8":
      return new Int8Array(buffer);
    case "U8":
      return bytes;
    case "BOOL":
      return bytes.map((byte) => byte === 0 ? 0 : 1);
    case "F16":
      return widened(new Uint16Array(buffer), halfBits);
    case "BF16":
      return widened(new Uint16Array(buffer), (bits) => bits << 16);
  }
  const numbers = Array.from(type === "I64" ? new BigInt64Array(buffer) : new BigUint64Array(buffer), Number);
  const unsafe = numbers.findIndex((number) => !Number.isSafeInteger(number));
  if (unsafe >= 0) {
    refuse(`integers of tensor ${quoted(name)} must be below 2^53`, `[${unsafe}] is about ${numbers[unsafe]}`);
  }
  return numbers;
}

/** Floats of 16 bits as floats of 32, given the bits of one as the bits of the other. */
function widened(bits: Uint16Array, wider: (bits: number) => number): Float32Array {
  return new Float32Array(Uint32Array.from(bits, wider).buffer);
}

/** Bits of the float32 that equals an IEEE binary16: the exponent moves by 127 − 15, the fraction by 23 − 10 places. */
function halfBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  const shift = Math.clz32(fraction) - 21; // a subnormal is normal in float32
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 1023) << 13);
}

function put(view: DataView, at: number, data: SafetensorData, name: string): void {
  if (!isNumbers(data)) {
    new Uint8Array(view.buffer, at, data.byteLength).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return;
  }
  data.forEach((number, i) => {
    if (!Number.isSafeInteger(number)) {
      throw new RangeError(`Cannot write tensor "${name}" as I64 must be safe integers: [${i}] is ${number}`);
    }
    view.setBigInt64(at + 8 * i, BigInt(number), true);
  });
}

function typeOf(data: SafetensorData): Type {
  if (isNumbers(data)) return "I64";
  if (data instanceof Float32Array) return "F32";
  if (data instanceof Float64Array) return "F64";
  if (data instanceof Int32Array) return "I32";
  if (data instanceof Uint32Array) return "U32";
  if (data instanceof Int16Array) return "I16";
  if (data instanceof Uint16Array) return "U16";
  return data instanceof Int8Array ? "I8" : "U8";
}

function isNumbers(data: SafetensorData): data is readonly number[] {
  return Array.isArray(data);
}

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((part) => Number.isSafeInteger(part) && part >= 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function quoted(value: unknown): string {
  return (JSON.stringify(value) ?? "undefined").slice(0, 60);
}
