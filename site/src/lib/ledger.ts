import { readFile } from "node:fs/promises";
import process from "node:process";
import type { Ledger } from "../../../core/contracts/ledger.ts";
import { sha256Of } from "../../../core/store/digest.ts";

/** The ledger that the build left for the pages, and the SHA-256 of its file. */
export async function theLedger(): Promise<{ ledger: Ledger; digest: string }> {
  const bytes = new Uint8Array(await readFile(process.env.INFOPLANE_LEDGER!));
  return { ledger: JSON.parse(new TextDecoder().decode(bytes)), digest: await sha256Of(bytes) };
}
