import { isAbsolute, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Path of a file: URL. */
export function fromFileUrl(url: URL | string): string {
  return fileURLToPath(url);
}

/** file: URL of an absolute path; a slash at the end stays. */
export function toFileUrl(path: string): URL {
  return pathToFileURL(path);
}

/** A path argument as the user meant it: relative to the folder they stood in, which `deno task` keeps in INIT_CWD. */
export function fromUser(path: string): string {
  return isAbsolute(path) ? path : resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), path);
}
