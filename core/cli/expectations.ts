import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../contracts/problem.ts";
import type { ProfileName } from "../contracts/study.ts";
import { type Expectation, type Expected, readExpected } from "../pipeline/expected.ts";
import type { KnownStudy } from "./workspace.ts";

/** `expected.json` of a study's folder, or undefined if it has none. */
export function expectedOf({ study, folder }: Pick<KnownStudy, "study" | "folder">): Expected | undefined {
  if (folder === null) return undefined;
  const path = join(folder, "expected.json");
  if (!existsSync(path)) return undefined;
  const expected = readExpected(readFileSync(path, "utf8"), path);
  if (expected.study !== study.id) {
    throw new Problem(`Cannot compare with ${path} as it must be of study "${study.id}": it is of "${expected.study}"`);
  }
  return expected;
}

/** What a study is expected to give at a profile: as its bundle says, if it came from one, else as its folder does. */
export function expectedFor(known: KnownStudy, profile: string): Expectation | undefined {
  return known.bundle ? known.bundle.expectation : expectedOf(known)?.profiles[profile as ProfileName];
}
