import { MissingData } from "../contracts/problem.ts";

/**
 * Does what is asked of a study. One whose data are not on this machine is left out with a line that says how to get them, unless it was
 * asked for by name.
 *
 * @param names Studies asked for; none for all.
 */
export async function unlessMissing(
  names: readonly string[],
  study: string,
  log: (line: string) => void,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (names.length > 0 || !(error instanceof MissingData)) throw error;
    log(`${study} · skipped: ${error.message}`);
  }
}
