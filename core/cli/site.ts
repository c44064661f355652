import { existsSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SiteIdentity } from "../contracts/plugin.ts";
import { Problem } from "../contracts/problem.ts";
import { fromUser } from "../execution/paths.ts";
import { readBundleFile } from "../store/bundle.ts";
import { PUBLISHED } from "./publish.ts";
import {
  bundleNames,
  type CommonOptions,
  HOUSE,
  type KnownStudy,
  outOf,
  readConfig,
  readStudies,
} from "./workspace.ts";

type SiteOptions = CommonOptions & { base?: string };

/** `site build`: every bundle as static pages. */
export async function siteBuild(options: SiteOptions & { bundles?: string; published?: boolean }): Promise<void> {
  const bundles = options.bundles ? fromUser(options.bundles) : join(outOf(options), "bundles");
  console.log(`site ${await (options.published ? buildPublished(options) : buildSite(options, bundles))}`);
}

/** Renders the bundles that are published beside their studies. */
async function buildPublished(options: SiteOptions): Promise<string> {
  const bundles = await mkdtemp(join(tmpdir(), "infoplane_published_"));
  try {
    for (const { study, folder } of await readStudies(options)) {
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
    return await buildSite(options, bundles);
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
export async function sitePreview(options: SiteOptions & { port: number }): Promise<void> {
  const dir = join(outOf(options), "site");
  if (!existsSync(join(dir, "index.html"))) {
    throw new Problem(`Cannot preview as there is no site in ${dir}: build one with infoplane site build`);
  }
  const { site } = await readConfig(options);
  await runSite(["preview", "--out", dir, "--base", baseOf(options, site), "--port", String(options.port)], true);
}

/**
 * Renders the bundles of a folder as the configured site, with the text that stands beside each study.
 *
 * @param studies Studies beyond the configured ones.
 * @returns Path of the first page.
 * @throws {Problem} If there is no bundle, or the site does not build.
 */
export async function buildSite(
  options: SiteOptions,
  bundles: string,
  studies: readonly KnownStudy[] = [],
): Promise<string> {
  if (bundleNames(bundles).length === 0) {
    throw new Problem(`Cannot build a site as ${bundles} holds no bundle: infoplane reproduce makes one`);
  }
  const out = join(outOf(options), "site");
  const { site, claims } = await readConfig(options);
  const settings = JSON.stringify({
    site,
    claims,
    narratives: narrativesOf([...await readStudies(options), ...studies]),
  });
  const base = baseOf(options, site);
  await runSite(["build", "--bundles", bundles, "--out", out, "--base", base, "--settings", settings], false);
  return join(out, "index.html");
}

/** The path a site is served under: the one asked for, else that of its address. */
function baseOf({ base }: SiteOptions, site: SiteIdentity | undefined): string {
  return base ?? (site?.url === undefined ? "/" : new URL(site.url).pathname);
}

/** The text beside each study, by its id. */
function narrativesOf(studies: readonly KnownStudy[]): Record<string, string> {
  return Object.fromEntries(studies.flatMap(({ study, folder }) => {
    const path = folder === null ? "" : join(folder, "index.mdx");
    return existsSync(path) ? [[study.id, path]] : [];
  }));
}

async function runSite(args: string[], show: boolean): Promise<void> {
  if (HOUSE === undefined) {
    throw new Problem(
      "Cannot build the site as its builder must lie in a folder, such as a checkout in `links` of deno.json: " +
        "this infoplane came from a registry",
    );
  }
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
