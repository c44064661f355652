import type { JsonObject } from "../contracts/tensor.ts";

/** JSON Schema of options, or of a part of them. */
export type OptionSchema = {
  readonly properties?: Record<string, OptionSchema>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly OptionSchema[];
  readonly oneOf?: readonly OptionSchema[];
  readonly [keyword: string]: unknown;
};

/** An option as a reader sees it. */
export interface OptionRow {
  readonly name: string;
  /** `integer in [1, 65536]`, `"fan-in" | "fan-out"`. */
  readonly type: string;
  /** `required`, `default 30`, or empty. */
  readonly fallback: string;
  /** What it means. */
  readonly text: string;
  readonly schema: OptionSchema;
}

/** The options of an item, each once; of options that exclude each other, all. */
export function optionsOf(schema: OptionSchema): OptionRow[] {
  const rows = new Map<string, OptionRow>();
  const visit = (branch: OptionSchema) => {
    for (const [name, property] of Object.entries(branch.properties ?? {})) {
      if (rows.has(name)) continue;
      const needed = schema.required?.includes(name) ? "required" : "";
      const fallback = property.default === undefined ? needed : `default ${JSON.stringify(property.default)}`;
      rows.set(name, {
        name,
        type: typeOf(property),
        fallback,
        text: String(property.description ?? ""),
        schema: property,
      });
    }
    for (const inner of [...branch.anyOf ?? [], ...branch.oneOf ?? []]) visit(inner);
  };
  visit(schema);
  return [...rows.values()];
}

/** A row of text an option: name, type, default, meaning. */
export function optionRows(schema: JsonObject | null): string[][] {
  if (schema === null) return [["(its schema library tells no JSON Schema)"]];
  const rows = optionsOf(schema as OptionSchema).map(({ name, type, fallback, text }) => [name, type, fallback, text]);
  return rows.length === 0 ? [["(none)"]] : rows;
}

function typeOf(schema: OptionSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return [...new Set(branches.map(typeOf))].join(" | ");
  const type = String(schema.type ?? "any");
  if (type === "array" && Array.isArray(schema.prefixItems)) return `[${schema.prefixItems.map(typeOf).join(", ")}]`;
  if (type === "array" && schema.items) return `[${typeOf(schema.items as OptionSchema)}, …]`;
  return type === "integer" || type === "number" ? `${type}${boundsOf(schema)}` : type;
}

/** ` >= 1`, ` in (0, 1]`; ends that are those of all safe integers say nothing. */
function boundsOf({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: OptionSchema): string {
  const told = (end: unknown) => end !== undefined && Math.abs(Number(end)) < Number.MAX_SAFE_INTEGER;
  const [least, most] = [exclusiveMinimum ?? minimum, exclusiveMaximum ?? maximum];
  if (told(least) && told(most)) {
    return ` in ${exclusiveMinimum === undefined ? "[" : "("}${least}, ${most}${
      exclusiveMaximum === undefined ? "]" : ")"
    }`;
  }
  if (told(least)) return exclusiveMinimum === undefined ? ` >= ${least}` : ` > ${least}`;
  if (told(most)) return exclusiveMaximum === undefined ? ` <= ${most}` : ` < ${most}`;
  return "";
}
