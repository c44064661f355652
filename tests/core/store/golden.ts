import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdir, readFile, writeFile } from "node:fs/promises";

const FOLDER = new URL("../../golden/store/", import.meta.url);

/**
 * Compares bytes with a committed file of tests/golden/store. If they differ, what came lies beside it as `<name>.changed`,
 * to look at and to move over the old one if the change is meant.
 */
export async function golden(name: string, bytes: Uint8Array): Promise<void> {
  const expected = await readFile(new URL(name, FOLDER)).catch(() => undefined);
  if (expected && Buffer.compare(expected, bytes) === 0) return;
  await mkdir(FOLDER, { recursive: true });
  await writeFile(new URL(`${name}.changed`, FOLDER), bytes);
  assert.fail(`${name} differs from its golden file: see tests/golden/store/${name}.changed`);
}
