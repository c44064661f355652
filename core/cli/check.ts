import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { type CheckResult, CHECKS, type ConformanceReport, type Outcome, reportOf } from "../conformance/mod.ts";
import type { ItemKind } from "../contracts/plugin.ts";
import { EXIT, Problem } from "../contracts/problem.ts";
import type { JsonObject } from "../contracts/tensor.ts";
import type { ReadOptions } from "../execution/messages.ts";
import { suggest } from "../execution/nearest.ts";
import { fromFileUrl, fromUser } from "../execution/paths.ts";
import type { Slots } from "../execution/slots.ts";
import type { Catalogue, CatalogueItem } from "../pipeline/catalogue.ts";
import { canonical } from "../store/canonical.ts";
import { interruptible } from "./interrupt.ts";
import { readItemArgument } from "./setting.ts";
import { again } from "./watch.ts";
import { type CommonOptions, exitWith, openWorkspace } from "./workspace.ts";

/** A check that says nothing for so long is given up: the samples are small. */
const SILENCE_SECONDS = 20;

const MARKS: Record<Outcome["status"], string> = { passed: "✓", failed: "✗", skipped: "○", inapplicable: "·" };

/** `check`: does what a plugin brings, or one item by its id, keep what it promises? With `watch`, again whenever a file changes. */
export async function check(spec: string, options: CommonOptions & { watch?: boolean }): Promise<void> {
  if (options.watch) await again(folderOf(spec), () => checkOnce(spec, options));
  else await checkOnce(spec, options);
}

/** Folder of a plugin on this machine. */
function folderOf(spec: string): string {
  const path = spec.startsWith("file:") ? fromFileUrl(spec) : fromUser(spec);
  if (/^(npm|jsr|https?):/.test(spec) || !isSpecifier(spec) || !existsSync(path)) {
    throw new Problem(`Cannot watch "${spec}" as it must be a file of a plugin, such as ./mod.ts`);
  }
  return dirname(path);
}

/** What came of one item. */
interface Checked {
  readonly kind: ItemKind;
  readonly id: string;
  readonly setting: string;
  readonly report: ConformanceReport;
}

async function checkOnce(spec: string, options: CommonOptions): Promise<void> {
  const alone = isSpecifier(spec) ? spec : undefined;
  const named = alone === undefined ? readItemArgument(spec) : undefined;
  const limits = { silenceSeconds: SILENCE_SECONDS };
  const workspace = await openWorkspace({ ...options, jobs: 1 }, (line) => console.error(line), { alone, limits });
  const { catalogue, slots } = workspace;
  const found: Checked[] = [];
  try {
    const items = named
      ? itemsOf(catalogue, named.id)
      : catalogue.items.filter(({ source }) => source === catalogue.plugins.at(-1)!.source);
    await interruptible(slots, async () => {
      for (const item of items) {
        const { kind, id } = item;
        const read = await optionsOf(item, named?.options, slots);
        const report = await reportOn(item, read, slots);
        found.push({ kind, id, setting: read === null ? "without options" : canonical(read), report });
        if (!options.json) show(found.at(-1)!);
      }
    });
  } finally {
    workspace.close();
  }
  if (options.json) {
    const items = found.map(({ kind, id, setting, report }) => ({ kind, id, setting, ...report }));
    console.log(JSON.stringify({ format: "infoplane.check/2", items }, null, 2));
  }
  if (found.length === 0) throw new Problem(`Nothing is checked: "${spec}" brings nothing to check`, EXIT.plugin);
  const broken = found.filter(({ report }) => !report.conforms);
  if (broken.length > 0) {
    const lines = broken.map(({ kind, id, report: { ran, failed } }) =>
      ran === 0
        ? `${kind} "${id}" passed no check, as none was run`
        : `${kind} "${id}" failed ${failed} of ${ran} checks`
    );
    throw new Problem(`Not as promised: ${lines.join(", ")}`, EXIT.plugin);
  }
  exitWith(EXIT.ok);
}

/** Items of this id, of whatever kind: a dataset and an architecture may share theirs. */
function itemsOf({ items }: Catalogue, id: string): CatalogueItem[] {
  const found = items.filter((item) => item.id === id);
  if (found.length > 0) return found;
  throw new Problem(`Cannot find "${id}" to check it${suggest(id, items.map((item) => item.id))}`);
}

/** Options after defaults; null if none were given and not all have a default. */
async function optionsOf(
  item: CatalogueItem,
  given: JsonObject | undefined,
  slots: Slots,
): Promise<JsonObject | null> {
  const none = given === undefined || Object.keys(given).length === 0;
  try {
    const { source, kind, id } = item;
    const { value } = await slots.ask(source, { verb: "options", kind, item: id, options: given ?? {} });
    return (value as ReadOptions).options;
  } catch (error) {
    if (none && error instanceof Problem && error.exitCode === EXIT.usage) return null;
    throw error;
  }
}

/** Whether the text names a plugin's module rather than an item. */
function isSpecifier(spec: string): boolean {
  return /^(npm|jsr|https?|file):|^[./]|\.[cm]?[jt]sx?$/.test(spec);
}

/** Runs every check, each a request of its own, so that one that ends the slot's process is known by its name. */
async function reportOn(
  { source, kind, id }: CatalogueItem,
  options: JsonObject | null,
  slots: Slots,
): Promise<ConformanceReport> {
  const checks: CheckResult[] = [];
  let ended: string | undefined;
  for (const { name } of CHECKS[kind]) {
    if (ended !== undefined) {
      checks.push({ name, status: "skipped", reason: `the process was ended when it was tried whether it ${ended}` });
      continue;
    }
    try {
      const { value } = await slots.ask(source, { verb: "conform", kind, item: { id, options }, check: name });
      checks.push({ name, ...value as Outcome });
    } catch (error) {
      if (!(error instanceof Problem) || error.exitCode === EXIT.interrupted) throw error;
      checks.push({ name, status: "failed", reason: error.message });
      ended = name;
    }
  }
  return reportOf(checks);
}

function show({ kind, id, setting, report }: Checked): void {
  console.log(`${kind} ${id} ${setting}`);
  for (const result of report.checks) {
    if (result.status === "inapplicable") continue;
    console.log(`  ${MARKS[result.status]} ${result.name}${result.status === "passed" ? "" : `: ${result.reason}`}`);
  }
  console.log(`  ${report.summary}, ${report.failed === 0 ? "none failed" : `${report.failed} failed`}`);
}
