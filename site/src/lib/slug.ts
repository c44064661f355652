/** Names the page of a bundle, or of anything else of a study at a profile: `information-plane-quick`. */
export function slugOf(
  { study, profile }: { readonly study: { readonly id: string }; readonly profile: string },
): string {
  return `${study.id}-${profile}`;
}
