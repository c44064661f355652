import process from "node:process";
import type { ListedClaims } from "../core/contracts/ledger.ts";
import type { SiteIdentity } from "../core/contracts/plugin.ts";
import { NOTHING_LISTED } from "../core/pipeline/ledger.ts";

/** What a site is told beyond its bundles. */
export interface SiteSettings {
  readonly site: SiteIdentity;
  /** What the ledger lists beyond the claims that its bundles test. */
  readonly claims: ListedClaims;
  /** File of each study's own text, MDX, by the study's id; the path is absolute. */
  readonly narratives: { readonly [study: string]: string };
}

/** The settings of this build, from INFOPLANE_SETTINGS: JSON of any part of them. */
export function readSettings(): SiteSettings {
  const { site = { name: "Infoplane" }, claims = NOTHING_LISTED, narratives = {} } = JSON.parse(
    process.env.INFOPLANE_SETTINGS ?? "{}",
  );
  return { site, claims, narratives };
}
