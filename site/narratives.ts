import { join } from "node:path";
import type { SiteSettings } from "./settings.ts";

/** The part of a Vite plugin that is used here. */
interface VitePlugin {
  readonly name: string;
  readonly enforce: "pre";
  resolveId(
    this: { resolve(source: string, importer: string): Promise<unknown> },
    source: string,
    importer?: string,
  ): Promise<unknown> | string | undefined;
  load(id: string): string | undefined;
}

const NAME = "virtual:narratives";

/**
 * Gives pages the texts of the studies, wherever they lie, as `virtual:narratives`: a component by the id of the study.
 *
 * What a text turns into asks for Astro, which stands beside this file and not beside the text.
 */
export function narrativesPlugin(narratives: SiteSettings["narratives"]): VitePlugin {
  const files = Object.values(narratives);
  return {
    name: "narratives",
    enforce: "pre",
    resolveId(source, importer) {
      if (source === NAME) return `\0${NAME}`;
      if (importer === undefined || !files.includes(importer.split("?")[0]) || /^[./\0]/.test(source)) return;
      return this.resolve(source, join(import.meta.dirname!, "astro.config.ts"));
    },
    load(id) {
      if (id !== `\0${NAME}`) return;
      const imports = files.map((file, i) => `import { Content as text${i} } from ${JSON.stringify(file)};`);
      const entries = Object.keys(narratives).map((study, i) => `${JSON.stringify(study)}: text${i}`);
      return `${imports.join("\n")}\nexport default { ${entries.join(", ")} };`;
    },
  };
}
