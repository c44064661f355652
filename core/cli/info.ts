import { Problem } from "../contracts/problem.ts";
import { suggest } from "../execution/nearest.ts";
import { optionRows } from "./option_rows.ts";
import { columns, rightWords } from "./text.ts";
import { type CommonOptions, openWorkspace, readStudies } from "./workspace.ts";

/** `info ID`: one item and its options, or one study. */
export async function info(id: string, options: CommonOptions): Promise<void> {
  const studies = (await readStudies(options)).map(({ study }) => study);
  const workspace = await openWorkspace({ ...options, jobs: 1 }, (line) => console.error(line));
  workspace.close();
  const items = workspace.catalogue.items.filter((item) => item.id === id);
  const study = studies.find((candidate) => candidate.id === id);
  if (items.length === 0 && study === undefined) {
    const known = [...workspace.catalogue.items.map((item) => item.id), ...studies.map((one) => one.id)];
    throw new Problem(`Cannot find "${id}"${suggest(id, known)}`);
  }
  if (options.json) {
    return console.log(JSON.stringify({ format: "infoplane.info/1", items, study: study ?? null }, null, 2));
  }
  for (const { kind, title, description, plugin, source, version, arithmetic, options: schema, extra } of items) {
    console.log(`${kind} ${id} · ${title}`);
    console.log(`  ${description}`);
    const granted = rightWords(workspace.catalogue.rightsOf(source));
    console.log(`  ${[`from plugin ${plugin}`, `version ${version}`, arithmetic, ...granted].join(" · ")}`);
    if (Object.keys(extra).length > 0) console.log(`  ${JSON.stringify(extra)}`);
    console.log("  options");
    for (const line of columns(optionRows(schema))) console.log(`    ${line}`);
  }
  if (study) {
    console.log(`study ${id} · ${study.title}`);
    if (study.description) console.log(`  ${study.description}`);
    console.log(`  arms: ${Object.keys(study.arms ?? { main: {} }).join(", ")} · replicates: ${study.replicates}`);
    console.log(
      `  measured by: ${
        study.measure.map(({ estimator, options }) => `${estimator} ${JSON.stringify(options ?? {})}`).join("; ")
      }`,
    );
    console.log(`  analyses: ${study.analyses.map((one) => one.id).join(", ")}`);
  }
}
