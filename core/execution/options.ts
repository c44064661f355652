import type { OptionsIssue, OptionsSchema } from "../contracts/options.ts";
import { Problem } from "../contracts/problem.ts";
import type { JsonObject } from "../contracts/tensor.ts";
import { suggest } from "./nearest.ts";

type JsonSchema = { readonly [keyword: string]: unknown };

/**
 * Reads options by their schema: unknown keys are refused with the nearest valid one named, and defaults are filled in.
 *
 * @param owner Whose options they are, for messages: `estimator "binning"`.
 * @returns What the plugin receives, which is also JSON and enters keys.
 * @throws {Problem} If a key is unknown, a value does not fit, or the schema is asynchronous or gives what JSON cannot hold.
 */
export function readOptions(schema: OptionsSchema<unknown>, given: unknown, owner: string): JsonObject {
  const options = given ?? {};
  if (typeof options !== "object" || Array.isArray(options)) {
    throw new Problem(`Cannot read options of ${owner} as they must be an object: they are ${JSON.stringify(options)}`);
  }
  const shape = schema["~standard"].jsonSchema?.input({ target: "draft-2020-12" });
  if (shape !== undefined) refuseUnknownKeys(shape, options as JsonObject, owner, []);
  const result = schema["~standard"].validate(options);
  if (result instanceof Promise) {
    throw new Problem(`Cannot read options of ${owner} as its schema must be synchronous: it returned a promise`, 3);
  }
  if (result.issues !== undefined) throw new Problem(complaint(result.issues[0], options as JsonObject, owner));
  const value = result.value;
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new Problem(`Cannot read options of ${owner} as its schema must give an object: it gave ${typeof value}`, 3);
  }
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

function complaint(issue: OptionsIssue, options: JsonObject, owner: string): string {
  const path = (issue.path ?? []).map((step) => String(typeof step === "object" ? step.key : step));
  if (path.length === 0) {
    return `Cannot read options of ${owner}: ${issue.message}: they are ${JSON.stringify(options)}`;
  }
  let value: unknown = options;
  for (const step of path) value = (value as Record<string, unknown> | undefined)?.[step];
  const came = value === undefined ? "it is missing" : `it is ${JSON.stringify(value)}`;
  return `Cannot read option "${path.join(".")}" of ${owner}: ${issue.message}: ${came}`;
}

function refuseUnknownKeys(schema: JsonSchema, value: unknown, owner: string, path: readonly string[]): void {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return;
  const branches = branchesOf(schema).filter((branch) => branch.properties !== undefined);
  if (branches.length === 0) return;
  const open = branches.some((branch) =>
    branch.additionalProperties === true || typeof branch.additionalProperties === "object"
  );
  const known = new Map<string, JsonSchema[]>();
  for (const branch of branches) {
    for (const [key, inner] of Object.entries(branch.properties as Record<string, JsonSchema>)) {
      known.set(key, [...known.get(key) ?? [], inner]);
    }
  }
  for (const [key, inner] of Object.entries(value)) {
    const schemas = known.get(key);
    if (schemas !== undefined) refuseUnknownKeys({ anyOf: schemas }, inner, owner, [...path, key]);
    else if (!open) {
      const name = [...path, key].join(".");
      throw new Problem(`Cannot find option "${name}" of ${owner}${suggest(key, [...known.keys()])}`);
    }
  }
}

function branchesOf(schema: JsonSchema): JsonSchema[] {
  const unions = [schema.anyOf, schema.oneOf, schema.allOf].filter(Array.isArray) as JsonSchema[][];
  return [schema, ...unions.flat().flatMap(branchesOf)];
}
