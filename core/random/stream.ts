import { sha256 } from "@noble/hashes/sha2.js";
import type { Stream } from "../contracts/stream.ts";
import { log } from "../numerics/elementary.ts";
import { xoshiro128 } from "./xoshiro.ts";

/**
 * The root of all randomness of a study.
 *
 * A stream is known by its path: the 128-bit state of the generator is the first four little-endian words of the SHA-256 of
 * the path as JSON, `["infoplane",1,seed,…names]`. Roles below a replicate are `weights`, `split`, `labels`, `batches` and
 * `noise`.
 *
 * @param seed An integer, |seed| < 2^53.
 * @throws {RangeError} If the seed is not such an integer.
 *
 * @example Drawing from one stream does not move another
 * ```ts
 * import assert from "node:assert/strict";
 * const weights = () => root(2018).child("replicate", 3).child("weights");
 * const other = root(2018).child("replicate", 3, "batches");
 * other.uniform();
 * assert.equal(weights().bits(), weights().bits());
 * ```
 */
export function root(seed: number): Stream {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`Cannot start random streams as the seed must be an integer below 2^53: it is ${seed}`);
  }
  return streamAt(["infoplane", 1, seed]);
}

function streamAt(path: readonly (string | number)[]): Stream {
  let state: Uint32Array | undefined;
  let spare: number | undefined;

  function bits(): number {
    return xoshiro128(state ??= seedOf(path));
  }

  function uniform(): number {
    const high = bits() >>> 5;
    const low = bits() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  function integer(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 4294967296) {
      throw new RangeError(`Cannot draw an integer as the bound must be in [1, 2^32]: it is ${bound}`);
    }
    const unbiased = 4294967296 - (4294967296 % bound);
    let draw = bits();
    while (draw >= unbiased) draw = bits();
    return draw % bound;
  }

  /** Marsaglia's polar method (SIAM Review 6, 1964): only a logarithm and a square root, so the same bytes everywhere. */
  function normal(): number {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const scale = Math.sqrt(-2 * log(s) / s);
      spare = v * scale;
      return u * scale;
    }
  }

  return { path, child: (...names) => streamAt([...path, ...names]), bits, uniform, integer, normal };
}

function seedOf(path: readonly (string | number)[]): Uint32Array {
  for (const name of path) {
    if (typeof name === "number" && !Number.isSafeInteger(name)) {
      throw new RangeError(`Cannot name a random stream as its numbers must be integers: ${name}`);
    }
  }
  const digest = sha256(new TextEncoder().encode(JSON.stringify(path)));
  const view = new DataView(digest.buffer, digest.byteOffset);
  return Uint32Array.from([0, 4, 8, 12], (at) => view.getUint32(at, true));
}
