/**
 * What the tests of a plugin need: streams, a context to hand to the plugin's functions, and rows with planted answers for analyses.
 *
 * @module
 */
import type { Context } from "./contracts/context.ts";
import type { Stream } from "./contracts/stream.ts";
import { root } from "./random/mod.ts";

export type { Context } from "./contracts/context.ts";
export type { Stream } from "./contracts/stream.ts";
export type { StudyRows } from "./contracts/analysis.ts";
export type { SeriesRow, TrialRow } from "./contracts/rows.ts";
export {
  noisy,
  type PlantedNet,
  plantedNets,
  type PlantedPath,
  plantedPath,
  plantedRows,
  plantedSeries,
  type PlantedSetting,
  together,
} from "./claims/planted.ts";
export { root, shuffle } from "./random/mod.ts";

/**
 * A context as a slot gives it, with progress ignored and the log collected.
 *
 * @param stream Source of chance; `root(0)` unless told.
 *
 * @example
 * ```ts
 * const { ctx, lines } = testContext(root(1).child("replicate", 0));
 * ctx.log("hello");
 * console.assert(lines[0] === "hello");
 * ```
 */
export function testContext(stream: Stream = root(0)): { readonly ctx: Context; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const ctx: Context = {
    stream,
    data: [],
    signal: new AbortController().signal,
    progress: () => Promise.resolve(),
    log: (line) => lines.push(line),
  };
  return { ctx, lines };
}
