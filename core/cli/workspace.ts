import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Config, PluginSource, SiteIdentity } from "../contracts/plugin.ts";
import { EXIT, Problem } from "../contracts/problem.ts";
import type { ProfileName, Study } from "../contracts/study.ts";
import { suggest } from "../execution/nearest.ts";
import { fromUser, toFileUrl } from "../execution/paths.ts";
import { LIMITS, type Limits, openSlots, type Slots } from "../execution/slots.ts";
import { type Catalogue, readCatalogue } from "../pipeline/catalogue.ts";
import type { Expectation } from "../pipeline/expected.ts";
import { expectationOf, isPortableBundle } from "../pipeline/quantities.ts";
import { readStudy } from "../pipeline/study_schema.ts";
import { readBundle, readBundleFile } from "../store/bundle.ts";
import { openStore, type Store } from "../store/store.ts";

/** Options that several verbs share. */
export interface CommonOptions {
  readonly config?: string;
  readonly jobs?: number;
  readonly store?: string;
  readonly data?: string;
  readonly out?: string;
  readonly plugin?: readonly string[];
  readonly allowRun?: readonly string[];
  readonly memory?: number;
  readonly json?: boolean;
}

/** A study with the folder its report lives in; null if it came from a JSON file. */
export interface KnownStudy {
  readonly study: Study;
  readonly folder: string | null;
  /** Set if it came from a bundle: the study as that profile ran it, and what the bundle says came out. */
  readonly bundle?: { readonly profile: ProfileName; readonly expectation: Expectation };
}

/** The profile to run a study at: the one asked for, else that of its bundle, else quick. */
export function profileOf({ study, bundle }: KnownStudy, asked: string | undefined): string {
  if (bundle && asked !== undefined && asked !== bundle.profile) {
    throw new Problem(
      `Cannot run the bundle of study "${study.id}" at profile "${asked}" as it holds the study of profile "${bundle.profile}"`,
    );
  }
  return asked ?? bundle?.profile ?? "quick";
}

/** What a verb works with. */
export interface Workspace {
  readonly root: string;
  readonly config: Config;
  readonly slots: Slots;
  readonly catalogue: Catalogue;
  close(): void;
}

/** The checkout that this code belongs to, by its own name where a link led here; none where it came from a registry. */
export const HOUSE: string | undefined = import.meta.dirname && realpathSync(resolve(import.meta.dirname, "../.."));

/** The folder of the configuration: where `deno.json` stands. */
export function rootOf(options: CommonOptions): string {
  if (options.config) return dirname(fromUser(options.config));
  return HOUSE === undefined || existsSync("infoplane.config.ts") ? Deno.cwd() : HOUSE;
}

/**
 * Reads the configuration and starts one slot a plugin.
 *
 * @param alone A plugin to open instead of the configured ones.
 * @param limits What differs from the usual limits of a slot.
 * @throws {Problem} If the configuration or a plugin cannot be loaded.
 */
export async function openWorkspace(
  options: CommonOptions,
  log: (line: string) => void,
  { alone, limits = {} }: { readonly alone?: string; readonly limits?: Partial<Limits> } = {},
): Promise<Workspace> {
  const root = rootOf(options);
  const config = await readConfig(options);
  const given = grantedSources([...options.plugin ?? [], ...alone === undefined ? [] : [alone]], options.allowRun);
  const plugins = alone === undefined ? [...config.plugins, ...given] : given;
  const slots = openSlots({
    root,
    sources: plugins,
    data: options.data ? [fromUser(options.data)] : [],
    jobs: options.jobs ?? navigator.hardwareConcurrency,
    limits: { ...LIMITS, memoryMb: options.memory ?? LIMITS.memoryMb, ...limits },
    log,
  });
  try {
    const catalogue = await readCatalogue(slots, plugins, root);
    return { root, config, slots, catalogue, close: () => slots.close() };
  } catch (error) {
    slots.close();
    throw error;
  }
}

/** Plugins given on the command line, with the programs granted to them there. */
function grantedSources(specifiers: readonly string[], programs: readonly string[] = []): PluginSource[] {
  if (programs.length > 0 && specifiers.length === 0) {
    throw new Problem(
      `Cannot grant ${programs[0]} as --allow-run is for plugins given by --plugin: there is none; ` +
        "plugins of the configuration are granted theirs there",
    );
  }
  const run = programs.map((program) => program.includes("/") ? fromUser(program) : program);
  return specifiers.map(userSource).map((from) => run.length === 0 ? from : { from, allow: { run } });
}

/** A plugin given on the command line: paths are the user's, specifiers stay. */
function userSource(from: string): string {
  return /^(npm|jsr|https?|file):/.test(from) ? from : toFileUrl(fromUser(from)).href;
}

/**
 * The configuration.
 *
 * @throws {Problem} If it cannot be read, or its site cannot be what it says.
 */
export async function readConfig(options: CommonOptions): Promise<Config> {
  const path = options.config ? fromUser(options.config) : join(rootOf(options), "infoplane.config.ts");
  try {
    const { default: config } = await import(toFileUrl(path).href) as { default: Config };
    if (!Array.isArray(config?.plugins) || !Array.isArray(config?.studies)) {
      throw new TypeError("it must export { plugins: […], studies: […] } by default");
    }
    if (config.site !== undefined) refuseSite(config.site);
    return config;
  } catch (error) {
    throw new Problem(`Cannot read configuration ${path}: ${(error as Error).message.split("\n")[0]}`);
  }
}

function refuseSite({ name, url }: SiteIdentity): void {
  if (typeof name !== "string" || name.trim() === "") {
    throw new TypeError(`site.name must be a word or more: it is ${JSON.stringify(name)}`);
  }
  if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
    throw new TypeError(
      `site.url must be an address such as https://acme.github.io/my-reports/: it is ${JSON.stringify(url)}`,
    );
  }
}

/** Opens the store: `--store`, else `.infoplane/store` beside the configuration. */
export function openWorkspaceStore(options: CommonOptions): Promise<Store> {
  const dir = options.store ? fromUser(options.store) : join(rootOf(options), ".infoplane", "store");
  return openStore(dir);
}

/** Where results go: `--out`, else `out` beside the configuration. */
export function outOf(options: CommonOptions): string {
  return options.out ? fromUser(options.out) : join(rootOf(options), "out");
}

/**
 * Every configured study.
 *
 * @throws {Problem} If a study cannot be read.
 */
export async function readStudies(options: CommonOptions): Promise<KnownStudy[]> {
  const root = rootOf(options);
  const { studies } = await readConfig(options);
  const known: KnownStudy[] = [];
  for (const path of studies) known.push(await readStudyFile(resolve(root, path)));
  return known;
}

/**
 * The studies named: by id, by a study file (`.ts`, `.json`) or by a bundle; all configured ones if none is named.
 *
 * @throws {Problem} If one is unknown or cannot be read.
 */
export async function chooseStudies(names: readonly string[], options: CommonOptions): Promise<KnownStudy[]> {
  if (names.length === 0) return await readStudies(options);
  const chosen: KnownStudy[] = [];
  let configured: KnownStudy[] | undefined;
  for (const name of names) {
    if (/[/\\.]/.test(name)) {
      chosen.push(await readStudyFile(fromUser(name)));
      continue;
    }
    configured ??= await readStudies(options);
    const found = configured.find(({ study }) => study.id === name);
    if (!found) {
      throw new Problem(`Cannot find study "${name}"${suggest(name, configured.map(({ study }) => study.id))}`);
    }
    chosen.push(found);
  }
  return chosen;
}

async function readStudyFile(path: string): Promise<KnownStudy> {
  if (path.endsWith(".json")) {
    const value = readJson(path) as { format?: unknown } | null;
    if (value?.format === "infoplane.bundle") {
      const { bundle, expectation } = await readExpectation(path);
      return { study: readStudy(bundle.study), folder: null, bundle: { profile: bundle.profile, expectation } };
    }
    return { study: readStudy(value), folder: null };
  }
  let module: { default?: unknown };
  try {
    module = await import(toFileUrl(path).href);
  } catch (error) {
    throw new Problem(`Cannot read study ${path}: ${(error as Error).message.split("\n")[0]}`);
  }
  return { study: readStudy(JSON.parse(JSON.stringify(module.default ?? null))), folder: dirname(path) };
}

/** A bundle.json and what it says came out: of rows that are not portable, as far as its tables stand beside it. */
async function readExpectation(path: string) {
  const { bundle, digest } = await readBundleFile(dirname(path), basename(path));
  if (isPortableBundle(bundle)) return { bundle, expectation: expectationOf(bundle, digest, []) };
  if (!existsSync(join(dirname(path), "tables"))) {
    return { bundle, expectation: { ...expectationOf(bundle, digest, []), partial: true as const } };
  }
  const { table } = await readBundle(dirname(path));
  const tables = await Promise.all(["trials", "estimates", "series"].map(table));
  return { bundle, expectation: expectationOf(bundle, digest, tables) };
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Problem(`Cannot read ${path}: ${(error as Error).message}`);
  }
}

/** Names of the bundles in a folder: its sub-folders with a `bundle.json`. */
export function bundleNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, "bundle.json"))).sort();
}

/** Ends the process with a code once standard output is written. */
export function exitWith(code: number): void {
  Deno.exitCode = code;
}

export { EXIT };
