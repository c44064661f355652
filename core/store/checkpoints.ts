import { mkdir, readdir, readFile, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { sha256Of } from "./digest.ts";
import { codeOf, syncFolder, temporaryName, unreadable, unwritable, writeSynced } from "./durable.ts";

/** A training under way, as a slot sent it. */
export interface KeptCheckpoint {
  /** The epoch under way. */
  readonly epoch: number;
  /** What `encodeCheckpoint` gave. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** One checkpoint for each training that is not finished, named by the trial's key and the epochs asked for. */
export interface Checkpoints {
  /** Their folder. */
  readonly dir: string;
  /**
   * Keeps a checkpoint durably in the place of the one before it: a process that dies leaves the one or the other, whole.
   *
   * @throws {StoreError} If the store cannot be written.
   */
  keep(key: string, extent: number, checkpoint: KeptCheckpoint): Promise<void>;
  /** The checkpoint, or why it cannot be used; undefined if there is none. */
  read(key: string, extent: number): Promise<KeptCheckpoint | { readonly reason: string } | undefined>;
  /** Deletes the checkpoint, if there is one. */
  remove(key: string, extent: number): Promise<void>;
  /** What there are checkpoints of; reads none. */
  list(): Promise<{ readonly key: string; readonly extent: number }[]>;
}

/** Raised when what `encodeCheckpoint` writes, or the line before it, changes. */
const VERSION = 1;
const NEWLINE = 0x0a;
const NAME = /^([0-9a-f]{64})-(0|[1-9]\d{0,15})$/;

/**
 * The checkpoints of the store in a folder.
 *
 * A file is a line of JSON — format, version, key, extent, epoch and the SHA-256 of the bytes — and the bytes.
 */
export function openCheckpoints(store: string): Checkpoints {
  const dir = join(store, "v1", "checkpoints");
  const pathOf = (key: string, extent: number) => join(dir, `${key}-${extent}`);
  return {
    dir,
    async keep(key, extent, { epoch, bytes }) {
      const sha256 = await sha256Of(bytes);
      const head = { format: "infoplane.checkpoint", version: VERSION, key, extent, epoch, sha256 };
      const line = new TextEncoder().encode(`${JSON.stringify(head)}\n`);
      const file = new Uint8Array(line.length + bytes.length);
      file.set(line);
      file.set(bytes, line.length);
      const temporary = join(dir, temporaryName());
      try {
        await mkdir(dir, { recursive: true });
        await writeSynced(temporary, file);
        await rename(temporary, pathOf(key, extent));
        await syncFolder(dir);
      } catch (error) {
        await unlink(temporary).catch(() => {});
        throw unwritable(store, error);
      }
    },
    async read(key, extent) {
      let file: Uint8Array<ArrayBuffer>;
      try {
        file = new Uint8Array(await readFile(pathOf(key, extent)));
      } catch (error) {
        if (codeOf(error) === "ENOENT") return undefined;
        if (codeOf(error) === "EIO") return { reason: "it cannot be read" };
        throw unreadable(store, error);
      }
      const end = file.indexOf(NEWLINE);
      const head = parse(file.subarray(0, Math.max(end, 0)));
      if (head?.format !== "infoplane.checkpoint") return { reason: "it is damaged" };
      if (head.version !== VERSION) return { reason: `its version must be ${VERSION}: it is ${head.version}` };
      if (head.key !== key || head.extent !== extent) return { reason: "it is another training's" };
      const bytes = file.slice(end + 1);
      if (await sha256Of(bytes) !== head.sha256) return { reason: "it is damaged" };
      return { epoch: Number(head.epoch), bytes };
    },
    async remove(key, extent) {
      try {
        await unlink(pathOf(key, extent));
      } catch (error) {
        if (codeOf(error) !== "ENOENT") throw unwritable(store, error);
      }
    },
    async list() {
      let names: string[];
      try {
        names = await readdir(dir);
      } catch (error) {
        if (codeOf(error) === "ENOENT") return [];
        throw unreadable(store, error);
      }
      return names.sort().flatMap((name) => {
        const [, key, extent] = NAME.exec(name) ?? [];
        return key === undefined ? [] : [{ key, extent: Number(extent) }];
      });
    },
  };
}

function parse(line: Uint8Array): { readonly [member: string]: unknown } | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(line));
  } catch {
    return undefined;
  }
}
