import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { ROOT } from "../cli/harness.ts";

/** Every name that each entry point of the core exports, types too, as TypeScript's checker finds them; by the name of the entry point. */
export function exportedNames(): ReadonlyMap<string, readonly string[]> {
  const { name: core, exports } = JSON.parse(readFileSync(join(ROOT, "core", "deno.json"), "utf8")) as {
    name: string;
    exports: Record<string, string>;
  };
  const files = Object.values(exports).map((file) => join(ROOT, "core", file));
  const program = ts.createProgram(files, {
    allowImportingTsExtensions: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    noEmit: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  return new Map(
    Object.keys(exports).map((key, i) => {
      const module = checker.getSymbolAtLocation(program.getSourceFile(files[i])!)!;
      return [core + key.slice(1), checker.getExportsOfModule(module).map(({ name }) => name)];
    }),
  );
}
