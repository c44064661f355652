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
import { diff } from "./diff.ts";
import { explain } from "./explain.ts";
import { info } from "./info.ts";
import { ledger } from "./ledger.ts";
import { list } from "./list.ts";
import { collect } from "./collect.ts";
import { create } from "./new.ts";
import { readShard } from "../pipeline/shards.ts";
import { plan } from "./plan.ts";
import { publish } from "./publish.ts";
import { reproduce } from "./reproduce.ts";
import { run } from "./run.ts";
import { siteBuild, sitePreview, siteReference } from "./site.ts";
import { status } from "./status.ts";

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be an integer >= 1.");
  return value;
}

const collectAll = (value: string, all: string[] = []) => [...all, value];

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
      collectAll,
    ),
  allowRun: () =>
    new Option(
      "--allow-run <program>",
      "a program, by name or path, that the plugins given here may start, with all your rights; repeatable",
    ).argParser(collectAll),
  memory: () => new Option("--memory <MiB>", "memory a slot may take (default: 2048)").argParser(positive),
  json: () => new Option("--json", "JSON on standard output, all else on standard error"),
  shard: () =>
    new Option("--shard <i/n>", "only the i-th of n parts, by the keys of nets").argParser((text) => readShard(text)),
  junit: () => new Option("--junit <file>", "write the comparison as JUnit XML"),
  markdown: () => new Option("--markdown <file>", "write the comparison as Markdown, for the summary of a build"),
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
  .addOption(option.out()).addOption(option.base()).addOption(option.config()).addOption(option.plugin())
  .addOption(option.allowRun()).addOption(option.memory()).addOption(new Option("--no-site", "leave the site unbuilt"))
  .addOption(
    new Option("--seed <n>", "another seed: results go to <out>/seed-<n>, intervals and verdicts are compared")
      .argParser(positive),
  )
  .addOption(option.shard().conflicts(["seed", "junit", "markdown"]))
  .addOption(option.junit()).addOption(option.markdown()).addOption(option.json())
  .action(reproduce);

program.command("collect").argument("[study...]", studies)
  .description("gather what shards stored, refuse if anything is missing, then analyse and compare as reproduce does")
  .addOption(new Option("--from <dir>", "a store to copy results from; repeatable").argParser(collectAll))
  .addOption(new Option("--shards <n>", "number of shards, to say of which something is missing").argParser(positive))
  .addOption(option.profile()).addOption(option.jobs()).addOption(option.store()).addOption(option.data())
  .addOption(option.out()).addOption(option.base()).addOption(option.config()).addOption(option.plugin())
  .addOption(option.allowRun()).addOption(option.memory()).addOption(new Option("--no-site", "leave the site unbuilt"))
  .addOption(option.junit()).addOption(option.markdown()).addOption(option.json())
  .action(collect);

program.command("plan").argument("[study...]", studies)
  .description("say what a run would do: nets to train, measurements, what the store holds already")
  .addOption(option.profile()).addOption(option.jobs()).addOption(option.store()).addOption(option.data())
  .addOption(option.config()).addOption(option.plugin()).addOption(option.allowRun()).addOption(option.json())
  .action(plan);

program.command("run").argument("[study...]", studies)
  .description("train and measure what is missing, without analysing")
  .addOption(option.profile()).addOption(option.jobs()).addOption(option.store()).addOption(option.data())
  .addOption(option.config()).addOption(option.plugin()).addOption(option.allowRun()).addOption(option.memory())
  .addOption(option.shard()).addOption(option.json())
  .action(run);

program.command("status").argument("[study...]", studies)
  .description("say how much of each study the store holds")
  .addOption(option.profile()).addOption(option.store()).addOption(option.data()).addOption(option.config())
  .addOption(option.plugin()).addOption(option.allowRun()).addOption(option.json())
  .action(status);

program.command("bless").argument("[study...]", studies)
  .description("keep the last results of a profile as expected.json, once a sample was measured again")
  .addOption(option.profile()).addOption(option.jobs()).addOption(option.store()).addOption(option.data())
  .addOption(option.out()).addOption(option.config()).addOption(option.plugin()).addOption(option.allowRun())
  .addOption(option.memory())
  .addOption(new Option("--reason <text>", "why, for history.jsonl").makeOptionMandatory())
  .addOption(
    new Option(
      "--tolerance <name=value>",
      "how far numbers of this name may be off where rows are not portable: ixt_bits=0.02, test_loss=1%; repeatable",
    ).argParser(collectAll),
  )
  .action(bless);

program.command("publish").argument("[study...]", studies)
  .description("keep the last results of a profile beside the study, in at most 2 MB: with fewer snapshots if need be")
  .addOption(
    new Option("--profile <name>", "smoke, quick or full").choices(["smoke", "quick", "full"]).default("full"),
  )
  .addOption(option.out()).addOption(option.config())
  .action(publish);

program.command("diff").argument("<a>", "a bundle: its folder, its bundle.json, or STUDY-PROFILE of the last results")
  .argument("<b>", "another one")
  .description("say which claims, tables, rows and columns of two bundles differ")
  .addOption(option.out()).addOption(option.config()).addOption(option.json())
  .action(diff);

program.command("explain").argument("<key>", "key of a result, or how it starts: of the trials table, of plan --json")
  .description("say what a key stands for: its inputs, where it is stored, what uses it and what rests on it")
  .addOption(option.store()).addOption(option.data()).addOption(option.config()).addOption(option.plugin())
  .addOption(option.allowRun()).addOption(option.json())
  .action(explain);

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
    ).argParser(collectAll).makeOptionMandatory(),
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
      .argParser(collectAll),
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
  .addOption(new Option("--bundles <dir>", "folder of bundles (default: out/bundles)").conflicts("published"))
  .addOption(new Option("--published", "render what is published beside the studies"))
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
