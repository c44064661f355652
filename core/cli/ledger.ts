import { join } from "node:path";
import type { Ledger } from "../contracts/ledger.ts";
import { Problem } from "../contracts/problem.ts";
import { fromUser } from "../execution/paths.ts";
import { NOTHING_LISTED } from "../pipeline/ledger.ts";
import { ledgerBytes, readLedger, writeLedger } from "../pipeline/ledger_files.ts";
import { sha256Of } from "../store/digest.ts";
import { claimLines } from "./text.ts";
import { bundleNames, type CommonOptions, outOf, readConfig } from "./workspace.ts";

/** `ledger`: every claim and how it came out, over all bundles of a folder. */
export async function ledger(options: CommonOptions & { bundles?: string }): Promise<void> {
  const bundles = options.bundles ? fromUser(options.bundles) : join(outOf(options), "bundles");
  if (bundleNames(bundles).length === 0) {
    throw new Problem(`Cannot make a ledger as ${bundles} holds no bundle: infoplane reproduce makes one`);
  }
  const { claims = NOTHING_LISTED } = await readConfig(options);
  const made = await readLedger(bundles, claims);
  const dir = join(outOf(options), "ledger");
  await writeLedger(dir, made);
  const bytes = ledgerBytes(made);
  if (options.json) return console.log(new TextDecoder().decode(bytes));
  for (const line of ledgerLines(made)) console.log(line);
  console.log(`ledger ${join(dir, "ledger.json")} · sha256 ${(await sha256Of(bytes)).slice(0, 12)}`);
}

/** A line a test that stands, then how many claims came out each way. */
function ledgerLines({ claims, counts }: Ledger): string[] {
  const { supported, contradicted, undecided, differing, untested, provisional } = counts;
  const standing = claims.flatMap(({ tests }) => tests.filter(({ stands }) => stands));
  const open = claims.filter(({ tests }) => tests.length === 0).map(({ id }) => id);
  return [
    ...claimLines(standing.map(({ claim }) => claim)).map((line, i) =>
      `${line} · ${standing[i].study}, ${standing[i].profile}`
    ),
    ...open.length > 0 ? [`not tested yet: ${open.join(", ")}`] : [],
    `${supported} supported, ${contradicted} contradicted, ${undecided} undecided, ${differing} differ between studies, ` +
    `${untested} not tested yet; ${provisional} provisional`,
  ];
}
