import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { writtenAt } from "./code.ts";
import { codeOf, type Find, firstSentence, lineOf, proseOf } from "./prose.ts";

/** A part of a type, or an argument, and what it means; HTML. */
export interface Part {
  readonly id?: string;
  readonly code: string;
  readonly text: string;
}

/** An exported name; texts are HTML. */
export interface Exported {
  readonly name: string;
  readonly kind: "function" | "constant" | "type" | "class";
  /** The first sentence. */
  readonly summary: string;
  /** Where it is documented, if that is the page of another entry point; else all the rest is here. */
  readonly href?: string;
  readonly code: string;
  readonly text: string;
  readonly members: readonly Part[];
  readonly parameters: readonly Part[];
  readonly returns: string;
  readonly throws: readonly Part[];
  readonly examples: readonly string[];
}

/** A module that others import; texts are HTML. */
export interface EntryPoint {
  /** `@infoplane/core/numerics`. */
  readonly specifier: string;
  /** Folder of its page below `reference/`. */
  readonly path: string;
  readonly text: string;
  readonly summary: string;
  readonly names: readonly Exported[];
}

interface Location {
  readonly filename: string;
  readonly line: number;
  readonly col: number;
}

interface Tag {
  readonly kind: string;
  readonly name?: string;
  readonly doc?: string;
  readonly tsType?: { readonly repr: string };
}

interface Declaration {
  readonly location: Location;
  readonly kind: string;
  readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly Tag[] };
  readonly def?: { readonly target?: Location };
}

interface Documented {
  readonly nodes: {
    readonly [module: string]: {
      readonly module_doc?: { readonly doc?: string };
      readonly symbols: readonly { readonly name: string; readonly declarations: readonly Declaration[] }[];
    };
  };
}

/** A name, the module that exports it, and the declaration it leads to. */
interface Named {
  readonly name: string;
  readonly entry: string;
  readonly declaration: Declaration;
}

const KINDS: { readonly [kind: string]: Exported["kind"] } = {
  function: "function",
  variable: "constant",
  class: "class",
  interface: "type",
  typeAlias: "type",
};

const CORE = join(import.meta.dirname!, "..", "..", "core");

/**
 * Every entry point of the core with all that it exports, from the doc comments. A name that several of them export is documented on
 * the page of the first.
 *
 * @param folder Address of the folder of the reference, with a slash at its end.
 */
export async function readApi(folder: string): Promise<EntryPoint[]> {
  const { name: core, exports } = JSON.parse(readFileSync(join(CORE, "deno.json"), "utf8")) as {
    name: string;
    exports: Record<string, string>;
  };
  const entries = Object.entries(exports).map(([key, file]) => ({
    specifier: core + key.slice(1),
    path: `core${key.slice(1)}`,
    module: pathToFileURL(join(CORE, file)).href,
  }));
  const { nodes } = await documented(entries.map(({ module }) => fileURLToPath(module)));
  const places = new Map<string, Declaration>();
  for (const { symbols } of Object.values(nodes)) {
    for (const { declarations } of symbols) for (const one of declarations) places.set(placeOf(one.location), one);
  }
  const homes = new Map<string, Named>();
  const named = entries.flatMap(({ path, module }) =>
    nodes[module].symbols.map(({ name, declarations: [first] }): Named => {
      let declaration = first;
      while (declaration.def?.target) {
        const target = places.get(placeOf(declaration.def.target));
        if (!target) {
          throw new Error(`Cannot document "${name}" of ${path} as its declaration must be exported: it is not`);
        }
        declaration = target;
      }
      const one = { name, entry: path, declaration };
      const place = placeOf(declaration.location);
      if (!homes.has(place)) homes.set(place, one);
      return one;
    })
  );
  const addressOf = ({ declaration }: Named, from: string): string => {
    const home = homes.get(placeOf(declaration.location))!;
    return home.entry === from ? `#${home.name}` : `${folder}${home.entry}/index.html#${home.name}`;
  };

  return await Promise.all(entries.map(async ({ specifier, path, module }): Promise<EntryPoint> => {
    const find: Find = (name) => {
      const found = named.find((one) => one.entry === path && one.name === name) ??
        named.find((one) => one.name === name);
      return found && addressOf(found, path);
    };
    const specifierOf: Find = (name) => {
      const found = named.find((one) => one.entry === path && one.name === name) ??
        named.find((one) => one.name === name);
      return entries.find(({ path }) => path === found?.entry)?.specifier;
    };
    const doc = nodes[module].module_doc?.doc ?? "";
    const own = named.filter((one) => one.entry === path).sort((a, b) => a.name < b.name ? -1 : 1);
    return {
      specifier,
      path,
      text: await proseOf(doc, find),
      summary: await lineOf(firstSentence(doc), find),
      names: await Promise.all(own.map(async (one) => {
        const href = addressOf(one, path);
        return { ...await exportedOf(one, find, specifierOf), ...(href.startsWith("#") ? {} : { href }) };
      })),
    };
  }));
}

async function exportedOf({ name, declaration }: Named, find: Find, specifierOf: Find): Promise<Exported> {
  const { kind, jsDoc: { doc = "", tags = [] } = {}, location } = declaration;
  const others: Find = (other) => other === name ? undefined : find(other);
  const { code, members } = writtenAt(fileURLToPath(location.filename), name);
  const of = (kind: string) => tags.filter((tag) => tag.kind === kind);
  const returned = of("return").map(({ doc }) => doc ?? "").join("\n\n");
  return {
    name,
    kind: KINDS[kind],
    summary: await lineOf(firstSentence(doc), others),
    code: codeOf(code, others),
    text: await proseOf(doc, others),
    members: await Promise.all(members.map(async ({ name: member, code, doc }) => ({
      id: `${name}.${member}`,
      code: codeOf(code, others),
      text: await proseOf(memberText(doc), others),
    }))),
    parameters: await Promise.all([...of("template"), ...of("param")].map(async ({ name, doc = "" }) => ({
      code: name!,
      text: await lineOf(doc, others),
    }))),
    returns: await lineOf(returned, others),
    throws: await Promise.all(
      of("throws").map(async ({ tsType, doc = "" }) => ({
        code: codeOf(tsType?.repr ?? "Error", others),
        text: await lineOf(doc, others),
      })),
    ),
    examples: await Promise.all(of("example").map(({ doc = "" }) => proseOf(withSpecifiers(doc, specifierOf), others))),
  };
}

/** An example as its reader would write it: examples run where they stand, and import from beside them. */
function withSpecifiers(example: string, specifierOf: Find): string {
  return example.replace(/^(import .*?\{ ?(?:type )?(\w+).* from) "\.[^"]*"/gm, (whole, before, name) => {
    const specifier = specifierOf(name);
    return specifier === undefined ? whole : `${before} "${specifier}"`;
  });
}

/** The comment of a member, its tags as sentences. */
function memberText(doc: string): string {
  return doc
    .replace(/^@param (\w+)\s+(?:- )?/gm, "\n`$1`: ")
    .replace(/^@returns?\s+/gm, "\nGives: ")
    .replace(/^@throws \{([\w| ]+)\}\s*/gm, "\nThrows `$1`: ");
}

async function documented(files: readonly string[]): Promise<Documented> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "--quiet", ...files],
    cwd: dirname(CORE),
  }).output();
  const text = new TextDecoder();
  if (code !== 0) throw new Error(`Cannot read the doc comments: ${text.decode(stderr).trim().split("\n")[0]}`);
  return JSON.parse(text.decode(stdout));
}

function placeOf({ filename, line, col }: Location): string {
  return `${filename}:${line}:${col}`;
}
