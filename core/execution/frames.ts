import type { Json } from "../contracts/tensor.ts";

/**
 * A message between host and slot: JSON and binary attachments, on a pipe.
 *
 * Layout, little-endian: u32 length of what follows · u32 length of the JSON · JSON (UTF-8) · for each attachment u32 length
 * and its bytes, each part padded to 8 so that typed arrays can be laid over them.
 */
export interface Frame {
  readonly head: { readonly [key: string]: Json };
  readonly parts: readonly Uint8Array[];
}

const LARGEST = 0x7fff_ffff;

/** The bytes of a frame. */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(JSON.stringify(frame.head));
  let size = padded(8 + head.length);
  for (const part of frame.parts) size += 8 + padded(part.length);
  if (size > LARGEST) throw new RangeError(`Cannot send a message of ${size} bytes as it must be below 2 GiB`);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, size - 8, true);
  view.setUint32(4, head.length, true);
  bytes.set(head, 8);
  let at = padded(8 + head.length);
  for (const part of frame.parts) {
    view.setUint32(at, part.length, true);
    bytes.set(part, at + 8);
    at += 8 + padded(part.length);
  }
  return bytes;
}

/**
 * Reads frames from a stream of bytes until it ends.
 *
 * @throws {RangeError} If the bytes are not frames.
 */
export async function* readFrames(stream: ReadableStream<Uint8Array>): AsyncGenerator<Frame> {
  let held = new Uint8Array(0);
  let filled = 0;
  for await (const chunk of stream) {
    if (filled + chunk.length > held.length) {
      const needed = filled >= 4 ? lengthOf(held) : 0;
      const larger = new Uint8Array(Math.max(filled + chunk.length, needed, 65536));
      larger.set(held.subarray(0, filled));
      held = larger;
    }
    held.set(chunk, filled);
    filled += chunk.length;
    while (filled >= 8 && filled >= lengthOf(held)) {
      const length = lengthOf(held);
      yield decode(held.slice(0, length));
      held.copyWithin(0, length, filled);
      filled -= length;
    }
  }
  if (filled > 0) throw new RangeError("Cannot read a message as the stream ended within it");
}

function lengthOf(bytes: Uint8Array): number {
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) + 8;
  if (size > LARGEST) throw new RangeError("Cannot read a message as its length is beyond 2 GiB");
  return size;
}

function decode(bytes: Uint8Array<ArrayBuffer>): Frame {
  const view = new DataView(bytes.buffer);
  const length = view.getUint32(4, true);
  if (8 + length > bytes.length) throw new RangeError("Cannot read a message as its header is longer than itself");
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const parts: Uint8Array[] = [];
  let at = padded(8 + length);
  while (at < bytes.length) {
    const size = view.getUint32(at, true);
    if (at + 8 + size > bytes.length) throw new RangeError("Cannot read a message as an attachment is cut off");
    parts.push(bytes.subarray(at + 8, at + 8 + size));
    at += 8 + padded(size);
  }
  return { head, parts };
}

function padded(size: number): number {
  return (size + 7) & ~7;
}
