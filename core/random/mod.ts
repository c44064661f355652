/**
 * Named random streams over one 32-bit generator.
 *
 * @module
 */
export { root } from "./stream.ts";
export { shuffle } from "./shuffle.ts";
export { splitRows } from "./split.ts";
export { truncatedNormal } from "./truncated_normal.ts";
