/**
 * Files that are whole or not there, and errors of a store in one line.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { EXIT, Problem } from "../contracts/problem.ts";

/** A store that cannot be opened or written. */
export class StoreError extends Problem {
  /** A message in one line, and what the file system said. */
  constructor(message: string, cause?: unknown) {
    super(message, EXIT.usage, { cause });
    this.name = "StoreError";
  }
}

/** What {@link temporaryName} gives. */
export const UNFINISHED: RegExp = /^\.[0-9a-f]{16}\.tmp$/;

/** A name that no process uses. */
export function temporaryName(): string {
  return `.${randomBytes(8).toString("hex")}.tmp`;
}

/** Writes a new file; its bytes are on the disk then. */
export async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What was linked, renamed or deleted in a folder is on the disk then. */
export async function syncFolder(folder: string): Promise<void> {
  const file = await open(folder, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** `ENOENT` and the like; empty if the error has none. */
export function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? "";
}

/** A store could not be read. */
export function unreadable(dir: string, error: unknown): StoreError {
  return new StoreError(`Cannot read the store ${dir} as it must be a readable folder: ${whatSaid(error)}`, error);
}

/** A store could not be written. */
export function unwritable(dir: string, error: unknown): StoreError {
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
