import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type EntryPoint, readApi } from "./api.ts";
import { type Item, readItems } from "./items.ts";
import { proseOf } from "./prose.ts";

/** All that the pages of the reference show. */
export interface Reference {
  readonly entries: readonly EntryPoint[];
  readonly items: readonly Item[];
  /** `core/VERSIONING.md` as HTML, without its heading. */
  readonly versions: string;
}

/**
 * The reference, from the doc comments of every entry point, the schemas of the built-ins, and what is written of versions.
 *
 * @param base Path that the site is served under.
 */
export async function readReference(base: string): Promise<Reference> {
  const [entries, items] = await Promise.all([readApi(`${base}reference/`), readItems()]);
  const text = await readFile(join(import.meta.dirname!, "..", "..", "core", "VERSIONING.md"), "utf8");
  const versions = await proseOf(text.replace(/^# .*\n/, ""), () => undefined);
  return { entries, items, versions };
}
