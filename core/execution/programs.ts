import { statSync } from "node:fs";
import { basename, delimiter, join, resolve } from "node:path";
import { EXIT, Problem } from "../contracts/problem.ts";

/** Programs by the name a plugin knows them by: their absolute path, or null where there is none. */
export type Programs = { readonly [name: string]: string | null };

/**
 * Where the granted programs are. The host looks, so that nothing within a slot can put another program in their place.
 *
 * @param granted Names, to be found on the PATH, and paths, relative to `root`.
 * @throws {Problem} If a path holds a comma, which parts the paths of a right.
 *
 * @example A program that is nowhere
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(programsOf(["no-such-program"], "/"), { "no-such-program": null });
 * ```
 */
export function programsOf(granted: readonly string[], root: string): Programs {
  return Object.fromEntries(granted.map((program) => {
    const places = program.includes("/") ? [resolve(root, program)] : onPath(program);
    const path = places.find(isProgram) ?? null;
    if (path?.includes(",")) {
      throw new Problem(`Cannot grant ${program} as its path must have no comma: it is ${path}`, EXIT.usage);
    }
    return [basename(program), path];
  }));
}

function onPath(name: string): string[] {
  return (Deno.env.get("PATH") ?? "").split(delimiter).filter(Boolean).map((folder) => join(folder, name));
}

function isProgram(path: string): boolean {
  try {
    const found = statSync(path);
    return found.isFile() && (found.mode & 0o111) !== 0;
  } catch {
    return false;
  }
}
