import type { Analysis } from "./analysis.ts";
import type { Architecture } from "./architecture.ts";
import type { Dataset } from "./dataset.ts";
import type { Estimator } from "./estimator.ts";
import type { ListedClaims } from "./ledger.ts";
import type { RecordedArchitecture } from "./recorded.ts";

/** The four kinds of item a plugin can bring. */
export type ItemKind = "dataset" | "architecture" | "estimator" | "analysis";

/** What a package adds to Infoplane: a value, without class or hidden state. */
export interface Plugin {
  /** `namespace/name`; every id it brings starts with `namespace/`. The built-ins alone are `infoplane`, without prefix. */
  readonly name: string;
  /** Semantic version of the package. */
  readonly version: string;
  /** Version of these contracts it was written for. */
  readonly api: 1;
  /** Sources of examples. */
  readonly datasets?: readonly Dataset[];
  /** Families of nets. */
  readonly architectures?: readonly (Architecture | RecordedArchitecture)[];
  /** Ways to estimate information. */
  readonly estimators?: readonly Estimator[];
  /** Questions asked of a study's rows. */
  readonly analyses?: readonly Analysis[];
}

/** What a plugin may do that no plugin may by itself. */
export interface Rights {
  /** Files and folders it may read beyond its own folder; relative to the configuration. */
  readonly read?: readonly string[];
  /** npm packages of the configuration whose files it may read. */
  readonly packages?: readonly string[];
  /**
   * Programs it may start: names, looked for on the host's PATH, or paths, relative to the configuration, known to the plugin by their
   * last part. A program has all the rights of the user.
   */
  readonly run?: readonly string[];
}

/** Where a plugin comes from, and the rights it is granted. */
export type PluginSource = string | { readonly from: string; readonly allow?: Rights };

/** What a report site says of itself. */
export interface SiteIdentity {
  /** Short name, in the head of every page and in the title of each. */
  readonly name: string;
  /** Headline of the first page; the name if there is none. */
  readonly title?: string;
  /** A sentence or two below the headline, in plain text. */
  readonly description?: string;
  /** Where the site is published, such as `https://acme.github.io/my-reports/`; links are made for its path. */
  readonly url?: string;
}

/** `infoplane.config.ts`: the one place that knows plugins and studies. */
export interface Config {
  /** Plugins, by specifier or path relative to the configuration. */
  readonly plugins: readonly PluginSource[];
  /** Paths of study files, relative to the configuration. */
  readonly studies: readonly string[];
  /** The report site. */
  readonly site?: SiteIdentity;
  /** Claims that the ledger lists whether or not a study tests them; without it, it has those that studies test. */
  readonly claims?: ListedClaims;
}

/**
 * Names a plugin and checks its shape as it is written.
 *
 * @example
 * ```ts
 * import { definePlugin, type Plugin } from "@infoplane/core";
 *
 * const plugin: Plugin = definePlugin({ name: "acme/empty", version: "1.0.0", api: 1 });
 * export default plugin;
 * ```
 */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

/** Names a configuration and checks its shape as it is written. */
export function defineConfig(config: Config): Config {
  return config;
}
