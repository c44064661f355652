import { Problem } from "../contracts/problem.ts";
import type { Resampling } from "../measuring/resampling.ts";

/**
 * Reads how many draws are wanted.
 *
 * @throws {Problem} If it is no integer in 20…10000.
 */
export function readDraws(text: string): number {
  const draws = Number(text);
  if (!(Number.isInteger(draws) && draws >= 20 && draws <= 10_000)) {
    throw new Problem(`Cannot resample as draws must be an integer in 20…10000: it is "${text}"`);
  }
  return draws;
}

/**
 * Reads `bootstrap:200` or `halves:200`.
 *
 * @throws {Problem} If the text is neither.
 */
export function readInterval(text: string): NonNullable<Resampling["interval"]> {
  const [by, draws, ...more] = text.split(":");
  if ((by !== "bootstrap" && by !== "halves") || draws === undefined || more.length > 0) {
    throw new Problem(`Cannot read an interval as it must be bootstrap:DRAWS or halves:DRAWS: it is "${text}"`);
  }
  return { by, draws: readDraws(draws) };
}
