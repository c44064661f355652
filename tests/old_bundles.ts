import { readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname!, "fixtures", "bundles");

/** A bundle as an earlier Infoplane wrote it, kept so that every later one goes on reading it. */
export interface OldBundle {
  /** Version of the format and day it was written: `v1-2026-11-24`. */
  readonly name: string;
  readonly dir: string;
  /** SHA-256 of its `bundle.json`. */
  readonly digest: string;
}

/** Every bundle that is kept, as `tests/fixtures/bundles/digests.json` lists them. */
export const OLD_BUNDLES: readonly OldBundle[] = Object.entries(
  JSON.parse(readFileSync(join(FOLDER, "digests.json"), "utf8")) as Record<string, string>,
).map(([name, digest]) => ({ name, dir: join(FOLDER, name), digest }));
