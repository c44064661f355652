import { closest, distance } from "fastest-levenshtein";

/** ` : did you mean "ksg"?` for the nearest of the valid names, or the list of them when none is near. */
export function suggest(given: string, valid: readonly string[]): string {
  if (valid.length === 0) return "; there are none";
  const nearest = closest(given, [...valid]);
  const near = distance(given, nearest) <= Math.max(2, Math.floor(nearest.length / 3));
  if (near) return `: did you mean "${nearest}"?`;
  return `; valid ${valid.length === 1 ? "is" : "are"} ${valid.map((name) => `"${name}"`).join(", ")}`;
}
