import { existsSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Problem } from "../contracts/problem.ts";
import { fromUser } from "../execution/paths.ts";
import { readBundleFile } from "../store/bundle.ts";
import { HOUSE } from "./carry_out.ts";
import { PUBLISHED } from "./publish.ts";
import { bundleNames, type CommonOptions, type KnownStudy, outOf, readStudies } from "./workspace.ts";

/** `site build`: every bundle as static pages. */
export async function siteBuild(
  options: CommonOptions & { bundles?: string; published?: boolean; base: string },
): Promise<void> {
  const out = join(outOf(options), "site");
  const { base } = options;
  if (options.published) await buildPublished(await readStudies(options), out, base);
  else {await buildSite({
      bundles: options.bundles ? fromUser(options.bundles) : join(outOf(options), "bundles"),
      out,
      base,
    });}
  console.log(`site ${join(out, "index.html")}`);
}

/** Renders the bundles that are published beside their studies. */
async function buildPublished(studies: readonly KnownStudy[], out: string, base: string): Promise<void> {
  const bundles = await mkdtemp(join(tmpdir(), "infoplane_published_"));
  try {
    for (const { study, folder } of studies) {
      const published = folder && join(folder, PUBLISHED);
      if (!published || !existsSync(join(published, "bundle.json"))) continue;
      const { bundle: { profile } } = await readBundleFile(published, "bundle.json");
      await cp(published, join(bundles, `${study.id}-${profile}`), { recursive: true });
    }
    if (bundleNames(bundles).length === 0) {
      throw new Problem(
        "Cannot build a site as no configured study has a published bundle: infoplane publish makes one",
      );
    }
    await buildSite({ bundles, out, base });
  } finally {
    await rm(bundles, { recursive: true, force: true });
  }
}

/** `site reference`: the site with the bundles there are, if any, for the sake of its reference. */
export async function siteReference(options: CommonOptions & { base: string }): Promise<void> {
  const out = outOf(options);
  const places = ["--bundles", join(out, "bundles"), "--out", join(out, "site"), "--base", options.base];
  await runSite(["build", ...places], false);
  console.log(`reference ${join(out, "site", "reference", "index.html")}`);
}

/** `site preview`: serves the built site on this machine until it is interrupted. */
export async function sitePreview(options: CommonOptions & { port: number; base: string }): Promise<void> {
  const dir = join(outOf(options), "site");
  if (!existsSync(join(dir, "index.html"))) {
    throw new Problem(`Cannot preview as there is no site in ${dir}: build one with infoplane site build`);
  }
  await runSite(["preview", "--out", dir, "--base", options.base, "--port", String(options.port)], true);
}

/**
 * Renders the bundles of a folder.
 *
 * @throws {Problem} If there is no bundle, or the site does not build.
 */
export async function buildSite(options: { bundles: string; out: string; base: string }): Promise<void> {
  if (bundleNames(options.bundles).length === 0) {
    throw new Problem(`Cannot build a site as ${options.bundles} holds no bundle: infoplane reproduce makes one`);
  }
  await runSite(["build", "--bundles", options.bundles, "--out", options.out, "--base", options.base], false);
}

async function runSite(args: string[], show: boolean): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", `--config=${join(HOUSE, "deno.json")}`, join(HOUSE, "site", "build.ts"), ...args],
    cwd: HOUSE,
    stdout: show ? "inherit" : "piped",
    stderr: show ? "inherit" : "piped",
  });
  if (show) {
    await command.spawn().status;
    return;
  }
  const { code, stdout, stderr } = await command.output();
  if (code === 0) return;
  const said = new TextDecoder().decode(new Uint8Array([...stdout, ...stderr])).trim().split("\n");
  const line = said.findLast((one) => /error/i.test(one)) ?? said.at(-1);
  throw new Problem(`Cannot build the site: ${line?.trim().replace(/^error: (Cannot build the site: )?/i, "")}`, 4);
}
