import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { MissingData, Problem } from "../contracts/problem.ts";

/** A file of a data set, held against the digest of the official one. */
export interface OfficialFile {
  /** Name, as it is published; a gzipped one may stand beside or in its place. */
  readonly name: string;
  /** MD5 of its bytes, unpacked, in hex. */
  readonly md5: string;
}

/**
 * Reads a file from the first folder that has it, packed or not, and checks that it is the official one.
 *
 * @param folders In the order in which they are tried.
 * @param remedy What to do if none has it: a command, after "get it with".
 * @throws {MissingData} If no folder has it.
 * @throws {Problem} If it is another file.
 */
export function readOfficial({ name, md5 }: OfficialFile, folders: readonly string[], remedy: string): Uint8Array {
  for (const folder of folders) {
    for (const path of [join(folder, name), join(folder, `${name}.gz`)]) {
      if (!mayExist(path)) continue;
      const raw = readFileSync(path);
      const bytes = path.endsWith(".gz") ? gunzipSync(raw) : raw;
      const found = createHash("md5").update(bytes).digest("hex");
      if (found === md5) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      throw new Problem(`Cannot use ${path} as the MD5 of the official ${name} must be ${md5}: it is ${found}`);
    }
  }
  throw new MissingData(`Cannot find ${name} in ${folders.join(", ") || "any folder"}: ${remedy}`);
}

/**
 * The folder of a file in an npm package that the configuration lets a plugin read.
 *
 * @param resolve `() => import.meta.resolve("package/file")`, in the plugin.
 * @returns None if the package is not installed.
 */
export function packagedFolder(resolve: () => string): string[] {
  try {
    const url = resolve();
    return url.startsWith("file:") ? [dirname(fileURLToPath(url))] : [];
  } catch {
    return [];
  }
}

/** False where a folder may not be read: then the file is not there for us. */
function mayExist(path: string): boolean {
  try {
    return existsSync(path);
  } catch {
    return false;
  }
}
