import { ENTRY_KINDS, type NewEntry, type Store } from "./store.ts";

/** What came of a merge. */
export interface Merged {
  /** Entries that were copied. */
  readonly copied: number;
  /** Entries of the source whose bytes are damaged: left out. */
  readonly damaged: number;
}

/** Entries copied at once: their writes reach the disk together. */
const BATCH = 64;

/**
 * Copies into a store every entry of another that it does not hold. Equal keys name equal results, so nothing is overwritten and no
 * order matters.
 *
 * @throws {StoreError} If the store cannot be written.
 */
export async function mergeStore(into: Store, from: Store): Promise<Merged> {
  let [copied, damaged] = [0, 0];
  let batch: NewEntry[] = [];
  const flush = async () => {
    await into.putMany(batch);
    copied += batch.length;
    batch = [];
  };
  for (const kind of ENTRY_KINDS) {
    for await (const entry of from.list(kind)) {
      const held = await into.find(kind, entry.key, entry.extent);
      if (held?.extent === entry.extent) continue;
      const blobs = await Promise.all(
        entry.blobs.map(async ({ name }) => ({ name, bytes: await from.readBlob(entry, name) })),
      );
      if (blobs.some(({ bytes }) => bytes === undefined)) damaged++;
      else batch.push({ ...entry, blobs: blobs as NewEntry["blobs"] });
      if (batch.length === BATCH) await flush();
    }
  }
  if (batch.length > 0) await flush();
  return { copied, damaged };
}
