import mdx from "@astrojs/mdx";
import { defineConfig, passthroughImageService } from "astro/config";
import process from "node:process";
import { narrativesPlugin } from "./narratives.ts";
import { relativeLinks } from "./relative_links.ts";
import { readSettings } from "./settings.ts";

const base = process.env.INFOPLANE_BASE ?? "/";

/** Pages are files that need no server: every link is relative, scripts and nothing else are inside the page. */
export default defineConfig({
  outDir: process.env.INFOPLANE_SITE_OUT,
  cacheDir: process.env.INFOPLANE_SITE_CACHE,
  base,
  build: { inlineStylesheets: "never" },
  devToolbar: { enabled: false },
  image: { service: passthroughImageService() },
  markdown: { syntaxHighlight: false },
  integrations: [mdx(), relativeLinks(base)],
  vite: { cacheDir: process.env.INFOPLANE_SITE_CACHE, plugins: [narrativesPlugin(readSettings().narratives)] },
});
