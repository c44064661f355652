/**
 * The command line: `deno task infoplane <verb>`.
 *
 * @module
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { EXIT, Problem } from "../contracts/problem.ts";
import { ARRAY_ENDINGS } from "../store/arrays.ts";
import { bless } from "./bless.ts";
import { check } from "./check.ts";
import { estimate } from "./estimate.ts";
import { readDraws, readInterval } from "./resampling.ts";
import { info } from "./info.ts";
import { ledger } from "./ledger.ts";
import { list } from "./list.ts";
import { create } from "./new.ts";
import { plan } from "./plan.ts";
import { reproduce } from "./reproduce.ts";
import { run } from "./run.ts";
import { siteBuild, sitePreview, siteReference } from "./site.ts";
import { status } from "./status.ts";

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be an integer >= 1.");
  return value;
}

const collect = (value: string, all: string[] = []) => [...all, value];

const option = {
  profile: () =>
    new Option("--profile <name>", "size of the study: smoke, quick or full; a bundle has its own (default: quick)"),
  jobs: () => new Option("--jobs <n>", "slots that work at a time (default: one a core)").argParser(positive),
  store: () => new Option("--store <dir>", "where results are kept (default: .infoplane/store)"),
  data: () => new Option("--data <dir>", "folder of data sets that plugins may read"),
  out: () => new Option("--out <dir>", "where bundles/ and site/ go (default: out)"),
  config: () => new Option("--config <file>", "configuration (default: infoplane.config.ts)"),
  plugin: () =>
    new Option("--plugin <specifier>", "a plugin for this run, beside the configured ones; repeatable").argParser(
      collect,
    ),
  allowRun: () =>
    new Option(
      "--allow-run <program>",
      "a program, by name or path, that the plugins given here may start, with all your rights; repeatable",
    ).argParser(collect),
  memory: () => new Option("--memory <MiB>", "memory a slot may take (default: 2048)").argParser(positive),
  json: () => new Option("--json", "JSON on standard output, all else on standard error"),
  base: () => new Option("--base <path>", "path the site is served under (default: that of its url, else /)"),
};

const program = new Command("infoplane")
  .description("What deep networks learn, in bits: studies, estimates and reports.")
  .version("0.1.0")
  .showSuggestionAfterError()
  .configureHelp({ sortSubcommands: false })
  .exitOverride();

const studies = "ids of configured studies, study files, or a bundle.json; all configured studies if none is named";

program.command("reproduce").argument("[study...]", studies)
  .description("run what is missing, analyse, compare with expected.json, and build the site")
  .addOption(option.profile()).addOption(option.jobs()).addOption(option.store()).addOption(option.data())
  .addOption(option.out()).addOption(option.base()).addOption(option.config()).addOption(option.plugin()).addOption(
    option.allowRun(),
  )
  .addOption(option.memory()).addOption(new Option("--no-site", "leave the site unbuilt")).addOption(option.json())
  .action(reproduce);

program.command("plan").argument("[study...]", studies)
  .description("say what a run would do: nets to train, measurements, what the store holds already")
  .addOption(option.profile()).addOption(option.jobs()).addOption(option.store()).addOption(option.data())
  .addOption(option.config()).addOption(option.plugin()).addOption(option.allowRun()).addOption(option.json())
  .action(plan);

program.command("run").argument("[study...]", studies)
  .description("train and measure what is missing, without analysing")
  .addOption(option.profile()).addOption(option.jobs()).addOption(option.store()).addOption(option.data())
  .addOption(option.config()).addOption(option.plugin()).addOption(option.allowRun()).addOption(option.memory())
  .addOption(option.json())
  .action(run);

program.command("status").argument("[study...]", studies)
  .description("say how much of each study the store holds")
  .addOption(option.profile()).addOption(option.store()).addOption(option.data()).addOption(option.config())
  .addOption(option.plugin()).addOption(option.allowRun()).addOption(option.json())
  .action(status);

program.command("bless").argument("[study...]", studies)
  .description("keep the last results of a profile as expected.json")
  .addOption(option.profile()).addOption(option.out()).addOption(option.config())
  .addOption(new Option("--reason <text>", "why, for history.jsonl").makeOptionMandatory())
  .action(bless);

program.command("ledger")
  .description("every claim and how it came out, over all bundles: ledger.json, and a table of it")
  .option("--bundles <dir>", "folder of bundles (default: out/bundles)")
  .addOption(new Option("--out <dir>", "where ledger/ goes (default: out)")).addOption(option.config())
  .addOption(option.json())
  .action(ledger);

program.command("list").argument("[kind]", "studies, datasets, architectures, estimators or analyses")
  .description("list studies and everything the plugins bring")
  .addOption(option.config()).addOption(option.plugin()).addOption(option.allowRun()).addOption(option.json())
  .action(list);

program.command("info").argument("<id>", "id of a dataset, architecture, estimator, analysis or study")
  .description("describe one item and its options")
  .addOption(option.config()).addOption(option.plugin()).addOption(option.allowRun()).addOption(option.json())
  .action(info);

program.command("estimate")
  .description(`estimate I(X;T) and I(T;Y) of activations in files: ${ARRAY_ENDINGS.join(", ")}`)
  .addOption(
    new Option(
      "--activations <file[#name]>",
      "activations, shape [n, units]: a file, one of its tensors or columns, or a folder with a file an epoch; repeatable, a layer each",
    ).argParser(collect).makeOptionMandatory(),
  )
  .option("--labels <file[#name]>", "class of each row, integers, shape [n]")
  .option(
    "--pyx <file[#name]>",
    "exact p(y|x) of each row, shape [n, classes]; rows then enumerate the inputs, equally likely",
  )
  .option("--inputs <file[#name]>", "input of each row, shape [n, …features], for estimators that read I(X;T) off it")
  .addOption(
    new Option(
      "--interval <bootstrap:draws|halves:draws>",
      "95 % intervals of the sampling error, from rows drawn again or from halves of them",
    ).argParser(readInterval),
  )
  .addOption(
    new Option("--permutations <draws>", "compare I(T;Y) with what it is when the labels are permuted").argParser(
      readDraws,
    ),
  )
  .addOption(
    new Option("--estimator <id:key=value,…>", "estimator and its options, or @file.json; repeatable (default: all)")
      .argParser(
        collect,
      ),
  )
  .addOption(
    new Option("--activation <name>", "activation function, which bounds the values").choices([
      "tanh",
      "relu",
      "leaky-relu",
      "sigmoid",
      "softplus",
      "linear",
      "softmax",
    ]),
  )
  .addOption(option.config()).addOption(option.plugin()).addOption(option.allowRun()).addOption(option.memory())
  .addOption(option.json())
  .action(estimate);

program.command("check").argument(
  "<spec>",
  "a plugin (path, npm: or other specifier), or an item of one, ID[:key=value,…]",
)
  .description(
    "try what a plugin's datasets, architectures, estimators and analyses promise, on what is known to be true",
  )
  .addOption(new Option("--watch", "check again whenever a file of the plugin's folder changes"))
  .addOption(option.config()).addOption(option.plugin()).addOption(option.allowRun()).addOption(option.data())
  .addOption(option.memory())
  .addOption(option.json())
  .action(check);

program.command("new").argument("<kind>", "estimator, dataset, architecture, analysis, study or reports")
  .argument("<name>", "namespace/name of an item, such as acme/knn; kebab-case id of a study or of reports")
  .description("make a folder with a small whole item, study or repository of reports, and all that publishing needs")
  .addOption(option.config())
  .action(create);

const site = program.command("site").description("the report site");
site.command("build").description("render every bundle as static pages")
  .option("--bundles <dir>", "folder of bundles (default: out/bundles)")
  .addOption(option.out()).addOption(option.base()).addOption(option.config())
  .action(siteBuild);
site.command("reference").description("render the reference, beside what bundles there are")
  .addOption(option.out()).addOption(option.base()).addOption(option.config())
  .action(siteReference);
site.command("preview").description("serve the built site on this machine")
  .addOption(option.out()).addOption(option.config()).addOption(option.base())
  .addOption(new Option("--port <n>", "port").default(4321).argParser(positive))
  .action(sitePreview);

try {
  await program.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  if (error instanceof CommanderError) Deno.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage);
  if (!(error instanceof Problem)) throw error;
  console.error(`infoplane: ${error.message}`);
  Deno.exit(error.exitCode);
}
Deno.exit(Deno.exitCode);
