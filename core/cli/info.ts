import { Problem } from "../contracts/problem.ts";
import type { JsonObject } from "../contracts/tensor.ts";
import { suggest } from "../execution/nearest.ts";
import { columns, rightWords } from "./text.ts";
import { type CommonOptions, openWorkspace, readStudies } from "./workspace.ts";

type Schema = {
  readonly properties?: Record<string, Schema>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly [keyword: string]: unknown;
};

/** `info ID`: one item and its options, or one study. */
export async function info(id: string, options: CommonOptions): Promise<void> {
  const studies = (await readStudies(options)).map(({ study }) => study);
  const workspace = await openWorkspace({ ...options, jobs: 1 }, (line) => console.error(line));
  workspace.close();
  const items = workspace.catalogue.items.filter((item) => item.id === id);
  const study = studies.find((candidate) => candidate.id === id);
  if (items.length === 0 && study === undefined) {
    const known = [...workspace.catalogue.items.map((item) => item.id), ...studies.map((one) => one.id)];
    throw new Problem(`Cannot find "${id}"${suggest(id, known)}`);
  }
  if (options.json) {
    return console.log(JSON.stringify({ format: "infoplane.info/1", items, study: study ?? null }, null, 2));
  }
  for (const { kind, title, description, plugin, source, version, arithmetic, options: schema, extra } of items) {
    console.log(`${kind} ${id} · ${title}`);
    console.log(`  ${description}`);
    const granted = rightWords(workspace.catalogue.rightsOf(source));
    console.log(`  ${[`from plugin ${plugin}`, `version ${version}`, arithmetic, ...granted].join(" · ")}`);
    if (Object.keys(extra).length > 0) console.log(`  ${JSON.stringify(extra)}`);
    console.log("  options");
    for (const line of columns(optionRows(schema))) console.log(`    ${line}`);
  }
  if (study) {
    console.log(`study ${id} · ${study.title}`);
    if (study.description) console.log(`  ${study.description}`);
    console.log(`  arms: ${Object.keys(study.arms ?? { main: {} }).join(", ")} · replicates: ${study.replicates}`);
    console.log(
      `  measured by: ${
        study.measure.map(({ estimator, options }) => `${estimator} ${JSON.stringify(options ?? {})}`).join("; ")
      }`,
    );
    console.log(`  analyses: ${study.analyses.map((one) => one.id).join(", ")}`);
  }
}

/** A row an option: name, type, default, meaning. */
export function optionRows(schema: JsonObject | null): string[][] {
  if (schema === null) return [["(its schema library tells no JSON Schema)"]];
  const rows = new Map<string, string[]>();
  const visit = (branch: Schema) => {
    for (const [name, property] of Object.entries(branch.properties ?? {})) {
      if (rows.has(name)) continue;
      const fallback = property.default === undefined ? "" : `default ${JSON.stringify(property.default)}`;
      rows.set(name, [name, typeOf(property), fallback, String(property.description ?? "")]);
    }
    for (const inner of [...branch.anyOf ?? [], ...branch.oneOf ?? []]) visit(inner);
  };
  visit(schema as Schema);
  return rows.size === 0 ? [["(none)"]] : [...rows.values()];
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return [...new Set(branches.map(typeOf))].join(" | ");
  const least = schema.minimum ?? (schema.exclusiveMinimum === undefined ? undefined : `>${schema.exclusiveMinimum}`);
  const type = String(schema.type ?? "any");
  if (type === "array" && Array.isArray(schema.prefixItems)) return `[${schema.prefixItems.map(typeOf).join(", ")}]`;
  if (type === "array" && schema.items) return `${typeOf(schema.items as Schema)}[]`;
  if (least === undefined || Number(least) < -1e15) return type;
  return String(least).startsWith(">") ? `${type} ${least}` : `${type} >= ${least}`;
}
