/**
 * A named source of random numbers. A stream is known by its path from the root, not by when it was made, so a draw from one
 * never moves another.
 */
export interface Stream {
  /** The names from the root down, for messages and tests. */
  readonly path: readonly (string | number)[];
  /** The stream of this name below this one; drawing from it leaves this one untouched. */
  child(...names: (string | number)[]): Stream;
  /** The next 32 random bits, as an integer in [0, 2^32). */
  bits(): number;
  /** The next number, uniform on [0, 1) in steps of 2^-53. */
  uniform(): number;
  /** The next integer, uniform on [0, bound), without bias; bound an integer in [1, 2^32]. */
  integer(bound: number): number;
  /** The next standard normal number. */
  normal(): number;
}
