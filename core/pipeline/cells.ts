import { Problem } from "../contracts/problem.ts";
import type { Arm, ProfileName, ProfilePatch, Setup, Study } from "../contracts/study.ts";
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

const ROLES = ["main", "control", "variant"] as const;

/**
 * Every arm crossed with every axis value: main arms first, then controls, then variants, by name but for the arm named `main`,
 * which leads. The order in which they are written cannot show.
 *
 * @throws {Problem} If no arm is the main one.
 */
export function cellsOf(study: Study): CellSetup[] {
  const arms = armsOf(study);
  const points = (study.axes ?? []).reduce<Record<string, Json>[]>(
    (found, axis) => found.flatMap((point) => axis.values.map((value) => ({ ...point, [axis.path]: value }))),
    [{}],
  );
  return arms.flatMap(([arm, { role, title: _, replicates, ...changes }]) =>
    points.map((point) => {
      // Both are copied, as a point of an axis is written into what comes out.
      const [base, patch] = structuredClone([study.base, changes]) as unknown as [MutableJson, MutableJson];
      const setup = merge(base, patch);
      for (const [path, value] of Object.entries(point)) {
        place(setup, path, value, `an axis of study "${study.id}"`);
      }
      return {
        arm,
        role,
        axes: canonical(point),
        replicates: replicates ?? study.replicates,
        setup: setup as unknown as Setup,
      };
    })
  );
}

function armsOf(study: Study): [string, Arm & { role: CellSetup["role"] }][] {
  const written = Object.entries(study.arms ?? { main: {} });
  const arms = written.map(([name, arm]): [string, Arm & { role: CellSetup["role"] }] => {
    const role = arm.role ?? (name === "main" || written.length === 1 ? "main" : "variant");
    return [name, { ...arm, role }];
  });
  if (!arms.some(([, { role }]) => role === "main")) {
    throw new Problem(
      `Cannot plan study "${study.id}" as an arm must be named "main" or have the role "main": its arms are ${
        written.map(([name]) => name).join(", ")
      }`,
    );
  }
  const place = ([name, { role }]: (typeof arms)[number]) => 2 * ROLES.indexOf(role) - (name === "main" ? 1 : 0);
  return arms.sort((a, b) => place(a) - place(b) || (a[0] < b[0] ? -1 : 1));
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

function place(target: MutableJson, path: string, value: ProfilePatch[string], owner: string): void {
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
