/**
 * Why a version above those this Infoplane knows is refused: what such a message must hold, and what came.
 *
 * @param most The highest version that is known.
 * @param found The version that came.
 * @param what Whose version: `its version`, `plugin API`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(
 *   whyNewer(1, 2),
 *   "its version must be at most 1: it is 2, of a newer Infoplane (core/VERSIONING.md says what is read)",
 * );
 * ```
 */
export function whyNewer(most: number, found: number, what = "its version"): string {
  return `${what} must be at most ${most}: it is ${found}, of a newer Infoplane (core/VERSIONING.md says what is read)`;
}
