/**
 * Where two values that JSON can hold differ first, in words; undefined if they are the same.
 *
 * @param relative By how much of the larger one numbers may differ.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(firstDifference({ a: [1, 2] }, { a: [1, 3] }), "a[1] is 2, then 3");
 * assert.equal(firstDifference({ a: 1 }, { a: 1 + 1e-12 }, 1e-9), undefined);
 * ```
 */
export function firstDifference(one: unknown, other: unknown, relative = 0, path = ""): string | undefined {
  if (Object.is(one, other)) return undefined;
  if (typeof one === "number" && typeof other === "number") {
    if (one === other || Math.abs(one - other) <= relative * Math.max(Math.abs(one), Math.abs(other))) return undefined;
  } else if (isHolder(one) && isHolder(other) && Array.isArray(one) === Array.isArray(other)) {
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
      const step = Array.isArray(one) ? `[${key}]` : path === "" ? key : `.${key}`;
      const found = firstDifference(one[key], other[key], relative, path + step);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return `${path === "" ? "it" : path} is ${shown(one)}, then ${shown(other)}`;
}

function isHolder(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "not there";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
