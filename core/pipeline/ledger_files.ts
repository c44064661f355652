import { existsSync } from "node:fs";
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ledger, ListedClaims } from "../contracts/ledger.ts";
import { readBundleFile } from "../store/bundle.ts";
import { canonical } from "../store/canonical.ts";
import { writeCsv } from "../store/csv.ts";
import { writeTable } from "../store/parquet.ts";
import { type DigestedBundle, ledgerOf } from "./ledger.ts";
import { ledgerTable } from "./ledger_table.ts";

/**
 * The ledger of every bundle in a folder.
 *
 * @param folder Its sub-folders with a `bundle.json` are the bundles.
 * @throws {Problem} If a bundle cannot be read, or a study and profile come twice.
 */
export async function readLedger(folder: string, claims: ListedClaims): Promise<Ledger> {
  const found = existsSync(folder) ? await readdir(folder) : [];
  const names = found.filter((name) => existsSync(join(folder, name, "bundle.json"))).sort();
  const bundles: DigestedBundle[] = [];
  for (const name of names) bundles.push(await readBundleFile(join(folder, name), "bundle.json"));
  return ledgerOf(bundles, claims);
}

/** The bytes of `ledger.json`: canonical JSON, so that equal ledgers have one digest. */
export function ledgerBytes(ledger: Ledger): Uint8Array {
  return new TextEncoder().encode(canonical(ledger));
}

/** Writes a ledger to a folder, made if need be: `ledger.json`, `claims.parquet` and `claims.csv`, each whole or not at all. */
export async function writeLedger(dir: string, ledger: Ledger): Promise<void> {
  const table = ledgerTable(ledger);
  await mkdir(dir, { recursive: true });
  for (
    const [name, data] of [
      ["ledger.json", ledgerBytes(ledger)],
      ["claims.parquet", writeTable(table)],
      ["claims.csv", writeCsv(table)],
    ] as const
  ) {
    await writeFile(join(dir, `${name}.new`), data);
    await rename(join(dir, `${name}.new`), join(dir, name));
  }
}
