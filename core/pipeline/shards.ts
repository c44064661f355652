import { Problem } from "../contracts/problem.ts";
import type { Plan } from "./plan.ts";

/** A part of a plan that one machine carries out. */
export interface Shard {
  /** 1…count. */
  readonly index: number;
  readonly count: number;
}

/**
 * Reads `i/n`, the i-th of n shards.
 *
 * @throws {Problem} If it is nothing such.
 */
export function readShard(text: string): Shard {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (!(index >= 1 && index <= count)) {
    throw new Problem(`Cannot read a shard as it must be i/n with 1 <= i <= n, such as 2/3: it is "${text}"`);
  }
  return { index, count };
}

/**
 * The shard, 1…count, that a net falls into. Keys are hashes, so shards are about equally large; a net falls into the same one in
 * every study and at every length.
 *
 * @param key Key of the trial, hexadecimal.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(shardOf("00000000000a" + "0".repeat(52), 3), 2);
 * ```
 */
export function shardOf(key: string, count: number): number {
  // Twelve digits are an exact integer, and far more than any count.
  return parseInt(key.slice(0, 12), 16) % count + 1;
}

/** The nets of one shard, and nothing else of them than the plan has. */
export function planOfShard(plan: Plan, { index, count }: Shard): Plan {
  return { ...plan, trials: plan.trials.filter(({ key }) => shardOf(key, count) === index) };
}
