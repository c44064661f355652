import type { Stream } from "./stream.ts";

/** What the core hands a plugin beside its options: chance, data folders, the wish to stop, and a place to speak. No clock. */
export interface Context {
  /** The stream of the work at hand; its children are named by role. */
  readonly stream: Stream;
  /** Folders in which a relative path is looked for, in this order: those given by `--data`, then the project's. */
  readonly data: readonly string[];
  /** Programs the plugin was granted, by name: the absolute path, or null where this machine has none. */
  readonly programs?: { readonly [name: string]: string | null };
  /** Aborted when the result is no longer wanted. */
  readonly signal: AbortSignal;
  /** Says how much of the work is done, from 0 to 1; ends the current piece of work, so call it at least once a second. */
  progress(done: number): Promise<void>;
  /** Writes a line to the log (standard error), prefixed with the plugin's id. */
  log(message: string): void;
}
