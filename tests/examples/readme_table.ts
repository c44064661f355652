import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { optionRows } from "../../core/cli/option_rows.ts";
import type { OptionsSchema } from "../../core/contracts/options.ts";
import type { JsonObject } from "../../core/contracts/tensor.ts";
import { ROOT } from "../cli/harness.ts";

/** Asserts that the option table of an example's README is the one its schema gives. */
export function assertOptionTable(example: string, options: OptionsSchema<unknown>): void {
  const readme = readFileSync(join(ROOT, "examples", example, "README.md"), "utf8");
  const told = readme.split("\n").filter((line) => line.startsWith("|")).slice(2)
    .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()));
  const schema = options["~standard"].jsonSchema!.input({ target: "draft-2020-12" }) as JsonObject;
  assert.deepEqual(told, optionRows(schema).map((row) => row.map((cell) => cell.replace(/^default /, ""))));
}
