import { readFileSync } from "node:fs";
import { Problem } from "../contracts/problem.ts";
import type { Json, JsonObject } from "../contracts/tensor.ts";
import { fromUser } from "../execution/paths.ts";

/** An item of a plugin as the command line names it. */
export interface ItemArgument {
  readonly id: string;
  readonly options: JsonObject;
}

/**
 * Reads `ID`, `ID:key=value,key=[-1,1]` (values are JSON where they parse, else text) or `@file.json` holding
 * `{"id": …, "options": {…}}`.
 *
 * @throws {Problem} If the text is none of these.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(readItemArgument("binning:count=30,range=[-1,1]"), {
 *   id: "binning",
 *   options: { count: 30, range: [-1, 1] },
 * });
 * ```
 */
export function readItemArgument(text: string): ItemArgument {
  if (text.startsWith("@")) return readFile(text.slice(1));
  const colon = text.indexOf(":");
  if (colon < 0) return { id: text, options: {} };
  const options: Record<string, Json> = {};
  for (const pair of splitOutsideBrackets(text.slice(colon + 1))) {
    const equals = pair.indexOf("=");
    if (equals <= 0) {
      throw new Problem(`Cannot read "${text}" as options are written key=value: "${pair}" has no "="`);
    }
    options[pair.slice(0, equals).trim()] = valueOf(pair.slice(equals + 1).trim());
  }
  return { id: text.slice(0, colon), options };
}

function readFile(path: string): ItemArgument {
  let parsed: { id?: unknown; options?: unknown };
  try {
    parsed = JSON.parse(readFileSync(fromUser(path), "utf8"));
  } catch (error) {
    throw new Problem(`Cannot read an item from "${path}": ${(error as Error).message}`);
  }
  const { id, options = {} } = parsed ?? {};
  if (typeof id !== "string" || typeof options !== "object" || options === null) {
    throw new Problem(`Cannot read an item from "${path}" as it must hold {"id": "…", "options": {…}}`);
  }
  return { id, options: options as JsonObject };
}

function valueOf(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function splitOutsideBrackets(text: string): string[] {
  const pieces: string[] = [];
  let depth = 0;
  let quoted = false;
  let piece = "";
  for (const letter of text) {
    if (letter === '"') quoted = !quoted;
    if (!quoted && (letter === "[" || letter === "{")) depth++;
    if (!quoted && (letter === "]" || letter === "}")) depth--;
    if (letter === "," && depth === 0 && !quoted) {
      pieces.push(piece);
      piece = "";
    } else piece += letter;
  }
  return piece === "" ? pieces : [...pieces, piece];
}
