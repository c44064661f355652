import { bundleSchema, entrySchema, type FormatSchema, ledgerSchema, runSchema } from "./bundle_schema.ts";

/** A format that we write, as JSON Schema for other programs. */
export interface PublishedSchema {
  /** Path below `core/`, and the schema's relative `$id`: `schemas/bundle.v1.json`. */
  readonly name: string;
  /** The schema, draft 2020-12. */
  readonly json: { readonly [key: string]: unknown };
}

/** The JSON Schemas of the formats that we write, made from what checks them. `core/schemas/` holds them as files. */
export function publishedSchemas(): PublishedSchema[] {
  return [
    published("bundle.v1", "A bundle of Infoplane: bundle.json", bundleSchema),
    published("run.v1", "What differs from machine to machine, beside a bundle: run.json", runSchema),
    published("ledger.v1", "Every claim and how it came out in each study: ledger.json", ledgerSchema),
    published("entry.v1", "The manifest of a result in the store of Infoplane", entrySchema),
  ];
}

/** A schema as it is published. */
export function published(stem: string, title: string, schema: Pick<FormatSchema, "json">): PublishedSchema {
  const name = `schemas/${stem}.json`;
  const { $schema, ...json } = schema.json();
  return { name, json: { $schema, $id: name, title, ...json } };
}
