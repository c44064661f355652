import { Problem } from "../contracts/problem.ts";
import type { JsonObject } from "../contracts/tensor.ts";
import { suggest } from "../execution/nearest.ts";
import { columns, rightWords } from "./text.ts";
import { type CommonOptions, openWorkspace, readStudies } from "./workspace.ts";

const KINDS = { datasets: "dataset", architectures: "architecture", estimators: "estimator", analyses: "analysis" };

/** `list`: studies and everything the plugins bring. */
export async function list(kind: string | undefined, options: CommonOptions): Promise<void> {
  const names = ["studies", ...Object.keys(KINDS)];
  if (kind !== undefined && !names.includes(kind)) throw new Problem(`Cannot list "${kind}"${suggest(kind, names)}`);
  const wanted = (name: string) => kind === undefined || kind === name;
  const catalogue: Record<string, { id: string; title: string; plugin?: string; rights?: JsonObject }[]> = {};
  if (wanted("studies")) {
    catalogue.studies = (await readStudies(options)).map(({ study: { id, title } }) => ({ id, title }));
  }
  if (kind !== "studies") {
    const workspace = await openWorkspace({ ...options, jobs: 1 }, (line) => console.error(line));
    workspace.close();
    for (const [plural, singular] of Object.entries(KINDS)) {
      if (!wanted(plural)) continue;
      catalogue[plural] = workspace.catalogue.items.filter((item) => item.kind === singular)
        .map(({ id, title, plugin, source }) => ({ id, title, plugin, rights: workspace.catalogue.rightsOf(source) }));
    }
  }
  if (options.json) return console.log(JSON.stringify({ format: "infoplane.list/1", ...catalogue }, null, 2));
  for (const [name, items] of Object.entries(catalogue)) {
    console.log(name);
    const rows = items.map((
      { id, title, plugin, rights },
    ) => [`  ${id}`, title, plugin && plugin !== "infoplane" ? [plugin, ...rightWords(rights)].join(" · ") : ""]);
    for (const line of columns(rows)) console.log(line);
  }
}
