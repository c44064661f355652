import type { AnalysisResult } from "../contracts/analysis.ts";
import type { Claim, Figure } from "../contracts/bundle.ts";
import type { Table } from "../contracts/rows.ts";
import type { JsonObject } from "../contracts/tensor.ts";
import { EXIT, Problem } from "../contracts/problem.ts";
import { packRows } from "../execution/columns.ts";
import type { Slots } from "../execution/slots.ts";
import { canonical } from "../store/canonical.ts";
import type { BundleContents } from "../store/bundle.ts";
import { checkTable } from "../store/table_checks.ts";
import { GRADIENT_ARITHMETIC } from "../measuring/gradients.ts";
import { isByKernels, isPortable, TFJS_ARITHMETIC } from "../training/arithmetic.ts";
import { CONVOLUTION_ARITHMETIC } from "../training/convolution.ts";
import { ARITHMETIC } from "../training/dense.ts";
import type { Catalogue } from "./catalogue.ts";
import { plain, type Plan, type PlannedAnalysis } from "./plan.ts";
import type { RunResult } from "./run.ts";
import { type RunTables, standardTables, tablesOf } from "./tables.ts";

/** A bundle's contents, and what went wrong while they were made. */
export interface Assembled {
  readonly contents: BundleContents;
  readonly failures: readonly string[];
}

/**
 * Runs the analyses over the rows of a run and gathers everything a bundle holds.
 *
 * An analysis that fails is reported and left out; one whose needs the study does not meet is skipped with a reason in the log.
 */
export async function assemble(plan: Plan, run: RunResult, catalogue: Catalogue, slots: Slots): Promise<Assembled> {
  const tables = tablesOf(plan, run);
  const failures: string[] = [];
  const extra: Table[] = [];
  const claims: Claim[] = [];
  const figures: Figure[] = [];
  for (const [source, analyses] of bySource(plan)) {
    const results = await reduceIn(source, analyses, plan, run, tables, slots, failures);
    for (const { tables: own = [], claims: made = [], figures: drawn = [] } of results) {
      for (const table of own) {
        if (["trials", "estimates", "series", ...extra.map(({ name }) => name)].includes(table.name)) {
          failures.push(`table "${table.name}" is there twice`);
        } else extra.push(table);
      }
      claims.push(...made);
      figures.push(...drawn);
    }
  }
  const counts = { trials: tables.trials.length, done: 0, diverged: 0, skipped: 0, failed: 0 };
  for (const { outcome } of tables.trials) counts[outcome]++;
  return {
    failures,
    contents: {
      study: plan.study,
      profile: plan.profile,
      plugins: catalogue.plugins.filter((plugin) => isUsed(plugin.source, plan)).map((plugin) => ({
        id: plugin.name,
        from: plugin.source.startsWith("file:") ? plugin.name : plugin.source,
        version: plugin.version,
        integrity: plugin.integrity,
        rights: plugin.rights,
      })),
      arithmetic: {
        ...ARITHMETIC,
        ...(plan.analyses.some(({ maps }) => maps) ? { gradients: GRADIENT_ARITHMETIC } : {}),
        ...(plan.cells.some(({ net }) => isByKernels(net)) ? { convolution: CONVOLUTION_ARITHMETIC } : {}),
        ...(plan.cells.some(({ net }) => !isPortable(net)) ? { tfjs: TFJS_ARITHMETIC } : {}),
        ...Object.fromEntries(plan.measures.map(({ estimator, arithmetic }) => [estimator.id, arithmetic])),
        ...Object.fromEntries(
          plan.analyses.flatMap(({ id, arithmetic }) => arithmetic === "portable" ? [] : [[id, arithmetic]]),
        ),
      },
      problems: plan.cells.filter(({ arm }, i) => plan.cells.findIndex((cell) => cell.arm === arm) === i)
        .map(({ problem }) => problem),
      counts: { ...counts, estimates: tables.estimates.length },
      tables: [...standardTables(tables), ...extra],
      claims,
      figures,
    },
  };
}

async function reduceIn(
  source: string,
  analyses: readonly PlannedAnalysis[],
  plan: Plan,
  run: RunResult,
  tables: RunTables,
  slots: Slots,
  failures: string[],
): Promise<AnalysisResult[]> {
  const results: AnalysisResult[] = [];
  try {
    await slots.hold(source, async (ask) => {
      const packed = [tables.trials, tables.estimates, tables.series, tables.points].map(packRows);
      const [trials, estimates, series, points] = packed.map((one) => one.packed);
      const problems = plan.cells.map(({ problem }) => problem);
      const { study, profile } = plan;
      await ask(
        { verb: "rows", study, profile, problems, tables: { trials, estimates, series, points } },
        packed.flatMap(({ parts }) => parts),
      );
      for (const analysis of analyses) {
        const unmet = unmetNeed(analysis, plan);
        if (unmet) {
          failures.push(`${analysis.id}: ${unmet}`);
          continue;
        }
        const prepared = run.prepared[plan.analyses.indexOf(analysis)] ?? {};
        try {
          const { value } = await ask({ verb: "reduce", analysis: plain(analysis), prepared });
          results.push(readResult(value, analysis.id));
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          failures.push(`${analysis.id}: ${error.message}`);
        }
      }
    });
  } catch (error) {
    if (!(error instanceof Problem) || error.exitCode === 130) throw error;
    failures.push(error.message);
  }
  return results;
}

/** What `reduce` gave, if its tables can be written. */
function readResult(value: unknown, id: string): AnalysisResult {
  try {
    const result = value as AnalysisResult;
    for (const table of result.tables ?? []) checkTable(table);
    return result;
  } catch (error) {
    throw new Problem(`Cannot take the answer of analysis "${id}": ${(error as Error).message}`, EXIT.incomplete);
  }
}

function unmetNeed({ needs }: PlannedAnalysis, plan: Plan): string | undefined {
  const { estimators, exactJoint } = needs as { estimators?: string[]; exactJoint?: boolean };
  if (estimators && !plan.measures.some(({ estimator }) => estimators.includes(estimator.id))) {
    return `it needs a measurement by ${estimators.map((id) => `"${id}"`).join(" or ")}, and the study has none`;
  }
  if (exactJoint && plan.cells.some(({ problem }) => problem.hxBits === null)) {
    return "it needs exact p(x) and p(y|x), which a dataset of the study does not give";
  }
  return undefined;
}

function bySource(plan: Plan): Map<string, PlannedAnalysis[]> {
  const groups = new Map<string, PlannedAnalysis[]>();
  for (const analysis of plan.analyses) groups.set(analysis.source, [...groups.get(analysis.source) ?? [], analysis]);
  return groups;
}

function isUsed(source: string, plan: Plan): boolean {
  return plan.cells.some(({ dataset, architecture }) => dataset.source === source || architecture.source === source) ||
    plan.measures.some(({ estimator }) => estimator.source === source) ||
    plan.analyses.some((analysis) => analysis.source === source);
}

/** The plan as data, for `plan --json` and for tests that compare plans. */
export function planDigest(plan: Plan): string {
  return canonical(
    { trials: plan.trials.map(({ key }) => key), settings: plan.measures.map(({ setting }) => setting) } as JsonObject,
  );
}
