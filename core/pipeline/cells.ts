import { Problem } from "../contracts/problem.ts";
import type { Arm, ProfileName, Setup, Study } from "../contracts/study.ts";
import type { Json } from "../contracts/tensor.ts";
import { suggest } from "../execution/nearest.ts";
import { canonical } from "../store/canonical.ts";
import { readStudy } from "./study_schema.ts";

/** One arm at one value of every axis: what is trained there, how often, and what for. */
export interface CellSetup {
  readonly arm: string;
  readonly role: "main" | "control" | "variant";
  /** Canonical JSON of the axis values, `{}` without axes. */
  readonly axes: string;
  readonly replicates: number;
  readonly setup: Setup;
}

type MutableJson = null | boolean | number | string | MutableJson[] | { [key: string]: MutableJson };

/**
 * The study as one of its profiles runs it.
 *
 * @throws {Problem} If the profile is unknown or one of its paths leads nowhere.
 */
export function atProfile(study: Study, profile: string): Study {
  const names = Object.keys(study.profiles);
  if (!names.includes(profile)) {
    throw new Problem(`Cannot find profile "${profile}" of study "${study.id}"${suggest(profile, names)}`);
  }
  const patched = structuredClone(study) as unknown as MutableJson;
  for (const [path, value] of Object.entries(study.profiles[profile as ProfileName])) {
    place(patched, path, value, `profile "${profile}" of study "${study.id}"`);
  }
  return readStudy(patched);
}

/** Every arm crossed with every axis value, arms in the order they are written. */
export function cellsOf(study: Study): CellSetup[] {
  const arms: [string, Arm][] = Object.entries(study.arms ?? { main: {} });
  const points = (study.axes ?? []).reduce<Record<string, Json>[]>(
    (found, axis) => found.flatMap((point) => axis.values.map((value) => ({ ...point, [axis.path]: value }))),
    [{}],
  );
  return arms.flatMap(([arm, { role, title: _, replicates, ...changes }], index) =>
    points.map((point) => {
      const setup = merge(structuredClone(study.base) as unknown as MutableJson, changes as unknown as MutableJson);
      for (const [path, value] of Object.entries(point)) {
        place(setup, path, value, `an axis of study "${study.id}"`);
      }
      return {
        arm,
        role: role ?? (index === 0 || arm === "main" ? "main" : "variant"),
        axes: canonical(point),
        replicates: replicates ?? study.replicates,
        setup: setup as unknown as Setup,
      };
    })
  );
}

/** Lays a patch over a value; an object that changes its `id` is another thing and replaces the old one whole. */
function merge(base: MutableJson, patch: MutableJson): MutableJson {
  if (!isObject(base) || !isObject(patch) || (patch.id !== undefined && patch.id !== base.id)) return patch;
  const merged = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    merged[key] = key in merged ? merge(merged[key], value) : value;
  }
  return merged;
}

function place(target: MutableJson, path: string, value: Json, owner: string): void {
  const steps = path.split(".");
  let at = target;
  for (const [depth, step] of steps.entries()) {
    if (!isObject(at)) {
      throw new Problem(
        `Cannot apply ${owner} as "${path}" leads nowhere: "${steps.slice(0, depth).join(".")}" is no object`,
      );
    }
    if (depth === steps.length - 1) at[step] = structuredClone(value) as MutableJson;
    else if (!(step in at)) {
      throw new Problem(
        `Cannot apply ${owner} as "${path}" leads nowhere: there is no "${step}"${suggest(step, Object.keys(at))}`,
      );
    } else at = at[step];
  }
}

function isObject(value: MutableJson): value is { [key: string]: MutableJson } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
