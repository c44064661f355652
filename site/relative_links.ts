import type { AstroIntegration } from "astro";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Makes every link below the base relative to its own file, so that the pages open from a folder, from a server, and under
 * any path. The page for what is not found is shown at any address, so its links keep the base.
 */
export function relativeLinks(base: string): AstroIntegration {
  return {
    name: "relative-links",
    hooks: {
      "astro:build:done": async ({ dir }) => {
        const out = fileURLToPath(dir);
        for (const entry of await readdir(out, { recursive: true, withFileTypes: true })) {
          if (!entry.isFile() || !/\.(html|css)$/.test(entry.name) || entry.name === "404.html") continue;
          const file = join(entry.parentPath, entry.name);
          const folder = relative(out, dirname(file)).split(sep).join("/");
          await writeFile(file, withRelativeLinks(await readFile(file, "utf8"), base, folder));
        }
      },
    },
  };
}

/**
 * @param text HTML or CSS whose links start with `base`.
 * @param folder Folder of the file, from the root of the site.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(withRelativeLinks('<a href="/x/claims/index.html#a">', "/x/", "studies/one"), '<a href="../../claims/index.html#a">');
 * ```
 */
export function withRelativeLinks(text: string, base: string, folder: string): string {
  return text.replace(/(\b(?:href|src)="|\burl\(["']?)(\/(?!\/)[^"')]*)/g, (whole, before, link) => {
    if (!link.startsWith(base)) return whole;
    const [, path, rest] = link.slice(base.length).match(/^([^#?]*)(.*)$/s)!;
    return before + (posix.relative(folder, path) || ".") + rest;
  });
}
