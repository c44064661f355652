declare module "virtual:narratives" {
  /** The text of each study that has one, by its id. */
  const narratives: { readonly [study: string]: import("astro").MarkdownInstance<object>["Content"] | undefined };
  export default narratives;
}
