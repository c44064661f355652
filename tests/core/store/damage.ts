import assert from "node:assert/strict";
import { Problem } from "../../../core/contracts/problem.ts";
import type { Stream } from "../../../core/contracts/stream.ts";

/** How many damaged files each reader meets. */
export const DAMAGED = 100_000;

/** More than any reader needs for files of some kilobytes; a reader that believes a header takes gigabytes. */
const MOST_MEMORY = 512 * 2 ** 20;

/**
 * Damages files over and over, and asserts that a reader answers with its own error alone, in bounded time and memory.
 *
 * @param hostile Characters that headers of the format are made of.
 * @param read Reads the bytes and checks what it got.
 * @returns How many were refused.
 */
export function meetDamage(
  files: readonly Uint8Array[],
  stream: Stream,
  hostile: string,
  read: (bytes: Uint8Array) => void,
): number {
  let refused = 0;
  let slowest = 0;
  const before = Deno.memoryUsage().rss;
  for (let i = 0; i < DAMAGED; i++) {
    const bytes = damaged(files[stream.integer(files.length)], stream, hostile);
    const started = performance.now();
    try {
      read(bytes);
    } catch (error) {
      assert.ok(error instanceof Problem && error.exitCode === 2, `input ${i}: ${error}`);
      assert.doesNotMatch(error.message, /[\n\r]/);
      refused++;
    }
    slowest = Math.max(slowest, performance.now() - started);
    if (i % 64 === 0) assert.ok(Deno.memoryUsage().rss - before < MOST_MEMORY, `input ${i}`);
  }
  assert.ok(slowest < 1000, `${slowest} ms`);
  return refused;
}

/** Flips, overwrites, cuts, repeats, writes huge numbers, or swaps a character of a header for a hostile one. */
function damaged(file: Uint8Array, stream: Stream, hostile: string): Uint8Array {
  let bytes = file.slice();
  const times = 1 + stream.integer(3);
  for (let k = 0; k < times && bytes.length > 0; k++) {
    const head = Math.min(bytes.length, 128);
    const at = [stream.integer(head), bytes.length - 1 - stream.integer(head), stream.integer(bytes.length)][
      stream.integer(3)
    ];
    const kind = stream.integer(7);
    if (kind === 0) bytes[at] ^= 1 << stream.integer(8);
    if (kind === 1) bytes[at] = stream.integer(256);
    if (kind === 2) bytes = bytes.slice(0, at);
    if (kind === 3) {
      const rest = bytes.subarray(stream.integer(bytes.length));
      const joined = new Uint8Array(at + rest.length);
      joined.set(bytes.subarray(0, at));
      joined.set(rest, at);
      bytes = joined;
    }
    if (kind === 4) bytes.set(new TextEncoder().encode("99999999999999").subarray(0, bytes.length - at), at);
    if (kind === 5) bytes[at] = hostile.charCodeAt(stream.integer(hostile.length));
    if (kind === 6) bytes.fill(0xff, at, at + 4);
  }
  return bytes;
}
