import { fileURLToPath } from "node:url";

const FIXTURES = new URL("../../fixtures/store/", import.meta.url);

/** The path of a file in tests/fixtures/store. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(name, FIXTURES));
}

/** Registers a test that needs Python and a package; where they are absent it is skipped, with the reason in its name. */
export function pythonTest(packages: readonly string[], name: string, fn: () => Promise<void>): void {
  const missing = missingFor(packages);
  Deno.test({ name: missing ? `${name} (skipped: ${missing})` : name, ignore: missing !== undefined, fn });
}

/** Runs a script of tests/fixtures/store and gives what it printed. */
export async function python(script: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("python3", { args: [fixture(script), ...args] }).output();
  if (code !== 0) throw new Error(`python3 ${script} exited with ${code}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** Why these packages cannot be imported, or nothing. */
export function missingFor(packages: readonly string[]): string | undefined {
  try {
    const { success } = new Deno.Command("python3", {
      args: ["-c", `import ${packages.join(", ")}`],
      stdout: "null",
      stderr: "null",
    }).outputSync();
    return success ? undefined : `python3 cannot import ${packages.join(", ")}`;
  } catch {
    return "there is no python3";
  }
}
