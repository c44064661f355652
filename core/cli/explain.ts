import { stat } from "node:fs/promises";
import { EXIT, Problem } from "../contracts/problem.ts";
import type { Json, JsonObject } from "../contracts/tensor.ts";
import { cellName, type Need, needsOf } from "../pipeline/pieces.ts";
import { PROFILES } from "../pipeline/expected.ts";
import { type Entry, ENTRY_KINDS, type EntryKind, type Store } from "../store/store.ts";
import { planOf } from "./carry_out.ts";
import { bytesWords, columns } from "./text.ts";
import { type CommonOptions, openWorkspace, openWorkspaceStore, readStudies } from "./workspace.ts";

const KINDS: { readonly [K in EntryKind]: string } = {
  trial: "a trained net",
  measure: "what an estimator found in a net",
  map: "what an analysis found in a net",
  prepare: "what an analysis prepared for a dataset",
};

/** What a key stands for. */
interface Explanation {
  readonly key: string;
  readonly kind: EntryKind;
  readonly inputs: JsonObject;
  /** Its entries, one an extent. */
  readonly stored: readonly Stored[];
  readonly uses: readonly Use[];
  /** How many stored results rest on it, by kind. */
  readonly dependents: { readonly [K in EntryKind]?: number };
}

/** An entry of the store. */
interface Stored {
  readonly path: string;
  readonly extent: number;
  readonly outcome: Entry["outcome"];
  readonly bytes: number;
  /** Seconds its work took, if they were noted. */
  readonly seconds: number | null;
  /** When its manifest was written, ISO 8601. */
  readonly date: string;
}

/** A place of the configuration where a key is needed. */
interface Use {
  readonly study: string;
  readonly profile: string;
  readonly arm: string;
  readonly replicate: number | null;
  readonly name: string;
}

/** `explain KEY`: what a key stands for, where it is stored, what uses it and what rests on it. */
export async function explain(given: string, options: CommonOptions): Promise<void> {
  const prefix = given.toLowerCase();
  if (!/^[0-9a-f]{4,64}$/.test(prefix)) {
    throw new Problem(`Cannot explain a key as it must be 4 to 64 hexadecimal digits: it is "${given}"`);
  }
  const store = await openWorkspaceStore(options);
  const entries = await entriesOf(store, prefix);
  const needs = await needsOfStudies(prefix, options);
  const keys = [...new Set([...entries, ...needs.map(({ need }) => need)].map(({ key }) => key))];
  if (keys.length !== 1) {
    const found = keys.length === 0
      ? "neither the store nor a configured study has one"
      : `there are ${keys.length}: ${keys.slice(0, 3).map((key) => key.slice(0, 12)).join(", ")}${
        keys.length > 3 ? ", …" : ""
      }`;
    throw new Problem(`Cannot explain "${given}" as one key must start so: ${found}`, EXIT.usage);
  }
  const { key, kind, inputs } = entries[0] ?? needs[0].need;
  const explanation: Explanation = {
    key,
    kind,
    inputs,
    stored: await Promise.all(entries.map((entry) => storedOf(entry, store))),
    uses: needs.map(({ need: { cell, trial, name }, study, profile }) => ({
      study,
      profile,
      arm: cellName(cell),
      replicate: trial?.replicate ?? null,
      name,
    })),
    dependents: kind === "trial" ? await dependentsOf(key, store) : {},
  };
  if (options.json) console.log(JSON.stringify({ format: "infoplane.explain/1", ...explanation }, null, 2));
  else for (const line of linesOf(explanation)) console.log(line);
}

async function entriesOf(store: Store, prefix: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const kind of ENTRY_KINDS) for await (const entry of store.list(kind, prefix)) entries.push(entry);
  return entries;
}

/** Where configured studies need keys that start so, at every profile that can be planned. */
async function needsOfStudies(prefix: string, options: CommonOptions) {
  const workspace = await openWorkspace({ ...options, jobs: 1 }, (line) => console.error(line));
  try {
    const found: { need: Need; study: string; profile: string }[] = [];
    for (const { study } of await readStudies(options)) {
      for (const profile of PROFILES) {
        try {
          const needs = needsOf(await planOf(study, profile, workspace)).filter(({ key }) => key.startsWith(prefix));
          found.push(...needs.map((need) => ({ need, study: study.id, profile })));
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          console.error(`${study.id} · ${profile} · not looked at: ${error.message}`);
        }
      }
    }
    return found;
  } finally {
    workspace.close();
  }
}

async function storedOf(entry: Entry, store: Store): Promise<Stored> {
  const path = store.pathOf(entry);
  const { extent, outcome, blobs, info } = entry;
  return {
    path,
    extent,
    outcome,
    bytes: blobs.reduce((sum, { bytes }) => sum + bytes, 0),
    seconds: typeof info.seconds === "number" ? info.seconds : null,
    date: (await stat(path)).mtime.toISOString(),
  };
}

async function dependentsOf(trial: string, store: Store): Promise<Explanation["dependents"]> {
  const counts: { [K in EntryKind]?: number } = {};
  for (const kind of ["measure", "map"] as const) {
    for await (const { inputs } of store.list(kind)) {
      if (inputs.trial === trial) counts[kind] = (counts[kind] ?? 0) + 1;
    }
  }
  return counts;
}

function linesOf({ key, kind, inputs, stored, uses, dependents }: Explanation): string[] {
  const { kind: _, ...rest } = inputs;
  return [
    `${key} is ${KINDS[kind]}`,
    "  made from",
    ...columns(leaves(rest, "").map(([path, value]) => [`    ${path}`, value])),
    ...stored.map(({ path, extent, outcome, bytes, seconds, date }) => {
      const took = seconds === null ? "" : `, took ${seconds} s`;
      const epochs = kind === "prepare" ? "" : ` up to epoch ${extent}`;
      return `  stored ${date.slice(0, 16).replace("T", " ")}${epochs}, ${outcome}, ${
        bytesWords(bytes)
      }${took}: ${path}`;
    }),
    ...(stored.length === 0 ? ["  not stored"] : []),
    ...uses.map(({ study, profile, arm, replicate, name }) =>
      `  used by ${study} · ${profile} · ${arm}${replicate === null ? "" : ` replicate ${replicate}`} · ${name}`
    ),
    ...(uses.length === 0 ? ["  used by no configured study"] : []),
    ...Object.entries(dependents).map(([kind, count]) => `  rests on it, ${count} times: ${KINDS[kind as EntryKind]}`),
  ];
}

/** The leaves of an object, as path and JSON. */
function leaves(value: Json, path: string): [string, string][] {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [[path, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([name, part]) => leaves(part as Json, path === "" ? name : `${path}.${name}`));
}
