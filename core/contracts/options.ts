/**
 * The part of a Standard Schema (standardschema.dev, version 1, with its JSON Schema extension) that the core uses to read
 * the options of a plugin. Schemas of zod 4.2 or later are such objects as they are.
 *
 * Validation must be synchronous. The output is what the plugin receives and, as JSON, what enters keys.
 */
export interface OptionsSchema<Output> {
  /** The properties of the standard. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => OptionsResult<Output> | Promise<OptionsResult<Output>>;
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: "draft-2020-12" }) => Record<string, unknown>;
      readonly output: (options: { readonly target: "draft-2020-12" }) => Record<string, unknown>;
    };
    readonly types?: { readonly input: unknown; readonly output: Output };
  };
}

/** What validating options gives: a value, or the issues that stand against it. */
export type OptionsResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly OptionsIssue[] };

/** One thing wrong with a value, and where. */
export interface OptionsIssue {
  /** What must hold. */
  readonly message: string;
  /** Where, from the outside in. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[];
}
