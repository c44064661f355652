/**
 * A process that uses a store, for tests of many at once: `putting.ts DIR NAME COUNT BYTES`.
 *
 * Puts COUNT entries that every process puts, with the process's name in their bytes, then COUNT of its own; prints a line
 * of JSON for each: which process's bytes stand. An error ends it with its message and exit code.
 */
import { Problem } from "../../../core/contracts/problem.ts";
import { keyOf } from "../../../core/store/canonical.ts";
import { type NewEntry, openStore } from "../../../core/store/store.ts";

/** An entry whose bytes name who wrote it. */
export function entryBy(name: string, inputs: { readonly [part: string]: string | number }, bytes = 100): NewEntry {
  const filled = new Uint8Array(bytes).fill(0x2e);
  filled.set(new TextEncoder().encode(name));
  return {
    kind: "trial",
    key: keyOf(inputs),
    extent: 10,
    outcome: "done",
    inputs,
    blobs: [{ name: "weights", bytes: filled }],
    info: { by: name },
  };
}

if (import.meta.main) {
  const [dir, name, count, bytes] = Deno.args;
  try {
    const store = await openStore(dir);
    for (let i = 0; i < Number(count); i++) {
      const shared = await store.put(entryBy(name, { shared: i }, Number(bytes)));
      console.log(JSON.stringify([i, shared.info.by]));
      await store.put(entryBy(name, { own: i, name }, Number(bytes)));
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    console.log(error.message);
    Deno.exit(error.exitCode);
  }
}
