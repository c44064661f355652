import { Problem } from "../contracts/problem.ts";

/** Bytes of an .idx file with their shape. */
export interface IdxArray {
  /** Row-major. */
  readonly data: Uint8Array;
  /** Extent of each axis. */
  readonly shape: readonly number[];
}

/** The type of unsigned bytes, the only one that MNIST and its kin hold. */
const BYTES = 0x08;

/**
 * Reads an .idx file of unsigned bytes, the format of MNIST (LeCun, Cortes and Burges): two zero bytes, the type, the number of axes, an
 * extent of four bytes for each, big-endian, then the data.
 *
 * @param name As a message calls the file.
 * @throws {Problem} If it is no such file, or longer or shorter than it says.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const { shape, data } = readIdx(Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 9), "three.idx");
 * assert.deepEqual([...shape, ...data], [1, 3, 7, 8, 9]);
 * ```
 */
export function readIdx(bytes: Uint8Array, name: string): IdxArray {
  const refuse = (need: string, came: string): never => {
    throw new Problem(`Cannot read ${name} as ${need}: ${came}`);
  };
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    refuse("an .idx file must begin with two zero bytes", `it begins with ${[...bytes.subarray(0, 2)].join(" ")}`);
  }
  if (bytes[2] !== BYTES) refuse("its values must be unsigned bytes, type 8", `its type is ${bytes[2]}`);
  const axes = bytes[3];
  const start = 4 + 4 * axes;
  if (axes < 1 || bytes.length < start) {
    refuse("it must name an extent for each axis", `it ends after ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((a, b) => a * b, 1);
  if (bytes.length !== start + size) {
    refuse(`it must hold ${shape.join(" × ")} bytes after its header`, `it holds ${bytes.length - start}`);
  }
  return { data: bytes.subarray(start), shape };
}
