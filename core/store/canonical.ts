import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";

const DEEPEST = 1000;

/**
 * JSON text that every machine writes the same way: keys sorted, numbers in shortest form, no space (RFC 8785).
 *
 * What JSON cannot hold is refused with its path, never dropped, so that two values differ in text if they differ at all;
 * only −0 is written as 0, as the RFC demands.
 *
 * @throws {TypeError} If something is not a plain object, an array, a string, a number, a boolean or null.
 * @throws {RangeError} If a number is not finite, a text holds half a surrogate pair, or the nesting is too deep or circular.
 *
 * @example Order of keys does not matter
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(canonical({ b: 1e21, a: [true, null] }), canonical({ a: [true, null], b: 1e21 }));
 * ```
 */
export function canonical(value: unknown): string {
  requireJson(value, []);
  return canonicalize(value)!;
}

/**
 * The key of a value: SHA-256 of its canonical JSON in UTF-8, 64 hexadecimal digits.
 *
 * Synchronous and free of platform code, so a browser finds the same key.
 *
 * @throws {TypeError | RangeError} As {@link canonical} does.
 */
export function keyOf(value: unknown): string {
  return bytesToHex(sha256(new TextEncoder().encode(canonical(value))));
}

function requireJson(value: unknown, path: (string | number)[]): void {
  if (value === null || typeof value === "boolean") return;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw refusal(RangeError, "every number must be finite", path, String(value));
  } else if (typeof value === "string") {
    if (!value.isWellFormed()) {
      throw refusal(RangeError, "every text must be well-formed Unicode", path, JSON.stringify(value));
    }
  } else if (typeof value !== "object") {
    const found = typeof value === "undefined" ? "undefined" : `a ${typeof value}`;
    throw refusal(TypeError, "JSON must be able to hold every value", path, found);
  } else {
    if (path.length >= DEEPEST) {
      throw refusal(RangeError, `values must nest at most ${DEEPEST} deep`, path.slice(0, 3), "deeper or circular");
    }
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) requireJson(value[i], [...path, i]);
    } else {
      const prototype = Object.getPrototypeOf(value);
      if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
        throw refusal(
          TypeError,
          "every object must be plain",
          path,
          `a ${value.constructor?.name ?? "class instance"}`,
        );
      }
      for (const [name, part] of Object.entries(value)) {
        if (!name.isWellFormed()) {
          throw refusal(RangeError, "every name must be well-formed Unicode", path, `named ${JSON.stringify(name)}`);
        }
        requireJson(part, [...path, name]);
      }
    }
  }
}

function refusal(
  kind: typeof TypeError | typeof RangeError,
  need: string,
  path: readonly (string | number)[],
  found: string,
): Error {
  return new kind(`Cannot write canonical JSON as ${need}: ${pathText(path)} is ${found}`);
}

/** A path into a value as one would write it in code: `claims[0].theta[3]`; `the value` for the root. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[A-Za-z_$][\w$]*$/.test(String(part))) text += text === "" ? String(part) : `.${String(part)}`;
    else text += `[${JSON.stringify(String(part))}]`;
  }
  return text === "" ? "the value" : text;
}
