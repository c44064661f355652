import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Problem } from "../contracts/problem.ts";
import { suggest } from "../execution/nearest.ts";
import { fromFileUrl, fromUser } from "../execution/paths.ts";
import { optionRows } from "./option_rows.ts";
import { type CommonOptions, openWorkspace } from "./workspace.ts";

const ITEMS = ["estimator", "dataset", "architecture", "analysis"];
const KINDS = [...ITEMS, "study"];

/** What a package asks for: this core, and the schema library of the built-ins. */
export const REQUIRES = { "@infoplane/core": "jsr:@infoplane/core@^0.1.0", zod: "npm:zod@4.6.7" };

const WORD = "[a-z][a-z0-9]*(?:-[a-z0-9]+)*";

/** `new KIND NAME`: a folder with a small whole item or study, its tests and all that publishing needs. */
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
  const main = item ? "mod" : "study";
  const templates = [
    [`${kind}/${main}.ts`, `${main}.ts`],
    [`${kind}/${main}_test.ts`, `${main}_test.ts`],
    [`${kind}/README.md`, "README.md"],
    ["shared/CITATION.cff", "CITATION.cff"],
    ["shared/ci.yml", ".github/workflows/ci.yml"],
  ];
  const files = new Map([["deno.json", `${JSON.stringify(packageOf(name, main), null, 2)}\n`]]);
  for (const [template, path] of templates) {
    const text = await (await fetch(new URL(`./templates/${template}`, import.meta.url))).text();
    files.set(path, text.replaceAll(/acme\/example|example-study/g, name));
  }
  for (const [path, text] of files) write(folder, path, text);
  if (item) {
    write(folder, "README.md", files.get("README.md")!.replace("{{options}}", await optionTable(folder, options)));
  }
  await format(folder);
  console.log(`${kind} ${name} in ./${word}: ${[...files.keys()].join(", ")}`);
  console.log(item ? `try: cd ${word} && deno task ok` : `try: infoplane plan ./${word}/study.ts`);
}

function refuseName(kind: string, name: string, item: boolean): void {
  if (new RegExp(item ? `^${WORD}/${WORD}$` : `^${WORD}$`).test(name)) return;
  const need = item
    ? "a namespace and a name, both kebab-case, such as acme/knn"
    : "kebab-case, such as my-batch-sizes";
  throw new Problem(`Cannot make ${kind} "${name}" as its name must be ${need}`);
}

/** The package's `deno.json`. From a checkout it links to the core there, which is then not asked of a registry. */
function packageOf(name: string, main: string): Record<string, unknown> {
  const item = main === "mod";
  const steps = [
    "deno fmt --check",
    "deno lint",
    "deno check",
    `deno doc --lint ${main}.ts`,
    "deno test --no-check",
    ...item ? ["deno publish --dry-run --allow-dirty"] : [],
  ];
  const core = new URL("../", import.meta.url);
  return {
    ...item ? { name: `@${name}`, version: "0.1.0", license: "MIT", exports: "./mod.ts" } : {},
    imports: REQUIRES,
    ...core.protocol === "file:" ? { links: [fromFileUrl(core)] } : {},
    fmt: { lineWidth: 120 },
    ...item ? { publish: { exclude: [".github", "deno.lock", "mod_test.ts"] } } : {},
    tasks: { ok: steps.join(" && ") },
  };
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
