import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Bundle, BundleFile, RunRecord } from "../contracts/bundle.ts";
import { whyNewer } from "../contracts/newer.ts";
import { Problem } from "../contracts/problem.ts";
import type { Table } from "../contracts/rows.ts";
import { bundleSchema, type FormatSchema, runSchema } from "./bundle_schema.ts";
import { canonical, pathText } from "./canonical.ts";
import { sha256Of } from "./digest.ts";
import { plainColumn, readTable, writeTable } from "./parquet.ts";

/** What goes into a bundle; its files follow from the tables. */
export interface BundleContents extends Omit<Bundle, "format" | "version" | "files"> {
  /** Rows sorted by identity; names differ. */
  readonly tables: readonly Table[];
}

/** A bundle read from disk. */
export interface ReadBundle {
  /** `bundle.json`. */
  readonly bundle: Bundle;
  /** SHA-256 of the bytes of `bundle.json`. */
  readonly digest: string;
  /** `run.json`, or null if it is not there. */
  readonly run: RunRecord | null;
  /**
   * Reads one of the bundle's tables.
   *
   * @throws {Problem} If the bundle has no table of this name, or its file has changed since the bundle was read.
   */
  table(name: string): Promise<Table>;
}

const VERSION = 1;
const BUNDLE = "bundle.json";
const RUN = "run.json";

/**
 * Writes a bundle: `tables/<name>.parquet`, `bundle.json` and `run.json`.
 *
 * Equal contents give equal bytes of `bundle.json`, canonical JSON. The bundle is written beside and swapped in whole: at
 * `dir` stands the old one, or none, or the new one, never a part. Members that are undefined are left out, as JSON does.
 *
 * @returns The digest: SHA-256 of `bundle.json`.
 * @throws {TypeError | RangeError} If a cell does not fit its column, or the contents are not what a bundle may hold: the
 * message names the path.
 * @throws {Problem} If `dir` holds something that is not a bundle, or cannot be written.
 */
export async function writeBundle(
  dir: string,
  { tables, ...contents }: BundleContents,
  run: Omit<RunRecord, "digest">,
): Promise<string> {
  const { id } = contents.study;
  const encoder = new TextEncoder();
  const encoded = tables.map((table) => ({ table, bytes: writeTable(table), path: `tables/${table.name}.parquet` }));
  const files: BundleFile[] = await Promise.all(
    encoded.map(async ({ table: { name, title, columns, rows }, bytes, path }) => ({
      path,
      sha256: await sha256Of(bytes),
      bytes: bytes.length,
      table: name,
      title,
      rows: rows.length,
      columns: columns.map(plainColumn),
    })),
  );
  files.sort((a, b) => a.path < b.path ? -1 : 1);
  const twice = files.find(({ path }, i) => path === files[i - 1]?.path);
  if (twice) {
    throw new RangeError(`Cannot write bundle "${id}" as names of tables must differ: "${twice.table}" is twice`);
  }

  const bundle = defined({ format: "infoplane.bundle", version: VERSION, ...contents, files });
  const text = encoder.encode(canonical(bundle));
  requireFit(bundleSchema, bundle, `write bundle "${id}"`, TypeError);
  const digest = await sha256Of(text);
  const record = defined({ ...run, digest });
  const runText = encoder.encode(canonical(record));
  requireFit(runSchema, record, `write ${RUN} of bundle "${id}"`, TypeError);

  await swapIn(resolve(dir), [
    ...encoded,
    { path: BUNDLE, bytes: text },
    { path: RUN, bytes: runText },
  ]);
  return digest;
}

/**
 * Reads a bundle and verifies it: format, version, schema, and the digest of every file.
 *
 * @throws {Problem} If it is missing, of a higher version, malformed, or a file is not the one that `bundle.json` names.
 */
export async function readBundle(dir: string): Promise<ReadBundle> {
  const { bundle, digest } = await readBundleFile(dir, BUNDLE);
  for (const file of bundle.files) await readFileOf(dir, file.path, file);

  const runBytes = await readFileOf(dir, RUN).catch((error) => {
    if (error.cause?.code === "ENOENT") return null;
    throw error;
  });
  const run = runBytes && parsed(dir, RUN, runBytes, "infoplane.run", runSchema) as RunRecord;
  if (run && run.digest !== digest) {
    throw new Problem(`Cannot read the bundle ${dir} as ${BUNDLE} must hash to ${run.digest}: it hashes to ${digest}`);
  }
  return {
    bundle,
    digest,
    run,
    async table(name) {
      const file = bundle.files.find(({ table }) => table === name);
      if (file) return await readTable(await readFileOf(dir, file.path, file), join(dir, file.path));
      const names = bundle.files.flatMap(({ table }) => table ?? []).join(", ");
      throw new Problem(`Cannot read table "${name}" as the bundle ${dir} must have it: it has ${names}`);
    },
  };
}

/**
 * Reads a bundle.json by itself, without its tables.
 *
 * @param name Name of the file in `dir`.
 * @returns What it holds, and its digest.
 * @throws {Problem} If it is missing, no bundle, or of a higher version.
 */
export async function readBundleFile(dir: string, name: string): Promise<{ bundle: Bundle; digest: string }> {
  const bytes = await readFileOf(dir, name);
  const bundle = parsed(dir, name, bytes, "infoplane.bundle", bundleSchema) as Bundle;
  return { bundle, digest: await sha256Of(bytes) };
}

function parsed(dir: string, name: string, bytes: Uint8Array, format: string, schema: FormatSchema): unknown {
  let value: { format?: unknown; version?: unknown } | null;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Problem(`Cannot read ${join(dir, name)} as it must be JSON: it is not`);
  }
  if (value?.format !== format) {
    const found = JSON.stringify(value?.format) ?? "none";
    throw new Problem(`Cannot read ${join(dir, name)} as its format must be "${format}": it is ${found}`);
  }
  if (typeof value.version === "number" && value.version > VERSION) {
    throw new Problem(`Cannot read ${join(dir, name)} as ${whyNewer(VERSION, value.version)}`);
  }
  requireFit(schema, value, `read ${join(dir, name)}`, Problem);
  return value;
}

function requireFit(
  schema: FormatSchema,
  value: unknown,
  action: string,
  kind: new (message: string) => Error,
): void {
  const issue = schema.issue(value);
  if (!issue) return;
  const found = issue.message.split("\n")[0];
  throw new kind(`Cannot ${action} as ${pathText(issue.path)} must fit its schema: ${found}`);
}

async function readFileOf(dir: string, name: string, expected?: BundleFile): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await readFile(join(dir, name)));
  } catch (error) {
    const { code } = error as { code?: string };
    const found = code === "ENOENT" || code === "ENOTDIR" ? "it is missing" : String(code ?? error);
    throw new Problem(`Cannot read the bundle ${dir} as it must hold ${name}: ${found}`, undefined, { cause: error });
  }
  if (expected && (bytes.length !== expected.bytes || await sha256Of(bytes) !== expected.sha256)) {
    throw new Problem(
      `Cannot read the bundle ${dir} as ${name} must be the file that ${BUNDLE} names: its digest is another`,
    );
  }
  return bytes;
}

async function swapIn(dir: string, files: readonly { path: string; bytes: Uint8Array }[]): Promise<void> {
  const parent = dirname(dir);
  const mark = randomBytes(8).toString("hex");
  const fresh = join(parent, `.${basename(dir)}.${mark}.new`);
  const old = join(parent, `.${basename(dir)}.${mark}.old`);
  try {
    const found = await readdir(dir).catch((error) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (found && found.length > 0 && !found.includes(BUNDLE)) {
      throw new Problem(
        `Cannot write a bundle at ${dir} as the folder must be empty or hold a bundle: it holds ${found[0]}`,
      );
    }
    for (const { path, bytes } of files) {
      await mkdir(dirname(join(fresh, path)), { recursive: true });
      const file = await open(join(fresh, path), "wx");
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
    }
    if (found) await rename(dir, old);
    try {
      await rename(fresh, dir);
    } catch (error) {
      if (found) await rename(old, dir);
      throw error;
    }
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { code, message } = error as { code?: string; message: string };
    const found = code === "ENOSPC" ? "the disk is full" : message.split("\n")[0];
    throw new Problem(
      `Cannot write a bundle at ${dir} as it must be a folder that can be written: ${found}`,
      undefined,
      {
        cause: error,
      },
    );
  } finally {
    await rm(fresh, { recursive: true, force: true }).catch(() => {});
  }
}

/** The value without object members that are undefined. */
function defined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(defined);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, defined(member)]));
}
