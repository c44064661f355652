import { randomBytes } from "node:crypto";
import { link, lstat, mkdir, open, readdir, readFile, rename, stat, unlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { whyNewer } from "../contracts/newer.ts";
import { EXIT, Problem } from "../contracts/problem.ts";
import type { JsonObject } from "../contracts/tensor.ts";
import { entrySchema } from "./bundle_schema.ts";
import { canonical, keyOf } from "./canonical.ts";
import { sha256Of } from "./digest.ts";

/** What an entry is the result of. */
export type EntryKind = "trial" | "measure" | "prepare" | "map";

/** Every kind, in the order in which work is done. */
export const ENTRY_KINDS: readonly EntryKind[] = ["prepare", "trial", "measure", "map"];

/** Bytes that belong to an entry, kept under their digest. */
export interface EntryBlob {
  /** Unique within the entry. */
  readonly name: string;
  /** SHA-256 of the bytes, hexadecimal. */
  readonly sha256: string;
  /** Number of bytes. */
  readonly bytes: number;
}

/** The manifest of a stored result. */
export interface Entry {
  /** Always `infoplane.entry`. */
  readonly format: "infoplane.entry";
  /** Version of the manifest. */
  readonly version: 1;
  /** What it is the result of. */
  readonly kind: EntryKind;
  /** Hash of `inputs`. */
  readonly key: string;
  /** Epochs covered; the last one before it for what diverged; 0 where epochs mean nothing. */
  readonly extent: number;
  /** `diverged` and `skipped` are properties of the inputs and kept like results. */
  readonly outcome: "done" | "diverged" | "skipped";
  /** Why it diverged or was skipped. */
  readonly reason?: string;
  /** What the result depends on, whole, so that a key can be explained. */
  readonly inputs: JsonObject;
  /** Where the bytes are. */
  readonly blobs: readonly EntryBlob[];
  /** Small facts for whoever reads the entry. */
  readonly info: JsonObject;
}

/** A result to be stored. */
export interface NewEntry {
  /** See {@link Entry.kind}. */
  readonly kind: EntryKind;
  /** See {@link Entry.key}; must be `keyOf(inputs)`. */
  readonly key: string;
  /** See {@link Entry.extent}. */
  readonly extent: number;
  /** See {@link Entry.outcome}. */
  readonly outcome: Entry["outcome"];
  /** See {@link Entry.reason}. */
  readonly reason?: string;
  /** See {@link Entry.inputs}. */
  readonly inputs: JsonObject;
  /** The bytes, by name. */
  readonly blobs: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** See {@link Entry.info}. */
  readonly info: JsonObject;
}

/** An entry, or why there is none. */
export type LookUp =
  | { readonly entry: Entry; readonly reason?: undefined }
  | { readonly entry?: undefined; readonly reason: string };

/** A file of a store that is not what it should be. */
export interface Damage {
  /** Relative to the store. */
  readonly path: string;
  /** What is wrong with it. */
  readonly reason: string;
}

/** How much a store holds. */
export interface StoreStats {
  /** Number of manifests of each kind. */
  readonly entries: { readonly [K in EntryKind]: number };
  /** Number of blobs; equal bytes are kept once. */
  readonly blobs: number;
  /** Sum of the sizes of the blobs. */
  readonly bytes: number;
  /** Unfinished files, of puts under way or of processes that died. */
  readonly unfinished: number;
}

/** Results on disk, found by the hash of what they were made from. Any number of hosts may use it at once. */
export interface Store {
  /** Its folder. */
  readonly dir: string;
  /**
   * The smallest stored entry that covers `extent` epochs, else the one that diverged before: it serves every request, and
   * the caller compares its extent. Undefined if there is none, or what there is is damaged.
   *
   * Sizes of blobs are verified here, their digests when they are read.
   */
  find(kind: EntryKind, key: string, extent: number): Promise<Entry | undefined>;
  /** As `find`, with the reason where there is none. */
  lookUp(kind: EntryKind, key: string, extent: number): Promise<LookUp>;
  /**
   * The bytes of a blob, or undefined if they are not what was stored: nothing is deleted, but `find` passes over entries
   * with this blob until it is put again.
   *
   * @throws {RangeError} If the entry has no blob of this name.
   */
  readBlob(entry: Entry, name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /**
   * Stores a result durably; what is there and undamaged stays, and of several at once one wins.
   *
   * @returns The entry that stands: of the one who came first.
   * @throws {StoreError} If the store cannot be written; it then holds the whole entry or nothing of it.
   * @throws {TypeError | RangeError} If the entry is not what {@link NewEntry} says.
   */
  put(entry: NewEntry): Promise<Entry>;
  /** Stores many results for less than as many `put`s, as their writes reach the disk together. */
  putMany(entries: readonly NewEntry[]): Promise<Entry[]>;
  /** Every undamaged entry of a kind whose key starts so, sorted by key and extent. */
  list(kind: EntryKind, prefix?: string): AsyncIterable<Entry>;
  /** Where the manifest of an entry stands. */
  pathOf(entry: Pick<Entry, "kind" | "key" | "extent">): string;
  /** Counts files; reads none. */
  stats(): Promise<StoreStats>;
  /** Reads everything and says what is damaged. */
  verify(): AsyncIterable<Damage>;
  /** Deletes unfinished files older than so many seconds, an hour unless told: a put takes less. Says how many. */
  clean(seconds?: number): Promise<number>;
}

/** A store that cannot be opened or written. */
export class StoreError extends Problem {
  /** A message in one line, and what the file system said. */
  constructor(message: string, cause?: unknown) {
    super(message, EXIT.usage, { cause });
    this.name = "StoreError";
  }
}

const VERSION = 1;
const MARKER = "format.json";
const UNFINISHED = /^\.[0-9a-f]{16}\.tmp$/;
/** Files under way at once in a `putMany`: enough for the disk to gather their writes. */
const WIDTH = 16;

/**
 * Opens the store in a folder, and makes it if there is none.
 *
 * Layout: `format.json` · `v1/blobs/ab/<sha256>` · `v1/entries/<kind>/ab/<key>/<extent>.json`. A result is done when its
 * manifest exists and its blobs verify; no lock and no index, so a process may die anywhere. A file is written under
 * another name in its folder, synced, and linked in, which one of several wins.
 *
 * @throws {StoreError} If the folder cannot be made or read, or holds a store of a higher version.
 */
export async function openStore(folder: string): Promise<Store> {
  const dir = resolve(folder);
  const blobs = join(dir, "v1", "blobs");
  const entries = join(dir, "v1", "entries");
  const damaged = new Set<string>();
  const folders = createFolders(dir);
  await openMarker(dir, folders);

  const blobPath = (sha256: string) => join(blobs, sha256.slice(0, 2), sha256);
  const keyFolder = (kind: EntryKind, key: string) => join(entries, kind, key.slice(0, 2), key);

  async function lookUp(kind: EntryKind, key: string, extent: number): Promise<LookUp> {
    const exact = await readEntry(kind, key, extent);
    if (exact?.entry) return exact;
    const extents = (await namesIn(keyFolder(kind, key))).flatMap(extentOf).sort((a, b) => a - b);
    let reason = exact?.reason;
    for (const covering of extents.filter((other) => other > extent)) {
      const found = await readEntry(kind, key, covering);
      if (found?.entry) return found;
      reason ??= found?.reason;
    }
    const shorter = extents.filter((other) => other < extent).reverse();
    for (const other of shorter) {
      const found = await readEntry(kind, key, other);
      if (found?.entry?.outcome === "diverged") return found;
      reason ??= found?.reason;
    }
    if (reason === undefined) {
      reason = shorter.length > 0 ? `covers ${shorter[0]} epochs, not ${extent}` : "never stored";
    }
    return { reason };
  }

  /** Undefined if there is no such file. */
  async function readEntry(kind: EntryKind, key: string, extent: number): Promise<LookUp | undefined> {
    let text: string;
    try {
      text = await readFile(join(keyFolder(kind, key), `${extent}.json`), "utf8");
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw unreadable(dir, error);
    }
    const entry = parseEntry(text);
    if (!entry || entry.kind !== kind || entry.key !== key || entry.extent !== extent) {
      return { reason: "its manifest is damaged" };
    }
    for (const { name, sha256, bytes } of entry.blobs) {
      const size = await sizeOf(blobPath(sha256));
      if (size === undefined) return { reason: `its blob "${name}" is missing` };
      // Another process may have put again what was damaged when we read it.
      const spoilt = size !== bytes || (damaged.has(sha256) && !await readVerified(sha256));
      if (spoilt) return { reason: `its blob "${name}" is damaged` };
    }
    return { entry };
  }

  async function readVerified(sha256: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = new Uint8Array(await readFile(blobPath(sha256)));
    } catch (error) {
      if (codeOf(error) !== "ENOENT" && codeOf(error) !== "EIO") throw unreadable(dir, error);
      damaged.add(sha256);
      return undefined;
    }
    const intact = await sha256Of(bytes) === sha256;
    if (intact) damaged.delete(sha256);
    else damaged.add(sha256);
    return intact ? bytes : undefined;
  }

  async function blobsVerify(entry: Entry): Promise<boolean> {
    for (const { sha256 } of entry.blobs) if (await readVerified(sha256) === undefined) return false;
    return true;
  }

  async function putMany(all: readonly NewEntry[]): Promise<Entry[]> {
    const made = await Promise.all(all.map(makeEntry));
    const contents = new Map<string, Uint8Array>();
    for (const { blobs } of made) for (const { sha256, bytes } of blobs) contents.set(sha256, bytes);

    const temporaries: string[] = [];
    const touched = new Set<string>();
    const write = async (path: string, bytes: Uint8Array): Promise<string> => {
      const folder = join(path, "..");
      await folders.make(folder, touched);
      const temporary = join(folder, temporaryName());
      temporaries.push(temporary);
      touched.add(folder);
      await writeSynced(temporary, bytes);
      return temporary;
    };
    try {
      const written = await pooled([...contents], async ([sha256, bytes]) => {
        const there = await sizeOf(blobPath(sha256)) === bytes.length && await readVerified(sha256) !== undefined;
        return there ? undefined : { sha256, temporary: await write(blobPath(sha256), bytes) };
      });
      const manifests = await pooled(made, async ({ entry, manifest }) => {
        const path = join(keyFolder(entry.kind, entry.key), `${entry.extent}.json`);
        return { entry, path, temporary: await write(path, manifest) };
      });
      // Blobs before manifests, so that nobody finds an entry without its blobs.
      await pooled(written.filter((blob) => blob !== undefined), async ({ sha256, temporary }) => {
        await rename(temporary, blobPath(sha256));
        damaged.delete(sha256);
      });
      const standing = await pooled(manifests, settle);
      await pooled([...touched], syncFolder);
      return standing;
    } catch (error) {
      throw error instanceof Problem ? error : unwritable(dir, error);
    } finally {
      await pooled(temporaries, (temporary) => unlink(temporary).catch(() => {}));
    }
  }

  /** Links a manifest in; if there is one already, that one stays unless it is damaged. */
  async function settle({ entry, path, temporary }: Manifest): Promise<Entry> {
    try {
      await link(temporary, path);
      return entry;
    } catch (error) {
      if (codeOf(error) === "EEXIST") {
        const other = await readEntry(entry.kind, entry.key, entry.extent);
        if (other?.entry && await blobsVerify(other.entry)) return other.entry;
      }
      // Damaged, or a file system without links: there the last wins, as good where equal keys give equal bytes.
      await rename(temporary, path);
      return entry;
    }
  }

  async function* list(kind: EntryKind, prefix = ""): AsyncIterable<Entry> {
    for await (const { key, extent } of manifestsOf(kind, prefix)) {
      const found = await readEntry(kind, key, extent);
      if (found?.entry) yield found.entry;
    }
  }

  async function* manifestsOf(kind: EntryKind, start = ""): AsyncIterable<{ key: string; extent: number }> {
    for (const prefix of await namesIn(join(entries, kind))) {
      if (!prefix.startsWith(start.slice(0, 2))) continue;
      for (const key of await namesIn(join(entries, kind, prefix))) {
        if (!key.startsWith(start)) continue;
        const extents = (await namesIn(join(entries, kind, prefix, key))).flatMap(extentOf).sort((a, b) => a - b);
        for (const extent of extents) yield { key, extent };
      }
    }
  }

  async function* verify(): AsyncIterable<Damage> {
    for (const kind of ENTRY_KINDS) {
      for await (const { key, extent } of manifestsOf(kind)) {
        const path = `v1/entries/${kind}/${key.slice(0, 2)}/${key}/${extent}.json`;
        const found = await readEntry(kind, key, extent);
        if (found?.reason) yield { path, reason: found.reason };
        else if (found?.entry && keyOf(found.entry.inputs) !== key) {
          yield { path, reason: "its inputs do not hash to its key" };
        }
      }
    }
    for (const prefix of await namesIn(blobs)) {
      for (const sha256 of await namesIn(join(blobs, prefix))) {
        if (UNFINISHED.test(sha256) || await readVerified(sha256)) continue;
        yield { path: `v1/blobs/${prefix}/${sha256}`, reason: "its bytes do not hash to its name" };
      }
    }
  }

  async function* unfinished(): AsyncIterable<string> {
    const folders = [dir];
    for (const prefix of await namesIn(blobs)) folders.push(join(blobs, prefix));
    for (const kind of ENTRY_KINDS) {
      for (const prefix of await namesIn(join(entries, kind))) {
        const keys = await namesIn(join(entries, kind, prefix));
        folders.push(...keys.map((key) => keyFolder(kind, key)));
      }
    }
    for (const folder of folders) {
      for (const name of await namesIn(folder)) if (UNFINISHED.test(name)) yield join(folder, name);
    }
  }

  return {
    dir,
    lookUp,
    find: async (kind, key, extent) => (await lookUp(kind, key, extent)).entry,
    async readBlob(entry, name) {
      const blob = entry.blobs.find((blob) => blob.name === name);
      if (!blob) {
        const names = entry.blobs.map(({ name }) => `"${name}"`).join(", ") || "none";
        throw new RangeError(`Cannot read blob "${name}" as the ${entry.kind} must have it: it has ${names}`);
      }
      return await readVerified(blob.sha256);
    },
    put: async (entry) => (await putMany([entry]))[0],
    putMany,
    list,
    pathOf: ({ kind, key, extent }) => join(keyFolder(kind, key), `${extent}.json`),
    verify,
    async stats() {
      const counts = { prepare: 0, trial: 0, measure: 0, map: 0 };
      for (const kind of ENTRY_KINDS) for await (const _ of manifestsOf(kind)) counts[kind]++;
      let [number, bytes, left] = [0, 0, 0];
      for (const prefix of await namesIn(blobs)) {
        for (const name of await namesIn(join(blobs, prefix))) {
          if (UNFINISHED.test(name)) continue;
          number++;
          bytes += await sizeOf(join(blobs, prefix, name)) ?? 0;
        }
      }
      for await (const _ of unfinished()) left++;
      return { entries: counts, blobs: number, bytes, unfinished: left };
    },
    async clean(seconds = 3600) {
      let cleaned = 0;
      for await (const path of unfinished()) {
        try {
          if (Date.now() - (await lstat(path)).mtimeMs < seconds * 1000) continue;
          await unlink(path);
          cleaned++;
        } catch (error) {
          if (codeOf(error) !== "ENOENT") throw unwritable(dir, error);
        }
      }
      return cleaned;
    },
  };

  async function namesIn(folder: string): Promise<string[]> {
    try {
      return (await readdir(folder)).sort();
    } catch (error) {
      if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
      throw unreadable(dir, error);
    }
  }
}

interface Manifest {
  readonly entry: Entry;
  readonly path: string;
  readonly temporary: string;
}

interface MadeEntry {
  readonly entry: Entry;
  readonly manifest: Uint8Array;
  readonly blobs: readonly { readonly sha256: string; readonly bytes: Uint8Array }[];
}

async function makeEntry({ blobs, ...rest }: NewEntry): Promise<MadeEntry> {
  const { kind, key, extent, outcome, reason, inputs, info } = rest;
  const action = `Cannot store a ${kind}`;
  if (key !== keyOf(inputs)) {
    throw new RangeError(`${action} as its key must be the hash of its inputs: it is "${key}"`);
  }
  if (!Number.isSafeInteger(extent) || extent < 0) {
    throw new RangeError(`${action} as its extent must be an integer >= 0: it is ${extent}`);
  }
  if (new Set(blobs.map(({ name }) => name)).size < blobs.length) {
    throw new RangeError(`${action} as names of blobs must differ: ${blobs.map(({ name }) => name).join(", ")}`);
  }
  const kept = await Promise.all(
    blobs.map(async ({ name, bytes }) => ({ name, bytes, sha256: await sha256Of(bytes) })),
  );
  const entry: Entry = {
    format: "infoplane.entry",
    version: 1,
    kind,
    key,
    extent,
    outcome,
    ...(reason === undefined ? {} : { reason }),
    inputs,
    blobs: kept.map(({ name, sha256, bytes }) => ({ name, sha256, bytes: bytes.length })),
    info,
  };
  return { entry, manifest: new TextEncoder().encode(canonical(entry)), blobs: kept };
}

function parseEntry(text: string): Entry | undefined {
  try {
    const entry = JSON.parse(text);
    return entrySchema.issue(entry) ? undefined : entry;
  } catch {
    return undefined;
  }
}

async function openMarker(dir: string, folders: Folders): Promise<void> {
  const path = join(dir, MARKER);
  let text: string | undefined;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR") throw unreadable(dir, error);
  }
  if (text === undefined) {
    const temporary = join(dir, temporaryName());
    try {
      const touched = new Set([dir]);
      await folders.make(dir, touched);
      await writeSynced(
        temporary,
        new TextEncoder().encode(canonical({ format: "infoplane.store", version: VERSION })),
      );
      await rename(temporary, path);
      await pooled([...touched], syncFolder);
    } catch (error) {
      await unlink(temporary).catch(() => {});
      throw unwritable(dir, error);
    }
    return;
  }
  let marker: { format?: unknown; version?: unknown } | undefined;
  try {
    marker = JSON.parse(text);
  } catch {
    marker = undefined;
  }
  if (marker?.format !== "infoplane.store" || typeof marker.version !== "number") {
    throw new StoreError(`Cannot open the store ${dir} as ${MARKER} must name "infoplane.store": it is something else`);
  }
  if (marker.version > VERSION) {
    throw new StoreError(`Cannot open the store ${dir} as ${whyNewer(VERSION, marker.version)}`);
  }
}

interface Folders {
  /** Makes a folder with its parents; adds to `touched` the folders that got a new member. */
  make(folder: string, touched: Set<string>): Promise<void>;
}

/** Remembers which folders exist, so that a put asks the disk once. */
function createFolders(root: string): Folders {
  const known = new Map<string, Promise<void>>();
  async function reallyMake(folder: string, touched: Set<string>): Promise<void> {
    const parent = join(folder, "..");
    if (folder !== root && folder.startsWith(root)) await make(parent, touched);
    // Folders above the store belong to someone else.
    const first = await mkdir(folder, { recursive: true });
    if (first !== undefined) touched.add(parent);
  }
  function make(folder: string, touched: Set<string>): Promise<void> {
    const found = known.get(folder);
    if (found) return found;
    const made = reallyMake(folder, touched);
    known.set(folder, made);
    made.catch(() => known.delete(folder));
    return made;
  }
  return { make };
}

/** A name that no process uses, matched by {@link UNFINISHED}. */
function temporaryName(): string {
  return `.${randomBytes(8).toString("hex")}.tmp`;
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const file = await open(folder, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined;
  }
}

async function pooled<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  const workers = Array.from({ length: Math.min(WIDTH, items.length) }, async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]);
  });
  const ends = await Promise.allSettled(workers);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return results;
}

function extentOf(name: string): number[] {
  return /^(0|[1-9]\d{0,15})\.json$/.test(name) ? [Number.parseInt(name)] : [];
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? "";
}

function unreadable(dir: string, error: unknown): StoreError {
  return new StoreError(`Cannot read the store ${dir} as it must be a readable folder: ${whatSaid(error)}`, error);
}

function unwritable(dir: string, error: unknown): StoreError {
  const full = ["ENOSPC", "EDQUOT", "EFBIG"].includes(codeOf(error));
  const need = full ? "its disk must have room" : "it must be a folder that can be written";
  return new StoreError(`Cannot write the store ${dir} as ${need}: ${whatSaid(error)}`, error);
}

const SAID: { readonly [code: string]: string } = {
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  EFBIG: "a file would exceed the limit of file size",
  EROFS: "the file system is read-only",
  EACCES: "permission is denied",
  EPERM: "the operation is not permitted",
  ENOTDIR: "a file is in the way",
  EEXIST: "a file is in the way",
};

function whatSaid(error: unknown): string {
  const { message } = error as Error;
  return SAID[codeOf(error)] ?? message.split("\n")[0];
}
