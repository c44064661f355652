/**
 * xoshiro128**, the all-purpose 32-bit generator of Blackman and Vigna, "Scrambled linear pseudorandom number generators",
 * ACM Transactions on Mathematical Software 47(4), 2021. Period 2^128 − 1.
 *
 * @param state Four words, not all zero; advanced in place.
 * @returns The next 32 bits as an unsigned integer.
 */
export function xoshiro128(state: Uint32Array): number {
  const result = Math.imul(rotateLeft(Math.imul(state[1], 5), 7), 9) >>> 0;
  const t = state[1] << 9;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= t;
  state[3] = rotateLeft(state[3], 11);
  return result;
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
