import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Problem } from "../contracts/problem.ts";
import { suggest } from "../execution/nearest.ts";
import { fromUser } from "../execution/paths.ts";
import { optionRows } from "./option_rows.ts";
import { type CommonOptions, HOUSE, openWorkspace } from "./workspace.ts";

const ITEMS = ["estimator", "dataset", "architecture", "analysis"];
const KINDS = [...ITEMS, "study", "reports"];

/** What a package asks for: this core, and the schema library of the built-ins. */
export const REQUIRES = { "@infoplane/core": "jsr:@infoplane/core@^0.1.0", zod: "npm:zod@4.6.7" };

/** What a repository of reports asks for beyond that: the built-ins. */
export const BUILT_INS = { "@infoplane/plugins": "jsr:@infoplane/plugins@^0.1.0" };

/** The study that a repository of reports starts with. */
const FIRST_STUDY = "weight-decay";

const WORD = "[a-z][a-z0-9]*(?:-[a-z0-9]+)*";

/** `new KIND NAME`: a folder with a small whole item, study or repository of reports, and all that publishing needs. */
export async function create(kind: string, name: string, options: CommonOptions): Promise<void> {
  if (!KINDS.includes(kind)) throw new Problem(`Cannot make a new "${kind}"${suggest(kind, KINDS)}`);
  const item = ITEMS.includes(kind);
  refuseName(kind, name, item);
  const word = name.split("/").at(-1)!;
  const folder = fromUser(word);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new Problem(
      `Cannot make ${kind} "${name}" as ./${word} must be new or empty: it holds ${readdirSync(folder)[0]}`,
    );
  }
  const reports = kind === "reports";
  const manifest = reports ? repositoryOf(folder) : packageOf(name, item ? "mod" : "study", folder);
  const files = new Map([["deno.json", `${JSON.stringify(manifest, null, 2)}\n`]]);
  for (const [template, path] of reports ? REPORTS : templatesOf(kind, item ? "mod" : "study")) {
    const text = await (await fetch(new URL(`./templates/${template}`, import.meta.url))).text();
    files.set(
      path,
      text.replaceAll(/acme\/example|my-reports/g, name).replaceAll("example-study", reports ? FIRST_STUDY : name),
    );
  }
  const lock = reports ? lockOf(HOUSE) : undefined;
  if (lock !== undefined) files.set("deno.lock", lock);
  for (const [path, text] of files) write(folder, path, text);
  if (item) {
    write(folder, "README.md", files.get("README.md")!.replace("{{options}}", await optionTable(folder, options)));
  }
  await format(folder);
  console.log(`${kind} ${name} in ./${word}: ${[...files.keys()].join(", ")}`);
  console.log(`try: ${tryOut(kind, word)}`);
}

function tryOut(kind: string, word: string): string {
  if (kind === "study") return `infoplane plan ./${word}/study.ts`;
  return `cd ${word} && deno task ${kind === "reports" ? "reproduce" : "ok"}`;
}

function refuseName(kind: string, name: string, item: boolean): void {
  if (new RegExp(item ? `^${WORD}/${WORD}$` : `^${WORD}$`).test(name)) return;
  const example = kind === "reports" ? "my-reports" : "my-batch-sizes";
  const need = item ? "a namespace and a name, both kebab-case, such as acme/knn" : `kebab-case, such as ${example}`;
  throw new Problem(`Cannot make ${kind} "${name}" as its name must be ${need}`);
}

/** Which template becomes which file of an item or a study. */
function templatesOf(kind: string, main: string): readonly (readonly [string, string])[] {
  return [
    [`${kind}/${main}.ts`, `${main}.ts`],
    [`${kind}/${main}_test.ts`, `${main}_test.ts`],
    [`${kind}/README.md`, "README.md"],
    ["shared/CITATION.cff", "CITATION.cff"],
    ["shared/ci.yml", ".github/workflows/ci.yml"],
  ];
}

/** Which template becomes which file of a repository of reports. */
const REPORTS: readonly (readonly [string, string])[] = [
  ["reports/infoplane.config.ts", "infoplane.config.ts"],
  ["study/study.ts", `reports/${FIRST_STUDY}/study.ts`],
  ["study/study_test.ts", `reports/${FIRST_STUDY}/study_test.ts`],
  ["reports/index.mdx", `reports/${FIRST_STUDY}/index.mdx`],
  ["reports/expected.json", `reports/${FIRST_STUDY}/expected.json`],
  ["reports/README.md", "README.md"],
  ["reports/gitignore", ".gitignore"],
  ["reports/reproduce.yml", ".github/workflows/reproduce.yml"],
  ["shared/CITATION.cff", "CITATION.cff"],
];

/** The package's `deno.json`. From a checkout it links to the core there, which is then not asked of a registry. */
function packageOf(name: string, main: string, folder: string): Record<string, unknown> {
  const item = main === "mod";
  const steps = [
    "deno fmt --check",
    "deno lint",
    "deno check",
    `deno doc --lint ${main}.ts`,
    "deno test --no-check",
    ...item ? ["deno publish --dry-run --allow-dirty"] : [],
  ];
  return {
    ...item ? { name: `@${name}`, version: "0.1.0", license: "MIT", exports: "./mod.ts" } : {},
    imports: REQUIRES,
    ...linksOf(folder, HOUSE && join(HOUSE, "core")),
    fmt: { lineWidth: 120 },
    ...item ? { publish: { exclude: [".github", "deno.lock", "mod_test.ts"] } } : {},
    tasks: { ok: steps.join(" && ") },
  };
}

/** The `deno.json` of a repository of reports. From a checkout it links to all packages there. */
function repositoryOf(folder: string): Record<string, unknown> {
  const infoplane = `deno run --quiet --allow-read --allow-write --allow-env --allow-run --allow-sys ` +
    `--allow-net=127.0.0.1,localhost ${REQUIRES["@infoplane/core"]}/cli`;
  const steps = [
    "deno fmt --check",
    "deno lint",
    "deno check",
    "deno test --no-check",
    "deno task --quiet infoplane plan",
  ];
  return {
    tasks: {
      reproduce: {
        description: "Run studies, analyse, compare with what is expected, build the site",
        command: `${infoplane} reproduce`,
      },
      infoplane: { description: "The command line: deno task infoplane --help", command: infoplane },
      site: { description: "Build the report site from out/bundles", command: `${infoplane} site build` },
      ok: {
        description: "Format, lint, types, tests, and whether every study can be planned",
        command: steps.join(" && "),
      },
    },
    imports: { ...REQUIRES, ...BUILT_INS },
    ...linksOf(folder, HOUSE),
    exclude: ["infoplane", "out", ".infoplane"],
    fmt: { lineWidth: 120 },
    allowScripts: { allow: [], deny: ["npm:core-js"] },
  };
}

/** A link to a folder of this machine, where there is one; relative, as the two are likely to move together. */
function linksOf(folder: string, target: string | undefined): { links?: readonly string[] } {
  return target === undefined ? {} : { links: [relative(folder, target)] };
}

/**
 * The versions of all packages that this checkout was tested with, for a repository that needs the same ones: what they ask for in
 * turn is a range, and newer ones may not be had.
 */
function lockOf(checkout: string | undefined): string | undefined {
  const path = checkout && join(checkout, "deno.lock");
  if (path === undefined || !existsSync(path)) return undefined;
  const { workspace: _, ...locked } = JSON.parse(readFileSync(path, "utf8"));
  return `${JSON.stringify(locked, null, 2)}\n`;
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** The options of the folder's item, as Markdown, from its schema. */
async function optionTable(folder: string, options: CommonOptions): Promise<string> {
  const alone = join(folder, "mod.ts");
  const workspace = await openWorkspace({ ...options, jobs: 1 }, (line) => console.error(line), { alone });
  workspace.close();
  const rows = workspace.catalogue.items.flatMap((item) => optionRows(item.options));
  const cell = (text: string) => text.replaceAll("|", "\\|");
  return [["option", "type", "default", "meaning"], ["---", "---", "---", "---"], ...rows]
    .map((row) => `| ${row.map((text) => cell(text.replace(/^default /, ""))).join(" | ")} |`).join("\n");
}

/** Lines break elsewhere where names are long. */
async function format(folder: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet"],
    cwd: folder,
    stderr: "piped",
  }).output();
  if (!success) throw new Problem(`Cannot format ${folder}: ${new TextDecoder().decode(stderr).trim().split("\n")[0]}`);
}
