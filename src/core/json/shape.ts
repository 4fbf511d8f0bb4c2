/** Checks the shape of data that was stored: a file may be damaged, or come from somebody else. */
import { isObject } from "./json.ts";

/**
 * Returns the path of the first part that has another shape: `.sources[2].size`, or an empty text for the
 * value itself. `null`: the shape is right.
 */
export type Check = (value: unknown) => string | null;

/** A value that `test` accepts. */
export function where(test: (value: unknown) => boolean): Check {
  return (value) => (test(value) ? null : "");
}

export const anything: Check = () => null;
export const text: Check = where((value) => typeof value === "string");
export const flag: Check = where((value) => typeof value === "boolean");
/** `JSON.parse` reads `1e999` as `Infinity`. */
export const number: Check = where((value) => Number.isFinite(value));
export const count: Check = countUpTo(Number.MAX_SAFE_INTEGER);

/** An integer from 0 to `most`. */
export function countUpTo(most: number): Check {
  return where((value) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most);
}

/** Text that `form` matches. */
export function matching(form: RegExp): Check {
  return where((value) => typeof value === "string" && form.test(value));
}

export function oneOf(values: readonly string[]): Check {
  return where((value) => typeof value === "string" && values.includes(value));
}

/** `null` and `undefined` pass too: a property may be absent. */
export function maybe(check: Check): Check {
  return (value) => (value === undefined || value === null ? null : check(value));
}

export function list(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return "";
    for (let index = 0; index < value.length; index++) {
      const wrong = check(value[index]);
      if (wrong !== null) return `[${index}]${wrong}`;
    }
    return null;
  };
}

/** An object with these properties. It may have others, which a later version has added. */
export function object(properties: { readonly [name: string]: Check }): Check {
  const checks = Object.entries(properties);
  return (value) => {
    if (!isObject(value)) return "";
    for (const [name, check] of checks) {
      const wrong = check(value[name]);
      if (wrong !== null) return `.${name}${wrong}`;
    }
    return null;
  };
}

/** An object whose properties are not known by name. `check` is given the check of each. */
export function entries(checkOf: (name: string) => Check): Check {
  return (value) => {
    if (!isObject(value)) return "";
    for (const [name, property] of Object.entries(value)) {
      const wrong = checkOf(name)(property);
      if (wrong !== null) return `.${name}${wrong}`;
    }
    return null;
  };
}

/** `null` for text that is not JSON, too: to be checked. */
export function jsonOrNull(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return null;
  }
}

/** The part of `value` that `path` leads to, for a message. */
export function partAt(value: unknown, path: string): unknown {
  let part = value;
  for (const [, name, index] of path.matchAll(/\.([^.[]+)|\[(\d+)\]/g)) {
    if (typeof part !== "object" || part === null) return undefined;
    part = (part as { readonly [name: string]: unknown })[name ?? index ?? ""];
  }
  return part;
}
