import { build } from "astro";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { readBundle } from "../core/store/bundle.ts";
import { writeCsv } from "../core/store/csv.ts";
import { readReference } from "./reference/read.ts";
import { slugOf } from "./src/lib/slug.ts";
import { serve } from "./serve.ts";

/**
 * Renders the bundles of a folder, and the reference, as a site at `out`.
 *
 * The site is built beside and swapped in whole: at `out` stands the old one or the new one, never a part.
 */
async function buildSite({ bundles, out, base }: { bundles: string; out: string; base: string }): Promise<void> {
  if (existsSync(out) && (await readdir(out)).length > 0 && !existsSync(join(out, "index.html"))) {
    throw new Error(`Cannot build the site at ${out} as the folder must be empty or hold a site: it holds other files`);
  }
  const mark = join(dirname(out), `.${basename(out)}.${randomBytes(8).toString("hex")}`);
  const [fresh, old, work] = [`${mark}.new`, `${mark}.old`, `${mark}.work`];
  try {
    await mkdir(work, { recursive: true });
    await writeFile(join(work, "reference.json"), JSON.stringify(await readReference(base)));
    await render({ bundles, fresh, work, base });
    await copyData(bundles, fresh);
    if (existsSync(out)) await rename(out, old);
    await rename(fresh, out);
  } finally {
    await Promise.all([fresh, old, work].map((dir) => rm(dir, { recursive: true, force: true })));
  }
}

/** Runs Astro with `work` as its working folder, where it leaves its halves: builds at the same time do not meet. */
async function render(places: { bundles: string; fresh: string; work: string; base: string }): Promise<void> {
  const { bundles, fresh, work, base } = places;
  Object.assign(process.env, {
    ASTRO_TELEMETRY_DISABLED: "1",
    INFOPLANE_BUNDLES: bundles,
    INFOPLANE_REFERENCE: join(work, "reference.json"),
    INFOPLANE_SITE_OUT: fresh,
    INFOPLANE_SITE_CACHE: join(work, "cache"),
    INFOPLANE_BASE: base,
  });
  const before = process.cwd();
  process.chdir(work);
  try {
    await build({ root: import.meta.dirname!, logLevel: "silent" });
  } finally {
    process.chdir(before);
  }
}

/** Puts each bundle beside its page, and each of its tables as CSV too. */
async function copyData(bundles: string, site: string): Promise<void> {
  for (const name of existsSync(bundles) ? await readdir(bundles) : []) {
    const dir = join(bundles, name);
    if (!existsSync(join(dir, "bundle.json"))) continue;
    const { bundle, table } = await readBundle(dir);
    const page = join(site, "studies", slugOf(bundle));
    await cp(join(dir, "bundle.json"), join(page, "bundle.json"));
    for (const { path, table: name } of bundle.files) {
      await mkdir(dirname(join(page, path)), { recursive: true });
      await cp(join(dir, path), join(page, path));
      if (name) await writeFile(join(page, "tables", `${name}.csv`), writeCsv(await table(name)));
    }
  }
}

if (import.meta.main) {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        bundles: { type: "string", default: "out/bundles" },
        out: { type: "string", default: "out/site" },
        base: { type: "string", default: "/" },
        port: { type: "string", default: "4321" },
      },
    });
    const [command] = positionals;
    const base = `/${values.base}/`.replace(/\/+/g, "/");
    const out = resolve(values.out);
    if (command === "build") await buildSite({ bundles: resolve(values.bundles), out, base });
    else if (command === "preview") serve(out, base, Number(values.port));
    else throw new Error(`Cannot run "${command ?? ""}" as the command must be build or preview`);
  } catch (error) {
    console.error(`error: ${(error as Error).message.split("\n")[0]}`);
    process.exit(1);
  }
}
