import type { Bundle } from "../../../core/contracts/bundle.ts";

/** Names the page of a bundle: `information-plane-quick`. */
export function slugOf({ study, profile }: Pick<Bundle, "study" | "profile">): string {
  return `${study.id}-${profile}`;
}
