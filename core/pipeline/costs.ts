import type { JsonObject } from "../contracts/tensor.ts";
import type { Entry } from "../store/store.ts";
import { canonical } from "../store/canonical.ts";
import { snapshotEpochs } from "../training/snapshots.ts";
import type { Piece } from "./pieces.ts";

/** What missing work is likely to take, judged by what like work took before. */
export interface Cost {
  /** Seconds of one core. */
  readonly seconds: number;
  /** Bytes it will add to the store. */
  readonly bytes: number;
  /** Kinds of work that no run has timed yet, which the seconds leave out: `net`, ids of estimators and analyses. */
  readonly unknown: readonly string[];
}

type Work = Pick<Entry, "kind" | "inputs" | "extent">;

/** Estimates the cost of missing pieces from entries that are stored. */
export function costOf(missing: readonly Piece[], stored: readonly Entry[]): Cost {
  const rates = ratesOf(stored);
  const unknown = new Set<string>();
  let [seconds, bytes] = [0, 0];
  for (const piece of missing) {
    const rate = rates.get(likeness(piece));
    if (rate !== undefined && rate.timed > 0) seconds += workOf(piece) * rate.seconds / rate.timed;
    else unknown.add(piece.kind === "trial" ? "net" : idOf(piece));
    if (rate !== undefined) bytes += snapshotsOf(piece) * rate.bytes / rate.snapshots;
  }
  return { seconds, bytes, unknown: [...unknown].sort() };
}

interface Rate {
  bytes: number;
  snapshots: number;
  seconds: number;
  /** The work that those seconds took. */
  timed: number;
}

function ratesOf(stored: readonly Entry[]): Map<string, Rate> {
  const rates = new Map<string, Rate>();
  for (const entry of stored) {
    const name = likeness(entry);
    const rate = rates.get(name) ?? { bytes: 0, snapshots: 0, seconds: 0, timed: 0 };
    rates.set(name, rate);
    rate.snapshots += snapshotsOf(entry);
    rate.bytes += entry.blobs.reduce((sum, { bytes }) => sum + bytes, 0);
    if (typeof entry.info.seconds !== "number") continue;
    rate.timed += workOf(entry);
    rate.seconds += entry.info.seconds;
  }
  return rates;
}

/** Names work that costs alike: nets of an architecture on a dataset at a batch size; else an estimator, an analysis. */
function likeness({ kind, inputs }: Pick<Work, "kind" | "inputs">): string {
  if (kind !== "trial") return `${kind} ${idOf({ kind, inputs })}`;
  const { dataset, architecture, training } = inputs;
  return canonical([dataset, architecture, (training as JsonObject).batch]);
}

function idOf({ kind, inputs }: Pick<Work, "kind" | "inputs">): string {
  return String((inputs[kind === "measure" ? "estimator" : "analysis"] as JsonObject).id);
}

/** What its time goes with: epochs of a net, else snapshots. */
function workOf(piece: Work): number {
  return piece.kind === "trial" ? Math.max(1, piece.extent) : snapshotsOf(piece);
}

/** What its bytes go with; one for what is prepared. */
function snapshotsOf({ inputs, extent }: Work): number {
  return snapshotEpochs(extent, inputs.perDecade as number | undefined).length;
}
