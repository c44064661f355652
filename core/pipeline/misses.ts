import type { Json, JsonObject } from "../contracts/tensor.ts";
import { canonical } from "../store/canonical.ts";
import type { Entry, EntryKind } from "../store/store.ts";
import { cellName, type Piece } from "./pieces.ts";

/** Results that are missing for one reason. */
export interface Miss {
  readonly kind: EntryKind;
  /** Arm, at its point of the axes. */
  readonly arm: string;
  /** `net`, an estimator with its setting, an analysis; `measurements` or `analyses` of nets that are missing themselves. */
  readonly name: string;
  readonly count: number;
  readonly reason: string;
}

/** The most things a stored result may have otherwise to be worth naming. */
const NEAR = 2;

/**
 * Why pieces are missing: by arm and name. What was never stored is held against entries that were, and the nearest is named if it
 * differs in one or two things.
 *
 * @param stored Entries of the store, or a sample of them.
 */
export function missesOf(pieces: readonly Piece[], stored: readonly Entry[]): Miss[] {
  const kept = new Map<EntryKind, Map<string, string>[]>();
  for (const { kind, inputs } of stored) kept.set(kind, [...kept.get(kind) ?? [], flattened(inputs)]);
  const untrained = new Set(
    pieces.filter(({ kind, found }) => kind === "trial" && !found.entry).map(({ trial }) => trial),
  );
  const groups = new Map<string, { piece: Piece; name: string; reason: string; count: number }>();
  for (const piece of pieces) {
    if (piece.found.entry) continue;
    const waits = piece.kind !== "trial" && untrained.has(piece.trial);
    const reason = waits ? "their nets are missing" : piece.found.reason!;
    const name = waits ? { measure: "measurements", map: "analyses" }[piece.kind as "measure" | "map"] : piece.name;
    const group = canonical([piece.kind, cellName(piece.cell), name, reason]);
    const known = groups.get(group);
    if (known) known.count++;
    else groups.set(group, { piece, name, reason, count: 1 });
  }
  return [...groups.values()].map(({ piece: { kind, cell, inputs }, name, reason, count }) => ({
    kind,
    arm: cellName(cell),
    name,
    count,
    reason: reason === "never stored" ? nearest(flattened(inputs), kept.get(kind) ?? []) : reason,
  }));
}

/** Why what was never stored was not, by what is nearest to it. */
function nearest(wanted: ReadonlyMap<string, string>, kept: readonly ReadonlyMap<string, string>[]): string {
  let best: string[] | undefined;
  for (const one of kept) {
    const apart = [...new Set([...wanted.keys(), ...one.keys()])].filter((path) => wanted.get(path) !== one.get(path));
    if (apart.length >= (best?.length ?? NEAR + 1)) continue;
    best = apart.map((path) => `${path} ${one.get(path) ?? "unset"}, not ${wanted.get(path) ?? "unset"}`);
  }
  if (best === undefined) return "never stored";
  return best.length === 0 ? "never stored, though others like it are" : `stored with ${best.join("; ")}`;
}

/** Leaves of an object by path, without what tells replicates of one net apart. */
function flattened(inputs: JsonObject): Map<string, string> {
  const leaves = new Map<string, string>();
  const visit = (value: Json, path: string) => {
    if (value !== null && typeof value === "object" && !Array.isArray(value)) {
      for (const [name, part] of Object.entries(value)) visit(part as Json, path === "" ? name : `${path}.${name}`);
    } else leaves.set(path, canonical(value));
  };
  const { trial: _, replicate: __, ...rest } = inputs;
  visit(rest, "");
  return leaves;
}
