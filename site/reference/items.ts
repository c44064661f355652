import { join } from "node:path";
import type { ItemKind } from "../../core/contracts/plugin.ts";
import { type OptionSchema, optionsOf } from "../../core/cli/option_rows.ts";
import { LIMITS, openSlots } from "../../core/execution/slots.ts";
import { type CatalogueItem, readCatalogue } from "../../core/pipeline/catalogue.ts";
import { writtenAt } from "./code.ts";

/** Options that stand together: of an item, or of one form of an option that is an object. */
export interface OptionTable {
  /** What they are options of: empty for the item, `law, family "binormal"` for a part. */
  readonly title: string;
  readonly rows: readonly {
    readonly name: string;
    readonly type: string;
    readonly fallback: string;
    readonly text: string;
  }[];
}

/** What a built-in estimator claims, each claim in words. */
export interface ClaimRow {
  readonly name: string;
  readonly value: string;
  readonly text: string;
}

/** An item that studies name: what it is, its options, what it claims. */
export interface Item {
  readonly kind: ItemKind;
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly version: number;
  readonly arithmetic: string;
  /** Folder of its page below `reference/`. */
  readonly path: string;
  readonly options: readonly OptionTable[];
  readonly claims: readonly ClaimRow[];
  /** It reads files that enter keys by their digest. */
  readonly readsFiles: boolean;
  /** It looks at each net, or prepares each dataset, and what it finds is stored. */
  readonly looksAtNets: boolean;
  /** As it stands in a study. */
  readonly example: string;
}

/** The four kinds, in the order in which a study names them. */
export const KINDS: readonly { readonly kind: ItemKind; readonly many: string; readonly title: string }[] = [
  { kind: "dataset", many: "datasets", title: "Datasets" },
  { kind: "architecture", many: "architectures", title: "Architectures" },
  { kind: "estimator", many: "estimators", title: "Estimators" },
  { kind: "analysis", many: "analyses", title: "Analyses" },
];

const HOUSE = join(import.meta.dirname!, "..", "..");
const BUILT_IN = "./plugins/mod.ts";

/** Every built-in item, as the catalogue of a run has it: a slot describes the plugin. */
export async function readItems(): Promise<Item[]> {
  const slots = openSlots({ root: HOUSE, sources: [BUILT_IN], data: [], jobs: 1, limits: LIMITS, log: () => {} });
  try {
    const { items } = await readCatalogue(slots, [BUILT_IN], HOUSE);
    return KINDS.flatMap(({ kind, many }) =>
      items.filter((item) => item.kind === kind).map((item) => itemOf(item, many))
    );
  } finally {
    slots.close();
  }
}

function itemOf(
  { kind, id, title, description, version, arithmetic, options, extra }: CatalogueItem,
  many: string,
): Item {
  const meanings = writtenAt(join(HOUSE, "core", "contracts", "estimator.ts"), "EstimatorClaims").members;
  const claims = Object.entries(extra.claims ?? {}).map(([name, value]) => ({
    name,
    value: Array.isArray(value) ? value.join(", ") : value === true ? "yes" : String(value),
    text: meanings.find((member) => member.name === name)!.doc,
  }));
  return {
    kind,
    id,
    title,
    description,
    version,
    arithmetic,
    path: `${many}/${id}`,
    options: options === null ? [] : tablesOf(options as OptionSchema, ""),
    claims,
    readsFiles: extra.fingerprints === true,
    looksAtNets: extra.maps === true,
    example: exampleOf(kind, id, options as OptionSchema | null),
  };
}

/** The options of a schema, then those of its options that are objects, form by form. */
function tablesOf(schema: OptionSchema, title: string): OptionTable[] {
  const rows = optionsOf(schema);
  const inner = rows.flatMap(({ name, schema }) =>
    formsOf(schema).flatMap((form) => {
      const constant = Object.entries(form.properties!).find(([, { const: value }]) => value !== undefined);
      const told = constant ? `, ${constant[0]} ${JSON.stringify(constant[1].const)}` : "";
      return tablesOf(form, `${title === "" ? "" : `${title}.`}${name}${told}`);
    })
  );
  return [{ title, rows: rows.map(({ name, type, fallback, text }) => ({ name, type, fallback, text })) }, ...inner];
}

function formsOf(schema: OptionSchema): OptionSchema[] {
  const forms = [schema, ...schema.anyOf ?? [], ...schema.oneOf ?? []];
  return forms.filter(({ properties }) => properties && Object.keys(properties).length > 0);
}

/** The item as a study names it, with the options that have a default spelt out. */
function exampleOf(kind: ItemKind, id: string, schema: OptionSchema | null): string {
  const rows = schema === null ? [] : optionsOf(schema);
  const options = Object.fromEntries(rows.flatMap(({ name, schema }) => {
    return schema.default === undefined ? [] : [[name, schema.default]];
  }));
  const named = {
    [kind === "estimator" ? "estimator" : "id"]: id,
    ...(Object.keys(options).length ? { options } : {}),
  };
  return JSON.stringify(named, null, 1).replace(/\s*\n\s*/g, " ");
}
