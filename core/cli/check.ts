import { existsSync } from "node:fs";
import { dirname } from "node:path";
import {
  type CheckResult,
  type ConformanceReport,
  ESTIMATOR_CHECKS,
  type Outcome,
  reportOf,
} from "../conformance/mod.ts";
import { EXIT, Problem } from "../contracts/problem.ts";
import type { JsonObject } from "../contracts/tensor.ts";
import type { Resolved } from "../execution/messages.ts";
import { fromFileUrl, fromUser } from "../execution/paths.ts";
import type { Slots } from "../execution/slots.ts";
import { plain, resolveItem } from "../pipeline/plan.ts";
import { canonical } from "../store/canonical.ts";
import { interruptible } from "./interrupt.ts";
import { readEstimatorArgument } from "./setting.ts";
import { again } from "./watch.ts";
import { type CommonOptions, exitWith, openWorkspace } from "./workspace.ts";

/** A check that says nothing for so long is given up: the samples are small. */
const SILENCE_SECONDS = 20;

const MARKS: Record<Outcome["status"], string> = { passed: "✓", failed: "✗", skipped: "○", inapplicable: "·" };

/** `check`: do the estimators of a plugin, or one by its id, keep what they promise? With `watch`, again whenever a file changes. */
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

async function checkOnce(spec: string, options: CommonOptions): Promise<void> {
  const alone = isSpecifier(spec) ? spec : undefined;
  const named = alone === undefined ? readEstimatorArgument(spec) : undefined;
  const limits = { silenceSeconds: SILENCE_SECONDS };
  const workspace = await openWorkspace({ ...options, jobs: 1 }, (line) => console.error(line), { alone, limits });
  const { catalogue, slots } = workspace;
  const found: { id: string; setting: string; report: ConformanceReport }[] = [];
  try {
    const items = named
      ? [catalogue.find("estimator", named.id)]
      : catalogue.items.filter(({ kind, source }) =>
        kind === "estimator" && source === catalogue.plugins.at(-1)!.source
      );
    await interruptible(slots, async () => {
      for (const item of items) {
        const resolved = await resolveItem(item, named?.options ?? {} as JsonObject, slots);
        const report = await reportOn(item.source, plain(resolved), slots);
        found.push({ id: item.id, setting: canonical(resolved.options), report });
        if (!options.json) show(found.at(-1)!);
      }
    });
  } finally {
    workspace.close();
  }
  if (options.json) {
    const estimators = found.map(({ id, setting, report }) => ({ id, setting, ...report }));
    console.log(JSON.stringify({ format: "infoplane.check/1", estimators }, null, 2));
  }
  if (found.length === 0) throw new Problem(`Nothing is checked: "${spec}" brings no estimator`, EXIT.plugin);
  const broken = found.filter(({ report }) => !report.conforms);
  if (broken.length > 0) {
    const lines = broken.map(({ id, report: { ran, failed } }) =>
      ran === 0 ? `"${id}" passed no check, as none was run` : `"${id}" failed ${failed} of ${ran} checks`
    );
    throw new Problem(`Not as promised: ${lines.join(", ")}`, EXIT.plugin);
  }
  exitWith(EXIT.ok);
}

/** Whether the text names a plugin's module rather than an estimator. */
function isSpecifier(spec: string): boolean {
  return /^(npm|jsr|https?|file):|^[./]|\.[cm]?[jt]sx?$/.test(spec);
}

/** Runs every check, each a request of its own, so that one that ends the slot's process is known by its name. */
async function reportOn(source: string, estimator: Resolved, slots: Slots): Promise<ConformanceReport> {
  const checks: CheckResult[] = [];
  let ended: string | undefined;
  for (const { name } of ESTIMATOR_CHECKS) {
    if (ended !== undefined) {
      checks.push({ name, status: "skipped", reason: `the process was ended when it was tried whether it ${ended}` });
      continue;
    }
    try {
      const { value } = await slots.ask(source, { verb: "conform", estimator, check: name });
      checks.push({ name, ...value as Outcome });
    } catch (error) {
      if (!(error instanceof Problem) || error.exitCode === EXIT.interrupted) throw error;
      checks.push({ name, status: "failed", reason: error.message });
      ended = name;
    }
  }
  return reportOf(checks);
}

function show({ id, setting, report }: { id: string; setting: string; report: ConformanceReport }): void {
  console.log(`${id} ${setting}`);
  for (const result of report.checks) {
    if (result.status === "inapplicable") continue;
    console.log(`  ${MARKS[result.status]} ${result.name}${result.status === "passed" ? "" : `: ${result.reason}`}`);
  }
  console.log(`  ${report.summary}, ${report.failed === 0 ? "none failed" : `${report.failed} failed`}`);
}
