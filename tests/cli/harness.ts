import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeNpy } from "../../core/store/npy.ts";

/** Folder of the repository. */
export const ROOT = join(import.meta.dirname!, "..", "..");

/** What a command said and how it ended. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line as a child process, not yet awaited. */
export function spawn(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", `--config=${join(ROOT, "deno.json")}`, join(ROOT, "core/cli/main.ts"), ...args],
    cwd: options.cwd ?? ROOT,
    env: { NO_COLOR: "1", ...options.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs `infoplane …` and waits. */
export async function infoplane(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Said> {
  const { code, stdout, stderr } = await spawn(args, options).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** A fresh folder, removed after the work. */
export async function inFolder<Result>(work: (dir: string) => Promise<Result>): Promise<Result> {
  const dir = await Deno.makeTempDir({ prefix: "infoplane_" });
  try {
    return await work(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** SHA-256 over the names and bytes of everything in a folder. */
export function treeDigest(dir: string): string {
  const hash = createHash("sha256");
  for (const name of (readdirSync(dir, { recursive: true }) as string[]).sort()) {
    hash.update(`${name}\n`);
    if (statSync(join(dir, name)).isFile()) hash.update(readFileSync(join(dir, name)));
  }
  return hash.digest("hex");
}

/** SHA-256 of a bundle's `bundle.json`. */
export function bundleDigest(out: string, name: string): string {
  return createHash("sha256").update(readFileSync(join(out, "bundles", name, "bundle.json"))).digest("hex");
}

/** Writes activations and labels of a small known case: two units copy two fair bits, the label is the first. */
export function writeTwoBits(dir: string): { activations: string; labels: string; pyx: string } {
  const rows = [[-0.5, -0.5], [-0.5, 0.5], [0.5, -0.5], [0.5, 0.5]];
  const files = { activations: join(dir, "t.npy"), labels: join(dir, "y.npy"), pyx: join(dir, "p.npy") };
  Deno.writeFileSync(files.activations, writeNpy({ data: Float32Array.from(rows.flat()), shape: [4, 2] }));
  Deno.writeFileSync(files.labels, writeNpy({ data: Uint8Array.of(0, 0, 1, 1), shape: [4] }));
  Deno.writeFileSync(files.pyx, writeNpy({ data: Float64Array.of(1, 0, 1, 0, 0, 1, 0, 1), shape: [4, 2] }));
  return files;
}
