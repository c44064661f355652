import process from "node:process";
import type { SiteIdentity } from "../core/contracts/plugin.ts";

/** What a site is told beyond its bundles. */
export interface SiteSettings {
  readonly site: SiteIdentity;
  /** File of each study's own text, MDX, by the study's id; the path is absolute. */
  readonly narratives: { readonly [study: string]: string };
}

/** The settings of this build, from INFOPLANE_SETTINGS: JSON of any part of them. */
export function readSettings(): SiteSettings {
  const { site = { name: "Infoplane" }, narratives = {} } = JSON.parse(process.env.INFOPLANE_SETTINGS ?? "{}");
  return { site, narratives };
}
