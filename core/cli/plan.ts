import { unlessMissing } from "./missing.ts";
import { type Cost, costOf } from "../pipeline/costs.ts";
import { type Miss, missesOf } from "../pipeline/misses.ts";
import { piecesOf } from "../pipeline/pieces.ts";
import { shareOf, type StoredShare, storedShare } from "../pipeline/stored.ts";
import type { Plan } from "../pipeline/plan.ts";
import { type Entry, ENTRY_KINDS, type Store } from "../store/store.ts";
import { planOf } from "./carry_out.ts";
import { duration } from "./progress.ts";
import { bytesWords, columns } from "./text.ts";
import { chooseStudies, type CommonOptions, openWorkspace, openWorkspaceStore, profileOf } from "./workspace.ts";

/** A plan, what of it is missing and why, and what that will take. */
interface PlanReport extends StoredShare {
  readonly misses: readonly Miss[];
  readonly cost: Cost;
}

/** `plan`: what a run would do, why, and about how long it will take. */
export async function plan(names: string[], options: CommonOptions & { profile?: string }): Promise<void> {
  const sample = new Map<Store, Promise<Entry[]>>();
  const reports = await eachPlan(names, options, async (plan, store): Promise<PlanReport> => {
    const pieces = await piecesOf(plan, store);
    const missing = pieces.filter(({ found }) => found.entry === undefined);
    if (missing.length > 0 && !sample.has(store)) sample.set(store, sampleOf(store));
    const held = pieces.flatMap(({ found: { entry } }) => entry ?? []);
    const stored = [...held, ...await sample.get(store) ?? []];
    return { ...shareOf(plan, pieces), misses: missesOf(pieces, stored), cost: costOf(missing, stored) };
  });
  if (options.json) return console.log(JSON.stringify({ format: "infoplane.plan/1", studies: reports }, null, 2));
  for (const report of reports) for (const line of reportLines(report)) console.log(line);
}

function reportLines({ study, profile, arms, nets, measurements, maps, updates, misses, cost }: PlanReport): string[] {
  const missing = (share: { stored: number; total: number }) => share.total - share.stored;
  const lines = [
    `${study} · ${profile} · ${nets.total} nets, ${measurements.total} measurements` +
    (maps.total > 0 ? `, ${maps.total} analyses of single nets` : ""),
    ...columns(arms.map(({ arm, nets, epochs }) => [
      `  ${arm}`,
      `${nets.total} nets × ${epochs} epochs`,
      `${nets.stored} stored`,
    ])),
    `  to train: ${missing(nets)} nets, ${updates} updates`,
    `  to measure: ${missing(measurements)} of ${measurements.total}` +
    (maps.total > 0 ? `, and ${missing(maps)} of ${maps.total} analyses of nets` : ""),
  ];
  if (misses.length === 0) return lines;
  lines.push(`  ${costWords(cost)}`, "  missing:");
  const rows = misses.slice(0, SHOWN).map(({ arm, name, count, reason }) => [`    ${arm}`, name, `${count}`, reason]);
  lines.push(...columns(rows));
  if (misses.length > SHOWN) lines.push(`    ${misses.length - SHOWN} more, which --json lists`);
  return lines;
}

function costWords({ seconds, bytes, unknown }: Cost): string {
  const known = seconds > 0 ? [`about ${duration(seconds)} of one core`] : [];
  const rest = unknown.length > 0 ? [`an unknown time for ${unknown.join(", ")}`] : [];
  return `takes ${[...known, ...rest].join(" and ")}${
    bytes > 0 ? `, about ${bytesWords(Math.round(bytes))} of store` : ""
  }`;
}

const SHOWN = 20;
/** Entries of each kind that are looked at: keys are hashes, so the first ones are a fair sample. */
const SAMPLE = 1000;

async function sampleOf(store: Store): Promise<Entry[]> {
  const lists = await Promise.all(ENTRY_KINDS.map(async (kind) => {
    const entries: Entry[] = [];
    for await (const entry of store.list(kind)) {
      entries.push(entry);
      if (entries.length === SAMPLE) break;
    }
    return entries;
  }));
  return lists.flat();
}

/** What each study consists of at a profile, and how much of it is stored. */
export async function sharesOf(names: string[], options: CommonOptions & { profile?: string }): Promise<StoredShare[]> {
  return await eachPlan(names, options, storedShare);
}

async function eachPlan<Result>(
  names: string[],
  options: CommonOptions & { profile?: string },
  look: (plan: Plan, store: Store) => Promise<Result>,
): Promise<Result[]> {
  const studies = await chooseStudies(names, options);
  const store = await openWorkspaceStore(options);
  const workspace = await openWorkspace({ ...options, jobs: options.jobs ?? 1 }, (line) => console.error(line));
  try {
    const results: Result[] = [];
    for (const known of studies) {
      await unlessMissing(names, known.study.id, (line) => console.error(line), async () => {
        results.push(await look(await planOf(known.study, profileOf(known, options.profile), workspace), store));
      });
    }
    return results;
  } finally {
    workspace.close();
  }
}
