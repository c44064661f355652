import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT } from "./harness.ts";

const { imports } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8")) as { imports: Record<string, string> };

/** A package as a registry holds it. */
interface Published {
  readonly version: string;
  readonly exports: Record<string, string>;
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** A registry on this machine that holds the packages of these folders under @infoplane, spoken to as JSR; at any free port. */
export function serveRegistry(folders: readonly string[]): Deno.HttpServer<Deno.NetAddr> {
  const packages = new Map(folders.map((folder) => [folder, publish(folder)]));
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const [, folder, rest] = /^\/@infoplane\/(\w+)\/(.*)$/.exec(new URL(request.url).pathname) ?? [];
    const found = packages.get(folder);
    if (!found) return new Response(null, { status: 404 });
    const { version, exports, files } = found;
    if (rest === "meta.json") {
      return Response.json({ scope: "infoplane", name: folder, latest: version, versions: { [version]: {} } });
    }
    if (rest === `${version}_meta.json`) return Response.json({ exports, manifest: manifestOf(files) });
    const bytes = files.get(rest.slice(version.length));
    const type = rest.endsWith(".ts") ? "text/typescript" : "application/octet-stream";
    return new Response(bytes, { status: bytes ? 200 : 404, headers: { "content-type": type } });
  });
}

function publish(folder: string): Published {
  const dir = join(ROOT, folder);
  const { version, exports } = JSON.parse(readFileSync(join(dir, "deno.json"), "utf8"));
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(
    (entry) => {
      const path = relative(dir, join(entry.parentPath, entry.name));
      const bytes = new Uint8Array(readFileSync(join(dir, path)));
      return [
        `/${path}`,
        /\.ts$/.test(path) && !path.includes("templates/") ? withWholeSpecifiers(bytes, version) : bytes,
      ] as const;
    },
  );
  return { version, exports: typeof exports === "string" ? { ".": exports } : exports, files: new Map(files) };
}

/** What publishing does to a module: names that an import map explains become specifiers that need none. */
function withWholeSpecifiers(bytes: Uint8Array, version: string): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder().decode(bytes).replace(
    /(\bfrom |\bimport\(|\bimport )"([^".][^"]*)"/g,
    (whole, before, name: string) => {
      const [, own, path] = /^(@infoplane\/\w+)(.*)$/.exec(name) ?? [];
      if (own) return `${before}"jsr:${own}@^${version}${path}"`;
      const key = Object.keys(imports).find((key) => name === key || name.startsWith(`${key}/`));
      return key === undefined ? whole : `${before}"${imports[key]}${name.slice(key.length)}"`;
    },
  );
  return new TextEncoder().encode(text);
}

function manifestOf(files: Published["files"]): Record<string, unknown> {
  return Object.fromEntries([...files].map(([path, bytes]) => {
    const checksum = `sha256-${createHash("sha256").update(bytes).digest("hex")}`;
    return [path, { size: bytes.length, checksum }];
  }));
}
