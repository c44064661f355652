import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { PluginSource } from "../contracts/plugin.ts";
import { EXIT, Problem } from "../contracts/problem.ts";
import type { ItemKind } from "../contracts/plugin.ts";
import type { JsonObject } from "../contracts/tensor.ts";
import type { ItemDescription, PluginDescription } from "../execution/messages.ts";
import { suggest } from "../execution/nearest.ts";
import { placeOf, rightsOf, type Slots, specifierOf } from "../execution/slots.ts";
import { fromFileUrl } from "../execution/paths.ts";

/** An item with the plugin it came from. */
export interface CatalogueItem extends ItemDescription {
  /** Source of its plugin, as the configuration names it. */
  readonly source: string;
  /** Name of its plugin. */
  readonly plugin: string;
  /**
   * SHA-256 over the plugin's module graph, and over its folder if it may start programs; null for the built-ins, whose `version` integers
   * are tested.
   */
  readonly integrity: string | null;
}

/** A plugin that was loaded. */
export interface CataloguePlugin {
  readonly name: string;
  readonly source: string;
  readonly version: string;
  readonly integrity: string | null;
  /** What it was granted; programs by name, wherever they are. */
  readonly rights: JsonObject;
}

/** Everything the configured plugins bring. */
export interface Catalogue {
  readonly plugins: readonly CataloguePlugin[];
  readonly items: readonly CatalogueItem[];
  /**
   * The item of this kind and id.
   *
   * @throws {Problem} Naming the nearest id if there is none.
   */
  find(kind: ItemKind, id: string): CatalogueItem;
  /** What the plugin of this source was granted; {} if nothing. */
  rightsOf(source: string): JsonObject;
}

/**
 * Starts every configured plugin once and lists what it brings.
 *
 * @throws {Problem} If a plugin cannot be loaded, or two bring the same id.
 */
export async function readCatalogue(slots: Slots, sources: readonly PluginSource[], root: string): Promise<Catalogue> {
  const plugins: CataloguePlugin[] = [];
  const items: CatalogueItem[] = [];
  const found = await Promise.all(sources.map(async (entry) => {
    const source = typeof entry === "string" ? entry : entry.from;
    const described = (await slots.ask(source, { verb: "describe" })).value as PluginDescription;
    const rights = rightsOf(source, sources);
    const specifier = specifierOf(source, root);
    const integrity = described.name === "infoplane"
      ? null
      : sha256([...await graphLines(specifier, root), ...rights.run ? folderLines(specifier) : []].join("\n"));
    const named = { ...rights, ...rights.run ? { run: rights.run.map((program) => basename(program)) } : {} };
    return { source, described, integrity, rights: named as JsonObject };
  }));
  for (const { source, described, integrity, rights } of found) {
    plugins.push({ name: described.name, source, version: described.version, integrity, rights });
    for (const item of described.items) {
      const rival = items.find(({ kind, id }) => kind === item.kind && id === item.id);
      if (rival) {
        throw new Problem(
          `Cannot load plugin "${source}" as ${item.kind} "${item.id}" is taken: by "${rival.source}"`,
          EXIT.plugin,
        );
      }
      items.push({ ...item, source, plugin: described.name, integrity });
    }
  }
  return {
    plugins,
    items,
    rightsOf: (source) => plugins.find((plugin) => plugin.source === source)?.rights ?? {},
    find(kind, id) {
      const ofKind = items.filter((item) => item.kind === kind);
      const item = ofKind.find((candidate) => candidate.id === id);
      if (item) return item;
      throw new Problem(`Cannot find ${kind} "${id}"${suggest(id, ofKind.map((candidate) => candidate.id))}`);
    },
  };
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Digests of the local files and the remote specifiers of a module graph, the core's own modules left out. */
async function graphLines(specifier: string, root: string): Promise<string[]> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", `--config=${root}/deno.json`, specifier],
    stderr: "null",
  }).output();
  if (code !== 0) return [specifier];
  const graph = JSON.parse(new TextDecoder().decode(stdout)) as { modules: { specifier: string; local?: string }[] };
  const core = new URL("../", import.meta.url).href;
  const own = graph.modules.filter(({ specifier }) => !specifier.startsWith(core));
  const place = placeOf(specifier);
  const base = place.startsWith("file:") ? new URL("./", place).href : place;
  const lines = own.map(({ specifier: name, local }) => {
    const shown = name.startsWith(base) ? name.slice(base.length) : name.startsWith("file:") ? "outside" : name;
    const path = local ?? (name.startsWith("file:") ? fromFileUrl(name) : undefined);
    return `${shown} ${path === undefined ? "" : sha256(Deno.readFileSync(path))}`;
  });
  return lines.sort();
}

/** Digests of all that lies in a plugin's folder, where its program may read it: scripts are in no module graph. */
function folderLines(specifier: string): string[] {
  if (!specifier.startsWith("file:")) return [];
  const folder = fromFileUrl(new URL("./", specifier));
  const names = readdirSync(folder, { recursive: true }) as string[];
  return names.sort()
    .filter((name) => !/(^|[/\\])(\.|node_modules|__pycache__)/.test(name) && statSync(join(folder, name)).isFile())
    .map((name) => `${name} ${sha256(Deno.readFileSync(join(folder, name)))}`);
}
