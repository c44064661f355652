import { build } from "astro";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { parseArgs, stripVTControlCharacters } from "node:util";
import { NOTHING_LISTED } from "../core/pipeline/ledger.ts";
import { readLedger, writeLedger } from "../core/pipeline/ledger_files.ts";
import { readBundle } from "../core/store/bundle.ts";
import { writeCsv } from "../core/store/csv.ts";
import { readReference } from "./reference/read.ts";
import { slugOf } from "./src/lib/slug.ts";
import { serve } from "./serve.ts";

/** Where a site comes from and goes to. */
interface SiteBuild {
  readonly bundles: string;
  readonly out: string;
  readonly base: string;
  /** JSON of `SiteSettings`. */
  readonly settings: string;
}

/**
 * Renders the bundles of a folder, their ledger of claims, and the reference, as a site at `out`.
 *
 * The site is built beside and swapped in whole: at `out` stands the old one or the new one, never a part.
 */
async function buildSite({ bundles, out, base, settings }: SiteBuild): Promise<void> {
  if (existsSync(out) && (await readdir(out)).length > 0 && !existsSync(join(out, "index.html"))) {
    throw new Error(`Cannot build the site at ${out} as the folder must be empty or hold a site: it holds other files`);
  }
  const mark = join(dirname(out), `.${basename(out)}.${randomBytes(8).toString("hex")}`);
  const [fresh, old, work] = [`${mark}.new`, `${mark}.old`, `${mark}.work`];
  try {
    await mkdir(work, { recursive: true });
    await writeFile(join(work, "reference.json"), JSON.stringify(await readReference(base)));
    const ledger = await readLedger(bundles, JSON.parse(settings).claims ?? NOTHING_LISTED);
    await writeLedger(work, ledger);
    await render({ bundles, out: fresh, base, settings }, work);
    await copyData(bundles, fresh);
    await writeLedger(fresh, ledger);
    if (existsSync(out)) await rename(out, old);
    await rename(fresh, out);
  } finally {
    await Promise.all([fresh, old, work].map((dir) => rm(dir, { recursive: true, force: true })));
  }
}

/** Runs Astro with `work` as its working folder, where it leaves its halves: builds at the same time do not meet. */
async function render({ bundles, out, base, settings }: SiteBuild, work: string): Promise<void> {
  Object.assign(process.env, {
    ASTRO_TELEMETRY_DISABLED: "1",
    INFOPLANE_BUNDLES: bundles,
    INFOPLANE_LEDGER: join(work, "ledger.json"),
    INFOPLANE_REFERENCE: join(work, "reference.json"),
    INFOPLANE_SITE_OUT: out,
    INFOPLANE_SITE_CACHE: join(work, "cache"),
    INFOPLANE_BASE: base,
    INFOPLANE_SETTINGS: settings,
  });
  const before = process.cwd();
  process.chdir(work);
  try {
    await build({ root: import.meta.dirname!, logLevel: "silent" });
  } catch (error) {
    throw new Error(oneLine(error as Error, settings), { cause: error });
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

/** What went wrong, without the bundler's frame around it; an error of a text that is rendered does not know its file. */
function oneLine({ message, stack }: Error, settings: string): string {
  const [first, ...rest] = stripVTControlCharacters(message).split("\n").filter((line) => line.trim() !== "");
  if (/\bMDXContent\b/.test(stack ?? "")) {
    return `${Object.values(JSON.parse(settings).narratives).join(" or ")}: ${first}`;
  }
  if (!first.startsWith("Build failed")) return first;
  const end = rest.findIndex((line) => /^\s/.test(line));
  return rest.slice(0, end < 0 ? undefined : end).join(": ").replace(/^\[[^\]]*\] /, "");
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
        settings: { type: "string", default: "{}" },
      },
    });
    const [command] = positionals;
    const base = `/${values.base}/`.replace(/\/+/g, "/");
    const out = resolve(values.out);
    const bundles = resolve(values.bundles);
    if (command === "build") await buildSite({ bundles, out, base, settings: values.settings });
    else if (command === "preview") serve(out, base, Number(values.port));
    else throw new Error(`Cannot run "${command ?? ""}" as the command must be build or preview`);
  } catch (error) {
    console.error(`error: ${(error as Error).message.split("\n")[0]}`);
    process.exit(1);
  }
}
