import { readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";

const TYPES: { readonly [extension: string]: string } = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".csv": "text/csv; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".parquet": "application/vnd.apache.parquet",
};

/** Serves a built site on this machine, below `base`; port 0 takes any that is free. */
export function serve(site: string, base: string, port: number, quiet = false): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({
    port,
    hostname: "127.0.0.1",
    onListen: ({ port }) => quiet || console.log(`http://127.0.0.1:${port}${base}`),
  }, async (request) => {
    const path = decodeURIComponent(new URL(request.url).pathname);
    if (path === "/" && base !== "/") return Response.redirect(new URL(base, request.url));
    const found = path.startsWith(base) ? await fileAt(site, path.slice(base.length)) : undefined;
    const file = found ?? join(site, "404.html");
    return new Response(new Uint8Array(await readFile(file)), {
      status: found ? 200 : 404,
      headers: { "content-type": TYPES[extname(file)] ?? "application/octet-stream" },
    });
  });
}

async function fileAt(site: string, path: string): Promise<string | undefined> {
  if (path.split("/").includes("..")) return undefined;
  for (const file of [join(site, path), join(site, path, "index.html")]) {
    if (await stat(file).then((found) => found.isFile(), () => false)) return file;
  }
}
