import { readFile } from "node:fs/promises";
import process from "node:process";
import type { EntryPoint } from "../../reference/api.ts";
import type { Item } from "../../reference/items.ts";
import type { Reference } from "../../reference/read.ts";

let read: Promise<Reference> | undefined;

/** The reference that the build left for the pages; read once for all of them. */
export function theReference(): Promise<Reference> {
  return read ??= readFile(process.env.INFOPLANE_REFERENCE!, "utf8").then((text) => JSON.parse(text));
}

/** What one page of the reference is about. */
export type Subject = { readonly entry: EntryPoint } | { readonly item: Item };

/** Exported names by what they are, in the order in which a page shows them. */
export const GROUPS = [
  { kind: "function", title: "Functions" },
  { kind: "constant", title: "Constants" },
  { kind: "class", title: "Classes" },
  { kind: "type", title: "Types" },
] as const;
